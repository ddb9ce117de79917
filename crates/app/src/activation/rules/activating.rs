//! Activating, and confirming again what has changed since.

use std::collections::{BTreeSet, HashMap};

use qihang_db::entity::student;
use qihang_db::{Action, Actor, AuditEvent, Db, Lock, Scope};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::editing::keep_draft;
use crate::activation::contact::{Contact, Mistake, Typed};
use crate::activation::fields::Field;
use crate::activation::gate::{Entry, Passed, Standing, step};
use crate::activation::model::{Block, Confirmed, Fault, FieldRules, faults, seen};
use crate::activation::queries;
use crate::{correction, findings};

/// What is asked of a student, and what stands in the way.
#[derive(Clone, Debug)]
pub struct Demand {
    /// How the class year treats the fields.
    pub rules: FieldRules,
    /// What in the record stands in the way.
    pub blocks: Vec<Block>,
    /// Fields under 信息有误.
    pub corrections: BTreeSet<Field>,
}

/// What the class year of `entry` asks of a student, and what in the record stands in the way.
///
/// # Errors
///
/// When the database does not answer.
pub async fn demand(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    entry: Entry,
) -> Result<Demand, DbErr> {
    let rules = queries::field_rules(connection, entry.class_year).await?;
    let scope = Scope::Student(student.id);
    let students = std::slice::from_ref(student);
    let corrections = queries::open_corrections(connection, &scope, &[student.id]).await?;
    let mut found = obstacles_by(
        connection,
        &scope,
        entry.class_year,
        students,
        &rules,
        &corrections,
    )
    .await?;
    Ok(Demand {
        blocks: found.remove(&student.id).unwrap_or_default(),
        corrections: corrections.get(&student.id).cloned().unwrap_or_default(),
        rules,
    })
}

/// What in the records of these students of the scope stands in the way of activation in a class year, by row id: for the
/// lists of officers, by the rule that the form goes by. Contact data is the student's to enter and not looked at.
///
/// # Errors
///
/// When the database does not answer.
pub async fn obstacles(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    class_year: i32,
    students: &[student::Model],
) -> Result<HashMap<i64, Vec<Block>>, DbErr> {
    let rules = queries::field_rules(connection, class_year).await?;
    let ids: Vec<i64> = students.iter().map(|student| student.id).collect();
    let corrections = queries::open_corrections(connection, scope, &ids).await?;
    obstacles_by(connection, scope, class_year, students, &rules, &corrections).await
}

async fn obstacles_by(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    class_year: i32,
    students: &[student::Model],
    rules: &FieldRules,
    corrections: &HashMap<i64, BTreeSet<Field>>,
) -> Result<HashMap<i64, Vec<Block>>, DbErr> {
    let ids: Vec<i64> = students.iter().map(|student| student.id).collect();
    let found = findings::rules::open_kinds(connection, scope, class_year, &ids).await?;
    let none = BTreeSet::new();
    let faulty: Vec<(&student::Model, Vec<Fault>)> = students
        .iter()
        .map(|student| {
            let kinds = found.get(&student.id).map_or(&[][..], Vec::as_slice);
            let corrections = corrections.get(&student.id).unwrap_or(&none);
            (student, faults(student, kinds, corrections, rules))
        })
        .filter(|(_, faults)| !faults.is_empty())
        .collect();
    if faulty.is_empty() {
        // Nobody has to be told who mends what: on the deadline night that is a statement less for most.
        return Ok(HashMap::new());
    }
    let offices = correction::queries::offices(connection).await?;
    let with_mender = |student: &student::Model, fault: Fault| Block {
        mender: offices.mender(fault.field, student),
        field: fault.field,
        problem: fault.problem,
    };
    Ok(faulty
        .into_iter()
        .map(|(student, faults)| {
            let blocks = faults.into_iter().map(|fault| with_mender(student, fault));
            (student.id, blocks.collect())
        })
        .collect())
}

/// What a student sends with a press on 激活.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The roster entry that the form was for.
    pub entry_id: i64,
    /// The digest of the record that the form showed.
    pub seen: String,
    /// Whether 已逐项核对 is ticked.
    pub is_checked: bool,
    /// Contact data as typed.
    pub typed: Typed,
}

/// Why nobody was activated.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// Something is missing or wrong.
    #[error("something stands in the way")]
    Blocked {
        /// In the record.
        blocks: Vec<Block>,
        /// In what was typed.
        mistakes: Vec<Mistake>,
        /// Whether 已逐项核对 is missing.
        unchecked: bool,
    },
    /// The form shows another record, or is for another entry, than there is now.
    #[error("the record has changed since the form was shown")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Activates the account of the student: once for each roster entry, however often it is pressed.
///
/// # Errors
///
/// [`ActivateError`]; then nothing was written, except that what was typed is kept as a draft.
pub async fn activate(
    db: &Db,
    passed: &Passed<step::Activation>,
    submission: &Submission,
) -> Result<(), ActivateError> {
    let student = passed.student();
    match passed.standing() {
        Standing::Listed(entry) => {
            let done = activate_as(db, &student.actor(), student.record(), *entry, submission).await;
            if matches!(done, Err(ActivateError::Blocked { .. } | ActivateError::Stale)) {
                keep_draft(db, student.id(), &submission.typed).await?;
            }
            done
        }
        // The same form a second time.
        Standing::Activated { entry, .. } | Standing::ConfirmAgain { entry, .. }
            if entry.entry_id == submission.entry_id =>
        {
            Ok(())
        }
        Standing::NotListed
        | Standing::Lapsed(_)
        | Standing::ConfirmAgain { .. }
        | Standing::Activated { .. } => Err(ActivateError::Stale),
    }
}

/// The rule itself. Only the student presses; the demo university, whose students nobody is, calls it for them.
pub(crate) async fn activate_as(
    db: &Db,
    actor: &Actor,
    student: &student::Model,
    entry: Entry,
    submission: &Submission,
) -> Result<(), ActivateError> {
    if submission.entry_id != entry.entry_id || submission.seen != seen(student) {
        return Err(ActivateError::Stale);
    }
    let demand = demand(db.reader(), student, entry).await?;
    let (contact, mistakes) = match Contact::parse(&submission.typed, &demand.rules) {
        Ok(contact) => (Some(contact), Vec::new()),
        Err(mistakes) => (None, mistakes),
    };
    let contact = match contact {
        Some(contact) if demand.blocks.is_empty() && submission.is_checked => contact,
        _ => {
            return Err(ActivateError::Blocked {
                blocks: demand.blocks,
                mistakes,
                unchecked: !submission.is_checked,
            });
        }
    };
    let confirmed = Confirmed::of(student, demand.rules.key_fields());
    let change = db.change(actor).await?;
    change.lock(Lock::Roster).await?;
    // What was judged outside this change is asked again by the statement: an open entry, and the record as it was.
    if !queries::insert_activation(change.tx(), entry, student, &confirmed, change.now()).await? {
        change.abandon().await?;
        return match queries::standing(db.reader(), student).await? {
            Standing::Activated { entry: there, .. } | Standing::ConfirmAgain { entry: there, .. }
                if there == entry =>
            {
                Ok(())
            }
            _ => Err(ActivateError::Stale),
        };
    }
    queries::save_contact(change.tx(), student.id, &contact, change.now()).await?;
    queries::delete_draft(change.tx(), student.id).await?;
    let event = AuditEvent::new(Action::Activated, subject(student.id))
        .after(json!({"entry_id": entry.entry_id, "class_year": entry.class_year}));
    Ok(change.commit(event).await?)
}

/// How the audit log names a student's activation.
fn subject(student_id: i64) -> String {
    format!("student/{student_id}/activation")
}

/// Why a change was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// A changed field is now missing or wrong.
    #[error("a changed field stands in the way")]
    Blocked,
    /// The page shows another record than there is now.
    #[error("the record has changed since the page was shown")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Confirms what has changed since activation. The date of the activation stays.
///
/// # Errors
///
/// [`ConfirmError`]; then nothing was written.
pub async fn confirm_changes(
    db: &Db,
    passed: &Passed<step::Activation>,
    seen_digest: &str,
) -> Result<(), ConfirmError> {
    let student = passed.student().record();
    let entry = match passed.standing() {
        Standing::ConfirmAgain { entry, .. } => *entry,
        // The same press a second time.
        Standing::Activated { .. } => return Ok(()),
        Standing::NotListed | Standing::Listed(_) | Standing::Lapsed(_) => return Err(ConfirmError::Stale),
    };
    if seen_digest != seen(student) {
        return Err(ConfirmError::Stale);
    }
    let scope = passed.student().scope();
    let Some(before) = queries::confirmed(db.reader(), &scope, entry).await? else {
        return Err(ConfirmError::Stale);
    };
    let confirmed = Confirmed::from_column(&before.confirmed);
    let changed = confirmed.changed(student);
    // Another press came between the gate and here.
    if changed.is_empty() {
        return Ok(());
    }
    let mut blocks = demand(db.reader(), student, entry).await?.blocks;
    blocks.retain(|block| changed.contains(&block.field));
    if !blocks.is_empty() {
        return Err(ConfirmError::Blocked);
    }
    let confirmed = confirmed.renewed(student);
    let change = db.change(&passed.student().actor()).await?;
    change.lock(Lock::Roster).await?;
    if !queries::renew_activation(change.tx(), &before, student, &confirmed, change.now()).await? {
        change.abandon().await?;
        let now = queries::standing(db.reader(), student).await?;
        return match now {
            Standing::Activated { .. } => Ok(()),
            _ => Err(ConfirmError::Stale),
        };
    }
    let fields: Vec<&str> = changed.iter().map(|field| field.code()).collect();
    let event = AuditEvent::new(Action::ChangesConfirmed, subject(student.id))
        .after(json!({"entry_id": entry.entry_id, "fields": fields}));
    Ok(change.commit(event).await?)
}
