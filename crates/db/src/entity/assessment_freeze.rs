//! The figures of 就业工作年度考核 as they stood when a due day ended. Append only, by trigger.

use sea_orm::entity::prelude::*;

/// The figures of 就业工作年度考核 as they stood when a due day ended. Append only, by trigger.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment_freeze")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// `roster` or `activation`; see [`crate::AssessmentPart`].
    pub part: String,
    /// The day, which ended at 24:00 in Asia/Shanghai; frozen once for each day, by constraint.
    pub due: Date,
    /// When it was frozen: the figures are those of the end of the day, whenever that was.
    pub frozen_at: DateTimeUtc,
    /// JSON: the figures of every 院, and of all together.
    pub figures: String,
    /// SHA-256 over all of the above but `frozen_at` and the row id, hex.
    pub digest: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
