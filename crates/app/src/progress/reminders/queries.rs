//! Sendings and their messages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use qihang_db::entity::{message, recommendation_form, reminder, roster_entry, student, student_contact};
use qihang_db::{Clock, MailState, MessageKind, RecommendationState, ReminderAbout, Scope, records};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};

use crate::activation::model::Stage;
use crate::activation::queries::in_stage;
use crate::class_year::model::ClassYear;
use crate::mail;
use crate::progress::queries::still_to_do;
use crate::recommendation::queries::queue::still_to_submit;
use crate::web::Step;

/// Sendings on a page.
pub(super) const SENDINGS: usize = 20;
/// Students on a page of one sending.
pub(super) const STUDENTS: usize = 50;
/// Ids in one `IN` list.
const CHUNK: usize = 5_000;
/// Fifteen values a message: far below what SQLite can bind.
const INSERT_CHUNK: usize = 1_000;

/// Somebody who can be reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipient {
    pub student_id: i64,
    /// What the student gave, else what the data exchange has; `None` when neither is an address.
    pub address: Option<String>,
}

/// Those of these students who still have to do what a reminder is about, in order of row id: whoever inserts in one order
/// does not wait for one another in a circle.
pub(super) async fn recipients(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (about, year): (ReminderAbout, ClassYear),
    ids: &[i64],
) -> Result<Vec<Recipient>, DbErr> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let mut recipients = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        match about {
            ReminderAbout::Activation => {
                let entries = still_to_do(scope, year, some);
                recipients.extend(with_addresses(connection, entries).await?);
            }
            ReminderAbout::Origin => {
                let empty = scope
                    .select::<student::Entity>()
                    .filter(student::Column::Origin.eq(""))
                    .filter(student::Column::Id.is_in(some.iter().copied()));
                recipients.extend(with_addresses(connection, empty).await?);
            }
            ReminderAbout::Recommendation => {
                let entries =
                    still_to_submit(scope, year).filter(student::Column::Id.is_in(some.iter().copied()));
                recipients.extend(with_addresses(connection, entries).await?);
            }
        }
    }
    Ok(recipients)
}

/// The students of a query with the addresses that letters to them can have.
async fn with_addresses<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    students: Select<E>,
) -> Result<impl Iterator<Item = Recipient>, DbErr> {
    let found: Vec<(i64, String, Option<String>)> = students
        .join(JoinType::LeftJoin, student_contact::Relation::Student.def().rev())
        .order_by_asc(student::Column::Id)
        .select_only()
        .columns([student::Column::Id, student::Column::Email])
        .column_as(student_contact::Column::Email, "own_email")
        .into_tuple()
        .all(connection)
        .await?;
    Ok(found.into_iter().map(|(student_id, email, own_email)| Recipient {
        student_id,
        address: own_email
            .as_deref()
            .and_then(mail::address)
            .or_else(|| mail::address(&email)),
    }))
}

/// Writes the messages of a sending, which lead to `way`; whoever was reminded today is left out, by constraint. Answers who
/// was reminded.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    sending: &reminder::Model,
    way: &'static str,
    recipients: &[Recipient],
) -> Result<BTreeSet<i64>, DbErr> {
    let mut reminded = BTreeSet::new();
    for some in recipients.chunks(INSERT_CHUNK) {
        let rows = some.iter().map(|recipient| {
            let state = match &recipient.address {
                Some(_) => MailState::Queued,
                None => MailState::None,
            };
            message::ActiveModel {
                student_id: Set(recipient.student_id),
                kind: Set(MessageKind::Reminder.code().to_owned()),
                title: Set(sending.title.clone()),
                body: Set(sending.body.clone()),
                href: Set(Some(way.to_owned())),
                reminder_id: Set(Some(sending.id)),
                sent_by: Set(Some(sending.sent_by)),
                sent_at: Set(sending.sent_at),
                sent_on: Set(Clock::day_of(sending.sent_at)),
                mail_state: Set(state.code().to_owned()),
                mail_to: Set(recipient.address.clone()),
                mail_tries: Set(0),
                mail_due_at: Set(recipient.address.as_ref().map(|_| sending.sent_at)),
                ..Default::default()
            }
        });
        let mut insert = message::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .into_query();
        insert.returning_col(message::Column::StudentId);
        for row in tx.query_all(&insert).await? {
            reminded.insert(row.try_get("", "student_id")?);
        }
    }
    Ok(reminded)
}

/// Messages of reminders.
fn reminders(scope: &Scope) -> Select<message::Entity> {
    scope
        .select::<message::Entity>()
        .filter(message::Column::ReminderId.is_not_null())
}

/// Sendings to students of the scope.
fn sendings(scope: &Scope) -> Select<reminder::Entity> {
    let all = records::<reminder::Entity>();
    match scope {
        Scope::Everyone => all,
        Scope::Colleges(_) | Scope::Student(_) => {
            let theirs = reminders(scope)
                .select_only()
                .column(message::Column::ReminderId)
                .into_query();
            all.filter(reminder::Column::Id.in_subquery(theirs))
        }
    }
}

/// Rows beyond `key` in the direction of reading, newest first.
fn newest_first<E: EntityTrait, C: ColumnTrait>(
    select: Select<E>,
    id: C,
    step: &Step,
    key: Option<i64>,
) -> Select<E> {
    let select = match (key, step.is_backwards()) {
        (None, _) => select,
        (Some(key), true) => select.filter(id.gt(key)),
        (Some(key), false) => select.filter(id.lt(key)),
    };
    if step.is_backwards() {
        select.order_by_asc(id)
    } else {
        select.order_by_desc(id)
    }
}

/// A page of the sendings of a class year, newest first, one more than fits, in reading order of `step`.
pub(super) async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    step: &Step,
    key: Option<i64>,
) -> Result<Vec<reminder::Model>, DbErr> {
    let of_year = sendings(scope).filter(reminder::Column::ClassYear.eq(year.year()));
    newest_first(of_year, reminder::Column::Id, step, key)
        .limit(SENDINGS as u64 + 1)
        .all(connection)
        .await
}

/// A sending, if it went to anybody of the scope.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<reminder::Model>, DbErr> {
    sendings(scope)
        .filter(reminder::Column::Id.eq(id))
        .one(connection)
        .await
}

/// What has become of a sending, as far as students of the scope are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Were reminded.
    pub people: u64,
    /// Have opened the message.
    pub read: u64,
    /// Have done by now what it is about.
    pub done: u64,
    /// By what has become of the letter.
    mail: HashMap<MailState, u64>,
}

impl Numbers {
    /// Letters in this state.
    pub(super) fn mail(&self, state: MailState) -> u64 {
        self.mail.get(&state).copied().unwrap_or_default()
    }
}

/// The numbers of these sendings.
pub(super) async fn numbers(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    sendings: &[reminder::Model],
) -> Result<HashMap<i64, Numbers>, DbErr> {
    let number = |value: i64| u64::try_from(value).unwrap_or_default();
    let of_these = |ids: Vec<i64>| reminders(scope).filter(message::Column::ReminderId.is_in(ids));
    let mut numbers = HashMap::<i64, Numbers>::new();
    let by_state: Vec<(i64, String, i64, i64)> =
        of_these(sendings.iter().map(|sending| sending.id).collect())
            .select_only()
            .columns([message::Column::ReminderId, message::Column::MailState])
            .column_as(message::Column::Id.count(), "people")
            .column_as(message::Column::ReadAt.count(), "read")
            .group_by(message::Column::ReminderId)
            .group_by(message::Column::MailState)
            .into_tuple()
            .all(connection)
            .await?;
    for (id, state, people, read) in by_state {
        let of_sending = numbers.entry(id).or_default();
        of_sending.people += number(people);
        of_sending.read += number(read);
        if let Some(state) = MailState::from_code(&state) {
            of_sending.mail.insert(state, number(people));
        }
    }
    let mut alike = BTreeMap::<(&str, i32), Vec<i64>>::new();
    for sending in sendings {
        let key = (sending.about.as_str(), sending.class_year);
        alike.entry(key).or_default().push(sending.id);
    }
    for ((about, year), ids) in alike {
        let done: Vec<(i64, i64)> = of_these(ids)
            .filter(has_done(scope, about, year))
            .select_only()
            .column(message::Column::ReminderId)
            .column_as(message::Column::Id.count(), "people")
            .group_by(message::Column::ReminderId)
            .into_tuple()
            .all(connection)
            .await?;
        for (id, people) in done {
            numbers.entry(id).or_default().done = number(people);
        }
    }
    Ok(numbers)
}

/// Whether the student of a message has done what its sending is about. Of one that this version does not know nobody has.
fn has_done(scope: &Scope, about: &str, year: i32) -> Condition {
    let done = match ReminderAbout::from_code(about) {
        None => return Condition::any().add(Expr::value(false)),
        // Whoever has to confirm something again has not.
        Some(ReminderAbout::Activation) => scope
            .select::<roster_entry::Entity>()
            .filter(roster_entry::Column::ClassYear.eq(year))
            .filter(in_stage(Stage::Done))
            .select_only()
            .column(roster_entry::Column::StudentId)
            .into_query(),
        Some(ReminderAbout::Origin) => scope
            .select::<student::Entity>()
            .filter(student::Column::Origin.ne(""))
            .select_only()
            .column(student::Column::Id)
            .into_query(),
        Some(ReminderAbout::Recommendation) => scope
            .select::<recommendation_form::Entity>()
            .filter(recommendation_form::Column::ClassYear.eq(year))
            .filter(recommendation_form::Column::State.is_in([
                RecommendationState::Submitted.code(),
                RecommendationState::Approved.code(),
            ]))
            .select_only()
            .column(recommendation_form::Column::StudentId)
            .into_query(),
    };
    Condition::all().add(message::Column::StudentId.in_subquery(done))
}

/// Which messages of a sending are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// Opened.
    Read,
    /// Not opened.
    Unread,
    /// Of students who have done by now what it is about.
    Done,
    /// By what has become of the letter.
    Mail(MailState),
}

/// A page of the messages of a sending with the students, in order of row id, one more than fits, in reading order of
/// `step`.
pub(super) async fn messages(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    sending: &reminder::Model,
    which: Which,
    (step, key): (&Step, Option<i64>),
) -> Result<Vec<(message::Model, Option<student::Model>)>, DbErr> {
    let condition = match which {
        Which::All => Condition::all(),
        Which::Read => Condition::all().add(message::Column::ReadAt.is_not_null()),
        Which::Unread => Condition::all().add(message::Column::ReadAt.is_null()),
        Which::Done => has_done(scope, &sending.about, sending.class_year),
        Which::Mail(state) => Condition::all().add(message::Column::MailState.eq(state.code())),
    };
    let select = reminders(scope)
        .filter(message::Column::ReminderId.eq(sending.id))
        .filter(condition);
    newest_first(select, message::Column::Id, step, key)
        .limit(STUDENTS as u64 + 1)
        .select_also(student::Entity)
        .all(connection)
        .await
}
