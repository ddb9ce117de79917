//! What an assessment counts a student by, and from when until when it was so.
//!
//! Spans outlive their student: whoever is taken away with an import that is undone was there before.

use sea_orm::entity::prelude::*;

/// What an assessment counts a student by, and from when until when it was so.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "student_span")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Student id, perhaps of one who is not there any more.
    pub student_id: i64,
    /// The 院 that answered for the student.
    pub college_id: i64,
    /// A second 院 whose duty covered the student.
    pub second_college_id: Option<i64>,
    /// As in `student`.
    pub student_type: String,
    /// As in `student`.
    pub degree_level: String,
    /// As in `student`.
    pub training_mode: String,
    /// As in `student`.
    pub study_status: String,
    /// As in `student`.
    pub expected_year: Option<i32>,
    /// The change that made it so.
    pub since: DateTimeUtc,
    /// The change that ended it; `None` while it is so, once a student at the most, by constraint.
    pub until: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
