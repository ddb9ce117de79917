//! A section of the recommendation form of a class year; without any row the sections in the code hold.

use sea_orm::entity::prelude::*;

/// A section of the recommendation form of a class year; without any row the sections in the code hold.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_section")]
pub struct Model {
    /// Class year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub class_year: i32,
    /// Its code; texts are kept under it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Its place on the form.
    pub position: i32,
    /// The words over it.
    pub heading: String,
    /// What is to be written; may be empty.
    pub hint: String,
    /// So long it may be, in wide characters.
    pub most_chars: i32,
    /// Whether the form can be submitted without it.
    pub required: bool,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
