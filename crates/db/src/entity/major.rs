//! A 专业 of a 学院 at one level.

use sea_orm::entity::prelude::*;

/// A 专业 of a 学院 at one level.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "major")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// ZYH: key of the major in the data exchange.
    #[sea_orm(unique)]
    pub code: String,
    /// ZYDM: code in the ministry's catalogue; empty when unknown.
    pub national_code: String,
    /// 专业名称.
    pub name: String,
    /// The 学院 that teaches it.
    pub college_id: i64,
    /// 学历 that it leads to, as in [`student`](super::student).
    pub degree_level: String,
    /// 学制 in half years (7 = three and a half years).
    pub length_half_years: Option<i32>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
