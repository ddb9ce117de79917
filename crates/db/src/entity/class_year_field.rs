//! How a class year treats a field of the activation form; where there is no row, the default in the code holds.

use sea_orm::entity::prelude::*;

/// How a class year treats a field of the activation form; where there is no row, the default in the code holds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "class_year_field")]
pub struct Model {
    /// Class year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub class_year: i32,
    /// Code of the field: `activation::fields::Field`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: String,
    /// `locked`, `window` or `always`; see [`crate::FieldClass`].
    pub class: String,
    /// Whether activation needs it.
    pub required: bool,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
