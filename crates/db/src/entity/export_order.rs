//! 后台导出: an export that somebody has asked a job for (R10, R40). What leaves is in `export_record`.

use sea_orm::entity::prelude::*;

/// 后台导出: an export that somebody has asked a job for (R10, R40). What leaves is in `export_record`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_order")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who ordered it.
    pub account_id: i64,
    /// Query string that names class year, view, rows and their order.
    pub filter: String,
    /// Codes of the columns: a JSON list.
    pub columns: String,
    /// Given when identity numbers shall go out in full.
    pub purpose: Option<String>,
    /// When.
    pub ordered_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
