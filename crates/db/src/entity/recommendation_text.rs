//! A section of a version, as it was submitted.

use sea_orm::entity::prelude::*;

/// A section of a version, as it was submitted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_text")]
pub struct Model {
    /// The version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version_id: i64,
    /// Code of the section.
    #[sea_orm(primary_key, auto_increment = false)]
    pub section: String,
    /// Student id.
    pub student_id: i64,
    /// Its place on the form then.
    pub position: i32,
    /// The words over it then.
    pub heading: String,
    /// The text.
    pub body: String,
    /// So long it might be then, in wide characters.
    pub most_chars: i32,
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
