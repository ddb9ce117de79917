//! A wrong try at the public check of a recommendation form, for the rate limit.

use sea_orm::entity::prelude::*;

/// A wrong try at the public check of a recommendation form, for the rate limit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_attempt")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Network address.
    pub address: String,
    /// When.
    pub tried_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
