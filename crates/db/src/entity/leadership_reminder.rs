//! That a 院 was reminded to report its 就业工作领导小组.

use sea_orm::entity::prelude::*;

/// That a 院 was reminded to report its 就业工作领导小组; at most once a day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leadership_reminder")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 院.
    pub college_id: i64,
    /// Class year.
    pub class_year: i32,
    /// Day in Asia/Shanghai.
    pub sent_on: Date,
    /// When.
    pub sent_at: DateTimeUtc,
    /// Account; `None` for the command line.
    pub sent_by: Option<i64>,
    /// The notice by which it was said; `None` once that is thrown away.
    pub notice_id: Option<i64>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
