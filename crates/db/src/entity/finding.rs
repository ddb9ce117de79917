//! An omission, a wrong addition or a data fault of one student in one class year; open or settled.

use sea_orm::entity::prelude::*;

/// An omission, a wrong addition or a data fault of one student in one class year; open or settled.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// Student id.
    pub student_id: i64,
    /// Code of `findings::model::Kind`.
    pub kind: String,
    /// `fault` or `info`.
    pub severity: String,
    /// Heading of the field on screen; empty when it concerns membership.
    pub field: String,
    /// Value that raised it; identity numbers are masked.
    pub value: String,
    /// Digest of the unmasked value: a settlement holds as long as this does.
    pub value_digest: String,
    /// What is wrong, in Chinese.
    pub reason: String,
    /// Found at.
    pub found_at: DateTimeUtc,
    /// Settled at.
    pub settled_at: Option<DateTimeUtc>,
    /// Settled by.
    pub settled_by: Option<i64>,
    /// Settled reason.
    pub settled_reason: Option<String>,
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
