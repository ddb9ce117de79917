//! The photo of a student (R17). The picture itself is a file; see `files` of the application.

use sea_orm::entity::prelude::*;

/// The photo of a student (R17). The picture itself is a file; see `files` of the application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "photo")]
pub struct Model {
    /// Student id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: i64,
    /// Where the file store has it; a new one with every upload.
    pub file_key: String,
    /// SHA-256 of the picture, hexadecimal.
    pub digest: String,
    /// Size of the file.
    pub size_bytes: i32,
    /// When it was uploaded.
    pub uploaded_at: DateTimeUtc,
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
