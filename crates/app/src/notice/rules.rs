//! What may be done with a notice, by whom: the centre writes for anybody, a 院 for its own students.

use std::collections::BTreeSet;

use qihang_db::entity::notice_attachment;
use qihang_db::{Action, AuditEvent, Change, Db, Role, Scope, StudentType};
use sea_orm::{DbErr, SqlErr};
use serde_json::{Value, json};

use super::attachment::{self, BadFile};
use super::model::{Content, NotNow, Readership, State};
use super::queries::{self, Managed};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::files::FileError;

/// Why something about a notice was refused.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// No such notice, or not the author's.
    #[error("no such notice")]
    NotFound,
    /// It does not stand where this can be done.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// Its last day would be before its first.
    #[error("it would end before it begins")]
    EndsBefore,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

type May = Can<policy::WriteNotices>;

/// A 院 writes for its own students and for nobody else; only the centre writes in the name of the centre.
fn check(scope: &Scope, college_id: Option<i64>, content: &Content) -> Result<(), NoticeError> {
    let is_allowed = match college_id {
        None => *scope == Scope::Everyone,
        Some(id) => {
            let own = BTreeSet::from([id]);
            scope.covers(id)
                && matches!(&content.readership, Readership::Students { colleges, .. } if *colleges == own)
        }
    };
    if !is_allowed {
        return Err(NoticeError::NotFound);
    }
    match (content.publish_on, content.ends_on) {
        (Some(first), Some(last)) if last < first => Err(NoticeError::EndsBefore),
        _ => Ok(()),
    }
}

fn in_words(content: &Content) -> Value {
    let readership = &content.readership;
    json!({
        "title": content.title,
        "body": content.body,
        "audience": readership.audience().code(),
        "college_id": readership.colleges().collect::<Vec<_>>(),
        "role": readership.roles().map(Role::code).collect::<Vec<_>>(),
        "student_type": readership.student_type().map(StudentType::code),
        "class_year": readership.class_year().map(ClassYear::year),
        "pinned": content.pinned,
        "publish_on": content.publish_on,
        "ends_on": content.ends_on,
    })
}

fn subject(id: i64) -> String {
    format!("notice/{id}")
}

/// Writes a draft, for a 院 or (`None`) for the centre; answers its id.
///
/// # Errors
///
/// [`NoticeError`]; then nothing was written.
pub async fn create(
    db: &Db,
    can: &May,
    college_id: Option<i64>,
    content: &Content,
) -> Result<i64, NoticeError> {
    check(can.scope(), college_id, content)?;
    let change = db.change(can.actor()).await?;
    let id = queries::insert(change.tx(), college_id, content, change.now()).await?;
    let event = AuditEvent::new(Action::NoticeCreated, subject(id)).after(in_words(content));
    change.commit(event).await?;
    Ok(id)
}

/// Publishes a notice of the centre as part of a change that another rule commits with an event of its own; answers its id.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn post(change: &Change, content: &Content) -> Result<i64, DbErr> {
    let id = queries::insert(change.tx(), None, content, change.now()).await?;
    let published = State::Published { at: change.now() };
    queries::set_state(change.tx(), id, published, content.publish_on).await?;
    Ok(id)
}

/// Rewrites a notice, whatever its state; what is published changes at once.
///
/// # Errors
///
/// [`NoticeError`]; then nothing was written.
pub async fn change(db: &Db, can: &May, id: i64, content: &Content) -> Result<(), NoticeError> {
    let change = db.change(can.actor()).await?;
    let before = queries::lock(change.tx(), can.scope(), id)
        .await?
        .ok_or(NoticeError::NotFound)?;
    // What was published has a first day; a form that leaves it open means that day.
    let content = Content {
        publish_on: content.publish_on.or(before
            .row
            .publish_on
            .filter(|_| before.state.published_at().is_some())),
        ..content.clone()
    };
    check(can.scope(), before.row.college_id, &content)?;
    queries::update(change.tx(), id, &content, change.now()).await?;
    let event = AuditEvent::new(Action::NoticeChanged, subject(id))
        .before(in_words(&before.content()))
        .after(in_words(&content));
    Ok(change.commit(event).await?)
}

/// Publishes a draft, or again what was withdrawn. Its first day is the one meant, and never one that is over.
///
/// # Errors
///
/// [`NoticeError`]; then nothing was written.
pub async fn publish(db: &Db, can: &May, id: i64) -> Result<(), NoticeError> {
    let change = db.change(can.actor()).await?;
    let Managed { row, state, .. } = queries::lock(change.tx(), can.scope(), id)
        .await?
        .ok_or(NoticeError::NotFound)?;
    let published = state.publish(change.now())?;
    let today = db.clock().today();
    let first = row.publish_on.map_or(today, |meant| meant.max(today));
    if row.ends_on.is_some_and(|last| last < first) {
        return Err(NoticeError::EndsBefore);
    }
    queries::set_state(change.tx(), id, published, Some(first)).await?;
    let event = AuditEvent::new(Action::NoticePublished, subject(id))
        .before(json!({"state": state.code()}))
        .after(json!({"state": published.code(), "publish_on": first}));
    Ok(change.commit(event).await?)
}

/// Takes a published notice back. Who had read it stays known.
///
/// # Errors
///
/// [`NoticeError`]; then nothing was written.
pub async fn withdraw(db: &Db, can: &May, id: i64) -> Result<(), NoticeError> {
    let change = db.change(can.actor()).await?;
    let Managed { row, state, .. } = queries::lock(change.tx(), can.scope(), id)
        .await?
        .ok_or(NoticeError::NotFound)?;
    let withdrawn = state.withdraw(change.now())?;
    queries::set_state(change.tx(), id, withdrawn, row.publish_on).await?;
    let event = AuditEvent::new(Action::NoticeWithdrawn, subject(id))
        .before(json!({"state": state.code()}))
        .after(json!({"state": withdrawn.code()}));
    Ok(change.commit(event).await?)
}

/// Throws a draft away together with its files.
///
/// # Errors
///
/// [`NoticeError`]; then nothing was written.
pub async fn discard(app: &App, can: &May, id: i64) -> Result<(), NoticeError> {
    let change = app.db.change(can.actor()).await?;
    let before = queries::lock(change.tx(), can.scope(), id)
        .await?
        .ok_or(NoticeError::NotFound)?;
    before.state.discard()?;
    let attachments = queries::attachments(change.tx(), id).await?;
    queries::discard(change.tx(), id).await?;
    let event = AuditEvent::new(Action::NoticeDiscarded, subject(id)).before(in_words(&before.content()));
    change.commit(event).await?;
    for attachment in &attachments {
        forget(app, &attachment.file_key).await;
    }
    Ok(())
}

/// Why a file was not attached, or not taken away.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// No such notice or file, or not the author's.
    #[error("no such notice or attachment")]
    NotFound,
    /// The file itself.
    #[error(transparent)]
    Bad(#[from] BadFile),
    /// There are [`attachment::MOST`] already.
    #[error("too many attachments")]
    TooMany,
    /// There is one of this name already.
    #[error("an attachment of this name is there already")]
    SameName,
    /// The store of files.
    #[error(transparent)]
    Files(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Attaches a file to a notice.
///
/// # Errors
///
/// [`AttachError`]; then nothing is kept.
pub async fn attach(app: &App, can: &May, id: i64, name: &str, content: Vec<u8>) -> Result<(), AttachError> {
    let name = attachment::accept(name, &content)?;
    if queries::find(app.db.reader(), can.scope(), id).await?.is_none() {
        return Err(AttachError::NotFound);
    }
    let bytes = content.len();
    let key = format!("notice/{id}/{:032x}", rand::random::<u128>());
    // The file first: a row never names a file that is not there.
    app.files.put(&key, content).await?;
    let added = add_row(app, can, id, &name, bytes, &key).await;
    if added.is_err() {
        forget(app, &key).await;
    }
    added
}

async fn add_row(
    app: &App,
    can: &May,
    id: i64,
    name: &str,
    bytes: usize,
    key: &str,
) -> Result<(), AttachError> {
    let change = app.db.change(can.actor()).await?;
    queries::lock(change.tx(), can.scope(), id)
        .await?
        .ok_or(AttachError::NotFound)?;
    if queries::attachments(change.tx(), id).await?.len() >= attachment::MOST {
        return Err(AttachError::TooMany);
    }
    let attachment_id = queries::insert_attachment(change.tx(), id, name, bytes, key, change.now())
        .await
        .map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => AttachError::SameName,
            _ => AttachError::Db(error),
        })?;
    let event = AuditEvent::new(Action::AttachmentAdded, subject(id))
        .after(json!({"attachment": attachment_id, "file_name": name, "bytes": bytes}));
    Ok(change.commit(event).await?)
}

/// Takes a file away from a notice; answers what it was called.
///
/// # Errors
///
/// [`AttachError`]; then it is still there.
pub async fn detach(app: &App, can: &May, id: i64, attachment_id: i64) -> Result<String, AttachError> {
    let change = app.db.change(can.actor()).await?;
    queries::lock(change.tx(), can.scope(), id)
        .await?
        .ok_or(AttachError::NotFound)?;
    let notice_attachment::Model { name, file_key, .. } = queries::attachment(change.tx(), id, attachment_id)
        .await?
        .ok_or(AttachError::NotFound)?;
    queries::remove_attachment(change.tx(), attachment_id).await?;
    let event = AuditEvent::new(Action::AttachmentRemoved, subject(id))
        .before(json!({"attachment": attachment_id, "file_name": name}));
    change.commit(event).await?;
    forget(app, &file_key).await;
    Ok(name)
}

/// A file that no row names does no harm but takes room; that it could not be taken away is no reason to fail.
async fn forget(app: &App, key: &str) {
    if let Err(error) = app.files.delete(key).await {
        tracing::warn!(file.key = key, cause = %error, "A file that nothing names is left behind.");
    }
}
