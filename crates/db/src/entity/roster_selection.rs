//! Students that an officer has been asked to confirm, between the question and the answer (R2).

use sea_orm::entity::prelude::*;

/// Students that an officer has been asked to confirm, between the question and the answer (R2).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roster_selection")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who was asked; nobody else can answer.
    pub account_id: i64,
    /// Class year to add to.
    pub class_year: i32,
    /// The search that found them and the selection, as the query string of the page.
    pub search: String,
    /// Row ids of the students, as JSON.
    pub students: String,
    /// When the question was asked; answered within a day or not at all.
    pub created_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
