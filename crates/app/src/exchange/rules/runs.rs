//! An import in the browser: upload, reading, mapping, preview, writing. Reading and writing are jobs, so that a page can be
//! closed, any server can show how far they are, and none of them is needed to go on.

use std::path::{Path, PathBuf};

use qihang_db::entity::import_batch;
use qihang_db::{Action, AuditEvent, Change, Db};
use sea_orm::DbErr;
use serde_json::json;

use super::file::{digest, headings};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::exchange::model::{BatchState, Columns, Completeness, Dataset};
use crate::exchange::queries::{self, NewBatch};
use crate::job::rules::{CancelError, Cancelled};
use crate::job::{self, Work};

/// Permission to import.
pub(super) type MayImport = Can<policy::ManageExchange>;

/// Why something about an import cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// There is no such import.
    #[error("no such import")]
    Unknown,
    /// It is not in a state for that (any more).
    #[error("the import is not in the state for that")]
    WrongState,
    /// Its job does not stop any more.
    #[error(transparent)]
    Cancel(#[from] CancelError),
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
    ask_to_read(&change, batch_id, BatchState::Uploaded).await?;
    let event = AuditEvent::new(Action::ImportPrepared, format!("import/{batch_id}"))
        .after(json!({"dataset": upload.dataset.code(), "file_digest": file_digest}));
    change.commit(event).await?;
    Ok(batch_id)
}

/// Keeps a copy of a file that was imported from elsewhere, so that its answer can be had from the history.
///
/// # Errors
///
/// When it cannot be copied.
pub(crate) fn keep_copy(app: &App, batch_id: i64, file: &Path) -> std::io::Result<()> {
    let place = file_of(app, batch_id);
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(file, place)?;
    Ok(())
}

/// Throws a file away that nobody needs any more: it holds personal data.
pub(crate) fn discard(app: &App, batch_id: i64) {
    if let Err(error) = std::fs::remove_file(file_of(app, batch_id))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(batch.id = batch_id, %error, "The file of a cancelled import could not be deleted.");
    }
}

/// Runs what blocks on a thread for that.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DbErr> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DbErr::Custom(format!("reading the file failed: {error}")))
}

/// The import, its dataset, and its state.
pub(super) async fn load(
    db: &Db,
    batch_id: i64,
) -> Result<(import_batch::Model, Dataset, BatchState), RunError> {
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

/// Takes an import into reading, by a job.
async fn ask_to_read(change: &Change, batch_id: i64, from: BatchState) -> Result<(), RunError> {
    if !queries::claim(change.tx(), batch_id, from, BatchState::Reading).await? {
        return Err(RunError::WrongState);
    }
    queries::set_message(change.tx(), batch_id, "").await?;
    job::rules::enqueue(change, &Work::ReadImport { batch_id }).await?;
    Ok(())
}

/// Begins, or begins again, to read the file of an import.
///
/// # Errors
///
/// [`RunError::WrongState`] when it runs already or is over.
pub(crate) async fn read_again(app: &App, can: &MayImport, batch_id: i64) -> Result<(), RunError> {
    let (_, _, state) = load(&app.db, batch_id).await?;
    let change = app.db.change(can.actor()).await?;
    ask_to_read(&change, batch_id, state).await?;
    // Where an import stands is no change of a record, so there is no event.
    change.keep_without_event().await?;
    Ok(())
}

/// Gives an import up; one that is being written is only stopped, and can be written later. What is being done about it
/// stops within a moment, unless it has begun to write.
///
/// # Errors
///
/// [`RunError::WrongState`] or [`RunError::Cancel`] when it is too late.
pub(crate) async fn cancel(app: &App, can: &MayImport, batch_id: i64) -> Result<Cancelled, RunError> {
    let (_, _, state) = load(&app.db, batch_id).await?;
    let change = app.db.change(can.actor()).await?;
    if state.is_running() {
        let job = job::rules::about_import(app, batch_id).await?;
        let job_id = job.ok_or(RunError::WrongState)?.job_id;
        return Ok(job::rules::cancel(app, change, job_id).await?);
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
    discard(app, batch_id);
    Ok(Cancelled::AtOnce)
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
    ask_to_read(&change, batch_id, BatchState::Mapping).await?;
    let event = AuditEvent::new(Action::HeadingsMapped, format!("import/{batch_id}"))
        .after(json!({"dataset": dataset.code(), "mappings": mappings}));
    change.commit(event).await?;
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
