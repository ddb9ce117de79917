//! Reminding a selection: whom, is asked first; then everybody who still has something to do and was not reminded today
//! gets a message, and a letter where there is an address.

use chrono::{DateTime, TimeDelta, Utc};
use qihang_db::entity::{reminder, reminder_question};
use qihang_db::{Action, AuditEvent, Change, ClassYearState, Clock, Db, ReminderAbout, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
};
use serde_json::json;

use super::model::{Wording, way};
use super::queries::{self, Recipient};
use crate::auth::{Can, policy};
use crate::class_year::{self, model::ClassYear};
use crate::job::{self, Work};
use crate::progress::queries::{Rows, reminded_on, selected_ids};
use crate::roster::selection::Selection;

/// Why nobody was reminded.
#[derive(Debug, thiserror::Error)]
pub enum RemindError {
    /// Nobody is selected.
    #[error("nobody is selected")]
    NothingChosen,
    /// The class year is not open: nobody can activate.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// Everybody has activated meanwhile, or was reminded today.
    #[error("nobody is left to be reminded")]
    NobodyLeft,
    /// The question is unknown, too old, somebody else's, or has been answered.
    #[error("there is no such question")]
    NoSuchQuestion,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A question waits this long for its answer.
const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(24);

/// Keeps whom the officer is about to remind, so that what is confirmed is what was seen. Answers the question's id.
///
/// # Errors
///
/// [`RemindError::NothingChosen`] when the selection holds nobody, [`RemindError::NotOpen`] when the class year is not open.
pub async fn ask(
    db: &Db,
    can: &Can<policy::RemindStudents>,
    rows: Rows<'_>,
    address: String,
    selection: &Selection,
) -> Result<i64, RemindError> {
    let ids = selected_ids(db.reader(), rows, selection).await?;
    if ids.is_empty() {
        return Err(RemindError::NothingChosen);
    }
    // A question is no change of a record, so it has no audit event; its answer has.
    let tx = db.begin_write().await?;
    ensure_open(&tx, rows.year).await?;
    let now = db.clock().now();
    reminder_question::Entity::delete_many()
        .filter(reminder_question::Column::CreatedAt.lt(now - ANSWER_WITHIN))
        .exec(&tx)
        .await?;
    let row = reminder_question::ActiveModel {
        account_id: Set(can.account_id().ok_or(RemindError::NoSuchQuestion)?),
        class_year: Set(rows.year.year()),
        search: Set(address),
        students: Set(json!(ids).to_string()),
        created_at: Set(now),
        ..Default::default()
    };
    let row = row.insert(&tx).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// A question as it was asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id.
    pub id: i64,
    /// Class year.
    pub year: ClassYear,
    /// Search and selection, as the query string of the page.
    pub address: String,
    /// Row ids of the students.
    pub students: Vec<i64>,
}

impl Question {
    /// What those who are chosen by hand are reminded of, and in which class year.
    fn what(&self) -> (ReminderAbout, ClassYear) {
        (ReminderAbout::Activation, self.year)
    }
}

/// The question with this id, if it is the officer's own and not too old.
///
/// # Errors
///
/// [`RemindError::NoSuchQuestion`] otherwise.
pub async fn question(
    connection: &impl ConnectionTrait,
    can: &Can<policy::RemindStudents>,
    id: i64,
    now: DateTime<Utc>,
) -> Result<Question, RemindError> {
    let row = records::<reminder_question::Entity>()
        .filter(reminder_question::Column::Id.eq(id))
        .filter(reminder_question::Column::AccountId.eq(can.account_id()))
        .filter(reminder_question::Column::CreatedAt.gte(now - ANSWER_WITHIN))
        .one(connection)
        .await?
        .ok_or(RemindError::NoSuchQuestion)?;
    Ok(Question {
        id,
        year: ClassYear::new(row.class_year).ok_or(RemindError::NoSuchQuestion)?,
        address: row.search,
        students: serde_json::from_str(&row.students).map_err(|_| RemindError::NoSuchQuestion)?,
    })
}

/// What would become of a question that is answered with yes now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// Would be reminded.
    pub to_remind: usize,
    /// Of these, in the site only, because there is no address.
    pub without_address: usize,
    /// Were reminded today.
    pub reminded_today: usize,
    /// Have nothing to do any more.
    pub done: usize,
}

/// Looks ahead.
///
/// # Errors
///
/// When the database does not answer.
pub async fn prospect(
    connection: &impl ConnectionTrait,
    can: &Can<policy::RemindStudents>,
    question: &Question,
    now: DateTime<Utc>,
) -> Result<Prospect, DbErr> {
    let scope = can.scope();
    let recipients = queries::recipients(connection, scope, question.what(), &question.students).await?;
    let today = Clock::day_of(now);
    let reminded = reminded_on(connection, scope, &question.students, today).await?;
    let left: Vec<_> = recipients
        .iter()
        .filter(|one| !reminded.contains(&one.student_id))
        .collect();
    Ok(Prospect {
        to_remind: left.len(),
        without_address: left.iter().filter(|one| one.address.is_none()).count(),
        reminded_today: recipients.len() - left.len(),
        done: question.students.len() - recipients.len(),
    })
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The sending.
    pub reminder_id: i64,
    /// So many were reminded.
    pub reminded: usize,
    /// Of these, so many by mail, too.
    pub by_mail: usize,
    /// So many were left out, because they have activated meanwhile or were reminded today.
    pub left_out: usize,
}

/// Answers a question with yes. Of two officers who remind one student on one day the first does, by constraint.
///
/// # Errors
///
/// [`RemindError`]; then nobody was reminded.
pub async fn send(
    db: &Db,
    can: &Can<policy::RemindStudents>,
    question: &Question,
    wording: &Wording,
) -> Result<Sent, RemindError> {
    let account_id = can.account_id().ok_or(RemindError::NoSuchQuestion)?;
    let change = db.change(can.actor()).await?;
    // Taking the question away first makes the second of two answers wait, and then find none.
    let taken = reminder_question::Entity::delete_by_id(question.id)
        .exec(change.tx())
        .await?;
    if taken.rows_affected == 0 {
        return Err(RemindError::NoSuchQuestion);
    }
    ensure_open(change.tx(), question.year).await?;
    let recipients =
        queries::recipients(change.tx(), can.scope(), question.what(), &question.students).await?;
    let sending = Sending {
        about: ReminderAbout::Activation,
        year: question.year,
        search: &question.address,
        wording,
    };
    write(change, account_id, sending, question.students.len(), &recipients).await
}

/// A sending, before it has a row.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// What the students are to do.
    pub about: ReminderAbout,
    /// In which class year.
    pub year: ClassYear,
    /// What found them.
    pub search: &'a str,
    /// What is said.
    pub wording: &'a Wording,
}

/// Reminds those of these students who have not done what the sending is about, as one press does (R11, R27); whoever was
/// reminded of anything today is left out, by constraint.
///
/// # Errors
///
/// [`RemindError`]; then nobody was reminded.
pub async fn remind(
    db: &Db,
    can: &Can<policy::RemindStudents>,
    sending: Sending<'_>,
    ids: &[i64],
) -> Result<Sent, RemindError> {
    let account_id = can.account_id().ok_or(RemindError::NothingChosen)?;
    if ids.is_empty() {
        return Err(RemindError::NothingChosen);
    }
    let change = db.change(can.actor()).await?;
    ensure_open(change.tx(), sending.year).await?;
    let what = (sending.about, sending.year);
    let recipients = queries::recipients(change.tx(), can.scope(), what, ids).await?;
    write(change, account_id, sending, ids.len(), &recipients).await
}

async fn write(
    change: Change,
    account_id: i64,
    sending: Sending<'_>,
    asked: usize,
    recipients: &[Recipient],
) -> Result<Sent, RemindError> {
    let row = reminder::ActiveModel {
        about: Set(sending.about.code().to_owned()),
        class_year: Set(sending.year.year()),
        search: Set(sending.search.to_owned()),
        title: Set(sending.wording.title().to_owned()),
        body: Set(sending.wording.body().to_owned()),
        sent_by: Set(account_id),
        sent_at: Set(change.now()),
        ..Default::default()
    }
    .insert(change.tx())
    .await?;
    let reminded = queries::insert(change.tx(), &row, way(sending.about), recipients).await?;
    if reminded.is_empty() {
        return Err(RemindError::NobodyLeft);
    }
    let by_mail = recipients
        .iter()
        .filter(|one| one.address.is_some() && reminded.contains(&one.student_id))
        .count();
    if by_mail > 0 {
        let reminder_id = row.id;
        job::rules::enqueue(&change, &Work::MailReminder { reminder_id }).await?;
    }
    let left_out = asked - reminded.len();
    let event = AuditEvent::new(Action::ReminderSent, format!("reminder/{}", row.id)).after(json!({
        "about": sending.about.code(),
        "class_year": sending.year.year(),
        "search": sending.search,
        "reminded": reminded.len(),
        "by_mail": by_mail,
        "left_out": left_out,
        "students": reminded,
    }));
    change.commit(event).await?;
    Ok(Sent {
        reminder_id: row.id,
        reminded: reminded.len(),
        by_mail,
        left_out,
    })
}

/// In a class year that is not open nobody can do what a reminder asks for.
async fn ensure_open(tx: &impl ConnectionTrait, year: ClassYear) -> Result<(), RemindError> {
    match class_year::queries::find(tx, year)
        .await?
        .map(|found| found.state)
    {
        Some(ClassYearState::Open) => Ok(()),
        Some(ClassYearState::Planned | ClassYearState::Closed) | None => Err(RemindError::NotOpen(year)),
    }
}
