//! An export of personal data, recorded before its first byte leaves.

use sea_orm::entity::prelude::*;

/// An export of personal data, recorded before its first byte leaves.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_record")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Exported at.
    pub exported_at: DateTimeUtc,
    /// Account id.
    pub account_id: Option<i64>,
    /// Class year.
    pub class_year: i32,
    /// View.
    pub view: String,
    /// Format.
    pub format: String,
    /// Query string that names the rows.
    pub filter: String,
    /// Given when identity numbers went out in full.
    pub purpose: Option<String>,
    /// Row count.
    pub row_count: i32,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
