//! Keeping the history that figures are counted from, counting at a moment, freezing, and saying which masters count.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use qihang_db::entity::assessment_freeze;
use qihang_db::{Action, Actor, AssessmentPart, AuditEvent, Change, ClassYearState, Db, Lock, Scope};
use sea_orm::{ConnectionTrait, DbErr, SqlErr};
use serde_json::json;

use super::model::{BadModes, Counted, Frozen, FrozenRow, Modes, Moment, count, digest};
use super::queries;
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::{ClassYear, Details};
use crate::findings::rules::Touched;
use crate::{class_year, school};

/// Keeps what the students are counted by, as `change` leaves them. Findings call it, which every change of a student, a
/// roster or a class year calls.
///
/// # Errors
///
/// When the database does not answer.
pub async fn remember_students(change: &Change, touched: Touched<'_>) -> Result<(), DbErr> {
    queries::remember_students(change.tx(), only(touched), change.now()).await
}

/// Keeps who is a 可能遗漏, open or settled, as `change` leaves the findings. Whatever writes findings calls it.
///
/// # Errors
///
/// When the database does not answer.
pub async fn remember_omissions(change: &Change, touched: Touched<'_>) -> Result<(), DbErr> {
    queries::remember_omissions(change.tx(), only(touched), change.now()).await
}

const fn only(touched: Touched<'_>) -> Option<&[i64]> {
    match touched {
        Touched::Everyone => None,
        Touched::Students(ids) => Some(ids),
    }
}

/// The figures of a class year at a moment, for the 院 of the scope; counted anew from the history.
///
/// # Errors
///
/// When the database does not answer.
pub async fn figures_at(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    details: &Details,
    moment: Moment,
) -> Result<Counted, DbErr> {
    counted(connection, scope, details.year.year(), moment, details.roster_due).await
}

async fn counted(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    moment: Moment,
    roster_due: NaiveDate,
) -> Result<Counted, DbErr> {
    let modes = queries::modes(connection, year, moment).await?;
    let facts = queries::facts(connection, scope, year, moment).await?;
    let mut counted = count(&facts, moment, Moment::end_of(roster_due), &modes);
    // Of whoever has two 院 only the one of the scope is shown.
    counted.colleges.retain(|id, _| scope.covers(*id));
    Ok(counted)
}

/// After a due day has ended, what was begun before it may still be being written: figures are frozen when nothing can be.
const FREEZE_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Freezes whatever has become due and is not frozen yet; answers how many parts that were. Of several servers that do it at
/// once one does.
///
/// # Errors
///
/// When the database does not answer.
pub async fn freeze_due(db: &Db) -> Result<usize, DbErr> {
    let now = db.clock().now();
    let mut frozen = 0;
    for (year, part, due) in queries::unfrozen(db.reader()).await? {
        if now < Moment::end_of(due).bound() + FREEZE_AFTER {
            continue;
        }
        let change = db.change(&Actor::system()).await?;
        change.lock(Lock::School).await?;
        match freeze(&change, year, part, due).await {
            Ok(event) => {
                change.commit(event).await?;
                frozen += 1;
            }
            Err(error) if is_there_already(&error) => change.abandon().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(frozen)
}

fn is_there_already(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Freezes, inside a change that moves the due days of a class year or closes it, what is due by the days that it has had so
/// far. The change holds the lock of the school. Answers what was frozen, for the event of the change.
///
/// # Errors
///
/// When the database does not answer.
pub async fn freeze_before(change: &Change, year: ClassYear) -> Result<Vec<String>, DbErr> {
    let mut frozen = Vec::new();
    for (of, part, due) in queries::unfrozen(change.tx()).await? {
        if of == year.year() && Moment::end_of(due).bound() <= change.now() {
            freeze(change, of, part, due).await?;
            frozen.push(format!("{}/{due}", part.code()));
        }
    }
    Ok(frozen)
}

async fn freeze(
    change: &Change,
    year: i32,
    part: AssessmentPart,
    due: NaiveDate,
) -> Result<AuditEvent, DbErr> {
    let tx = change.tx();
    let moment = Moment::end_of(due);
    // At the end of the day on which the roster is due nothing is late, and what is late later is no part of this.
    let counted = counted(tx, &Scope::Everyone, year, moment, due).await?.part(part);
    let colleges = school::queries::colleges(tx).await?;
    let rows = counted.colleges.iter().map(|(id, figures)| {
        let college = colleges.iter().find(|college| college.id == *id);
        FrozenRow {
            college_id: *id,
            code: college.map_or_else(String::new, |college| college.code.clone()),
            name: college.map_or_else(String::new, |college| college.name.clone()),
            figures: *figures,
        }
    });
    let mut frozen = Frozen {
        training_modes: queries::modes(tx, year, moment).await?.to_column(),
        rows: rows.collect(),
        total: counted.total,
    };
    frozen
        .rows
        .sort_by(|one, other| (&one.code, one.college_id).cmp(&(&other.code, other.college_id)));
    let figures = json!(frozen).to_string();
    let digest = digest(year, part, due, &figures);
    let event = AuditEvent::new(
        Action::AssessmentFrozen,
        format!("assessment/{year}/{}/{due}", part.code()),
    )
    .after(json!({"digest": digest, "total": frozen.total}));
    queries::insert_freeze(tx, (year, part, due), figures, digest, change.now()).await?;
    Ok(event)
}

/// Frozen figures as they are kept.
#[derive(Clone, Debug)]
pub struct Freeze {
    /// Row id.
    pub id: i64,
    /// Which part.
    pub part: AssessmentPart,
    /// The due day.
    pub due: NaiveDate,
    /// When it was frozen.
    pub frozen_at: chrono::DateTime<chrono::Utc>,
    /// The figures.
    pub frozen: Frozen,
    /// As it was kept.
    pub digest: String,
}

impl Freeze {
    /// Whether it is about the roster; otherwise it is about activation.
    pub fn is_of_roster(&self) -> bool {
        self.part == AssessmentPart::Roster
    }
}

/// Everything that was frozen of a class year: the roster first, each part in order of its due days.
///
/// # Errors
///
/// When the database does not answer, or what is kept cannot be read.
pub async fn freezes(connection: &impl ConnectionTrait, year: ClassYear) -> Result<Vec<Freeze>, DbErr> {
    let rows = queries::freezes(connection, Some(year.year())).await?;
    rows.iter().map(read).collect()
}

fn read(row: &assessment_freeze::Model) -> Result<Freeze, DbErr> {
    let unreadable = || DbErr::Custom(format!("frozen figures {} cannot be read", row.id));
    Ok(Freeze {
        id: row.id,
        part: AssessmentPart::from_code(&row.part).ok_or_else(unreadable)?,
        due: row.due,
        frozen_at: row.frozen_at,
        frozen: serde_json::from_str(&row.figures).map_err(|_| unreadable())?,
        digest: row.digest.clone(),
    })
}

/// Whether frozen figures are what the history says of that moment.
///
/// # Errors
///
/// When the database does not answer.
pub async fn holds(connection: &impl ConnectionTrait, year: i32, freeze: &Freeze) -> Result<bool, DbErr> {
    let moment = Moment::end_of(freeze.due);
    let anew = counted(connection, &Scope::Everyone, year, moment, freeze.due).await?;
    Ok(anew.part(freeze.part) == freeze.frozen.counted())
}

/// What is not as it should be: history that does not say what the records say, frozen figures with another digest or other
/// than the history says. For `qihang verify`.
///
/// # Errors
///
/// When the database does not answer.
pub async fn verify(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut faults = Vec::new();
    let unremembered = queries::unremembered(connection).await?;
    if unremembered > 0 {
        faults.push(format!("{unremembered} 项现状没有记入历史"));
    }
    for row in queries::freezes(connection, None).await? {
        let freeze = read(&row)?;
        let named = format!("{} 届 {}（{}）", row.class_year, freeze.part.label(), freeze.due);
        if digest(row.class_year, freeze.part, freeze.due, &row.figures) != freeze.digest {
            faults.push(format!("{named} 的冻结数据与指纹不符"));
        } else if !holds(connection, row.class_year, &freeze).await? {
            faults.push(format!("{named} 的冻结数据与按历史重算的结果不符"));
        }
    }
    Ok(faults)
}

/// Why the rule was not set.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// No such class year.
    #[error("no such class year")]
    Unknown,
    /// The class year is closed.
    #[error("the class year is closed")]
    Closed,
    /// The codes make no sense.
    #[error(transparent)]
    Modes(#[from] BadModes),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl RuleError {
    /// For the person.
    pub fn message(&self) -> String {
        match self {
            Self::Unknown => "没有这个届别。".into(),
            Self::Closed => "本届已关闭，考核口径不能再修改。".into(),
            Self::Modes(BadModes::None) => "请至少选择一种培养方式；都不选时没有研究生计入激活率。".into(),
            Self::Modes(BadModes::Unknown(code)) => format!("没有“{code}”这种培养方式。"),
            Self::Db(_) => "系统出现问题，未保存，请稍后重试。".into(),
        }
    }
}

/// Says which masters count in the activation figures from now on; figures of moments before stay as they were. Answers
/// whether that is otherwise than before.
///
/// # Errors
///
/// [`RuleError`]; then nothing was written.
pub async fn set_modes(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
    codes: Vec<String>,
) -> Result<bool, RuleError> {
    let modes = Modes::new(codes)?;
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    let details = class_year::queries::find(change.tx(), year)
        .await?
        .ok_or(RuleError::Unknown)?;
    if details.state == ClassYearState::Closed {
        return Err(RuleError::Closed);
    }
    let before = queries::modes(change.tx(), year.year(), Moment::after(change.now())).await?;
    if before == modes {
        change.abandon().await?;
        return Ok(false);
    }
    queries::set_modes(change.tx(), year.year(), &modes, can.account_id(), change.now()).await?;
    let event = AuditEvent::new(Action::AssessmentRuleSet, format!("assessment/{year}/rule"))
        .before(json!({"training_modes": before.to_column()}))
        .after(json!({"training_modes": modes.to_column()}));
    change.commit(event).await?;
    Ok(true)
}

/// How often due days are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Freezes what becomes due for as long as the server runs.
pub async fn freeze_regularly(app: App) {
    loop {
        if let Err(error) = freeze_due(&app.db).await {
            tracing::error!(%error, "Figures that are due could not be frozen; it is tried again.");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
