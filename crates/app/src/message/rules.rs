//! Sending a message, and opening one.

use qihang_db::entity::message;
use qihang_db::{Change, Clock, Db, MailState, MessageKind, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::queries;

/// A message in the site, before it has an id.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// To whom.
    pub student_id: i64,
    /// What it is about.
    pub kind: MessageKind,
    /// In one line.
    pub title: String,
    /// Plain text; a line break begins a paragraph.
    pub body: String,
    /// A path of this site where the matter can be seen to.
    pub href: Option<String>,
}

/// Sends a message, in the change that is its reason: neither is there without the other.
///
/// # Errors
///
/// When the database does not answer.
pub async fn send(change: &Change, message: NewMessage) -> Result<(), DbErr> {
    row(change, message).insert(change.tx()).await?;
    Ok(())
}

/// Messages in one statement: SQLite binds 32,766 values at the most.
const CHUNK: usize = 2_000;

/// Sends many, in a statement for each two thousand.
///
/// # Errors
///
/// When the database does not answer.
pub async fn send_all(change: &Change, messages: Vec<NewMessage>) -> Result<(), DbErr> {
    let mut rows = messages.into_iter().map(|message| row(change, message));
    loop {
        let some: Vec<_> = rows.by_ref().take(CHUNK).collect();
        if some.is_empty() {
            return Ok(());
        }
        message::Entity::insert_many(some)
            .exec_without_returning(change.tx())
            .await?;
    }
}

fn row(change: &Change, message: NewMessage) -> message::ActiveModel {
    message::ActiveModel {
        student_id: Set(message.student_id),
        kind: Set(message.kind.code().to_owned()),
        title: Set(message.title),
        body: Set(message.body),
        href: Set(message.href),
        reminder_id: Set(None),
        sent_by: Set(change.actor().account_id),
        sent_at: Set(change.now()),
        sent_on: Set(Clock::day_of(change.now())),
        mail_state: Set(MailState::None.code().to_owned()),
        mail_to: Set(None),
        mail_tries: Set(0),
        mail_due_at: Set(None),
        mail_error: Set(None),
        read_at: Set(None),
        ..Default::default()
    }
}

/// Opens a message of the own; the first time it is opened is kept. That is no change of a record, so nothing is audited.
///
/// # Errors
///
/// When the database does not answer.
pub(super) async fn open(db: &Db, scope: &Scope, id: i64) -> Result<Option<message::Model>, DbErr> {
    let found = queries::find(db.reader(), scope, id).await?;
    if let Some(message) = &found
        && message.read_at.is_none()
    {
        mark(db, &[message.id]).await?;
    }
    Ok(found)
}

/// 全部标为已读.
///
/// # Errors
///
/// When the database does not answer.
pub(super) async fn open_all(db: &Db, scope: &Scope) -> Result<(), DbErr> {
    let unread = queries::unread_ids(db.reader(), scope).await?;
    mark(db, &unread).await
}

async fn mark(db: &Db, ids: &[i64]) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    message::Entity::update_many()
        .col_expr(message::Column::ReadAt, Expr::value(db.clock().now()))
        .filter(message::Column::Id.is_in(ids.iter().copied()))
        .filter(message::Column::ReadAt.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await
}
