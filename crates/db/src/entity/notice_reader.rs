//! A student who has read a notice.

use sea_orm::entity::prelude::*;

/// A student who has read a notice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_reader")]
pub struct Model {
    /// Notice id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub notice_id: i64,
    /// Student id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: i64,
    /// Read at, for the first time.
    pub read_at: DateTimeUtc,
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
