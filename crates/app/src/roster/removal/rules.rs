//! Who may be taken off a roster, or moved, and how: one change for all who are chosen, with one audit event.

use std::collections::{BTreeMap, BTreeSet};

use qihang_db::entity::{roster_entry, student};
use qihang_db::{Action, AuditEvent, Change, ClassYearState, Db, EntryState, Lock, Scope};
use sea_orm::{ConnectionTrait, DbErr, SqlErr};
use serde_json::json;

use super::model::{Blocked, Named, Outcome, Reason, blocks_removal};
use super::queries;
use crate::auth::{Can, policy};
use crate::class_year;
use crate::class_year::model::ClassYear;
use crate::findings::rules::{Touched, refresh};

/// Students who are handled at once, at the most: more than a page of the list shows.
pub const MOST_AT_ONCE: usize = 500;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    /// Nobody is chosen.
    #[error("nobody is chosen")]
    NothingChosen,
    /// More than [`MOST_AT_ONCE`].
    #[error("too many are chosen")]
    TooMany,
    /// Somebody who is chosen does not exist, or not for this officer.
    #[error("a chosen student does not exist")]
    NotFound,
    /// The class year of the roster is not open.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// Moved to where they are.
    #[error("the students are to be moved to where they are")]
    SameYear,
    /// Somebody else put one of them on a roster at the same moment.
    #[error("somebody else changed the roster at the same moment")]
    Overtaken,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl RemovalError {
    /// For the person.
    pub fn message(&self) -> String {
        match self {
            Self::NothingChosen => "请先在列表中勾选学生。".into(),
            Self::TooMany => format!("一次最多处理 {MOST_AT_ONCE} 人。"),
            Self::NotFound => "所选学生不存在，或不在您的管理范围内。".into(),
            Self::NotOpen(year) => format!("{year} 届没有开启或已关闭，名单不能变动。"),
            Self::SameYear => "请选择另一个届别。".into(),
            Self::Overtaken => "其他老师刚刚处理了所选学生，请返回列表查看最新情况。".into(),
            Self::Db(_) => "系统出现问题，没有写入任何数据。".into(),
        }
    }
}

/// The chosen students as the officer may see them.
///
/// # Errors
///
/// [`RemovalError`] when nobody or too many are chosen, or one of them lies outside the scope.
pub async fn chosen(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
) -> Result<Vec<student::Model>, RemovalError> {
    let ids: BTreeSet<i64> = ids.iter().copied().collect();
    if ids.is_empty() {
        return Err(RemovalError::NothingChosen);
    }
    if ids.len() > MOST_AT_ONCE {
        return Err(RemovalError::TooMany);
    }
    let ids: Vec<i64> = ids.into_iter().collect();
    let students = queries::visible(connection, scope, &ids).await?;
    if students.len() != ids.len() {
        return Err(RemovalError::NotFound);
    }
    Ok(students)
}

async fn ensure_open(connection: &impl ConnectionTrait, year: ClassYear) -> Result<(), RemovalError> {
    match class_year::queries::find(connection, year).await? {
        Some(details) if details.state == ClassYearState::Open => Ok(()),
        Some(_) | None => Err(RemovalError::NotOpen(year)),
    }
}

fn named(student: &student::Model) -> Named {
    Named {
        student_no: student.student_no.clone(),
        name: student.name.clone(),
    }
}

/// Sorts the chosen into the entries that may go and the students who stay, with the reason.
fn sort_out<'a>(
    students: &[student::Model],
    entries: &'a [roster_entry::Model],
    year: ClassYear,
    target: Option<ClassYear>,
) -> (Vec<&'a roster_entry::Model>, Outcome) {
    let of_year = |year: ClassYear| -> BTreeMap<i64, &roster_entry::Model> {
        entries
            .iter()
            .filter(|entry| entry.class_year == year.year())
            .map(|entry| (entry.student_id, entry))
            .collect()
    };
    let present = of_year(year);
    let on_target = target.map(of_year).unwrap_or_default();
    let mut going = Vec::new();
    let mut outcome = Outcome::default();
    for student in students {
        let entry = present.get(&student.id).copied();
        let state = entry.and_then(|entry| EntryState::from_code(&entry.state));
        let blocked = blocks_removal(state)
            .or_else(|| on_target.contains_key(&student.id).then_some(Blocked::OnTarget));
        match (blocked, entry) {
            (None, Some(entry)) => {
                going.push(entry);
                outcome.done.push(named(student));
            }
            (blocked, _) => outcome
                .left
                .push((named(student), blocked.unwrap_or(Blocked::Gone))),
        }
    }
    (going, outcome)
}

/// Entries that are ended by one statement: below every engine's limit of parameters.
const ENDED_AT_ONCE: usize = 5_000;

/// Takes entries off their roster as part of a change that another rule commits, which has locked them and asked
/// [`blocks_removal`].
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn take_off(change: &Change, entry_ids: &[i64], reason: &str) -> Result<(), DbErr> {
    for some in entry_ids.chunks(ENDED_AT_ONCE) {
        queries::end(change, some, EntryState::Removed, reason).await?;
    }
    Ok(())
}

/// Takes students off the roster of a class year (R9). Whoever is not on it any more is reported, and the others are done.
///
/// # Errors
///
/// [`RemovalError`]; then nothing was written.
pub async fn remove(
    db: &Db,
    can: &Can<policy::RemoveFromRoster>,
    year: ClassYear,
    ids: &[i64],
    reason: &Reason,
) -> Result<Outcome, RemovalError> {
    let change = db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    let students = chosen(change.tx(), can.scope(), ids).await?;
    ensure_open(change.tx(), year).await?;
    let all: Vec<i64> = students.iter().map(|student| student.id).collect();
    let entries = queries::lock_entries(&change, can.scope(), &[year], &all).await?;
    let (going, outcome) = sort_out(&students, &entries, year, None);
    if going.is_empty() {
        change.abandon().await?;
        return Ok(outcome);
    }
    let entry_ids: Vec<i64> = going.iter().map(|entry| entry.id).collect();
    let student_ids: Vec<i64> = going.iter().map(|entry| entry.student_id).collect();
    queries::end(&change, &entry_ids, EntryState::Removed, reason.as_str()).await?;
    refresh(&change, Touched::Students(&student_ids)).await?;
    let event = AuditEvent::new(Action::RosterRemoved, format!("roster/{year}"))
        .before(json!({"state": EntryState::Open.code(), "students": student_ids}))
        .after(
            json!({"state": EntryState::Removed.code(), "students": student_ids, "reason": reason.as_str()}),
        );
    change.commit(event).await?;
    Ok(outcome)
}

/// Moves students from the roster of one class year to that of another, open one (R4): the old entry ends, the new one
/// says how it came, both in one change.
///
/// # Errors
///
/// [`RemovalError`]; then nothing was written.
pub async fn move_to(
    db: &Db,
    can: &Can<policy::MoveClassYear>,
    (from, to): (ClassYear, ClassYear),
    ids: &[i64],
    reason: &Reason,
) -> Result<Outcome, RemovalError> {
    if from == to {
        return Err(RemovalError::SameYear);
    }
    let change = db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    let students = chosen(change.tx(), can.scope(), ids).await?;
    ensure_open(change.tx(), from).await?;
    ensure_open(change.tx(), to).await?;
    let all: Vec<i64> = students.iter().map(|student| student.id).collect();
    let entries = queries::lock_entries(&change, can.scope(), &[from, to], &all).await?;
    let (going, outcome) = sort_out(&students, &entries, from, Some(to));
    if going.is_empty() {
        change.abandon().await?;
        return Ok(outcome);
    }
    let entry_ids: Vec<i64> = going.iter().map(|entry| entry.id).collect();
    let student_ids: Vec<i64> = going.iter().map(|entry| entry.student_id).collect();
    queries::end(&change, &entry_ids, EntryState::Moved, reason.as_str()).await?;
    queries::insert_moved(&change, to, &student_ids)
        .await
        .map_err(overtaken)?;
    save_move(change, (from, to), &student_ids, reason).await?;
    Ok(outcome)
}

async fn save_move(
    change: Change,
    (from, to): (ClassYear, ClassYear),
    student_ids: &[i64],
    reason: &Reason,
) -> Result<(), DbErr> {
    refresh(&change, Touched::Students(student_ids)).await?;
    let event = AuditEvent::new(Action::RosterMoved, format!("roster/{from}"))
        .before(json!({"class_year": from.year(), "students": student_ids}))
        .after(json!({"class_year": to.year(), "students": student_ids, "reason": reason.as_str()}));
    change.commit(event).await
}

/// The constraint that lets nobody onto two open rosters speaks only when somebody else was quicker.
fn overtaken(error: DbErr) -> RemovalError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => RemovalError::Overtaken,
        _ => RemovalError::Db(error),
    }
}
