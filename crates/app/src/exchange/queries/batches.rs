//! Imports and their rows.

use chrono::{DateTime, Utc};
use qihang_db::entity::{import_batch, import_row};
use qihang_db::{bulk, records};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};

use super::write::KEYS_AT_ONCE;
use crate::exchange::model::{BatchState, Counts, Dataset, PlanRow};

/// What is known of an import when it begins.
#[derive(Clone, Debug)]
pub(crate) struct NewBatch {
    /// Of what.
    pub(crate) dataset: Dataset,
    /// As the person named the file.
    pub(crate) file_name: String,
    /// SHA-256 of the file; empty while it is not here yet.
    pub(crate) file_digest: String,
    /// Where it stands.
    pub(crate) state: BatchState,
    /// Whether what the file does not have counts as vanished.
    pub(crate) complete: bool,
    /// Who.
    pub(crate) created_by: Option<i64>,
}

/// Begins an import; answers its id.
pub(crate) async fn insert_batch(
    tx: &impl ConnectionTrait,
    new: NewBatch,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = import_batch::ActiveModel {
        dataset: Set(new.dataset.code().to_owned()),
        file_name: Set(new.file_name),
        file_digest: Set(new.file_digest),
        state: Set(new.state.code().to_owned()),
        complete: Set(new.complete),
        all_or_nothing: Set(false),
        accept_large_change: Set(false),
        rows_added: Set(0),
        rows_changed: Set(0),
        rows_vanished: Set(0),
        rows_unchanged: Set(0),
        rows_refused: Set(0),
        message: Set(String::new()),
        created_by: Set(new.created_by),
        created_at: Set(now),
        committed_at: Set(None),
        undone_at: Set(None),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// Writes the figures of an import.
pub(crate) async fn set_counts(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    counts: &Counts,
) -> Result<(), DbErr> {
    use import_batch::Column;
    let number = |count: usize| Expr::value(i32::try_from(count).unwrap_or(i32::MAX));
    import_batch::Entity::update_many()
        .col_expr(Column::RowsAdded, number(counts.added))
        .col_expr(Column::RowsChanged, number(counts.changed))
        .col_expr(Column::RowsVanished, number(counts.vanished))
        .col_expr(Column::RowsUnchanged, number(counts.unchanged))
        .col_expr(Column::RowsRefused, number(counts.refused))
        .filter(Column::Id.eq(batch_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What the person answered before an import was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answers {
    /// 全部成功才写入.
    pub(crate) all_or_nothing: bool,
    /// A large change was accepted.
    pub(crate) accept_large_change: bool,
}

/// Keeps how and when an import was written.
pub(crate) async fn set_answers(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    answers: &Answers,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use import_batch::Column;
    import_batch::Entity::update_many()
        .col_expr(Column::AllOrNothing, Expr::value(answers.all_or_nothing))
        .col_expr(
            Column::AcceptLargeChange,
            Expr::value(answers.accept_large_change),
        )
        .col_expr(Column::CommittedAt, Expr::value(now))
        .col_expr(Column::Message, Expr::value(""))
        .filter(Column::Id.eq(batch_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes what the rows of an import do, in place of whatever was there.
pub(crate) async fn replace_rows(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    rows: &[PlanRow],
) -> Result<(), DbErr> {
    import_row::Entity::delete_many()
        .filter(import_row::Column::BatchId.eq(batch_id))
        .exec(tx)
        .await?;
    let rows = rows.iter().map(|row| import_row::ActiveModel {
        batch_id: Set(batch_id),
        row_number: Set(row.number.and_then(|number| i32::try_from(number).ok())),
        key: Set(row.key.clone()),
        outcome: Set(row.effect.code().to_owned()),
        changes: Set(changes_text(row)),
        reason: Set(row.reason.clone()),
        settled_at: Set(None),
        ..Default::default()
    });
    bulk::insert(tx, rows.collect(), None).await?;
    Ok(())
}

/// The changes of a row as they are kept.
pub(crate) fn changes_text(row: &PlanRow) -> String {
    if row.changes.is_empty() {
        return "[]".into();
    }
    serde_json::to_string(&row.changes).unwrap_or_else(|_| "[]".into())
}

/// Settles refused rows of earlier imports whose record has come, or has been refused anew.
pub(crate) async fn settle_refusals(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    dataset: Dataset,
    file_digest: &str,
    keys: &[&str],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let earlier: Vec<(i64, String)> = records::<import_batch::Entity>()
        .filter(import_batch::Column::Dataset.eq(dataset.code()))
        .filter(import_batch::Column::State.eq(BatchState::Committed.code()))
        .filter(import_batch::Column::Id.ne(batch_id))
        .filter(import_batch::Column::RowsRefused.gt(0))
        .select_only()
        .columns([import_batch::Column::Id, import_batch::Column::FileDigest])
        .into_tuple()
        .all(tx)
        .await?;
    if earlier.is_empty() {
        return Ok(());
    }
    let open: Vec<(i64, i64, String)> = records::<import_row::Entity>()
        .filter(import_row::Column::BatchId.is_in(earlier.iter().map(|(id, _)| *id)))
        .filter(import_row::Column::Outcome.eq("refused"))
        .filter(import_row::Column::SettledAt.is_null())
        .select_only()
        .columns([
            import_row::Column::Id,
            import_row::Column::BatchId,
            import_row::Column::Key,
        ])
        .into_tuple()
        .all(tx)
        .await?;
    let named: std::collections::HashSet<&str> = keys.iter().copied().collect();
    let same_file = |batch: i64| {
        earlier
            .iter()
            .any(|(id, digest)| *id == batch && digest == file_digest)
    };
    // A row without a key can only be known again in the same file.
    let settled: Vec<i64> = open
        .into_iter()
        .filter(|(_, batch, key)| {
            if key.is_empty() {
                same_file(*batch)
            } else {
                named.contains(key.as_str())
            }
        })
        .map(|(id, _, _)| id)
        .collect();
    for chunk in settled.chunks(KEYS_AT_ONCE) {
        import_row::Entity::update_many()
            .col_expr(import_row::Column::SettledAt, Expr::value(now))
            .filter(import_row::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}
