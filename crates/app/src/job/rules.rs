//! Asking for jobs, claiming them, cancelling them, and who may look at them.

use qihang_db::{Action, AuditEvent, Change, Db};
use sea_orm::DbErr;

use super::model::{Life, Refusal};
use super::queries::{self, Stored};
use super::{ProgressView, Work, kinds, work};
use crate::app::App;
use crate::auth::{self, Staff};
use crate::web::AppError;

/// Asks for a job in the name of whoever makes the change; answers its id. It begins when the change is committed.
///
/// # Errors
///
/// When the database does not answer, or when there is an open job about the same thing: whatever leads here has to take
/// what the job works on from one state to the next, so that there is none.
pub async fn enqueue(change: &Change, work: &Work) -> Result<i64, DbErr> {
    queries::insert(change.tx(), work, change.actor(), change.now()).await
}

/// A job that somebody has taken in hand.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The job.
    pub job_id: i64,
    /// The word that proves it.
    pub lease_owner: String,
    /// How often it was begun, this time included.
    pub attempt: u32,
    pub(super) stored: Stored,
}

/// Takes the oldest job in hand that waits or whose holder has let the lease lapse, if there is one; of several who ask
/// at once each gets another one. `except` names jobs that are not to be taken.
///
/// # Errors
///
/// When the database does not answer.
pub async fn claim(app: &App, except: &[i64]) -> Result<Option<Claimed>, DbErr> {
    let db = &app.db;
    for job_id in queries::waiting(db.reader(), db.clock().now(), except).await? {
        let lease_owner = format!("{}-{:016x}", std::process::id(), rand::random::<u64>());
        match step(db, job_id, |life| life.claim(&lease_owner, db.clock().now())).await? {
            Ok(stored) => {
                return Ok(Some(Claimed {
                    job_id,
                    lease_owner,
                    attempt: stored.life.attempts,
                    stored,
                }));
            }
            Err(Refusal::WornOut) => bury(app, job_id).await?,
            // Somebody was quicker.
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Moves a job on, in a transaction of its own. Where a job stands is no change of a record, so there is no event.
pub(super) async fn step(
    db: &Db,
    job_id: i64,
    next: impl FnOnce(&Life) -> Result<Life, Refusal>,
) -> Result<Result<Stored, Refusal>, DbErr> {
    let tx = db.begin_write().await?;
    let Some(mut stored) = queries::lock(&tx, job_id).await? else {
        return Ok(Err(Refusal::Over));
    };
    match next(&stored.life) {
        Ok(life) => {
            queries::save(&tx, job_id, &life, db.clock().now()).await?;
            tx.commit().await?;
            stored.life = life;
            Ok(Ok(stored))
        }
        Err(refusal) => {
            tx.rollback().await?;
            Ok(Err(refusal))
        }
    }
}

/// Gives up a job that was begun as often as it may be and is in nobody's hands.
async fn bury(app: &App, job_id: i64) -> Result<(), DbErr> {
    let Some(stored) = queries::find(app.db.reader(), job_id).await? else {
        return Ok(());
    };
    let change = app.db.change(&stored.actor()).await?;
    let Some(stored) = queries::lock(change.tx(), job_id).await? else {
        return Ok(());
    };
    match stored.life.bury(change.now()) {
        Ok(life) => {
            queries::save(change.tx(), job_id, &life, change.now()).await?;
            give_up(&change, &stored, &worn_out(job_id)).await?;
            change.keep_without_event().await?;
            tracing::error!(
                job.id = job_id,
                job.kind = stored.work.kind(),
                "A job was given up after too many attempts."
            );
            Ok(())
        }
        Err(_) => change.abandon().await,
    }
}

/// What the owner is told of a job that was tried as often as it may be.
pub(super) fn worn_out(job_id: i64) -> String {
    format!(
        "任务连续 {} 次没有完成，已停止。请重新执行一次；如仍不成功，请把任务编号 {job_id} 告诉系统管理员。",
        super::model::MAX_ATTEMPTS
    )
}

/// What becomes of a job that has failed for good, beside its state.
pub(super) async fn give_up(change: &Change, stored: &Stored, message: &str) -> Result<(), DbErr> {
    queries::set_result(change.tx(), stored.row.id, message, &[]).await?;
    kinds::given_up(change, &stored.work, message).await
}

/// Why a job is not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is no such job.
    #[error("no such job")]
    Unknown,
    /// It is over, or about to be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<CancelError> for AppError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Unknown => Self::NotFound,
            CancelError::Refused(Refusal::TooLate) => {
                Self::Conflict("任务正在写入结果，不能取消；很快就会完成。".into())
            }
            CancelError::Refused(_) => Self::Conflict("任务已经结束，不需要取消。".into()),
            CancelError::Db(error) => error.into(),
        }
    }
}

/// How a job was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It waited, and is over.
    AtOnce,
    /// It runs, and will stop at the next good place.
    Asked,
}

impl Cancelled {
    /// For whoever asked.
    pub const fn message(self) -> &'static str {
        match self {
            Self::AtOnce => "已取消。",
            Self::Asked => "已请求取消，任务会尽快停止。",
        }
    }
}

/// Cancels a job, by whoever begins `change`, and commits that. The caller has proved that they may.
///
/// # Errors
///
/// [`CancelError`]; then nothing was changed.
pub(crate) async fn cancel(app: &App, change: Change, job_id: i64) -> Result<Cancelled, CancelError> {
    // Where the last transaction runs on SQLite, nobody else could write before it ends: that is said at once.
    let found = queries::find(app.db.reader(), job_id).await?;
    found.ok_or(CancelError::Unknown)?.life.cancel(change.now())?;
    let stored = queries::lock(change.tx(), job_id)
        .await?
        .ok_or(CancelError::Unknown)?;
    let life = stored.life.cancel(change.now())?;
    queries::save(change.tx(), job_id, &life, change.now()).await?;
    let asked = AuditEvent::new(Action::JobCancelled, format!("job/{job_id}"))
        .after(serde_json::json!({"kind": stored.work.kind(), "subject": stored.work.subject()}));
    if life.is_open() {
        change.commit(asked).await?;
        app.jobs.stop(job_id);
        return Ok(Cancelled::Asked);
    }
    let event = cancelled(&change, &stored).await?;
    change.commit(event.unwrap_or(asked)).await?;
    kinds::clean_up(app, &stored.work);
    Ok(Cancelled::AtOnce)
}

/// What becomes of a job that was cancelled, beside its state; answers the event of its kind, where it has one.
pub(super) async fn cancelled(change: &Change, stored: &Stored) -> Result<Option<AuditEvent>, DbErr> {
    queries::set_result(change.tx(), stored.row.id, stored.work.cancelled(), &[]).await?;
    kinds::cancelled(change, &stored.work).await
}

/// A job that somebody may look at and cancel: an own one, or any for whoever oversees jobs.
#[derive(Clone, Debug)]
pub(super) struct Visible {
    pub(super) stored: Stored,
}

/// The job, if `staff` may see it. What is somebody else's does not exist.
pub(super) async fn find(app: &App, staff: &Staff, job_id: i64) -> Result<Visible, AppError> {
    let stored = queries::find(app.db.reader(), job_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let is_own = stored.row.account_id == Some(staff.officer.account_id);
    if is_own || staff.officer.may(auth::Action::OverseeJobs) {
        Ok(Visible { stored })
    } else {
        Err(AppError::NotFound)
    }
}

/// How far the newest job about an import is.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn about_import(app: &App, batch_id: i64) -> Result<Option<ProgressView>, DbErr> {
    let found = queries::newest_about(app.db.reader(), &work::import(batch_id)).await?;
    Ok(found.map(|stored| ProgressView::new(app, &stored)))
}

/// Notes that the owner has looked at how the jobs about an import ended.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn seen_of_import(db: &Db, account_id: i64, batch_id: i64) -> Result<(), DbErr> {
    seen(db, account_id, Some(&work::import(batch_id))).await
}

/// Notes that the owner has looked at how the own jobs ended, or those about one thing. Writes nothing where there is
/// nothing to note.
pub(super) async fn seen(db: &Db, account_id: i64, subject: Option<&str>) -> Result<(), DbErr> {
    if queries::untold(db.reader(), account_id, subject).await? == 0 {
        return Ok(());
    }
    let tx = db.begin_write().await?;
    queries::set_seen(&tx, account_id, subject, db.clock().now()).await?;
    tx.commit().await
}
