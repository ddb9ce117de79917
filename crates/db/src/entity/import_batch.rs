//! One import (R13a): from the uploaded file through preview to commit and perhaps undo.

use sea_orm::entity::prelude::*;

/// One import (R13a): from the uploaded file through preview to commit and perhaps undo.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_batch")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// `units`, `majors`, `students`, `officers`.
    pub dataset: String,
    /// As the person named it.
    pub file_name: String,
    /// SHA-256 of the file, hex.
    pub file_digest: String,
    /// Code of `exchange::model::BatchState`.
    pub state: String,
    /// Whether rows absent from the file count as vanished.
    pub complete: bool,
    /// All or nothing.
    pub all_or_nothing: bool,
    /// Accept large change.
    pub accept_large_change: bool,
    /// Rows added.
    pub rows_added: i32,
    /// Rows changed.
    pub rows_changed: i32,
    /// Rows vanished.
    pub rows_vanished: i32,
    /// Rows unchanged.
    pub rows_unchanged: i32,
    /// Rows refused.
    pub rows_refused: i32,
    /// What stopped it, in Chinese; empty otherwise.
    pub message: String,
    /// Created by.
    pub created_by: Option<i64>,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// Committed at.
    pub committed_at: Option<DateTimeUtc>,
    /// Undone at.
    pub undone_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
