//! What a student may change of the own record, and what the data exchange may do to that.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{own_value, student};
use qihang_db::{Action, AuditEvent, Change, Db, Lock, OwnField};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value};

use super::model::{Outcome, is_faulty, outcome, own_value as value_of, refusal, set_own_value};
use super::queries;
use crate::activation;
use crate::activation::fields::Field;
use crate::activation::model::FieldRules;
use crate::activation::rules::Closed;
use crate::auth::Student;
use crate::findings::rules::{Touched, refresh};
use crate::recommendation;

/// Why a value was not changed. Nothing was.
#[derive(Debug, thiserror::Error)]
pub enum MendError {
    /// These values would be findings; each with what is missing, in Chinese.
    #[error("a value would be a finding")]
    Unfit(Vec<(OwnField, String)>),
    /// The student may not change the field now.
    #[error("the field is closed")]
    Closed(OwnField, Closed),
    /// The student is no more.
    #[error("no such student")]
    NotFound,
    /// The data exchange does not have any more what the student decided about.
    #[error("the data exchange has brought another value meanwhile")]
    Outdated,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Changes values of the own record; what is as it was stays as it is. It counts at once, in every list and finding.
/// Answers which have changed.
///
/// # Errors
///
/// [`MendError`]; what would be a finding cannot be saved.
pub async fn mend(
    db: &Db,
    student: &Student,
    values: &[(OwnField, String)],
) -> Result<Vec<OwnField>, MendError> {
    let mut case = Case::open(db, student).await?;
    let depth = queries::depth(case.change.tx(), &case.record).await?;
    let changed: Vec<&(OwnField, String)> = values
        .iter()
        .filter(|(field, value)| value_of(&case.record, *field) != value)
        .collect();
    let unfit: Vec<(OwnField, String)> = changed
        .iter()
        .filter_map(|(field, value)| Some((*field, refusal(*field, value, depth)?)))
        .collect();
    if !unfit.is_empty() {
        return Err(MendError::Unfit(unfit));
    }
    let fields: Vec<OwnField> = changed.iter().map(|(field, _)| *field).collect();
    case.ensure_open(&fields).await?;
    for (field, value) in changed {
        case.choose(*field, value).await?;
    }
    case.close().await?;
    Ok(fields)
}

/// What a student decides where the data exchange has brought another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// 保留我的修改.
    KeepOwn,
    /// 采用数据交换平台的值.
    TakeExchange,
}

/// Settles a conflict with the data exchange, which had `seen` when the student decided.
///
/// # Errors
///
/// [`MendError::Outdated`] when it has another value by now, or nothing lies over it any more.
pub async fn decide(
    db: &Db,
    student: &Student,
    field: OwnField,
    seen: &str,
    decision: Decision,
) -> Result<(), MendError> {
    let mut case = Case::open(db, student).await?;
    let own = case.mended(field).ok_or(MendError::Outdated)?;
    if own.exchange_value != seen {
        return Err(MendError::Outdated);
    }
    case.ensure_open(&[field]).await?;
    let value = match decision {
        Decision::KeepOwn => own.value.clone(),
        Decision::TakeExchange => own.exchange_value.clone(),
    };
    let depth = queries::depth(case.change.tx(), &case.record).await?;
    if is_faulty(field, &value, depth) {
        let wrong = refusal(field, &value, depth).unwrap_or_default();
        return Err(MendError::Unfit(vec![(field, wrong)]));
    }
    case.choose(field, &value).await?;
    case.close().await
}

/// The fields that the student may not change now, each with the reason.
///
/// # Errors
///
/// When the database does not answer.
pub async fn closed_fields(
    connection: &impl ConnectionTrait,
    record: &student::Model,
) -> Result<Vec<(OwnField, Closed)>, DbErr> {
    let standing = activation::queries::standing(connection, record).await?;
    let field_rules = match standing.entry() {
        Some(entry) => activation::queries::field_rules(connection, entry.class_year).await?,
        None => FieldRules::default(),
    };
    let mut closed = Vec::new();
    for own in OwnField::ALL {
        let field = form_field(*own);
        let may = activation::rules::may_change(connection, record, &standing, field, &field_rules).await?;
        closed.extend(may.err().map(|reason| (*own, reason)));
    }
    Ok(closed)
}

/// The field as the form of the activation knows it.
const fn form_field(own: OwnField) -> Field {
    match own {
        OwnField::Origin => Field::Origin,
        OwnField::MaritalStatus => Field::MaritalStatus,
        OwnField::PoliticalStatus => Field::PoliticalStatus,
    }
}

/// A student's record within a change.
struct Case {
    change: Change,
    record: student::Model,
    mended: Vec<own_value::Model>,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl Case {
    async fn open(db: &Db, student: &Student) -> Result<Self, MendError> {
        let change = db.change(&student.actor()).await?;
        change.lock(Lock::Roster).await?;
        let record = queries::hold(change.tx(), student.id())
            .await?
            .ok_or(MendError::NotFound)?;
        let mended = queries::standing(change.tx(), &student.scope(), None).await?;
        Ok(Self {
            change,
            record,
            mended: mended.into_values().flatten().collect(),
            before: Map::new(),
            after: Map::new(),
        })
    }

    /// Refuses what the class year has locked, or the 院 has confirmed since.
    async fn ensure_open(&self, fields: &[OwnField]) -> Result<(), MendError> {
        let closed = closed_fields(self.change.tx(), &self.record).await?;
        match closed.into_iter().find(|(field, _)| fields.contains(field)) {
            Some((field, closed)) => Err(MendError::Closed(field, closed)),
            None => Ok(()),
        }
    }

    /// What lies over the data exchange in a field.
    fn mended(&self, field: OwnField) -> Option<&own_value::Model> {
        self.mended.iter().find(|own| own.field == field.code())
    }

    /// Writes a choice.
    async fn choose(&mut self, field: OwnField, value: &str) -> Result<(), DbErr> {
        let now = self.change.now();
        let current = value_of(&self.record, field).to_owned();
        let exchange = self
            .mended(field)
            .map_or_else(|| current.clone(), |own| own.exchange_value.clone());
        queries::put(self.change.tx(), self.record.id, field, (value, &exchange), now).await?;
        set_own_value(&mut self.record, field, value);
        self.before.insert(field.code().to_owned(), current.into());
        self.after.insert(field.code().to_owned(), value.into());
        Ok(())
    }

    /// Saves the record with what follows from it; without a choice there is nothing to save.
    async fn close(self) -> Result<(), MendError> {
        if self.after.is_empty() {
            self.change.abandon().await?;
            return Ok(());
        }
        let (change, id) = (self.change, self.record.id);
        queries::save(change.tx(), &self.record, change.now()).await?;
        refresh(&change, Touched::Students(&[id])).await?;
        activation::rules::follow(&change, Touched::Students(&[id])).await?;
        recommendation::rules::follow(&change, Touched::Students(&[id])).await?;
        let event = AuditEvent::new(Action::OwnValueChanged, format!("student/{id}"))
            .before(Value::Object(self.before))
            .after(Value::Object(self.after));
        change.commit(event).await?;
        Ok(())
    }
}

/// Lays what students mended over records as the data exchange brings them: where it brings the student's value, nothing
/// lies over it any more; otherwise the student's stays. `undone` is when an import was written that is being taken back:
/// what it ended lies over the records again.
///
/// For whoever writes records of the data exchange, just before it does, in the same change.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn lay_over(
    change: &Change,
    rows: &mut [student::Model],
    undone: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let tx = change.tx();
    let mut by_number = HashMap::<String, Vec<own_value::Model>>::new();
    for (own, student) in queries::overlays(tx, undone).await? {
        by_number.entry(student.student_no).or_default().push(own);
    }
    let mut adopted = Vec::new();
    let mut kept = HashMap::<String, Vec<i64>>::new();
    for row in rows {
        for own in by_number.get(&row.student_no).into_iter().flatten() {
            let Some(field) = OwnField::from_code(&own.field) else {
                continue;
            };
            let brought = value_of(row, field).to_owned();
            match outcome(own, &brought) {
                // Adopted before, and still: the import that is taken back did something else.
                Outcome::Adopted if own.adopted_at.is_some() => {}
                Outcome::Adopted => adopted.push(own.id),
                Outcome::Kept => {
                    set_own_value(row, field, &own.value);
                    if own.adopted_at.is_some() || own.exchange_value != brought {
                        kept.entry(brought).or_default().push(own.id);
                    }
                }
            }
        }
    }
    queries::adopt(tx, &adopted, change.now()).await?;
    for (brought, ids) in kept {
        queries::keep(tx, &ids, &brought).await?;
    }
    Ok(())
}
