//! A link of the hash chain over the audit events.

use sea_orm::entity::prelude::*;

/// A link of the hash chain over the audit events.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seal")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Sealed at.
    pub sealed_at: DateTimeUtc,
    /// Event count.
    pub event_count: i32,
    /// Ids of the events, in order, as JSON.
    pub events: String,
    /// Previous digest.
    pub previous_digest: String,
    /// SHA-256 over the previous seal and the digests of the events, hex.
    #[sea_orm(unique)]
    pub digest: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
