//! A 院: a 书院 (residential college) or a 学院 (school).

use sea_orm::entity::prelude::*;

/// A 院: a 书院 (residential college) or a 学院 (school).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "college")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 院系代码 (DWH), as the data exchange gives it.
    #[sea_orm(unique)]
    pub code: String,
    /// 院系名称.
    pub name: String,
    /// `residential` (书院) or `school` (学院); see [`crate::CollegeKind`].
    pub kind: String,
    /// 校区; `None` where the exchange gives none.
    pub campus: Option<String>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
