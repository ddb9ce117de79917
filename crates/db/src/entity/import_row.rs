//! What one row of an import did or would do. The rows of committed imports are the history of every student record.

use sea_orm::entity::prelude::*;

/// What one row of an import did or would do. The rows of committed imports are the history of every student record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_row")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Batch id.
    pub batch_id: i64,
    /// Row in the file as a spreadsheet shows it; `None` for a student who is absent from it.
    pub row_number: Option<i32>,
    /// 学号, code or 工号 of the row; empty when it has none.
    pub key: String,
    /// `added`, `changed`, `vanished`, `repeated`, `refused`.
    pub outcome: String,
    /// JSON list of {field, before, after}.
    pub changes: String,
    /// Why it was refused or is worth a look, in Chinese.
    pub reason: String,
    /// When a refused row was settled by hand or by the student's appearance.
    pub settled_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// By `batch_id`.
    #[sea_orm(
        belongs_to = "super::import_batch::Entity",
        from = "Column::BatchId",
        to = "super::import_batch::Column::Id"
    )]
    Batch,
}

impl ActiveModelBehavior for ActiveModel {}
