//! The recommendation form (推荐表) of a student in a class year: where it stands.

use sea_orm::entity::prelude::*;

/// The recommendation form (推荐表) of a student in a class year: where it stands.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_form")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The roster entry; at most one form each, by constraint.
    pub entry_id: i64,
    /// Student id.
    pub student_id: i64,
    /// Class year of the entry.
    pub class_year: i32,
    /// Code of [`crate::RecommendationState`].
    pub state: String,
    /// Number of the newest version; 0 while nothing was submitted.
    pub version: i32,
    /// Number of the version that was returned and that the student is mending; stays while the mended one is under review.
    pub returned_version: Option<i32>,
    /// What may be mended of it: code of [`crate::Reopened`].
    pub reopened: Option<String>,
    /// When an officer opened the version under review.
    pub opened_at: Option<DateTimeUtc>,
    /// Who opened it.
    pub opened_by: Option<i64>,
    /// Raised by every step of the form: two officers who decide notice each other by it.
    pub revision: i32,
    /// When the student began.
    pub begun_at: DateTimeUtc,
    /// Since when it is in this state.
    pub moved_at: DateTimeUtc,
    /// The 院 that gave the number.
    pub number_college_id: Option<i64>,
    /// Its number in that 院; given with the first approval.
    pub number: Option<i32>,
    /// The number as it is printed.
    pub form_no: Option<String>,
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
    /// By `entry_id`.
    #[sea_orm(
        belongs_to = "super::roster_entry::Entity",
        from = "Column::EntryId",
        to = "super::roster_entry::Column::Id"
    )]
    Entry,
}

impl Related<super::student::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Student.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
