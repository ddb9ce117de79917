//! A section of a recommendation form as the student is writing it.

use sea_orm::entity::prelude::*;

/// A section of a recommendation form as the student is writing it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_draft")]
pub struct Model {
    /// The form.
    #[sea_orm(primary_key, auto_increment = false)]
    pub form_id: i64,
    /// Code of the section.
    #[sea_orm(primary_key, auto_increment = false)]
    pub section: String,
    /// Student id.
    pub student_id: i64,
    /// The text, as typed.
    pub body: String,
    /// Raised by every save: two windows that write the same section notice each other by it.
    pub revision: i32,
    /// When it was saved.
    pub saved_at: DateTimeUtc,
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
