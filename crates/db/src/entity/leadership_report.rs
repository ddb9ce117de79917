//! A version of the 就业工作领导小组 of a 院 for a class year: a draft until it is submitted.

use sea_orm::entity::prelude::*;

/// A version of the 就业工作领导小组 of a 院 for a class year: a draft until it is submitted, and never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leadership_report")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 院.
    pub college_id: i64,
    /// Class year.
    pub class_year: i32,
    /// Number of the version, from 1.
    pub number: i32,
    /// Grows with every change of the draft, so that of two who edit at once the second is told.
    pub revision: i32,
    /// When it was last changed.
    pub changed_at: DateTimeUtc,
    /// Account that did; `None` for the command line.
    pub changed_by: Option<i64>,
    /// When it was submitted; `None` while it is a draft.
    pub submitted_at: Option<DateTimeUtc>,
    /// Account that did.
    pub submitted_by: Option<i64>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
