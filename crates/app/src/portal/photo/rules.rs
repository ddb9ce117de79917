//! Keeping a photo.

use qihang_db::{Action, Actor, AuditEvent, Scope};
use sea_orm::DbErr;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::picture::{Part, PictureError, prepare};
use super::queries;
use crate::app::App;
use crate::auth::Student;
use crate::files::FileError;
use crate::portal::queries::hold;

/// Why a photo was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PhotoError {
    /// It is none.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The student is no more.
    #[error("no such student")]
    NotFound,
    /// The file store.
    #[error(transparent)]
    File(#[from] FileError),
    /// The work was stopped.
    #[error("the work was stopped: {0}")]
    Stopped(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Pictures decoded at once: each may take hundreds of megabytes for a moment.
static DECODING: Semaphore = Semaphore::const_new(2);

/// Makes a photo of an upload and keeps it in place of an earlier one.
pub(super) async fn replace(
    app: &App,
    student: &Student,
    content: Vec<u8>,
    part: Part,
) -> Result<(), PhotoError> {
    replace_as(app, &student.actor(), student.id(), content, part).await
}

/// The rule itself. Only the student uploads; the demo university, whose students nobody is, calls it for them.
pub(crate) async fn replace_as(
    app: &App,
    actor: &Actor,
    student_id: i64,
    content: Vec<u8>,
    part: Part,
) -> Result<(), PhotoError> {
    let permit = DECODING
        .acquire()
        .await
        .map_err(|error| PhotoError::Stopped(error.to_string()))?;
    let photo = tokio::task::spawn_blocking(move || prepare(&content, part))
        .await
        .map_err(|error| PhotoError::Stopped(error.to_string()))??;
    drop(permit);
    let size_bytes = photo.len();
    let digest = hex(&Sha256::digest(&photo));
    // A key of its own for every upload: whoever throws an earlier file away can never meet a newer one.
    let file_key = format!(
        "photo/{student_id}/{}-{:016x}",
        &digest[..16],
        rand::random::<u64>()
    );
    app.files.put(&file_key, photo).await?;
    match record(app, (actor, student_id), &file_key, &digest, size_bytes).await {
        Ok(earlier) => {
            if let Some(earlier) = earlier
                && let Err(error) = app.files.delete(&earlier).await
            {
                tracing::warn!(%error, "An earlier photo could not be thrown away.");
            }
            Ok(())
        }
        Err(error) => {
            // Nothing names the new file.
            if let Err(error) = app.files.delete(&file_key).await {
                tracing::warn!(%error, "A photo that was not recorded could not be thrown away.");
            }
            Err(error)
        }
    }
}

/// Records which file is the photo; answers the earlier file.
async fn record(
    app: &App,
    (actor, student_id): (&Actor, i64),
    file_key: &str,
    digest: &str,
    size_bytes: usize,
) -> Result<Option<String>, PhotoError> {
    let change = app.db.change(actor).await?;
    hold(change.tx(), student_id).await?.ok_or(PhotoError::NotFound)?;
    let earlier = queries::find(change.tx(), &Scope::Student(student_id)).await?;
    let photo = (student_id, file_key, digest);
    queries::put(change.tx(), photo, size_bytes, change.now()).await?;
    let event = AuditEvent::new(Action::PhotoChanged, format!("student/{student_id}"))
        .after(json!({"digest": digest, "size_bytes": size_bytes}));
    change.commit(event).await?;
    Ok(earlier.map(|photo| photo.file_key))
}

fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
