//! Writing a previewed import: a job.

use std::sync::Arc;

use qihang_db::Change;
use sea_orm::DbErr;

use super::commit::{ImportError, LargeChange, Mode, Order, Previewed, renew_statistics, write_in};
use super::reading::{completeness, read_rows};
use super::runs::{MayImport, RunError, file_of};
use crate::app::App;
use crate::auth::policy;
use crate::exchange::model::{BatchState, Dataset, Plan};
use crate::exchange::queries::{self, Answers};
use crate::job::{self, Ended, Ending, Running, Stop, Work};

/// Asks for a previewed import to be written. Of two who press at once one does.
///
/// # Errors
///
/// [`RunError::WrongState`] when it is not waiting for that.
pub(crate) async fn commit(
    app: &App,
    can: &MayImport,
    batch_id: i64,
    answers: Answers,
) -> Result<(), RunError> {
    queries::find_batch(app.db.reader(), batch_id)
        .await?
        .ok_or(RunError::Unknown)?;
    let change = app.db.change(can.actor()).await?;
    if !queries::claim(
        change.tx(),
        batch_id,
        BatchState::Previewed,
        BatchState::Committing,
    )
    .await?
    {
        return Err(RunError::WrongState);
    }
    queries::set_message(change.tx(), batch_id, "").await?;
    let work = Work::CommitImport {
        batch_id,
        all_or_nothing: answers.all_or_nothing,
        accept_large_change: answers.accept_large_change,
    };
    job::rules::enqueue(&change, &work).await?;
    // What is written has its event; that it was asked for is no change of a record yet.
    change.keep_without_event().await?;
    Ok(())
}

/// Writes an import. Its records, its history and the end of the job are one transaction.
///
/// # Errors
///
/// [`Stop`]; then nothing was written, and whoever takes the job up again begins anew.
pub(crate) async fn carry_out(running: &Running, batch_id: i64, answers: Answers) -> Result<Ended, Stop> {
    running.permission::<policy::ManageExchange>().await?;
    let app = running.app();
    let batch = queries::find_batch(app.db.reader(), batch_id).await?;
    let Some((batch, dataset)) = batch.and_then(|batch| {
        let dataset = Dataset::from_code(&batch.dataset)?;
        Some((batch, dataset))
    }) else {
        return Err(Stop::Broken(format!("import {batch_id} is not there")));
    };
    let order = Order {
        completeness: completeness(&batch),
        mode: if answers.all_or_nothing {
            Mode::AllOrNothing
        } else {
            Mode::GoodRows
        },
        large_change: if answers.accept_large_change {
            LargeChange::Accept
        } else {
            LargeChange::Stop
        },
        permille: app.config.safety_stop_permille,
    };
    let file = match read_rows(running, dataset, &file_of(app, batch_id)).await? {
        Ok(file) => Arc::new(file),
        Err(super::file::FileError::Cancelled) => return Err(Stop::Cancelled),
        Err(error) => return refuse(running, batch_id, &error.message(), None).await,
    };
    let previewed = Previewed {
        batch_id,
        rows: queries::plan_rows(app.db.reader(), batch_id).await?,
    };
    let change = running.last_change().await?;
    let written = write_in(&change, file, "", &order, Some(previewed), running.progress()).await;
    match written {
        Ok((written, event)) => {
            let counts = written.plan.counts();
            let ending = Ending::done(format!("已写入：{}。", counts.sentence()))
                .figures(counts.figures())
                .event(event);
            let ended = running.end(change, ending).await?;
            renew_statistics(&app.db, &counts).await?;
            Ok(ended)
        }
        Err(ImportError::Db(error)) => Err(error.into()),
        Err(error) => {
            change.abandon().await?;
            let message = error.message();
            let latest = match error {
                ImportError::Outdated(plan) => Some(plan),
                _ => None,
            };
            refuse(running, batch_id, &message, latest.as_deref()).await
        }
    }
}

/// Takes an import back to its preview with what stopped it, and with a newer preview where there is one.
async fn refuse(
    running: &Running,
    batch_id: i64,
    message: &str,
    latest: Option<&Plan>,
) -> Result<Ended, Stop> {
    let change = running.last_change().await?;
    if writing_stopped(&change, batch_id, message).await?
        && let Some(plan) = latest
    {
        queries::replace_rows(change.tx(), batch_id, &plan.rows).await?;
        queries::set_counts(change.tx(), batch_id, &plan.counts()).await?;
    }
    running.end(change, Ending::refused(message)).await
}

/// The writing of an import was stopped before it wrote anything: it can be asked for again. Answers whether it was being
/// written.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn writing_stopped(change: &Change, batch_id: i64, message: &str) -> Result<bool, DbErr> {
    let tx = change.tx();
    let stopped = queries::claim(tx, batch_id, BatchState::Committing, BatchState::Previewed).await?;
    if stopped {
        queries::set_message(tx, batch_id, message).await?;
    }
    Ok(stopped)
}
