//! What an account may do, for which 院, from when to when.

use sea_orm::entity::prelude::*;

/// What an account may do, for which 院, from when to when.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignment")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Account id.
    pub account_id: i64,
    /// Code of [`crate::Role`].
    pub role: String,
    /// `Some` exactly for the roles of a 院.
    pub college_id: Option<i64>,
    /// Starts on.
    pub starts_on: Date,
    /// Last day; `None` for no end.
    pub ends_on: Option<Date>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// By `account_id`.
    #[sea_orm(
        belongs_to = "super::account::Entity",
        from = "Column::AccountId",
        to = "super::account::Column::Id"
    )]
    Account,
    /// By `college_id`.
    #[sea_orm(
        belongs_to = "super::college::Entity",
        from = "Column::CollegeId",
        to = "super::college::Column::Id"
    )]
    College,
}

impl ActiveModelBehavior for ActiveModel {}
