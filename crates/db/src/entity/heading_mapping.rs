//! A heading that somebody mapped to a field by hand, remembered.

use sea_orm::entity::prelude::*;

/// A heading that somebody mapped to a field by hand, remembered.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "heading_mapping")]
pub struct Model {
    /// Dataset.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dataset: String,
    /// Heading key as `sheet` folds it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub heading: String,
    /// Field name; empty means 不导入.
    pub field: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
