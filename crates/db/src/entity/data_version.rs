//! How often what lists show has changed: what is remembered of it holds as long as the number does.

use sea_orm::entity::prelude::*;

/// How often what lists show has changed: what is remembered of it holds as long as the number does.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_version")]
pub struct Model {
    /// Code of [`crate::Topic`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: String,
    /// Raised by every change of the topic, in the change's own transaction.
    pub version: i64,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
