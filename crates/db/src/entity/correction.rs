//! A value of the own record that a student reports as wrong (信息有误).

use sea_orm::entity::prelude::*;

/// A value of the own record that a student reports as wrong (信息有误).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "correction")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Student id. At most one open row for each student and field, by constraint.
    pub student_id: i64,
    /// The class year that the student was of, or expected in, when filing; `None` where there was none.
    pub class_year: Option<i32>,
    /// Code of `activation::fields::Field`.
    pub field: String,
    /// Code of [`crate::Office`]: who was asked to mend it.
    pub office: String,
    /// The right value, in the student's words. May be an identity number: masked wherever staff see it.
    pub claimed: String,
    /// What the student says to it; empty where nothing.
    pub note: String,
    /// Code of [`crate::CorrectionState`].
    pub state: String,
    /// When it was filed.
    pub filed_at: DateTimeUtc,
    /// When it was closed or withdrawn; `None` while it is open.
    pub closed_at: Option<DateTimeUtc>,
    /// Code of [`crate::CorrectionEnd`]; only of what is closed.
    pub closed_how: Option<String>,
    /// Account that answered it; `None` where the data exchange closed it.
    pub closed_by: Option<i64>,
    /// The import that closed it: its undo opens it again.
    pub batch_id: Option<i64>,
    /// The answer, where somebody gave one.
    pub answer: String,
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
