//! One identity number shown in full on screen, to whom, when and for what (R21b).

use sea_orm::entity::prelude::*;

/// One identity number shown in full on screen, to whom, when and for what (R21b).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Shown at.
    pub shown_at: DateTimeUtc,
    /// Account id.
    pub account_id: i64,
    /// Student id.
    pub student_id: i64,
    /// Purpose.
    pub purpose: String,
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
