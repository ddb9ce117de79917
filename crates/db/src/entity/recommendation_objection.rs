//! What an officer objected to in a section of a version that was returned.

use sea_orm::entity::prelude::*;

/// What an officer objected to in a section of a version that was returned.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_objection")]
pub struct Model {
    /// The version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version_id: i64,
    /// Code of the section.
    #[sea_orm(primary_key, auto_increment = false)]
    pub section: String,
    /// Student id.
    pub student_id: i64,
    /// Why, to the student.
    pub reason: String,
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
