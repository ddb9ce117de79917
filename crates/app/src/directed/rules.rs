//! Who may propose and fill in a 定向委培单位, and what the data exchange may do to it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{directed_unit, student};
use qihang_db::{Action, Actor, AuditEvent, Change, Db, Lock, MessageKind, Scope, UnitState};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::model::{Note, Outcome, Unit, lacks_unit, outcome, seen};
use super::queries;
use crate::activation;
use crate::activation::fields::UNIT;
use crate::auth::{Can, Student, policy};
use crate::findings::rules::{Touched, refresh};
use crate::message::rules::{NewMessage, send};
use crate::recommendation;

/// Why nothing was proposed, decided or undone.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// No such student in the scope.
    #[error("no such student")]
    NotFound,
    /// It is not as it was when the person looked: a colleague or an import was faster.
    #[error("it has changed since it was looked at")]
    Changed,
    /// The student has a unit, or needs none.
    #[error("the student lacks no unit")]
    NotLacking,
    /// There is nothing to be decided or undone.
    #[error("there is nothing to be decided")]
    Nothing,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl UnitError {
    /// For the person, where it is no page of its own.
    pub fn message(&self) -> &'static str {
        match self {
            Self::NotFound => "没有这名学生，或不在您的管理范围内。",
            Self::Changed => {
                "这名学生的情况刚刚有变（可能有同事或学生本人刚处理过），请核对现在的内容后再办。"
            }
            Self::NotLacking => "这名学生已有定向委培单位，或不是定向、委培学生，不需要填写。",
            Self::Nothing => "没有可以处理的内容，可能已经处理过。",
            Self::Db(_) => "数据库没有应答，请稍后重试。",
        }
    }
}

/// A student within a change, and what there is about the unit.
struct Case {
    change: Change,
    student: student::Model,
    row: Option<directed_unit::Model>,
}

impl Case {
    async fn open(change: Change, scope: &Scope, student_no: &str) -> Result<Self, UnitError> {
        change.lock(Lock::Roster).await?;
        let student = queries::hold(change.tx(), scope, student_no)
            .await?
            .ok_or(UnitError::NotFound)?;
        let row = queries::of_student(change.tx(), student.id).await?;
        Ok(Self { change, student, row })
    }

    fn ensure_seen(&self, mark: &str) -> Result<(), UnitError> {
        if seen(&self.student, self.row.as_ref()) == mark {
            Ok(())
        } else {
            Err(UnitError::Changed)
        }
    }

    fn state(&self) -> Option<UnitState> {
        self.row.as_ref().and_then(|row| UnitState::from_code(&row.state))
    }

    fn event(&self, action: Action) -> AuditEvent {
        let event = AuditEvent::new(action, format!("student/{}", self.student.id));
        match &self.row {
            Some(row) => event.before(json!({"state": row.state, "unit": row.unit, "note": row.note})),
            None => event,
        }
    }

    fn blank(&self) -> directed_unit::ActiveModel {
        directed_unit::ActiveModel {
            id: NotSet,
            student_id: Set(self.student.id),
            exchange_value: Set(String::new()),
            adopted_at: Set(None),
            ..Default::default()
        }
    }

    /// Writes the unit that counts, and what follows from it.
    async fn write_unit(&self, unit: &str) -> Result<(), DbErr> {
        let (change, id) = (&self.change, self.student.id);
        queries::save_unit(change.tx(), id, unit, change.now()).await?;
        refresh(change, Touched::Students(&[id])).await?;
        activation::rules::follow(change, Touched::Students(&[id])).await?;
        recommendation::rules::follow(change, Touched::Students(&[id])).await
    }

    async fn tell(&self, title: &str, body: String) -> Result<(), DbErr> {
        let message = NewMessage {
            student_id: self.student.id,
            kind: MessageKind::Record,
            title: title.to_owned(),
            body,
            href: Some(UNIT.to_owned()),
        };
        send(&self.change, message).await
    }
}

/// A student proposes the own unit; a proposal that nobody has decided is replaced.
///
/// # Errors
///
/// [`UnitError`]; then nothing was changed.
pub async fn propose(db: &Db, who: &Student, unit: &Unit) -> Result<(), UnitError> {
    propose_as(db, &who.actor(), who.record(), unit).await
}

/// What [`propose`] does; the demo does it for its students, too.
pub(crate) async fn propose_as(
    db: &Db,
    actor: &Actor,
    student: &student::Model,
    unit: &Unit,
) -> Result<(), UnitError> {
    let change = db.change(actor).await?;
    let case = Case::open(change, &Scope::Student(student.id), &student.student_no).await?;
    if !lacks_unit(&case.student) {
        return Err(UnitError::NotLacking);
    }
    let row = directed_unit::ActiveModel {
        state: Set(UnitState::Proposed.code().to_owned()),
        unit: Set(unit.as_str().to_owned()),
        proposed_at: Set(Some(case.change.now())),
        note: Set(String::new()),
        decided_by: Set(None),
        decided_at: Set(None),
        ..case.blank()
    };
    queries::put(case.change.tx(), row).await?;
    let event = case
        .event(Action::UnitProposed)
        .after(json!({"unit": unit.as_str()}));
    case.change.commit(event).await?;
    Ok(())
}

/// A student takes the own proposal back.
///
/// # Errors
///
/// [`UnitError::Nothing`] when an officer has decided it meanwhile.
pub async fn withdraw(db: &Db, who: &Student) -> Result<(), UnitError> {
    let change = db.change(&who.actor()).await?;
    let case = Case::open(change, &who.scope(), &who.record().student_no).await?;
    if case.state() != Some(UnitState::Proposed) {
        return Err(UnitError::Nothing);
    }
    queries::remove(case.change.tx(), case.student.id).await?;
    let event = case.event(Action::UnitProposalWithdrawn);
    case.change.commit(event).await?;
    Ok(())
}

/// An officer fills in a unit, whether the student proposed it or not; it counts at once, until the data exchange brings
/// one. `mark` is what the officer saw.
///
/// # Errors
///
/// [`UnitError`]; then nothing was changed.
pub async fn fill(
    db: &Db,
    can: &Can<policy::KeepUnits>,
    student_no: &str,
    mark: &str,
    (unit, evidence): (&Unit, &Note),
) -> Result<(), UnitError> {
    let change = db.change(can.actor()).await?;
    let case = Case::open(change, can.scope(), student_no).await?;
    case.ensure_seen(mark)?;
    if !lacks_unit(&case.student) {
        return Err(UnitError::NotLacking);
    }
    let now = case.change.now();
    let proposed = case
        .row
        .as_ref()
        .filter(|_| case.state() == Some(UnitState::Proposed));
    let row = directed_unit::ActiveModel {
        state: Set(UnitState::Standing.code().to_owned()),
        unit: Set(unit.as_str().to_owned()),
        proposed_at: Set(proposed.and_then(|row| row.proposed_at)),
        note: Set(evidence.as_str().to_owned()),
        decided_by: Set(can.account_id()),
        decided_at: Set(Some(now)),
        ..case.blank()
    };
    queries::put(case.change.tx(), row).await?;
    case.write_unit(unit.as_str()).await?;
    case.tell(
        "定向委培单位已由院系填写",
        format!(
            "你的定向委培单位已填写为“{}”。如有不对，请联系本院就业专员。",
            unit.as_str()
        ),
    )
    .await?;
    let event = case
        .event(Action::UnitFilled)
        .after(json!({"unit": unit.as_str(), "evidence": evidence.as_str()}));
    case.change.commit(event).await?;
    Ok(())
}

/// An officer does not confirm what the student proposed, and says why; the student is told and may propose again.
///
/// # Errors
///
/// [`UnitError`]; then nothing was changed.
pub async fn decline(
    db: &Db,
    can: &Can<policy::KeepUnits>,
    student_no: &str,
    mark: &str,
    reason: &Note,
) -> Result<(), UnitError> {
    let change = db.change(can.actor()).await?;
    let case = Case::open(change, can.scope(), student_no).await?;
    case.ensure_seen(mark)?;
    let Some(row) = case
        .row
        .as_ref()
        .filter(|_| case.state() == Some(UnitState::Proposed))
    else {
        return Err(UnitError::Nothing);
    };
    let declined = directed_unit::ActiveModel {
        state: Set(UnitState::Declined.code().to_owned()),
        unit: Set(row.unit.clone()),
        proposed_at: Set(row.proposed_at),
        note: Set(reason.as_str().to_owned()),
        decided_by: Set(can.account_id()),
        decided_at: Set(Some(case.change.now())),
        ..case.blank()
    };
    queries::put(case.change.tx(), declined).await?;
    case.tell(
        "你提出的定向委培单位没有采用",
        format!("你提出的是“{}”。{}", row.unit, reason.as_str()),
    )
    .await?;
    let event = case
        .event(Action::UnitDeclined)
        .after(json!({"reason": reason.as_str()}));
    case.change.commit(event).await?;
    Ok(())
}

/// An officer takes a unit back that lies over the data exchange: what that has counts again, be it nothing.
///
/// # Errors
///
/// [`UnitError`]; then nothing was changed.
pub async fn undo(
    db: &Db,
    can: &Can<policy::KeepUnits>,
    student_no: &str,
    mark: &str,
) -> Result<(), UnitError> {
    let change = db.change(can.actor()).await?;
    let case = Case::open(change, can.scope(), student_no).await?;
    case.ensure_seen(mark)?;
    let Some(row) = case
        .row
        .as_ref()
        .filter(|_| case.state() == Some(UnitState::Standing))
    else {
        return Err(UnitError::Nothing);
    };
    queries::remove(case.change.tx(), case.student.id).await?;
    case.write_unit(&row.exchange_value).await?;
    case.tell(
        "院系填写的定向委培单位已撤销",
        match row.exchange_value.as_str() {
            "" => format!(
                "院系撤销了填写的“{}”，目前没有定向委培单位。你可以提出自己的单位，或联系本院就业专员。",
                row.unit
            ),
            brought => format!(
                "院系撤销了填写的“{}”，现在以学校数据“{brought}”为准。如有不对，请联系本院就业专员。",
                row.unit
            ),
        },
    )
    .await?;
    let event = case
        .event(Action::UnitUndone)
        .after(json!({"unit": row.exchange_value}));
    case.change.commit(event).await?;
    Ok(())
}

/// Lays units that officers filled in over records as the data exchange brings them: where it brings none, the officer's
/// counts; where it brings the same, nothing lies over it any more; where it brings another, that one counts and the
/// officer's stands against it. `undone` is when an import was written that is being taken back: what it ended lies over the
/// records again.
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
    let units = queries::overlays(tx, undone).await?;
    let mut adopted = Vec::new();
    let mut kept = HashMap::<String, Vec<i64>>::new();
    for row in rows {
        let Some(unit) = units.get(&row.student_no) else {
            continue;
        };
        let brought = row.directed_unit.clone();
        match outcome(&unit.unit, &brought) {
            // Adopted before, and still: the import that is taken back did something else.
            Outcome::Adopted if unit.adopted_at.is_some() => continue,
            Outcome::Adopted => adopted.push(unit.id),
            Outcome::Over => row.directed_unit.clone_from(&unit.unit),
            Outcome::Against => {}
        }
        let is_news = unit.adopted_at.is_some() || unit.exchange_value != brought;
        if is_news && brought != unit.unit {
            kept.entry(brought).or_default().push(unit.id);
        }
    }
    queries::adopt(tx, &adopted, change.now()).await?;
    keep_all(tx, kept).await
}

async fn keep_all(tx: &impl ConnectionTrait, kept: HashMap<String, Vec<i64>>) -> Result<(), DbErr> {
    for (brought, ids) in kept {
        queries::keep(tx, &ids, &brought).await?;
    }
    Ok(())
}
