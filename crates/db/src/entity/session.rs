//! A browser's session; only a digest of its id is kept.

use sea_orm::entity::prelude::*;

/// A browser's session; only a digest of its id is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Id digest.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_digest: String,
    /// Account id.
    pub account_id: Option<i64>,
    /// Student id; a session belongs to an account or to a student.
    pub student_id: Option<i64>,
    /// JSON.
    pub content: String,
    /// Expires at.
    pub expires_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
