//! The file that a job leaves: kept beside the database for some days, for the owner alone, as often as the owner likes.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use qihang_db::entity::{job, job_file};
use qihang_db::{Change, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};

use crate::app::App;
use crate::files::FileError;

/// How long a file can be fetched after the job has ended.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// Where the files of jobs lie in the store.
const FOLDER: &str = "job";

/// A file that lies in the store, and is the owner's once the job has ended with it.
#[derive(Debug)]
pub struct Kept {
    name: String,
    media_type: &'static str,
    key: String,
    bytes: u64,
}

/// Puts a file into the store. Its key is that of one claim of the job: whoever takes the job over writes another file.
pub(super) async fn keep(
    app: &App,
    (job_id, lease_owner): (i64, &str),
    (name, media_type): (String, &'static str),
    file: std::fs::File,
) -> Result<Kept, FileError> {
    let key = format!("{FOLDER}/{job_id}/{lease_owner}");
    let bytes = app.files.put_file(&key, tokio::fs::File::from_std(file)).await?;
    Ok(Kept {
        name,
        media_type,
        key,
        bytes,
    })
}

/// Makes the file the owner's, inside the change that ends the job.
pub(super) async fn insert(change: &Change, job_id: i64, kept: Kept) -> Result<(), DbErr> {
    let row = job_file::ActiveModel {
        job_id: Set(job_id),
        name: Set(kept.name),
        media_type: Set(kept.media_type.to_owned()),
        file_key: Set(kept.key),
        size_bytes: Set(i64::try_from(kept.bytes).unwrap_or(i64::MAX)),
        kept_until: Set(change.now() + KEPT),
    };
    row.insert(change.tx()).await?;
    Ok(())
}

/// The file of a job, while it is kept.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    job_id: i64,
    now: DateTime<Utc>,
) -> Result<Option<job_file::Model>, DbErr> {
    records::<job_file::Entity>()
        .filter(job_file::Column::JobId.eq(job_id))
        .filter(job_file::Column::KeptUntil.gt(now))
        .one(connection)
        .await
}

/// Why old files could not be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
    /// The store.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Throws away the files whose time is over, and those that a job has put into the store without coming to its end;
/// answers how many.
///
/// # Errors
///
/// [`SweepError`]; what is left is thrown away the next time.
pub async fn sweep(app: &App) -> Result<usize, SweepError> {
    let keys = app.files.keys(FOLDER).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    // In this order: a job that is no longer open when it is asked has its file in the table before that is read.
    let open: HashSet<i64> = records::<job::Entity>()
        .filter(job::Column::State.is_in(["queued", "running"]))
        .select_only()
        .column(job::Column::Id)
        .into_tuple::<i64>()
        .all(app.db.reader())
        .await?
        .into_iter()
        .collect();
    let now = app.db.clock().now();
    let owned: HashSet<String> = records::<job_file::Entity>()
        .filter(job_file::Column::KeptUntil.gt(now))
        .select_only()
        .column(job_file::Column::FileKey)
        .into_tuple::<String>()
        .all(app.db.reader())
        .await?
        .into_iter()
        .collect();
    let is_of_open_job = |key: &str| {
        let job_id = key.split('/').nth(1).and_then(|id| id.parse::<i64>().ok());
        job_id.is_some_and(|id| open.contains(&id))
    };
    let mut thrown_away = 0;
    for key in keys
        .iter()
        .filter(|key| !owned.contains(*key) && !is_of_open_job(key))
    {
        app.files.delete(key).await?;
        thrown_away += 1;
    }
    let tx = app.db.begin_write().await?;
    job_file::Entity::delete_many()
        .filter(job_file::Column::KeptUntil.lte(now))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(thrown_away)
}
