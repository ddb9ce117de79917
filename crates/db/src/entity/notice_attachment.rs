//! A file that belongs to a notice.

use sea_orm::entity::prelude::*;

/// A file that belongs to a notice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_attachment")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Notice id.
    pub notice_id: i64,
    /// What the file is called; its ending says what it is, and was compared with its content.
    pub name: String,
    /// Size.
    pub bytes: i64,
    /// Where it lies in the file store.
    #[sea_orm(unique)]
    pub file_key: String,
    /// Added at.
    pub added_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
