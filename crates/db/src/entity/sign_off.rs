//! 核对无遗漏: the head of a 院 signed that its roster is complete.

use sea_orm::entity::prelude::*;

/// 核对无遗漏: the head of a 院 signed that its roster is complete.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_off")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// College id.
    pub college_id: i64,
    /// Signed by.
    pub signed_by: i64,
    /// Signed at.
    pub signed_at: DateTimeUtc,
    /// When a later change raised a new finding; `None` while it stands.
    pub reopened_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
