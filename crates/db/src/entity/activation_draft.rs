//! What a student has typed into the activation form so far.

use sea_orm::entity::prelude::*;

/// What a student has typed into the activation form so far.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activation_draft")]
pub struct Model {
    /// Student id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: i64,
    /// JSON: field and text, exactly as typed.
    pub content: String,
    /// When it was kept.
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
