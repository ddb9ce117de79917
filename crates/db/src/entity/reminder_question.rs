//! Whom an officer is about to remind, until the question is answered.

use sea_orm::entity::prelude::*;

/// Whom an officer is about to remind, until the question is answered.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reminder_question")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who is asked.
    pub account_id: i64,
    /// Class year.
    pub class_year: i32,
    /// Search and selection, as the query string of the page.
    pub search: String,
    /// Row ids of the students, as a JSON list.
    pub students: String,
    /// When it was asked.
    pub created_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
