//! A value that a student mended in the portal and that lies over the one of the data exchange.

use sea_orm::entity::prelude::*;

/// A value that a student mended in the portal and that lies over the one of the data exchange.
///
/// The column of `student` holds the student's value while the row stands (`adopted_at` is none).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "own_value")]
pub struct Model {
    /// Row id; grows with every change of a student.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Student id.
    pub student_id: i64,
    /// Which field: code of [`crate::OwnField`].
    pub field: String,
    /// What the student chose.
    pub value: String,
    /// What the data exchange has.
    pub exchange_value: String,
    /// What the data exchange had when the student decided: an older value than the student's.
    pub replaced_value: String,
    /// When the student decided.
    pub set_at: DateTimeUtc,
    /// When the data exchange brought the student's value; `None` while the student's lies over it.
    pub adopted_at: Option<DateTimeUtc>,
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
