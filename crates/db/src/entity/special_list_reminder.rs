//! That a 院 was reminded of the doctoral students it has not added.

use sea_orm::entity::prelude::*;

/// That a 院 was reminded of the doctoral students it has not added; once a day at the most, by constraint.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "special_list_reminder")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// The 院.
    pub college_id: i64,
    /// The day of `sent_at` in Asia/Shanghai.
    pub sent_on: Date,
    /// The notice that said so; `None` when it was thrown away.
    pub notice_id: Option<i64>,
    /// How many were missing.
    pub missing: i32,
    /// Account; `None` from the command line.
    pub sent_by: Option<i64>,
    /// Sent at.
    pub sent_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
