//! An import in the browser: upload, reading, mapping, preview, writing. Reading and writing run beside the request; what
//! they have done stands in the database, so that a page can be closed and any server can show it.

use std::path::PathBuf;

use qihang_db::entity::import_batch;
use qihang_db::{Action, AuditEvent, Db};
use sea_orm::DbErr;
use serde_json::json;

use super::file::{digest, headings};
use super::reading::read;
use crate::app::App;
use crate::auth::{Can, policy};
use crate::exchange::model::{BatchState, Columns, Completeness, Dataset};
use crate::exchange::queries::{self, NewBatch};

/// Permission to import, as a task carries it.
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

/// Moves an import on, in a transaction of its own. Where an import stands is no change of a record, so there is no event.
pub(super) async fn step(
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
