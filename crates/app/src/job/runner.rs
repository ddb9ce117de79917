//! Running jobs: claim, carry out, keep the lease, heed a cancellation, end.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use qihang_db::{Actor, AuditEvent, Change};
use sea_orm::{DbBackend, DbErr};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::files::{self, Kept};
use super::kinds;
use super::model::{Life, Refusal, State};
use super::progress::Progress;
use super::queries::{self, Stored};
use super::rules::{self, Claimed, step};
use crate::app::App;
use crate::auth::{Can, Permission};

/// How often a server looks for jobs.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a lease is renewed, and progress written. A lease outlives many of these.
const BEAT: Duration = Duration::from_secs(1);
/// Jobs at once in one server: so that a short one does not wait for a long one.
const AT_ONCE: usize = 2;

/// A job in the hands of the work that carries it out.
#[derive(Clone, Debug)]
pub struct Running {
    app: App,
    job_id: i64,
    lease_owner: String,
    actor: Actor,
    progress: Arc<Progress>,
}

/// How a job ends, in the eyes of its kind.
#[derive(Debug)]
pub struct Ending {
    is_done: bool,
    message: String,
    figures: Vec<(String, u64)>,
    event: Option<AuditEvent>,
    file: Option<Kept>,
}

impl Ending {
    /// It is done; the message says what came of it.
    pub fn done(message: impl Into<String>) -> Self {
        Self {
            is_done: true,
            message: message.into(),
            figures: Vec::new(),
            event: None,
            file: None,
        }
    }

    /// It cannot be done; the message says why, and what to do.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            is_done: false,
            ..Self::done(message)
        }
    }

    /// Figures for the page: word and number.
    #[must_use]
    pub fn figures(mut self, figures: impl IntoIterator<Item = (&'static str, usize)>) -> Self {
        let figures = figures.into_iter();
        self.figures = figures
            .map(|(word, count)| (word.to_owned(), count as u64))
            .collect();
        self
    }

    /// The file that it leaves for its owner.
    #[must_use]
    pub fn file(mut self, kept: Kept) -> Self {
        self.file = Some(kept);
        self
    }

    /// The event of the last change, where it changes a record.
    #[must_use]
    pub fn event(mut self, event: AuditEvent) -> Self {
        self.event = Some(event);
        self
    }
}

/// Proof that a job has ended by [`Running::end`].
#[derive(Debug)]
pub struct Ended(());

/// Why work stops before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Somebody has asked for that.
    #[error("the job was cancelled")]
    Cancelled,
    /// Somebody else has the job now, or it is over.
    #[error("the job is in other hands")]
    Lost,
    /// The owner may not do this any more.
    #[error("the owner may not do this any more")]
    Forbidden,
    /// The server is asked to stop.
    #[error("the server stops")]
    ServerStops,
    /// Something broke. It is tried again.
    #[error("{0}")]
    Broken(String),
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Cancelled => Self::Cancelled,
            Refusal::InHand | Refusal::WornOut | Refusal::Lost | Refusal::TooLate | Refusal::Over => {
                Self::Lost
            }
        }
    }
}

impl Running {
    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where to say how far the work is, and to ask whether it shall stop.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// What the owner of the job may do now that it runs.
    ///
    /// # Errors
    ///
    /// [`Stop::Forbidden`] when the permission has ended since.
    pub async fn permission<A: Permission>(&self) -> Result<Can<A>, Stop> {
        Can::of_owner(&self.app, &self.actor)
            .await?
            .ok_or(Stop::Forbidden)
    }

    /// Keeps a file for the owner, to be handed over by [`Ending::file`].
    ///
    /// # Errors
    ///
    /// [`Stop::Broken`] when it cannot be kept.
    pub async fn keep(&self, name: String, media_type: &'static str, file: File) -> Result<Kept, Stop> {
        files::keep(
            &self.app,
            (self.job_id, &self.lease_owner),
            (name, media_type),
            file,
        )
        .await
        .map_err(|error| Stop::Broken(error.to_string()))
    }

    /// Begins the last change of the job. From here on it cannot be cancelled.
    ///
    /// # Errors
    ///
    /// [`Stop::Cancelled`] when somebody was quicker, [`Stop::Lost`] without the lease.
    pub async fn last_change(&self) -> Result<Change, Stop> {
        let db = &self.app.db;
        step(db, self.job_id, |life| {
            life.begin_to_finish(&self.lease_owner, db.clock().now())
        })
        .await??;
        self.progress.begin_to_finish();
        Ok(db.change(&self.actor).await?)
    }

    /// Ends the job: what `change` wrote and how the job ended are saved together.
    ///
    /// # Errors
    ///
    /// [`Stop::Lost`] without the lease; then nothing was saved.
    pub async fn end(&self, change: Change, ending: Ending) -> Result<Ended, Stop> {
        let stored = queries::lock(change.tx(), self.job_id).await?.ok_or(Stop::Lost)?;
        let life = if ending.is_done {
            stored.life.finish(&self.lease_owner, change.now())?
        } else {
            stored.life.fail(&self.lease_owner, change.now())?
        };
        queries::save(change.tx(), self.job_id, &life, change.now()).await?;
        queries::set_result(change.tx(), self.job_id, &ending.message, &ending.figures).await?;
        if let Some(kept) = ending.file {
            files::insert(&change, self.job_id, kept).await?;
        }
        match ending.event {
            Some(event) => change.commit(event).await?,
            None => change.keep_without_event().await?,
        }
        Ok(Ended(()))
    }
}

/// Runs jobs until asked to stop, beside a server that serves pages. Whatever runs then is given back to the queue.
pub async fn serve(app: App, stop: CancellationToken) {
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (app, stop) = (app.clone(), stop.clone());
        workers.spawn(async move {
            while !stop.is_cancelled() {
                if let Err(error) = work_off(&app, &stop).await {
                    tracing::warn!(%error, "No job could be claimed; it is tried again.");
                }
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = stop.cancelled() => {}
                }
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "A worker has died.");
        }
    }
}

/// Runs the jobs that wait, one after the other, until none is left.
///
/// # Errors
///
/// When the database does not answer.
pub async fn run_waiting(app: &App) -> Result<(), DbErr> {
    work_off(app, &CancellationToken::new()).await
}

async fn work_off(app: &App, stop: &CancellationToken) -> Result<(), DbErr> {
    while !stop.is_cancelled() {
        let Some(claimed) = rules::claim(app, &app.jobs.ids()).await? else {
            break;
        };
        carry_out(app, claimed, stop).await;
    }
    Ok(())
}

/// Carries out a job that has been claimed, whatever comes of it.
async fn carry_out(app: &App, claimed: Claimed, stop: &CancellationToken) {
    let entered = app.jobs.enter(claimed.job_id);
    let running = Running {
        app: app.clone(),
        job_id: claimed.job_id,
        lease_owner: claimed.lease_owner.clone(),
        actor: claimed.stored.actor(),
        progress: Arc::clone(&entered.progress),
    };
    let kind = claimed.stored.work.kind();
    tracing::info!(
        job.id = claimed.job_id,
        job.kind = kind,
        attempt = claimed.attempt,
        "A job begins."
    );
    match attend(&running, &claimed.stored, stop).await {
        Ok(Ended(())) => tracing::info!(job.id = claimed.job_id, job.kind = kind, "A job has ended."),
        Err(stopped) => {
            if let Err(error) = note(&running, &claimed.stored, &stopped).await {
                // Then the lease lapses, and somebody takes the job up again.
                tracing::error!(job.id = claimed.job_id, %error, "How a job stopped could not be noted.");
            }
        }
    }
}

/// Lets the work of a job run until it ends, or until it has to be stopped.
async fn attend(running: &Running, stored: &Stored, stop: &CancellationToken) -> Result<Ended, Stop> {
    if matches!(&stored.life.state, State::Running(lease) if lease.cancel_requested) {
        return Err(Stop::Cancelled);
    }
    // A task of its own, so that a panic is the job's and nobody else's.
    let mut work = JoinSet::new();
    work.spawn(kinds::run(running.clone(), stored.work.clone()));
    let ended = tokio::select! {
        ended = work.join_next() => match ended {
            Some(Ok(ended)) => ended,
            Some(Err(error)) => Err(Stop::Broken(error.to_string())),
            None => Err(Stop::Lost),
        },
        stopped = keep_in_hand(running) => Err(stopped),
        () = stop.cancelled() => Err(Stop::ServerStops),
    };
    running.progress.stop();
    // What the work has begun to write is rolled back before anybody goes on.
    work.shutdown().await;
    ended
}

/// Renews the lease and writes the progress, until the lease is lost or somebody has asked to stop.
async fn keep_in_hand(running: &Running) -> Stop {
    loop {
        tokio::time::sleep(BEAT).await;
        // The last transaction keeps everybody else from writing on SQLite: nobody can take the job, and nobody be told.
        if running.app.db.backend() == DbBackend::Sqlite && running.progress.is_finishing() {
            continue;
        }
        match beat(running).await {
            Ok(Ok(cancel_requested)) => {
                if cancel_requested {
                    return Stop::Cancelled;
                }
            }
            // The work itself is about to say how it ended.
            Ok(Err(Refusal::Over)) => std::future::pending::<()>().await,
            Ok(Err(_)) => return Stop::Lost,
            // If the lease lapses meanwhile and is taken, that is told now or at the last change.
            Err(error) => {
                tracing::warn!(job.id = running.job_id, %error, "A lease could not be renewed; it is tried again.");
            }
        }
    }
}

/// One renewal; answers whether the work is to be stopped.
async fn beat(running: &Running) -> Result<Result<bool, Refusal>, DbErr> {
    let db = &running.app.db;
    let tx = db.begin_write().await?;
    let Some(stored) = queries::lock(&tx, running.job_id).await? else {
        return Ok(Err(Refusal::Over));
    };
    match stored.life.renew(&running.lease_owner, db.clock().now()) {
        Ok((life, cancel_requested)) => {
            queries::save(&tx, running.job_id, &life, db.clock().now()).await?;
            queries::set_progress(&tx, running.job_id, running.progress.now()).await?;
            tx.commit().await?;
            let is_finishing = matches!(&life.state, State::Running(lease) if lease.is_finishing);
            Ok(Ok(cancel_requested && !is_finishing))
        }
        Err(refusal) => {
            tx.rollback().await?;
            Ok(Err(refusal))
        }
    }
}

/// Writes what becomes of a job that stopped before its end.
async fn note(running: &Running, stored: &Stored, stopped: &Stop) -> Result<(), DbErr> {
    let (job_id, owner) = (running.job_id, running.lease_owner.as_str());
    let change = running.app.db.change(&running.actor).await?;
    let now = change.now();
    let Some(Stored { life, .. }) = queries::lock(change.tx(), job_id).await? else {
        return Ok(());
    };
    let (next, message): (Result<Life, Refusal>, String) = match stopped {
        Stop::Lost => {
            tracing::warn!(
                job.id = job_id,
                "The lease of a job was lost; it is in other hands."
            );
            return change.abandon().await;
        }
        Stop::Cancelled => (Err(Refusal::Cancelled), String::new()),
        Stop::Forbidden => (
            life.fail(owner, now),
            "任务的发起人已没有此项操作的权限，任务没有执行。如仍需要，请由有权限的人重新发起。".into(),
        ),
        Stop::ServerStops => {
            tracing::info!(job.id = job_id, "A job was given back, because the server stops.");
            (life.give_back(owner), String::new())
        }
        Stop::Broken(cause) => {
            tracing::error!(job.id = job_id, job.kind = stored.work.kind(), attempt = life.attempts, %cause, "A job broke off.");
            (life.break_off(owner, now), rules::worn_out(job_id))
        }
    };
    let next = match next {
        Err(Refusal::Cancelled) => life.stop(owner, now),
        next => next,
    };
    let Ok(next) = next else {
        return change.abandon().await;
    };
    queries::save(change.tx(), job_id, &next, now).await?;
    match next.state {
        State::Failed { .. } => rules::give_up(&change, stored, &message).await?,
        State::Cancelled { .. } => {
            match rules::cancelled(&change, stored).await? {
                Some(event) => change.commit(event).await?,
                None => change.keep_without_event().await?,
            }
            kinds::clean_up(&running.app, &stored.work);
            return Ok(());
        }
        State::Queued | State::Running(_) | State::Done { .. } => {}
    }
    change.keep_without_event().await
}
