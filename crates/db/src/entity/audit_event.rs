//! One change (R39). Append only, by trigger.

use sea_orm::entity::prelude::*;

/// One change (R39). Append only, by trigger.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Occurred at.
    pub occurred_at: DateTimeUtc,
    /// `None` for the command line and the system.
    pub account_id: Option<i64>,
    /// Login or `cli`.
    pub actor: String,
    /// Network address of the request.
    pub address: Option<String>,
    /// Code of [`crate::audit::Action`].
    pub action: String,
    /// What was changed, e.g. `roster/2027`.
    pub subject: String,
    /// JSON.
    pub before: Option<String>,
    /// JSON.
    pub after: Option<String>,
    /// SHA-256 over all of the above, hex.
    pub digest: String,
    /// The seal that covers it; set once.
    pub seal_id: Option<i64>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
