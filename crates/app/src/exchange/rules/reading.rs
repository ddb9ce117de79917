//! Reading an uploaded file as far as the preview: a job.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use qihang_db::entity::import_batch;
use qihang_db::{Action, AuditEvent, Change};
use sea_orm::DbErr;

use super::file::{FileError, ImportFile, headings, read_file};
use super::runs::{blocking, file_of};
use super::survey::survey;
use crate::auth::policy;
use crate::exchange::model::{BatchState, Columns, Completeness, Dataset};
use crate::exchange::queries;
use crate::job::{Ended, Ending, Running, Stop};

/// Reads the file of an import that has been claimed for that.
///
/// # Errors
///
/// [`Stop`]; then the import is still being read, for whoever takes the job up again.
pub(crate) async fn read(running: &Running, batch_id: i64) -> Result<Ended, Stop> {
    // Whoever may not import (any more) has nobody else's records compared for them.
    running.permission::<policy::ManageExchange>().await?;
    let app = running.app();
    let batch = queries::find_batch(app.db.reader(), batch_id).await?;
    let Some((batch, dataset)) = batch.and_then(|batch| {
        let dataset = Dataset::from_code(&batch.dataset)?;
        Some((batch, dataset))
    }) else {
        return Err(Stop::Broken(format!("import {batch_id} is not there")));
    };
    let path = file_of(app, batch_id);
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    // Unknown headings are asked about before the rows are read.
    let found = {
        let path = path.clone();
        blocking(move || headings(&path)).await?
    };
    let headings = match found {
        Ok(headings) => headings,
        Err(error) => return refuse(running, batch_id, &error).await,
    };
    let columns = Columns::recognise(dataset, &headings, &mappings);
    if !columns.unknown.is_empty() {
        let message = format!(
            "有 {} 列的列名无法识别，请指定它们对应的字段，或选择不导入。",
            columns.unknown.len()
        );
        let change = running.last_change().await?;
        end(&change, batch_id, BatchState::Mapping, &message).await?;
        return running.end(change, Ending::done(message)).await;
    }
    match read_rows(running, dataset, &path).await? {
        Ok(file) => preview(running, &batch, Arc::new(file)).await,
        Err(FileError::Cancelled) => Err(Stop::Cancelled),
        Err(error) => refuse(running, batch_id, &error).await,
    }
}

/// Works out the preview and keeps it.
async fn preview(
    running: &Running,
    batch: &import_batch::Model,
    file: Arc<ImportFile>,
) -> Result<Ended, Stop> {
    let app = running.app();
    running.progress().stage("正在与现有数据比对", 0);
    let snapshot = app.db.begin_read().await?;
    let survey = survey(&snapshot, file, completeness(batch), app.db.clock().today()).await?;
    snapshot.commit().await?;
    let change = running.last_change().await?;
    running.progress().stage("正在保存预览", 0);
    let counts = survey.plan.counts();
    if queries::claim(change.tx(), batch.id, BatchState::Reading, BatchState::Previewed).await? {
        queries::replace_rows(change.tx(), batch.id, &survey.plan.rows).await?;
        queries::set_counts(change.tx(), batch.id, &counts).await?;
    }
    let ending = Ending::done(format!("已读取：{}；等待确认。", counts.sentence())).figures(counts.figures());
    running.end(change, ending).await
}

/// Whether the person said that the file has everybody.
pub(super) fn completeness(batch: &import_batch::Model) -> Completeness {
    if batch.complete {
        Completeness::Complete
    } else {
        Completeness::Partial
    }
}

/// A file that cannot be read is the end of its import.
async fn refuse(running: &Running, batch_id: i64, error: &FileError) -> Result<Ended, Stop> {
    let message = error.message();
    let change = running.last_change().await?;
    end(&change, batch_id, BatchState::Failed, &message).await?;
    running.end(change, Ending::refused(message)).await
}

async fn end(change: &Change, batch_id: i64, state: BatchState, message: &str) -> Result<(), DbErr> {
    if queries::claim(change.tx(), batch_id, BatchState::Reading, state).await? {
        queries::set_message(change.tx(), batch_id, message).await?;
    }
    Ok(())
}

/// Reads the file on a thread for that.
pub(super) async fn read_rows(
    running: &Running,
    dataset: Dataset,
    path: &Path,
) -> Result<Result<ImportFile, FileError>, DbErr> {
    let mappings = queries::mappings(running.app().db.reader(), dataset).await?;
    let (path, progress) = (path.to_owned(), Arc::clone(running.progress()));
    progress.stage("正在读取文件", 0);
    blocking(move || {
        read_file(&path, dataset, &mappings, |rows| {
            progress.reached(rows);
            if progress.should_stop() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
    })
    .await
}

/// Somebody has cancelled the reading: that is the end of the import. Its file goes when this is committed.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn reading_cancelled(change: &Change, batch_id: i64) -> Result<AuditEvent, DbErr> {
    end(change, batch_id, BatchState::Cancelled, "").await?;
    Ok(AuditEvent::new(
        Action::ImportCancelled,
        format!("import/{batch_id}"),
    ))
}

/// The reading was given up: the file is here, and can be read anew.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn reading_stopped(change: &Change, batch_id: i64, message: &str) -> Result<(), DbErr> {
    end(change, batch_id, BatchState::Uploaded, message).await
}
