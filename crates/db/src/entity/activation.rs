//! A student's confirmation of the own data (激活), one per roster entry.

use sea_orm::entity::prelude::*;

/// A student's confirmation of the own data (激活), one per roster entry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activation")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The roster entry; at most one activation each, by constraint.
    pub entry_id: i64,
    /// Student id.
    pub student_id: i64,
    /// Class year of the entry.
    pub class_year: i32,
    /// When the account was opened; stays when changed data is confirmed again.
    pub activated_at: DateTimeUtc,
    /// JSON: code of each field that was confirmed, and a digest of its value then.
    pub confirmed: String,
    /// When the values in `confirmed` were confirmed last.
    pub confirmed_at: DateTimeUtc,
    /// Since when a confirmed field has another value; `None` while all stand as they were confirmed.
    pub changed_at: Option<DateTimeUtc>,
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
    /// By `entry_id`.
    #[sea_orm(
        belongs_to = "super::roster_entry::Entity",
        from = "Column::EntryId",
        to = "super::roster_entry::Column::Id"
    )]
    Entry,
}

impl Related<super::student::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Student.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
