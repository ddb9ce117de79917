//! Changing contact data after activation, and keeping what is typed before it.

use chrono::{DateTime, Utc};
use qihang_db::entity::student;
use qihang_db::{Action, AuditEvent, ClassYearState, Clock, Db, FieldClass};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use crate::activation::contact::{Contact, Mistake, Typed};
use crate::activation::fields::{Field, Section};
use crate::activation::gate::{Passed, Standing, step};
use crate::activation::model::FieldRules;
use crate::activation::queries;
use crate::class_year::model::ClassYear;
use crate::class_year::queries as class_years;
use crate::findings;

/// Why contact data was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// Something is missing or wrong.
    #[error("contact data has mistakes")]
    Mistakes(Vec<Mistake>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Changes the contact data of an activated student. Answers how many fields that were; none leaves no trace.
///
/// # Errors
///
/// [`ContactError`]; then nothing was written.
pub async fn change_contact(
    db: &Db,
    passed: &Passed<step::Contact>,
    typed: &Typed,
) -> Result<usize, ContactError> {
    let student = passed.student();
    let entry = passed.entry();
    let scope = student.scope();
    let rules = queries::field_rules(db.reader(), entry.class_year).await?;
    let before = queries::contact(db.reader(), &scope, student.id())
        .await?
        .as_ref()
        .map(Typed::of_contact)
        .unwrap_or_default();
    let mut typed = typed.clone();
    let mut closed = Vec::new();
    for field in Section::Contact.fields() {
        let Err(why) = may_change(db.reader(), student.record(), passed.standing(), field, &rules).await?
        else {
            continue;
        };
        // The form has no such field then; but it may have been shown before the window closed.
        if !typed.get(field).is_empty() && typed.get(field) != before.get(field) {
            closed.push(Mistake {
                field,
                text: why.message(),
            });
        }
        typed.set(field, before.get(field).to_owned());
    }
    if !closed.is_empty() {
        return Err(ContactError::Mistakes(closed));
    }
    let contact = Contact::parse(&typed, &rules).map_err(ContactError::Mistakes)?;
    let changed = contact.changed_since(&before);
    if changed.is_empty() {
        return Ok(0);
    }
    let change = db.change(&student.actor()).await?;
    queries::save_contact(change.tx(), student.id(), &contact, change.now()).await?;
    let fields: Vec<&str> = changed.iter().map(|field| field.code()).collect();
    let event = AuditEvent::new(
        Action::ContactChanged,
        format!("student/{}/contact", student.id()),
    )
    .after(json!({"fields": fields}));
    change.commit(event).await?;
    Ok(changed.len())
}

/// Why a student may not change a field (R20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It comes from the data exchange, or the centre has locked it.
    Locked,
    /// The 院 has confirmed since, on this day.
    Confirmed(DateTime<Utc>),
    /// The class year is over.
    YearClosed,
}

impl Closed {
    /// To the student, with the way out.
    pub fn message(self) -> String {
        match self {
            Self::Locked => "此项已锁定，不能自行修改；如有错误请在“信息有误”中提出".into(),
            Self::Confirmed(at) => format!(
                "院系已于 {} 核对确认，不能再自行修改；确需修改请联系本院就业专员",
                Clock::day_of(at).format("%Y-%m-%d")
            ),
            Self::YearClosed => "本届已关闭，不能再修改；请联系学生就业指导中心".into(),
        }
    }
}

/// Whether the student may change a field now. A window closes for a student who has activated when the 院 has signed
/// 核对无遗漏, and for everybody when the class year closes; before activation the student must be able to mend what stands
/// in the way of it. A student on no roster goes by the defaults.
///
/// # Errors
///
/// When the database does not answer.
pub async fn may_change(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    standing: &Standing,
    field: Field,
    rules: &FieldRules,
) -> Result<Result<(), Closed>, DbErr> {
    match rules.of(field).class {
        FieldClass::Locked => return Ok(Err(Closed::Locked)),
        FieldClass::Always => return Ok(Ok(())),
        FieldClass::Window => {}
    }
    let (Some(entry), Some(_)) = (standing.entry(), standing.activated_at()) else {
        return Ok(Ok(()));
    };
    let year = ClassYear::new(entry.class_year);
    let details = match year {
        Some(year) => class_years::find(connection, year).await?,
        None => None,
    };
    if details.is_none_or(|details| details.state == ClassYearState::Closed) {
        return Ok(Err(Closed::YearClosed));
    }
    let signed_at = findings::rules::signed_at(connection, entry.class_year, student.college_id).await?;
    Ok(signed_at.map_or(Ok(()), |at| Err(Closed::Confirmed(at))))
}

/// Why a draft was not kept.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The account is open already, so that there is nothing to draft.
    #[error("already activated")]
    Activated,
    /// More text than fits.
    #[error("too long")]
    TooLong,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Keeps what a student has typed so far, whatever it says. Answers when.
///
/// # Errors
///
/// [`DraftError`]; then nothing was kept.
pub async fn save_draft(
    db: &Db,
    passed: &Passed<step::Activation>,
    typed: &Typed,
) -> Result<DateTime<Utc>, DraftError> {
    if passed.standing().activated_at().is_some() {
        return Err(DraftError::Activated);
    }
    if !typed.fits_a_draft() {
        return Err(DraftError::TooLong);
    }
    Ok(keep_draft(db, passed.student().id(), typed).await?)
}

/// A draft is no change of a record: it says nothing until it is sent.
pub(super) async fn keep_draft(db: &Db, student_id: i64, typed: &Typed) -> Result<DateTime<Utc>, DbErr> {
    let now = db.clock().now();
    if typed.fits_a_draft() {
        let tx = db.begin_write().await?;
        queries::save_draft(&tx, student_id, typed, now).await?;
        tx.commit().await?;
    }
    Ok(now)
}
