//! Jobs in the database. Where a job stands is only ever written from a [`Life`] that was read under the row's lock.

use chrono::{DateTime, Utc};
use qihang_db::entity::{account, job};
use qihang_db::{Actor, records};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::model::{Impossible, LEASE, Life, State};
use super::progress::Reached;
use super::work::Work;
use crate::web::Step;

/// A job as it was read.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) row: job::Model,
    pub(super) work: Work,
    pub(super) life: Life,
}

impl Stored {
    fn new(row: job::Model) -> Result<Self, DbErr> {
        let life = Life::try_from(&row).map_err(|error: Impossible| DbErr::Type(error.to_string()))?;
        let work = serde_json::from_str(&row.payload)
            .map_err(|error| DbErr::Type(format!("job {} cannot be understood: {error}", row.id)))?;
        Ok(Self { row, work, life })
    }

    /// Whose job it is, for the audit log.
    pub(super) fn actor(&self) -> Actor {
        let mut actor = Actor::system();
        actor.account_id = self.row.account_id;
        actor.label.clone_from(&self.row.actor);
        actor.address.clone_from(&self.row.address);
        actor
    }
}

/// Keeps a new job; answers its id.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    work: &Work,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let payload = serde_json::to_string(work).map_err(|error| DbErr::Type(error.to_string()))?;
    let row = job::ActiveModel {
        kind: Set(work.kind().to_owned()),
        payload: Set(payload),
        subject: Set(work.subject()),
        account_id: Set(actor.account_id),
        actor: Set(actor.label.clone()),
        address: Set(actor.address.clone()),
        state: Set(State::Queued.code().to_owned()),
        attempts: Set(0),
        lease_owner: Set(None),
        lease_until: Set(None),
        cancel_requested: Set(false),
        is_finishing: Set(false),
        progress_done: Set(0),
        progress_total: Set(0),
        message: Set(String::new()),
        result: Set("[]".into()),
        created_at: Set(now),
        started_at: Set(None),
        finished_at: Set(None),
        seen_at: Set(None),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// Jobs of kinds that this program knows.
fn known() -> sea_orm::Select<job::Entity> {
    records::<job::Entity>().filter(job::Column::Kind.is_in(Work::KINDS.iter().copied()))
}

/// Jobs that have not ended.
fn open() -> Condition {
    Condition::all().add(job::Column::State.is_in(["queued", "running"]))
}

/// Ids of jobs that may be there to claim, the oldest first. Whether they are is asked again under the lock.
pub(super) async fn waiting(
    connection: &impl ConnectionTrait,
    now: DateTime<Utc>,
    except: &[i64],
) -> Result<Vec<i64>, DbErr> {
    /// More than there are servers that look at the same moment.
    const AT_ONCE: u64 = 16;
    let lapsed = Condition::any()
        .add(job::Column::State.eq("queued"))
        .add(job::Column::LeaseUntil.lte(now))
        .add(job::Column::LeaseUntil.gt(now + LEASE * 2));
    known()
        .filter(open())
        .filter(lapsed)
        .filter(job::Column::Id.is_not_in(except.iter().copied()))
        .order_by_asc(job::Column::Id)
        .limit(AT_ONCE)
        .select_only()
        .column(job::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// The job, kept from others until the transaction ends: SQLite has one writer anyway, PostgreSQL has to be asked.
pub(super) async fn lock(tx: &impl ConnectionTrait, job_id: i64) -> Result<Option<Stored>, DbErr> {
    let found = known()
        .filter(job::Column::Id.eq(job_id))
        .lock_exclusive()
        .one(tx)
        .await?;
    found.map(Stored::new).transpose()
}

/// The job with this id.
pub(super) async fn find(connection: &impl ConnectionTrait, job_id: i64) -> Result<Option<Stored>, DbErr> {
    let found = known().filter(job::Column::Id.eq(job_id)).one(connection).await?;
    found.map(Stored::new).transpose()
}

/// The newest job about something.
pub(super) async fn newest_about(
    connection: &impl ConnectionTrait,
    subject: &str,
) -> Result<Option<Stored>, DbErr> {
    let found = known()
        .filter(job::Column::Subject.eq(subject))
        .order_by_desc(job::Column::Id)
        .one(connection)
        .await?;
    found.map(Stored::new).transpose()
}

/// Writes where a locked job stands.
pub(super) async fn save(
    tx: &impl ConnectionTrait,
    job_id: i64,
    life: &Life,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use job::Column;
    let (lease, finished_at) = match &life.state {
        State::Queued => (None, None),
        State::Running(lease) => (Some(lease), None),
        State::Done { finished_at } | State::Failed { finished_at } | State::Cancelled { finished_at } => {
            (None, Some(*finished_at))
        }
    };
    let mut update = job::Entity::update_many()
        .col_expr(Column::State, Expr::value(life.state.code()))
        .col_expr(
            Column::Attempts,
            Expr::value(i32::try_from(life.attempts).unwrap_or(i32::MAX)),
        )
        .col_expr(
            Column::LeaseOwner,
            Expr::value(lease.map(|lease| lease.owner.clone())),
        )
        .col_expr(Column::LeaseUntil, Expr::value(lease.map(|lease| lease.until)))
        .col_expr(
            Column::CancelRequested,
            Expr::value(lease.is_some_and(|lease| lease.cancel_requested)),
        )
        .col_expr(
            Column::IsFinishing,
            Expr::value(lease.is_some_and(|lease| lease.is_finishing)),
        )
        .col_expr(Column::FinishedAt, Expr::value(finished_at));
    if lease.is_some() {
        let started_at = Expr::col(Column::StartedAt).if_null(Expr::value(now));
        update = update.col_expr(Column::StartedAt, started_at);
    }
    update.filter(Column::Id.eq(job_id)).exec(tx).await?;
    Ok(())
}

/// Writes how far a job is.
pub(super) async fn set_progress(
    tx: &impl ConnectionTrait,
    job_id: i64,
    reached: Reached,
) -> Result<(), DbErr> {
    use job::Column;
    let number = |steps: u64| Expr::value(i64::try_from(steps).unwrap_or(i64::MAX));
    job::Entity::update_many()
        .col_expr(Column::ProgressDone, number(reached.done))
        .col_expr(Column::ProgressTotal, number(reached.total))
        .col_expr(Column::Message, Expr::value(reached.stage))
        .filter(Column::Id.eq(job_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes what came of a job.
pub(super) async fn set_result(
    tx: &impl ConnectionTrait,
    job_id: i64,
    message: &str,
    figures: &[(String, u64)],
) -> Result<(), DbErr> {
    let result = serde_json::to_string(figures).map_err(|error| DbErr::Type(error.to_string()))?;
    job::Entity::update_many()
        .col_expr(job::Column::Message, Expr::value(message))
        .col_expr(job::Column::Result, Expr::value(result))
        .filter(job::Column::Id.eq(job_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A job with whoever it belongs to.
pub(super) type Listed = (Stored, Option<account::Model>);

/// Jobs of one account, or of everybody.
fn of(account_id: Option<i64>) -> sea_orm::Select<job::Entity> {
    match account_id {
        Some(account_id) => known().filter(job::Column::AccountId.eq(account_id)),
        None => known(),
    }
}

/// A page of jobs, the newest first, one more than the page for the link to the next.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    account_id: Option<i64>,
    step: &Step,
    page_size: u64,
) -> Result<Vec<Listed>, DbErr> {
    let position = |text: &Option<String>| {
        text.as_ref().map(|text| {
            text.parse::<i64>()
                .map_err(|_| DbErr::Type("a page begins at an id".into()))
        })
    };
    let mut select = of(account_id);
    // The newest first: what comes after a row in the list has a smaller id.
    if let Some(id) = position(&step.after).transpose()? {
        select = select.filter(job::Column::Id.lt(id));
    }
    if let Some(id) = position(&step.before).transpose()? {
        select = select.filter(job::Column::Id.gt(id));
    }
    select = if step.is_backwards() {
        select.order_by_asc(job::Column::Id)
    } else {
        select.order_by_desc(job::Column::Id)
    };
    let rows = select.limit(page_size + 1).all(connection).await?;
    let people = records::<account::Entity>()
        .filter(account::Column::Id.is_in(rows.iter().filter_map(|row| row.account_id)))
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| {
            let owner = people.iter().find(|account| Some(account.id) == row.account_id);
            Ok((Stored::new(row)?, owner.cloned()))
        })
        .collect()
}

/// How many jobs there are.
pub(super) async fn count(connection: &impl ConnectionTrait, account_id: Option<i64>) -> Result<u64, DbErr> {
    of(account_id).count(connection).await
}

/// What an account is to be told of its jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Not ended yet.
    pub(crate) open: u64,
    /// Ended well, and the owner has not looked.
    pub(crate) done: u64,
    /// Ended otherwise, and the owner has not looked.
    pub(crate) failed: u64,
}

/// What an account is to be told of its jobs.
pub(crate) async fn tally(connection: &impl ConnectionTrait, account_id: i64) -> Result<Tally, DbErr> {
    let counts: Vec<(String, i64)> = known()
        .filter(job::Column::AccountId.eq(account_id))
        .filter(job::Column::SeenAt.is_null())
        .select_only()
        .column(job::Column::State)
        .column_as(Expr::col(job::Column::Id).count(), "count")
        .group_by(job::Column::State)
        .into_tuple()
        .all(connection)
        .await?;
    let of = |codes: &[&str]| {
        counts
            .iter()
            .filter(|(code, _)| codes.contains(&code.as_str()))
            .map(|(_, count)| count.unsigned_abs())
            .sum()
    };
    Ok(Tally {
        open: of(&["queued", "running"]),
        done: of(&["done"]),
        failed: of(&["failed"]),
    })
}

/// Ended jobs of the account, all or about `subject`, that the owner has not looked at.
pub(super) async fn untold(
    connection: &impl ConnectionTrait,
    account_id: i64,
    subject: Option<&str>,
) -> Result<u64, DbErr> {
    records::<job::Entity>()
        .filter(untold_of(account_id, subject))
        .count(connection)
        .await
}

fn untold_of(account_id: i64, subject: Option<&str>) -> Condition {
    Condition::all()
        .add(job::Column::AccountId.eq(account_id))
        .add_option(subject.map(|subject| job::Column::Subject.eq(subject)))
        .add(job::Column::SeenAt.is_null())
        .add(job::Column::FinishedAt.is_not_null())
}

/// The owner has looked at the ended jobs, all or about `subject`.
pub(super) async fn set_seen(
    tx: &impl ConnectionTrait,
    account_id: i64,
    subject: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    job::Entity::update_many()
        .col_expr(job::Column::SeenAt, Expr::value(now))
        .filter(untold_of(account_id, subject))
        .exec(tx)
        .await?;
    Ok(())
}

/// The name of whoever a job belongs to.
pub(super) async fn owner_name(connection: &impl ConnectionTrait, stored: &Stored) -> Result<String, DbErr> {
    let Some(account_id) = stored.row.account_id else {
        return Ok("系统".into());
    };
    let found = records::<account::Entity>()
        .filter(account::Column::Id.eq(account_id))
        .one(connection)
        .await?;
    Ok(found.map_or_else(String::new, |account| account.name))
}
