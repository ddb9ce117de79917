//! A 院 whom a notice is for.

use sea_orm::entity::prelude::*;

/// A 院 whom a notice is for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_college")]
pub struct Model {
    /// Notice id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub notice_id: i64,
    /// College id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub college_id: i64,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
