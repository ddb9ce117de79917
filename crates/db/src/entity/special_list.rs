//! One version of a list of students that the centre received: 延长学制名单 or 博士采集名单.

use sea_orm::entity::prelude::*;

/// One version of a list of students that the centre received: 延长学制名单 (R6) or 博士采集名单 (R7).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "special_list")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code of [`crate::ListKind`].
    pub kind: String,
    /// Class year.
    pub class_year: i32,
    /// Counted from 1 for each kind and class year, in order of upload; one number each, by constraint.
    pub version: i32,
    /// The version in force that it was compared with; `None` where there was none.
    pub base_id: Option<i64>,
    /// As the person named it.
    pub file_name: String,
    /// SHA-256 of the file, hex.
    pub file_digest: String,
    /// Where the file lies in the store of files.
    pub file_key: String,
    /// Code of [`crate::ListState`].
    pub state: String,
    /// Account; `None` from the command line.
    pub uploaded_by: Option<i64>,
    /// Uploaded at.
    pub uploaded_at: DateTimeUtc,
    /// Account; `None` from the command line, or while nobody did.
    pub committed_by: Option<i64>,
    /// When it came into force.
    pub committed_at: Option<DateTimeUtc>,
    /// When it was taken back.
    pub undone_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
