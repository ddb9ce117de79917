//! Filing, taking back and answering.

use qihang_db::entity::{correction, student};
use qihang_db::{Action, AuditEvent, CorrectionState, Db, Lock, MessageKind, Office, Scope};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, SqlErr};
use serde_json::json;

use super::model::{Answer, Mistakes, Typed, masked_text};
use super::offices::Offices;
use super::queries::{self, Reported};
use crate::activation;
use crate::activation::fields::Field;
use crate::auth::{Can, Student, policy};
use crate::findings::model::digest;
use crate::message::rules::{NewMessage, send};
use crate::roster;

/// What a student files: about a value as it was seen.
#[derive(Clone, Debug)]
pub struct Filing {
    /// About what.
    pub field: Field,
    /// What was typed.
    pub typed: Typed,
    /// [`seen`] of the value on the form.
    pub seen: String,
}

/// Why a report is not filed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The student mends this field, not an office.
    #[error("the field is the student's own")]
    Own,
    /// Something that was typed is wrong.
    #[error("the report has mistakes")]
    Mistakes(Mistakes),
    /// The field is under 信息有误 already.
    #[error("the field has been reported")]
    Reported,
    /// The value is not the one that the form showed.
    #[error("the value has changed")]
    Changed,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A digest of a value as a form shows it: what is reported as wrong must be what was seen.
pub fn seen(field: Field, student: &student::Model) -> String {
    digest([&*field.stored(student)])
}

/// The class year that a report of this student belongs to.
async fn class_year_of(tx: &impl ConnectionTrait, student: &student::Model) -> Result<Option<i32>, DbErr> {
    let standing = activation::queries::standing(tx, student).await?;
    Ok(standing
        .entry()
        .map(|entry| entry.class_year)
        .or(student.expected_year)
        .or(student.nominal_year))
}

/// Files a report with the office that mends the field. Of two at the same moment one is filed.
///
/// # Errors
///
/// [`FileError`]; then nothing was filed.
pub async fn file(db: &Db, who: &Student, filing: Filing) -> Result<Office, FileError> {
    let field = filing.field;
    let typed = filing.typed.trimmed();
    let change = db.change(&who.actor()).await?;
    // An import that brings another value at the same moment must find the report, or the report the other value.
    change.lock(Lock::Roster).await?;
    let student = roster::disclosure::rules::find(change.tx(), &who.scope(), who.id())
        .await?
        .ok_or(FileError::Changed)?;
    let office = queries::offices(change.tx())
        .await?
        .of(field, &student)
        .ok_or(FileError::Own)?;
    if queries::open_fields(change.tx(), student.id)
        .await?
        .contains(&field)
    {
        return Err(FileError::Reported);
    }
    if filing.seen != seen(field, &student) {
        return Err(FileError::Changed);
    }
    let names = activation::queries::names(change.tx(), &student).await?;
    typed
        .check(field, &student, &names)
        .map_err(FileError::Mistakes)?;
    let report = correction::ActiveModel {
        student_id: Set(student.id),
        class_year: Set(class_year_of(change.tx(), &student).await?),
        field: Set(field.code().to_owned()),
        office: Set(office.code().to_owned()),
        claimed: Set(typed.claimed),
        note: Set(typed.note),
        state: Set(CorrectionState::Open.code().to_owned()),
        filed_at: Set(change.now()),
        answer: Set(String::new()),
        ..Default::default()
    };
    let id = match queries::insert(&change, report).await {
        Ok(id) => id,
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(FileError::Reported);
        }
        Err(error) => return Err(error.into()),
    };
    let event = AuditEvent::new(Action::CorrectionFiled, format!("student/{}", student.id))
        .after(json!({"correction": id, "field": field.code(), "office": office.code()}));
    change.commit(event).await?;
    Ok(office)
}

/// Why an open report cannot be ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is none, or not for this person.
    #[error("there is no such report")]
    NotFound,
    /// It was ended in the meantime.
    #[error("the report is not open any more")]
    NotOpen,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

async fn open_one(tx: &impl ConnectionTrait, scope: &Scope, id: i64) -> Result<Reported, EndError> {
    let found = queries::find(tx, scope, id).await?.ok_or(EndError::NotFound)?;
    if found.0.state == CorrectionState::Open.code() {
        Ok(found)
    } else {
        Err(EndError::NotOpen)
    }
}

/// Takes an own report back; answers what it was about.
///
/// # Errors
///
/// [`EndError`]; then nothing was changed.
pub async fn withdraw(db: &Db, who: &Student, id: i64) -> Result<Option<Field>, EndError> {
    let change = db.change(&who.actor()).await?;
    let (report, student) = open_one(change.tx(), &who.scope(), id).await?;
    let state = CorrectionState::Withdrawn;
    if queries::end(change.tx(), &[id], state, change.now(), &[]).await? == 0 {
        return Err(EndError::NotOpen);
    }
    let event = AuditEvent::new(Action::CorrectionWithdrawn, format!("student/{}", student.id))
        .after(json!({"correction": id, "field": report.field}));
    change.commit(event).await?;
    Ok(Field::from_code(&report.field))
}

/// Closes a report with an answer, and tells the student.
///
/// # Errors
///
/// [`EndError`]; then nothing was changed.
pub async fn answer(
    db: &Db,
    can: &Can<policy::AnswerCorrections>,
    id: i64,
    answer: &Answer,
) -> Result<(), EndError> {
    let change = db.change(can.actor()).await?;
    let (report, student) = open_one(change.tx(), can.scope(), id).await?;
    let columns = queries::answered(can.account_id(), answer.as_str());
    let state = CorrectionState::Closed;
    if queries::end(change.tx(), &[id], state, change.now(), &columns).await? == 0 {
        return Err(EndError::NotOpen);
    }
    let heading = Field::from_code(&report.field).map_or("", Field::heading);
    let message = NewMessage {
        student_id: student.id,
        kind: MessageKind::Correction,
        title: format!("你报告的“{heading}”有误：已答复"),
        body: answer.as_str().to_owned(),
        href: Some(format!("/student/record/{}", report.field)),
    };
    send(&change, message).await?;
    let event = AuditEvent::new(Action::CorrectionAnswered, format!("student/{}", student.id))
        .after(json!({"correction": id, "field": report.field, "answer": masked_text(answer.as_str())}));
    change.commit(event).await?;
    Ok(())
}

/// Sets which office mends which field. Reports that were filed before stay where they are.
///
/// # Errors
///
/// When the database does not answer.
pub async fn set_offices(db: &Db, can: &Can<policy::SetOffices>, offices: &Offices) -> Result<(), DbErr> {
    let change = db.change(can.actor()).await?;
    let before = queries::offices(change.tx()).await?;
    queries::save_offices(change.tx(), offices).await?;
    let event = AuditEvent::new(Action::SettingChanged, "setting/correction_offices")
        .before(before.to_setting())
        .after(offices.to_setting());
    change.commit(event).await
}
