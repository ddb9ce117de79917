//! Reading an uploaded file beside the request, as far as the preview.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use qihang_db::entity::import_batch;
use qihang_db::{Action, AuditEvent};
use sea_orm::DbErr;

use super::file::{FileError, ImportFile, headings, read_file};
use super::runs::{MayImport, blocking, file_of, step};
use super::survey::survey;
use crate::app::App;
use crate::exchange::model::{BatchState, Columns, Completeness, Dataset};
use crate::exchange::queries;

/// How often a running task says how far it is.
const REPORT_EVERY: Duration = Duration::from_millis(300);

/// Reads the file of an import that has been claimed for that.
pub(super) async fn read(app: &App, can: &MayImport, batch_id: i64, dataset: Dataset) -> Result<(), DbErr> {
    let path = file_of(app, batch_id);
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    // Unknown headings are asked about before the rows are read.
    let found = {
        let path = path.clone();
        blocking(move || headings(&path)).await?
    };
    let headings = match found {
        Ok(headings) => headings,
        Err(error) => return end(app, batch_id, BatchState::Failed, &error.message()).await,
    };
    let columns = Columns::recognise(dataset, &headings, &mappings);
    if !columns.unknown.is_empty() {
        let message = format!(
            "有 {} 列的列名无法识别，请指定它们对应的字段，或选择不导入。",
            columns.unknown.len()
        );
        return end(app, batch_id, BatchState::Mapping, &message).await;
    }
    let file = match read_with_progress(app, batch_id, dataset, &path).await? {
        Ok(file) => Arc::new(file),
        Err(FileError::Cancelled) => return cancelled(app, can, batch_id).await,
        Err(error) => return end(app, batch_id, BatchState::Failed, &error.message()).await,
    };
    preview(app, can, batch_id, file).await
}

/// Works out the preview and keeps it.
async fn preview(app: &App, can: &MayImport, batch_id: i64, file: Arc<ImportFile>) -> Result<(), DbErr> {
    let Some(batch) = queries::find_batch(app.db.reader(), batch_id).await? else {
        return Ok(());
    };
    let snapshot = app.db.begin_read().await?;
    let survey = survey(&snapshot, file, completeness(&batch), app.db.clock().today()).await?;
    snapshot.commit().await?;
    let tx = app.db.begin_write().await?;
    if queries::report_progress(&tx, batch_id, survey.plan.total).await? {
        tx.rollback().await?;
        return cancelled(app, can, batch_id).await;
    }
    if queries::claim(&tx, batch_id, BatchState::Reading, BatchState::Previewed).await? {
        queries::replace_rows(&tx, batch_id, &survey.plan.rows).await?;
        queries::set_counts(&tx, batch_id, &survey.plan.counts()).await?;
    }
    tx.commit().await
}

/// Whether the person said that the file has everybody.
pub(super) fn completeness(batch: &import_batch::Model) -> Completeness {
    if batch.complete {
        Completeness::Complete
    } else {
        Completeness::Partial
    }
}

async fn end(app: &App, batch_id: i64, state: BatchState, message: &str) -> Result<(), DbErr> {
    step(&app.db, batch_id, BatchState::Reading, state, message).await?;
    Ok(())
}

/// Reads the file on a thread for that, telling the database how far it is and whether it shall stop.
async fn read_with_progress(
    app: &App,
    batch_id: i64,
    dataset: Dataset,
    path: &Path,
) -> Result<Result<ImportFile, FileError>, DbErr> {
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    let done = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let reading = {
        let (path, done, stop) = (path.to_owned(), Arc::clone(&done), Arc::clone(&stop));
        tokio::task::spawn_blocking(move || {
            read_file(&path, dataset, &mappings, |rows| {
                done.store(rows, Ordering::Relaxed);
                if stop.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
        })
    };
    tokio::pin!(reading);
    loop {
        tokio::select! {
            read = &mut reading => {
                return read.map_err(|error| DbErr::Custom(format!("reading the file failed: {error}")));
            }
            () = tokio::time::sleep(REPORT_EVERY) => {
                let tx = app.db.begin_write().await?;
                let asked = queries::report_progress(&tx, batch_id, done.load(Ordering::Relaxed)).await?;
                tx.commit().await?;
                stop.store(asked, Ordering::Relaxed);
            }
        }
    }
}

async fn cancelled(app: &App, can: &MayImport, batch_id: i64) -> Result<(), DbErr> {
    let change = app.db.change(can.actor()).await?;
    if queries::claim(change.tx(), batch_id, BatchState::Reading, BatchState::Cancelled).await? {
        change
            .commit(AuditEvent::new(
                Action::ImportCancelled,
                format!("import/{batch_id}"),
            ))
            .await?;
    }
    Ok(())
}
