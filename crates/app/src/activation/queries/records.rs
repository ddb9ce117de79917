//! What was confirmed.

use chrono::{DateTime, Utc};
use qihang_db::entity::{activation, roster_entry, student};
use qihang_db::{EntryState, Scope};
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::BATCH;
use crate::activation::gate::Entry;
use crate::activation::model::Confirmed;

/// Writes the activation of an entry that is open, of a record that is still as it was judged. Answers whether it did: not
/// when there is one already, or entry or record are not as they were.
pub(in crate::activation) async fn insert_activation(
    tx: &impl ConnectionTrait,
    entry: Entry,
    student: &student::Model,
    confirmed: &Confirmed,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use activation::Column;
    let entries = Scope::Student(student.id)
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::Id.eq(entry.entry_id))
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .filter(student::Column::UpdatedAt.eq(student.updated_at))
        .select_only()
        .columns([
            roster_entry::Column::Id,
            roster_entry::Column::StudentId,
            roster_entry::Column::ClassYear,
        ])
        .expr(Expr::value(now))
        .expr(Expr::value(confirmed.to_column()))
        .expr(Expr::value(now));
    let mut insert = Query::insert();
    insert
        .into_table(activation::Entity)
        .columns([
            Column::EntryId,
            Column::StudentId,
            Column::ClassYear,
            Column::ActivatedAt,
            Column::Confirmed,
            Column::ConfirmedAt,
        ])
        .select_from(entries.into_query())
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .on_conflict(OnConflict::column(Column::EntryId).do_nothing().to_owned());
    Ok(tx.execute(&insert).await?.rows_affected() == 1)
}

/// What a student confirmed, as it stands.
pub(in crate::activation) async fn confirmed(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    entry: Entry,
) -> Result<Option<activation::Model>, DbErr> {
    scope
        .select::<activation::Entity>()
        .filter(activation::Column::EntryId.eq(entry.entry_id))
        .one(connection)
        .await
}

/// Writes what was confirmed anew, of a record that is still as it was judged. Answers whether it did: not when another
/// press came first, or the record is not as it was.
pub(in crate::activation) async fn renew_activation(
    tx: &impl ConnectionTrait,
    before: &activation::Model,
    student: &student::Model,
    confirmed: &Confirmed,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use activation::Column;
    let unchanged = Scope::Student(student.id)
        .select::<student::Entity>()
        .filter(student::Column::UpdatedAt.eq(student.updated_at))
        .select_only()
        .column(student::Column::Id)
        .into_query();
    let written = activation::Entity::update_many()
        .col_expr(Column::Confirmed, Expr::value(confirmed.to_column()))
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .col_expr(Column::ChangedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(before.id))
        .filter(Column::Confirmed.eq(before.confirmed.as_str()))
        .filter(Column::StudentId.in_subquery(unchanged))
        .exec(tx)
        .await?;
    Ok(written.rows_affected == 1)
}

/// Whose activations are looked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::activation) enum Whose<'a> {
    /// These students'.
    Students(&'a [i64]),
    /// Those of records that were written at this instant.
    WrittenAt(DateTime<Utc>),
    /// Everybody's.
    Everyone,
}

/// Activations with the records that they are about, from the one after `after` on, by row id; no more than a batch.
pub(in crate::activation) async fn activations(
    connection: &impl ConnectionTrait,
    whose: Whose<'_>,
    after: i64,
) -> Result<Vec<(activation::Model, student::Model)>, DbErr> {
    let mut rows = Scope::Everyone
        .select::<activation::Entity>()
        .filter(activation::Column::Id.gt(after));
    match whose {
        Whose::Students(ids) => rows = rows.filter(activation::Column::StudentId.is_in(ids.iter().copied())),
        Whose::WrittenAt(instant) => rows = rows.filter(student::Column::UpdatedAt.eq(instant)),
        Whose::Everyone => {}
    }
    let rows = rows
        .order_by_asc(activation::Column::Id)
        .limit(BATCH as u64)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(activation, student)| Some((activation, student?)))
        .collect())
}

/// Notes of these activations since when something has to be confirmed again, or that nothing has.
pub(in crate::activation) async fn mark_changed(
    tx: &impl ConnectionTrait,
    activation_ids: &[i64],
    since: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    for ids in activation_ids.chunks(BATCH) {
        activation::Entity::update_many()
            .col_expr(activation::Column::ChangedAt, Expr::value(since))
            .filter(activation::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}
