//! One sending of reminders: whom an officer reminded stands in the messages that name it.

use sea_orm::entity::prelude::*;

/// One sending of reminders: whom an officer reminded stands in the messages that name it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reminder")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// What it is about: code of [`crate::ReminderAbout`].
    pub about: String,
    /// The search that found the students, as a query string.
    pub search: String,
    /// What it says, in one line.
    pub title: String,
    /// What it says.
    pub body: String,
    /// Account.
    pub sent_by: i64,
    /// Sent at.
    pub sent_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
