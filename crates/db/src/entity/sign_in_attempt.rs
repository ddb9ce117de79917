//! A try to sign in, for the rate limit.

use sea_orm::entity::prelude::*;

/// A try to sign in, for the rate limit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempt")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Login.
    pub login: String,
    /// Address.
    pub address: String,
    /// Tried at.
    pub tried_at: DateTimeUtc,
    /// Succeeded.
    pub succeeded: bool,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
