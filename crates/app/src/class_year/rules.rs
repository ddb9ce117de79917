//! Planning, opening, changing and closing a class year (R12), and naming who answers for it in each 院.

use qihang_db::{Action, AuditEvent, Change, ClassYearState, Db, EntryState, Lock};
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::model::{BadSchedule, ClassYear, Details, Schedule};
use super::queries;
use crate::assessment;
use crate::auth::{Can, policy};
use crate::findings::rules::{Touched, refresh};

/// Years ahead of the current class year that can be planned; further is a slip of the finger.
const FURTHEST: i32 = 5;

/// 学号 named when a class year cannot be opened again.
const CONFLICTS_NAMED: u64 = 20;

/// Why something about a class year was refused.
#[derive(Debug, thiserror::Error)]
pub enum ClassYearError {
    /// No such class year.
    #[error("no such class year")]
    Unknown,
    /// Planned or opened before.
    #[error("the class year is there already")]
    Exists,
    /// Too far ahead.
    #[error("the class year lies too far ahead")]
    TooFar,
    /// It is open already.
    #[error("the class year is open already")]
    AlreadyOpen,
    /// Only an open class year can be closed.
    #[error("the class year is not open")]
    NotOpen,
    /// A closed class year keeps its dates.
    #[error("the class year is closed")]
    Closed,
    /// The dates make no sense.
    #[error(transparent)]
    Schedule(#[from] BadSchedule),
    /// These students (学号) are on another open roster by now, so their old entries cannot be opened again.
    #[error("students of it are on another open roster")]
    OnAnotherRoster(Vec<String>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl ClassYearError {
    /// For the person.
    pub fn message(&self, year: ClassYear) -> String {
        match self {
            Self::Unknown => format!("没有 {year} 届。"),
            Self::Exists => format!("{year} 届已存在，请直接修改。"),
            Self::TooFar => format!("{year} 届距今过远，请检查年份。"),
            Self::AlreadyOpen => format!("{year} 届已经开启；如需调整日期，请修改届别设置。"),
            Self::NotOpen => format!("{year} 届不在进行中，不能关闭。"),
            Self::Closed => format!("{year} 届已关闭；如需修改，请重新开启。"),
            Self::Schedule(bad) => bad.message(year),
            Self::OnAnotherRoster(students) => format!(
                "{year} 届的部分学生已在其他届的生源库中，不能重新开启：{}。请先将其移出后重试。",
                students.join("、")
            ),
            Self::Db(_) => "系统出现问题，未保存，请稍后重试。".into(),
        }
    }
}

fn in_words(state: ClassYearState, schedule: &Schedule) -> Value {
    json!({
        "state": state.code(),
        "roster_due": schedule.roster_due,
        "activation_due": schedule.activation_due,
        "doctoral_due": schedule.doctoral_due,
        "extended_due": schedule.extended_due,
        "origin_depth": schedule.origin_depth.code(),
    })
}

fn event(action: Action, year: ClassYear, before: Option<&Details>, after: Value) -> AuditEvent {
    let event = AuditEvent::new(action, format!("class-year/{year}")).after(after);
    match before {
        Some(details) => event.before(in_words(details.state, &details.schedule())),
        None => event,
    }
}

/// Figures that a change froze stand in its event.
fn name_frozen(after: &mut Value, frozen: Vec<String>) {
    if !frozen.is_empty() {
        after["frozen"] = frozen.into();
    }
}

fn check(db: &Db, year: ClassYear, schedule: &Schedule) -> Result<(), ClassYearError> {
    if year.year() > ClassYear::of_day(db.clock().today()).year() + FURTHEST {
        return Err(ClassYearError::TooFar);
    }
    Ok(schedule.check(year)?)
}

/// Sets the dates of a class year that nobody can be added to yet.
///
/// # Errors
///
/// [`ClassYearError`]; then nothing was written.
pub async fn plan(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
    schedule: &Schedule,
) -> Result<(), ClassYearError> {
    check(db, year, schedule)?;
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    if queries::find(change.tx(), year).await?.is_some() {
        return Err(ClassYearError::Exists);
    }
    let state = ClassYearState::Planned;
    queries::save(change.tx(), year, state, schedule, change.now()).await?;
    let event = event(Action::ClassYearOpened, year, None, in_words(state, schedule));
    Ok(change.commit(event).await?)
}

/// Opens a class year with these dates: a new one, a planned one, or one that was closed, whose entries then open with it.
/// Answers how many entries that were.
///
/// # Errors
///
/// [`ClassYearError`]; then nothing was written.
pub async fn open(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
    schedule: &Schedule,
) -> Result<u64, ClassYearError> {
    check(db, year, schedule)?;
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    let before = queries::find(change.tx(), year).await?;
    let reopened = match before.as_ref().map(|details| details.state) {
        Some(ClassYearState::Open) => return Err(ClassYearError::AlreadyOpen),
        Some(ClassYearState::Closed) => reopen_entries(&change, can, year).await?,
        Some(ClassYearState::Planned) | None => 0,
    };
    let state = ClassYearState::Open;
    queries::save(change.tx(), year, state, schedule, change.now()).await?;
    refresh(&change, Touched::Everyone).await?;
    let mut after = in_words(state, schedule);
    after["entries"] = reopened.into();
    change
        .commit(event(Action::ClassYearOpened, year, before.as_ref(), after))
        .await?;
    Ok(reopened)
}

async fn reopen_entries(
    change: &Change,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
) -> Result<u64, ClassYearError> {
    let conflicts = queries::on_another_open_roster(change.tx(), can.scope(), year, CONFLICTS_NAMED).await?;
    if !conflicts.is_empty() {
        return Err(ClassYearError::OnAnotherRoster(conflicts));
    }
    Ok(queries::turn_entries(change.tx(), year, EntryState::Closed, EntryState::Open).await?)
}

/// Changes dates and rules of a class year that is not closed.
///
/// # Errors
///
/// [`ClassYearError`]; then nothing was written.
pub async fn change_schedule(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
    schedule: &Schedule,
) -> Result<(), ClassYearError> {
    check(db, year, schedule)?;
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    let before = queries::find(change.tx(), year)
        .await?
        .ok_or(ClassYearError::Unknown)?;
    if before.state == ClassYearState::Closed {
        return Err(ClassYearError::Closed);
    }
    // What was due by the days until now stays what it was.
    let frozen = assessment::rules::freeze_before(&change, year).await?;
    queries::save_schedule(change.tx(), year, schedule).await?;
    // How deep a place of origin must be given decides what is a fault.
    refresh(&change, Touched::Everyone).await?;
    let mut after = in_words(before.state, schedule);
    name_frozen(&mut after, frozen);
    let event = event(Action::ClassYearChanged, year, Some(&before), after);
    Ok(change.commit(event).await?)
}

/// Closes a class year together with the entries of its roster. Answers how many entries that were.
///
/// # Errors
///
/// [`ClassYearError`]; then nothing was written.
pub async fn close(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
) -> Result<u64, ClassYearError> {
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    let before = queries::find(change.tx(), year)
        .await?
        .ok_or(ClassYearError::Unknown)?;
    if before.state != ClassYearState::Open {
        return Err(ClassYearError::NotOpen);
    }
    let frozen = assessment::rules::freeze_before(&change, year).await?;
    queries::mark_closed(change.tx(), year, change.now()).await?;
    let closed = queries::turn_entries(change.tx(), year, EntryState::Open, EntryState::Closed).await?;
    refresh(&change, Touched::Everyone).await?;
    let mut after = in_words(ClassYearState::Closed, &before.schedule());
    after["entries"] = closed.into();
    name_frozen(&mut after, frozen);
    change
        .commit(event(Action::ClassYearClosed, year, Some(&before), after))
        .await?;
    Ok(closed)
}

/// Why nobody was named.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// No such class year, or the 院 lies outside the scope.
    #[error("not found")]
    NotFound,
    /// Not an officer of this 院 today.
    #[error("not an officer of this college")]
    NotOfCollege,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Names who answers for a class year in a 院; `None` takes the name back.
///
/// # Errors
///
/// [`NameError`]; then nothing was written.
pub async fn name_responsible(
    db: &Db,
    can: &Can<policy::NameResponsible>,
    year: ClassYear,
    college_id: i64,
    account_id: Option<i64>,
) -> Result<(), NameError> {
    if !can.scope().covers(college_id) {
        return Err(NameError::NotFound);
    }
    let change = db.change(can.actor()).await?;
    if queries::find(change.tx(), year).await?.is_none() {
        return Err(NameError::NotFound);
    }
    if let Some(account_id) = account_id {
        let officers = queries::officers_by_college(change.tx(), db.clock().today()).await?;
        let is_of_college = officers
            .get(&college_id)
            .is_some_and(|some| some.iter().any(|one| one.account_id == account_id));
        if !is_of_college {
            return Err(NameError::NotOfCollege);
        }
    }
    let before = queries::responsible(change.tx(), year)
        .await?
        .get(&college_id)
        .map(|one| one.account_id);
    queries::set_responsible(change.tx(), year, college_id, account_id).await?;
    let event = AuditEvent::new(
        Action::ResponsibleNamed,
        format!("class-year/{year}/college/{college_id}"),
    )
    .before(json!({"account_id": before}))
    .after(json!({"account_id": account_id}));
    Ok(change.commit(event).await?)
}
