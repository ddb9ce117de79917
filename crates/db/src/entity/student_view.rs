//! One look of a member of the staff at a student's pages (以学生视角查看), for the student to know.

use sea_orm::entity::prelude::*;

/// One look of a member of the staff at a student's pages (以学生视角查看), for the student to know.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "student_view")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Viewed at.
    pub viewed_at: DateTimeUtc,
    /// Account id.
    pub account_id: i64,
    /// Student id.
    pub student_id: i64,
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
