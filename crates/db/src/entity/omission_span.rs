//! From when until when a student was a 可能遗漏 of a class year, open or settled. Findings go when they are mended; this stays.

use sea_orm::entity::prelude::*;

/// From when until when a student was a 可能遗漏 of a class year, open or settled.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "omission_span")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// Student id, perhaps of one who is not there any more.
    pub student_id: i64,
    /// Whether it was settled with a reason.
    pub settled: bool,
    /// The change that made it so.
    pub since: DateTimeUtc,
    /// The change that ended it; `None` while it is so, once a student and class year at the most, by constraint.
    pub until: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
