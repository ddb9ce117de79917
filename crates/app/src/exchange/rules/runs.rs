//! An import in the browser: upload, reading, mapping, preview, writing. Reading and writing run beside the request; what
//! they have done stands in the database, so that a page can be closed and any server can show it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use qihang_db::entity::import_batch;
use qihang_db::{Action, AuditEvent, Db};
use sea_orm::DbErr;
use serde_json::json;

use super::commit::{ImportError, Order, Previewed, write};
use super::file::{FileError, ImportFile, digest, headings, read_file};
use super::survey::survey;
use crate::app::App;
use crate::auth::{Can, policy};
use crate::exchange::model::{BatchState, Columns, Completeness, Dataset};
use crate::exchange::queries::{self, NewBatch};

/// Permission to import, as a task carries it.
type MayImport = Can<policy::ManageExchange>;

/// How often a running task says how far it is.
const REPORT_EVERY: Duration = Duration::from_millis(300);

/// Why something about an import cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// There is no such import.
    #[error("no such import")]
    Unknown,
    /// It is not in a state for that (any more).
    #[error("the import is not in the state for that")]
    WrongState,
    /// The file could not be kept.
    #[error("the file cannot be kept: {0}")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A file that has arrived, under a name of its own.
#[derive(Debug)]
pub(crate) struct Upload {
    /// What it holds.
    pub(crate) dataset: Dataset,
    /// Whether what it does not have counts as vanished.
    pub(crate) completeness: Completeness,
    /// As the person named it.
    pub(crate) file_name: String,
    /// Where it is now. Moved, not copied.
    pub(crate) file: tempfile::NamedTempFile,
}

/// The file of an import. Its name is ours: what the person called it is only shown.
pub(crate) fn file_of(app: &App, batch_id: i64) -> PathBuf {
    app.config
        .data_dir
        .join("imports")
        .join(batch_id.to_string())
        .join("original")
}

/// A place for a file that is arriving, on the same disk as where it will stay.
pub(crate) fn incoming(app: &App) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = app.config.data_dir.join("imports");
    std::fs::create_dir_all(&folder)?;
    tempfile::NamedTempFile::new_in(folder)
}

/// Keeps an uploaded file and begins to read it.
///
/// # Errors
///
/// [`RunError`] when it cannot be kept.
pub(crate) async fn begin(app: &App, can: &MayImport, upload: Upload) -> Result<i64, RunError> {
    let path = upload.file.path().to_owned();
    let file_digest = tokio::task::spawn_blocking(move || digest(&path))
        .await
        .map_err(std::io::Error::other)??;
    let change = app.db.change(can.actor()).await?;
    let new = NewBatch {
        dataset: upload.dataset,
        file_name: upload.file_name,
        file_digest: file_digest.clone(),
        state: BatchState::Uploaded,
        complete: upload.completeness == Completeness::Complete,
        created_by: can.account_id(),
    };
    let batch_id = queries::insert_batch(change.tx(), new, change.now()).await?;
    let place = file_of(app, batch_id);
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    upload.file.persist(&place).map_err(|error| error.error)?;
    let event = AuditEvent::new(Action::ImportPrepared, format!("import/{batch_id}"))
        .after(json!({"dataset": upload.dataset.code(), "file_digest": file_digest}));
    change.commit(event).await?;
    read_again(app, can, batch_id).await?;
    Ok(batch_id)
}

/// The import, its dataset, and its state.
async fn load(db: &Db, batch_id: i64) -> Result<(import_batch::Model, Dataset, BatchState), RunError> {
    let batch = queries::find_batch(db.reader(), batch_id)
        .await?
        .ok_or(RunError::Unknown)?;
    match (
        Dataset::from_code(&batch.dataset),
        BatchState::from_code(&batch.state),
    ) {
        (Some(dataset), Some(state)) => Ok((batch, dataset, state)),
        _ => Err(RunError::Unknown),
    }
}

/// Moves an import on, in a transaction of its own. Where an import stands is no change of a record, so there is no event.
async fn step(
    db: &Db,
    batch_id: i64,
    from: BatchState,
    to: BatchState,
    message: &str,
) -> Result<bool, DbErr> {
    let tx = db.begin_write().await?;
    let moved = queries::claim(&tx, batch_id, from, to).await?;
    if moved {
        queries::set_message(&tx, batch_id, message).await?;
    }
    tx.commit().await?;
    Ok(moved)
}

/// Begins, or begins again, to read the file of an import.
///
/// # Errors
///
/// [`RunError::WrongState`] when it runs already or is over.
pub(crate) async fn read_again(app: &App, can: &MayImport, batch_id: i64) -> Result<(), RunError> {
    let (_, dataset, state) = load(&app.db, batch_id).await?;
    let tx = app.db.begin_write().await?;
    let claimed = queries::claim(&tx, batch_id, state, BatchState::Reading).await?;
    if claimed {
        queries::set_message(&tx, batch_id, "").await?;
        queries::set_cancel_requested(&tx, batch_id, false).await?;
    }
    tx.commit().await?;
    if !claimed {
        return Err(RunError::WrongState);
    }
    let (app, can) = (app.clone(), can.clone());
    tokio::spawn(async move {
        if let Err(error) = read(&app, &can, batch_id, dataset).await {
            tracing::error!(batch.id = batch_id, %error, "An import could not be read.");
            let message = "读取时系统出现问题，没有写入任何数据，请重试或联系管理员。";
            if let Err(error) = step(
                &app.db,
                batch_id,
                BatchState::Reading,
                BatchState::Failed,
                message,
            )
            .await
            {
                tracing::error!(batch.id = batch_id, %error, "The failure of an import could not be noted.");
            }
        }
    });
    Ok(())
}

async fn read(app: &App, can: &MayImport, batch_id: i64, dataset: Dataset) -> Result<(), DbErr> {
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

fn completeness(batch: &import_batch::Model) -> Completeness {
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

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DbErr> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DbErr::Custom(format!("reading the file failed: {error}")))
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

/// Gives an import up. One that is being read stops within a moment; one that is being written cannot be stopped.
///
/// # Errors
///
/// [`RunError::WrongState`] when it is being written or is over.
pub(crate) async fn cancel(app: &App, can: &MayImport, batch_id: i64) -> Result<(), RunError> {
    let (_, _, state) = load(&app.db, batch_id).await?;
    let change = app.db.change(can.actor()).await?;
    if state == BatchState::Reading {
        queries::set_cancel_requested(change.tx(), batch_id, true).await?;
        change.keep_without_event().await?;
        return Ok(());
    }
    if !queries::claim(change.tx(), batch_id, state, BatchState::Cancelled).await? {
        return Err(RunError::WrongState);
    }
    change
        .commit(AuditEvent::new(
            Action::ImportCancelled,
            format!("import/{batch_id}"),
        ))
        .await?;
    Ok(())
}

/// The headings of an import's file that nobody has explained yet, and all headings of the file.
///
/// # Errors
///
/// [`RunError`] when there is no such import; a file that cannot be read has none.
pub(crate) async fn open_headings(app: &App, batch_id: i64) -> Result<Columns, RunError> {
    let (_, dataset, _) = load(&app.db, batch_id).await?;
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    let path = file_of(app, batch_id);
    let found = blocking(move || headings(&path)).await?.unwrap_or_default();
    Ok(Columns::recognise(dataset, &found, &mappings))
}

/// Remembers what headings mean, and goes on reading.
///
/// # Errors
///
/// [`RunError::WrongState`] when the import does not wait for that.
pub(crate) async fn map_headings(
    app: &App,
    can: &MayImport,
    batch_id: i64,
    mappings: Vec<(String, String)>,
) -> Result<(), RunError> {
    let (_, dataset, state) = load(&app.db, batch_id).await?;
    if state != BatchState::Mapping {
        return Err(RunError::WrongState);
    }
    let change = app.db.change(can.actor()).await?;
    queries::save_mappings(change.tx(), dataset, &mappings).await?;
    let event = AuditEvent::new(Action::HeadingsMapped, format!("import/{batch_id}"))
        .after(json!({"dataset": dataset.code(), "mappings": mappings}));
    change.commit(event).await?;
    read_again(app, can, batch_id).await
}

/// Begins to write a previewed import. Of two who press at once one begins it.
///
/// # Errors
///
/// [`RunError::WrongState`] when it is not waiting for that.
pub(crate) async fn commit(app: &App, can: &MayImport, batch_id: i64, order: Order) -> Result<(), RunError> {
    let (batch, dataset, _) = load(&app.db, batch_id).await?;
    if !step(
        &app.db,
        batch_id,
        BatchState::Previewed,
        BatchState::Committing,
        "",
    )
    .await?
    {
        return Err(RunError::WrongState);
    }
    let order = Order {
        completeness: completeness(&batch),
        ..order
    };
    let (app, can) = (app.clone(), can.clone());
    tokio::spawn(async move {
        let stopped = match carry_out(&app, &can, batch_id, dataset, &order).await {
            Ok(stopped) => stopped,
            Err(error) => {
                tracing::error!(batch.id = batch_id, %error, "An import could not be written.");
                Some("写入时系统出现问题，没有写入任何数据，请重试或联系管理员。".to_owned())
            }
        };
        if let Some(message) = stopped
            && let Err(error) = step(
                &app.db,
                batch_id,
                BatchState::Committing,
                BatchState::Previewed,
                &message,
            )
            .await
        {
            tracing::error!(batch.id = batch_id, %error, "The failure of an import could not be noted.");
        }
    });
    Ok(())
}

/// Writes an import; what stopped it otherwise, for the person.
async fn carry_out(
    app: &App,
    can: &MayImport,
    batch_id: i64,
    dataset: Dataset,
    order: &Order,
) -> Result<Option<String>, DbErr> {
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    let path = file_of(app, batch_id);
    let file =
        match blocking(move || read_file(&path, dataset, &mappings, |_| ControlFlow::Continue(()))).await? {
            Ok(file) => Arc::new(file),
            Err(error) => return Ok(Some(error.message())),
        };
    let previewed = Previewed {
        batch_id,
        rows: queries::plan_rows(app.db.reader(), batch_id).await?,
    };
    match write(&app.db, can, file, "", order, Some(previewed)).await {
        Ok(_) => Ok(None),
        Err(ImportError::NotAllGood(plan)) => Ok(Some(format!(
            "有 {} 行被拒收，按“全部成功才写入”没有写入任何数据。",
            plan.counts().refused
        ))),
        Err(ImportError::TooMuchChange(_)) => Ok(Some(
            "修改和消失的学生超过安全比例，没有写入。核对无误后请勾选确认，再执行导入。".into(),
        )),
        Err(ImportError::Outdated(plan)) => {
            let tx = app.db.begin_write().await?;
            if queries::find_batch(&tx, batch_id)
                .await?
                .is_some_and(|batch| batch.state == BatchState::Committing.code())
            {
                queries::replace_rows(&tx, batch_id, &plan.rows).await?;
                queries::set_counts(&tx, batch_id, &plan.counts()).await?;
            }
            tx.commit().await?;
            Ok(Some(
                "数据在预览之后发生了变化，没有写入。下面是最新的预览，请重新核对。".into(),
            ))
        }
        Err(ImportError::Db(error)) => Err(error),
    }
}

/// At the start of a server: what one that stopped in the middle has left can be begun again.
///
/// # Errors
///
/// When the database does not answer.
pub async fn recover(db: &Db) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    let count = queries::set_back(&tx).await?;
    tx.commit().await?;
    if count > 0 {
        tracing::warn!(count, "Imports that were interrupted can be continued.");
    }
    Ok(())
}

/// Settles a refused row by hand, with the reason in the audit log.
///
/// # Errors
///
/// [`RunError::Unknown`] when there is no such open row.
pub(crate) async fn settle_refusal(
    db: &Db,
    can: &MayImport,
    row_id: i64,
    reason: &str,
) -> Result<(), RunError> {
    let change = db.change(can.actor()).await?;
    if !queries::settle_refusal(change.tx(), row_id, change.now()).await? {
        return Err(RunError::Unknown);
    }
    let event = AuditEvent::new(Action::RefusalSettled, format!("import_row/{row_id}"))
        .after(json!({"reason": reason}));
    change.commit(event).await?;
    Ok(())
}
