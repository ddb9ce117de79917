//! A student on a class year's roster (生源库).

use sea_orm::entity::prelude::*;

/// A student on a class year's roster (生源库).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roster_entry")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Student id.
    pub student_id: i64,
    /// Class year.
    pub class_year: i32,
    /// `open`, `closed` (with its class year), `removed` or `moved`; at most one open entry a student, by constraint.
    pub state: String,
    /// `officer`, `doctoral`, `extended`, `move` or `command`.
    pub how: String,
    /// Account; `None` from the command line.
    pub added_by: Option<i64>,
    /// Added at.
    pub added_at: DateTimeUtc,
    /// Ended by.
    pub ended_by: Option<i64>,
    /// Ended at.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was removed or moved, in the officer's words.
    pub ended_reason: Option<String>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// By `student_id`.
    #[sea_orm(
        belongs_to = "super::student::Entity",
        from = "Column::StudentId",
        to = "super::student::Column::Id"
    )]
    Student,
}

impl Related<super::student::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Student.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
