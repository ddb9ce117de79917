//! The history of one record.

use chrono::{DateTime, Utc};
use qihang_db::entity::{import_batch, import_row};
use qihang_db::records;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

use crate::exchange::model::{BatchState, Dataset, Effect};

/// A row of the history: when it was written, what it did, and its changes as JSON.
pub(crate) type HistoryRow = (Option<DateTime<Utc>>, String, String);

/// What the imports that stand did to one student's record, the newest first.
pub(crate) async fn history_rows(
    connection: &impl ConnectionTrait,
    student_no: &str,
) -> Result<Vec<HistoryRow>, DbErr> {
    records::<import_row::Entity>()
        .join(JoinType::InnerJoin, import_row::Relation::Batch.def())
        .filter(import_row::Column::Key.eq(student_no))
        .filter(import_row::Column::Outcome.is_in([Effect::Added, Effect::Changed].map(Effect::code)))
        .filter(import_batch::Column::Dataset.eq(Dataset::Students.code()))
        .filter(import_batch::Column::State.eq(BatchState::Committed.code()))
        .order_by_desc(import_batch::Column::CommittedAt)
        .order_by_desc(import_row::Column::Id)
        .select_only()
        .column(import_batch::Column::CommittedAt)
        .columns([import_row::Column::Outcome, import_row::Column::Changes])
        .into_tuple()
        .all(connection)
        .await
}
