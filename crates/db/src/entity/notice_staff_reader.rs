//! A member of the staff who has read a notice.

use sea_orm::entity::prelude::*;

/// A member of the staff who has read a notice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_staff_reader")]
pub struct Model {
    /// Notice id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub notice_id: i64,
    /// Account id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: i64,
    /// Read at, for the first time.
    pub read_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
