//! A role of the staff whom a notice is for.

use sea_orm::entity::prelude::*;

/// A role of the staff whom a notice is for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_role")]
pub struct Model {
    /// Notice id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub notice_id: i64,
    /// Code of [`crate::Role`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
