//! The letters that wait, and what becomes of them.

use chrono::{DateTime, Utc};
use qihang_db::entity::{message, student};
use qihang_db::{Db, MailState, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::model::{TRIES, try_again_after};

/// A letter that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub message: message::Model,
    /// 姓名.
    pub name: String,
}

/// Letters that wait.
fn queued() -> Select<message::Entity> {
    Scope::Everyone
        .select::<message::Entity>()
        .filter(message::Column::MailState.eq(MailState::Queued.code()))
}

/// How many letters of a sending are due.
pub(super) async fn count_due(
    connection: &impl ConnectionTrait,
    reminder_id: i64,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    queued()
        .filter(message::Column::ReminderId.eq(reminder_id))
        .filter(message::Column::MailDueAt.lte(now))
        .count(connection)
        .await
}

/// The next letter of a sending that is due, beyond message `after`.
pub(super) async fn next_due(
    connection: &impl ConnectionTrait,
    reminder_id: i64,
    after: i64,
    now: DateTime<Utc>,
) -> Result<Option<Waiting>, DbErr> {
    let found = queued()
        .filter(message::Column::ReminderId.eq(reminder_id))
        .filter(message::Column::MailDueAt.lte(now))
        .filter(message::Column::Id.gt(after))
        .order_by_asc(message::Column::Id)
        .select_also(student::Entity)
        .one(connection)
        .await?;
    Ok(found.and_then(|(message, student)| {
        let name = student?.name;
        Some(Waiting { message, name })
    }))
}

/// Sendings with a letter that has been due since `since`.
pub(super) async fn overdue(
    connection: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<i64>, DbErr> {
    let ids: Vec<Option<i64>> = queued()
        .filter(message::Column::MailDueAt.lte(since))
        .select_only()
        .column(message::Column::ReminderId)
        .distinct()
        .order_by_asc(message::Column::ReminderId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().flatten().collect())
}

/// Notes what has become of a letter. It is no change of a record: the student's message stands as it was sent.
pub(super) async fn settle(
    db: &Db,
    message_id: i64,
    state: MailState,
    error: Option<&str>,
) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    message::Entity::update_many()
        .col_expr(message::Column::MailState, Expr::value(state.code()))
        .col_expr(message::Column::MailDueAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(message::Column::MailError, Expr::value(error))
        .filter(message::Column::Id.eq(message_id))
        .filter(message::Column::MailState.eq(MailState::Queued.code()))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Withdraws all letters of a sending that wait.
pub(super) async fn withdraw_all(
    tx: &impl ConnectionTrait,
    reminder_id: i64,
    why: &str,
) -> Result<(), DbErr> {
    message::Entity::update_many()
        .col_expr(
            message::Column::MailState,
            Expr::value(MailState::Withdrawn.code()),
        )
        .col_expr(message::Column::MailDueAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(message::Column::MailError, Expr::value(why))
        .filter(message::Column::ReminderId.eq(reminder_id))
        .filter(message::Column::MailState.eq(MailState::Queued.code()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts off letters that are due: one, or all of the sending. Whoever was tried often enough is given up.
pub(super) async fn put_off(
    db: &Db,
    reminder_id: i64,
    only: Option<i64>,
    now: DateTime<Utc>,
    error: &str,
) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    // From the most tries down, so that no letter is put off twice.
    for tries in (1..=TRIES).rev() {
        let due_at = try_again_after(tries).map(|wait| now + wait);
        let state = if due_at.is_some() {
            MailState::Queued
        } else {
            MailState::Failed
        };
        message::Entity::update_many()
            .col_expr(message::Column::MailState, Expr::value(state.code()))
            .col_expr(message::Column::MailTries, Expr::value(tries))
            .col_expr(message::Column::MailDueAt, Expr::value(due_at))
            .col_expr(message::Column::MailError, Expr::value(error))
            .filter(message::Column::ReminderId.eq(reminder_id))
            .filter(Condition::all().add_option(only.map(|id| message::Column::Id.eq(id))))
            .filter(message::Column::MailState.eq(MailState::Queued.code()))
            .filter(message::Column::MailDueAt.lte(now))
            .filter(message::Column::MailTries.eq(tries - 1))
            .exec(&tx)
            .await?;
    }
    tx.commit().await
}
