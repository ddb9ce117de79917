//! Whose identity number an export held in full (R21b).

use sea_orm::entity::prelude::*;

/// Whose identity number an export held in full (R21b).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_subject")]
pub struct Model {
    /// Export id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub export_id: i64,
    /// Student id.
    #[sea_orm(primary_key, auto_increment = false)]
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
