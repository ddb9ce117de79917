//! Entries as removing and moving find and leave them.

use chrono::{DateTime, Utc};
use qihang_db::entity::{roster_entry, student};
use qihang_db::{Change, EntryState, How, Scope};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait,
};

use crate::class_year::model::ClassYear;

/// Those of `ids` who are inside the scope, in order of 学号.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(super) async fn visible(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
) -> Result<Vec<student::Model>, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(student::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(student::Column::StudentNo)
        .all(connection)
        .await
}

/// The entries of `ids` on rosters of two class years, locked until the change ends: who else would change them waits, and
/// then reads what this change made of them. Always in the same order, so that two changes never wait for each other.
pub(super) async fn lock_entries(
    change: &Change,
    scope: &Scope,
    years: &[ClassYear],
    ids: &[i64],
) -> Result<Vec<roster_entry::Model>, DbErr> {
    let mut query = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.is_in(years.iter().map(|year| year.year())))
        .filter(roster_entry::Column::StudentId.is_in(ids.iter().copied()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .order_by_asc(roster_entry::Column::Id);
    QueryTrait::query(&mut query).lock_with_tables(LockType::Update, [roster_entry::Entity]);
    query.all(change.tx()).await
}

/// Ends these entries.
pub(super) async fn end(
    change: &Change,
    entry_ids: &[i64],
    state: EntryState,
    reason: &str,
) -> Result<(), DbErr> {
    let now: DateTime<Utc> = change.now();
    roster_entry::Entity::update_many()
        .col_expr(roster_entry::Column::State, Expr::value(state.code()))
        .col_expr(
            roster_entry::Column::EndedBy,
            Expr::value(change.actor().account_id),
        )
        .col_expr(roster_entry::Column::EndedAt, Expr::value(now))
        .col_expr(roster_entry::Column::EndedReason, Expr::value(reason))
        .filter(roster_entry::Column::Id.is_in(entry_ids.iter().copied()))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Puts students on the roster of another class year.
pub(super) async fn insert_moved(change: &Change, year: ClassYear, student_ids: &[i64]) -> Result<(), DbErr> {
    let rows = student_ids.iter().map(|student_id| roster_entry::ActiveModel {
        student_id: Set(*student_id),
        class_year: Set(year.year()),
        state: Set(EntryState::Open.code().to_owned()),
        how: Set(How::Move.code().to_owned()),
        added_by: Set(change.actor().account_id),
        added_at: Set(change.now()),
        ended_by: Set(None),
        ended_at: Set(None),
        ended_reason: Set(None),
        ..Default::default()
    });
    roster_entry::Entity::insert_many(rows).exec(change.tx()).await?;
    Ok(())
}
