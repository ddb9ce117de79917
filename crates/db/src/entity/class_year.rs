//! A 届 with its dates and rules.

use sea_orm::entity::prelude::*;

/// A 届 with its dates and rules.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "class_year")]
pub struct Model {
    /// 毕业年份, e.g. 2027.
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    /// `planned`, `open` or `closed`; see [`crate::ClassYearState`].
    pub state: String,
    /// Last day for the roster; ends at 24:00 in Asia/Shanghai.
    pub roster_due: Date,
    /// Last day for activation.
    pub activation_due: Date,
    /// Last day for doctoral students.
    pub doctoral_due: Option<Date>,
    /// Last day for extended students.
    pub extended_due: Option<Date>,
    /// `city` or `county`: how deep a 生源所在地 must be given outside the 直辖市.
    pub origin_depth: String,
    /// Opened at.
    pub opened_at: Option<DateTimeUtc>,
    /// Closed at.
    pub closed_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
