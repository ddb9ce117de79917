//! A 定向委培单位 that a student proposed, or that an officer filled in where the data exchange has none.

use sea_orm::entity::prelude::*;

/// A 定向委培单位 that a student proposed, or that an officer filled in where the data exchange has none.
///
/// While the row stands and the data exchange has no unit, the column of `student` holds this one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directed_unit")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Student id.
    pub student_id: i64,
    /// Code of [`crate::UnitState`].
    pub state: String,
    /// The unit: as proposed, or as filled in.
    pub unit: String,
    /// When the student proposed one; `None` where the officer did it alone.
    pub proposed_at: Option<DateTimeUtc>,
    /// The officer's evidence, or why the proposal was declined.
    pub note: String,
    /// Account that decided; `None` for the command line.
    pub decided_by: Option<i64>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// What the data exchange has; empty while it has none.
    pub exchange_value: String,
    /// When the data exchange brought the same; `None` before.
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
