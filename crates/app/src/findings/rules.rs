//! Keeping the findings true, settling them, signing 核对无遗漏.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::finding;
use qihang_db::{Action, AuditEvent, Change, ClassYearState, Clock, Db, Lock, Scope};
use sea_orm::{ConnectionTrait, DbErr, SqlErr};
use serde_json::json;

use super::explain::Explanation;
use super::model::{Found, YearRules};
use super::{explain, faults, queries};
use crate::auth::{Can, policy};
use crate::school;

/// Whose findings may have changed.
#[derive(Clone, Copy, Debug)]
pub enum Touched<'a> {
    /// These students (row ids).
    Students(&'a [i64]),
    /// Everybody: after a large import, when a class year opens or its rules change.
    Everyone,
}

/// From so many students on, judging all is cheaper than picking them out.
const MANY: usize = 20_000;
/// Students judged at once.
const BATCH: usize = 5_000;

/// Brings the stored findings of all open class years up to date with the records and rosters as `change` leaves them.
/// Every rule that changes a student, a roster or a class year calls it before it commits.
///
/// What is still found with the same values keeps its settlement; with other values it is open again. A 院 that signed
/// 核对无遗漏 and has an open fault afterwards is not signed any more. Closed class years are left as they were.
///
/// # Errors
///
/// When the database does not answer.
pub async fn refresh(change: &Change, touched: Touched<'_>) -> Result<(), DbErr> {
    let tx = change.tx();
    let years = queries::open_years(tx).await?;
    if years.is_empty() {
        return Ok(());
    }
    let ids = match touched {
        Touched::Students([]) => return Ok(()),
        Touched::Students(ids) if ids.len() < MANY => Some(queries::touched_with_partners(tx, ids).await?),
        Touched::Students(_) | Touched::Everyone => None,
    };
    for year in years {
        let rules = queries::year_rules(tx, year, Clock::day_of(change.now())).await?;
        match &ids {
            None => bring_up_to_date(change, rules, None).await?,
            Some(ids) => {
                for batch in ids.chunks(BATCH) {
                    bring_up_to_date(change, rules, Some(batch)).await?;
                }
            }
        }
        queries::reopen_broken_sign_offs(tx, year, change.now()).await?;
    }
    Ok(())
}

async fn bring_up_to_date(change: &Change, rules: YearRules, only: Option<&[i64]>) -> Result<(), DbErr> {
    let tx = change.tx();
    let facts = queries::facts(tx, &Scope::Everyone, rules.year, only).await?;
    let stored = queries::stored_of(tx, &Scope::Everyone, rules.year, only).await?;
    let found = facts.subjects().flat_map(|subject| {
        let student_id = subject.student.id;
        faults::of(&subject, rules)
            .into_iter()
            .map(move |found| (student_id, found))
    });
    let plan = Plan::new(stored, found);
    queries::apply(tx, rules.year, change.now(), &plan).await
}

/// A stored finding whose words or values are to be rewritten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Renewed {
    pub id: i64,
    pub found: Found,
    /// Whether the values are others than those that a settlement was about.
    pub is_new_case: bool,
}

/// What a refresh writes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub appeared: Vec<(i64, Found)>,
    pub renewed: Vec<Renewed>,
    pub gone: Vec<i64>,
}

impl Plan {
    /// From what is stored to what is found.
    fn new(stored: Vec<finding::Model>, found: impl Iterator<Item = (i64, Found)>) -> Self {
        let mut stored: HashMap<(i64, String), finding::Model> = stored
            .into_iter()
            .map(|row| ((row.student_id, row.kind.clone()), row))
            .collect();
        let mut plan = Self::default();
        for (student_id, found) in found {
            match stored.remove(&(student_id, found.kind.code().to_owned())) {
                None => plan.appeared.push((student_id, found)),
                Some(row) if row.value_digest != found.value_digest => plan.renewed.push(Renewed {
                    id: row.id,
                    found,
                    is_new_case: true,
                }),
                Some(row) if row.reason != found.reason || row.value != found.value => {
                    plan.renewed.push(Renewed {
                        id: row.id,
                        found,
                        is_new_case: false,
                    });
                }
                Some(_) => {}
            }
        }
        plan.gone = stored.into_values().map(|row| row.id).collect();
        // Always in one order, so that two changes at once cannot wait for one another in a circle.
        plan.gone.sort_unstable();
        plan.renewed.sort_by_key(|renewed| renewed.id);
        plan.appeared
            .sort_by_key(|(student_id, found)| (*student_id, found.kind));
        plan
    }
}

/// A finding as of the call, with the student.
#[derive(Clone, Debug)]
pub struct Computed {
    /// Student row.
    pub student_id: i64,
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// Code of the 院 that answers for the student.
    pub college: String,
    /// What was found.
    pub found: Found,
    /// When and why it was settled, while the values are those that the settlement was about.
    pub settled: Option<(DateTime<Utc>, String)>,
}

/// Computes the findings of a class year as of the call, whether or not it is open yet; in order of 院, 学号, kind.
///
/// # Errors
///
/// When the database does not answer.
pub async fn compute(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    today: NaiveDate,
) -> Result<Vec<Computed>, DbErr> {
    let rules = queries::year_rules(connection, year, today).await?;
    let codes: HashMap<i64, String> = school::queries::colleges(connection)
        .await?
        .into_iter()
        .map(|college| (college.id, college.code))
        .collect();
    let settled = queries::settled_digests(connection, scope, year).await?;
    let facts = queries::facts(connection, scope, year, None).await?;
    let mut computed = Vec::new();
    for subject in facts.subjects() {
        let student = subject.student;
        for found in faults::of(&subject, rules) {
            let settled = settled
                .get(&(student.id, found.kind.code().to_owned()))
                .filter(|settled| settled.value_digest == found.value_digest)
                .map(|settled| (settled.at, settled.reason.clone()));
            computed.push(Computed {
                student_id: student.id,
                student_no: student.student_no.clone(),
                name: student.name.clone(),
                college: codes.get(&student.college_id).cloned().unwrap_or_default(),
                found,
                settled,
            });
        }
    }
    computed.sort_by(|one, other| {
        (&one.college, &one.student_no, one.found.kind.code()).cmp(&(
            &other.college,
            &other.student_no,
            other.found.kind.code(),
        ))
    });
    Ok(computed)
}

/// A finding that is stored and should not be, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Class year.
    pub class_year: i32,
    /// Student row.
    pub student_id: i64,
    /// Kind, as its code.
    pub kind: String,
    /// Whether it is stored (and should not be, or with other values).
    pub is_stored: bool,
}

/// Compares the stored findings of all open class years with those computed anew; for `qihang verify`.
///
/// # Errors
///
/// When the database does not answer.
pub async fn verify(db: &Db) -> Result<Vec<Difference>, DbErr> {
    let reader = db.begin_read().await?;
    let mut differences = Vec::new();
    for year in queries::open_years(&reader).await? {
        let rules = queries::year_rules(&reader, year, db.clock().today()).await?;
        let facts = queries::facts(&reader, &Scope::Everyone, year, None).await?;
        let stored = queries::stored_of(&reader, &Scope::Everyone, year, None).await?;
        let by_id: HashMap<i64, (i64, String)> = stored
            .iter()
            .map(|row| (row.id, (row.student_id, row.kind.clone())))
            .collect();
        let found = facts.subjects().flat_map(|subject| {
            let student_id = subject.student.id;
            faults::of(&subject, rules)
                .into_iter()
                .map(move |found| (student_id, found))
        });
        let plan = Plan::new(stored, found);
        let wrong_rows = plan
            .gone
            .iter()
            .chain(plan.renewed.iter().map(|renewed| &renewed.id));
        differences.extend(
            wrong_rows
                .filter_map(|id| by_id.get(id))
                .map(|(student_id, kind)| Difference {
                    class_year: year,
                    student_id: *student_id,
                    kind: kind.clone(),
                    is_stored: true,
                }),
        );
        differences.extend(plan.appeared.iter().map(|(student_id, found)| Difference {
            class_year: year,
            student_id: *student_id,
            kind: found.kind.code().to_owned(),
            is_stored: false,
        }));
    }
    Ok(differences)
}

/// Why a settlement or a signature was refused.
#[derive(Debug, thiserror::Error)]
pub enum FindingError {
    /// No finding was chosen.
    #[error("choose at least one finding")]
    NothingChosen,
    /// More than can be settled with one reason.
    #[error("too many findings at once")]
    TooMany,
    /// There is no reason, or it is too long.
    #[error("a reason of up to 200 characters is needed")]
    BadReason,
    /// None of the findings exists in the scope; or the 院 or class year does not.
    #[error("no such finding")]
    NotFound,
    /// Somebody else has done it, or the data has changed.
    #[error("nothing is left to do")]
    NothingLeft,
    /// The class year is not open.
    #[error("the class year is not open")]
    YearNotOpen,
    /// The 院 still has open faults.
    #[error("{0} faults are still open")]
    StillOpen(u64),
    /// The 院 has signed already.
    #[error("the college has signed already")]
    AlreadySigned,
    /// Only a person can sign.
    #[error("only a person can sign")]
    NoSigner,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Characters of a reason at the most.
pub const REASON_LENGTH: usize = 200;
/// Findings settled at once at the most.
const SETTLED_AT_ONCE: usize = 1_000;

/// What a settlement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// So many were changed.
    pub changed: usize,
    /// So many were not: somebody else was first, or the data has changed.
    pub left: usize,
}

/// Settles findings with a reason.
///
/// # Errors
///
/// [`FindingError`]; what is outside the scope does not exist.
pub async fn settle(
    db: &Db,
    can: &Can<policy::SettleFindings>,
    year: i32,
    ids: &[i64],
    reason: &str,
) -> Result<Done, FindingError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LENGTH {
        return Err(FindingError::BadReason);
    }
    let change = db.change(can.actor()).await?;
    let targets = targets(&change, can.scope(), year, ids).await?;
    let settled = queries::settle(change.tx(), &targets, change.now(), can.account_id(), reason).await?;
    if settled.is_empty() {
        return Err(FindingError::NothingLeft);
    }
    let done = Done {
        changed: settled.len(),
        left: ids.len().saturating_sub(settled.len()),
    };
    let event = AuditEvent::new(Action::FindingSettled, format!("finding/{year}"))
        .after(json!({"findings": settled, "reason": reason}));
    change.commit(event).await?;
    Ok(done)
}

/// Takes settlements back; a 院 that signed with them is not signed any more.
///
/// # Errors
///
/// [`FindingError`]; what is outside the scope does not exist.
pub async fn reopen(
    db: &Db,
    can: &Can<policy::SettleFindings>,
    year: i32,
    ids: &[i64],
) -> Result<Done, FindingError> {
    let change = db.change(can.actor()).await?;
    let targets = targets(&change, can.scope(), year, ids).await?;
    let reopened = queries::reopen_settled(change.tx(), &targets).await?;
    if reopened.is_empty() {
        return Err(FindingError::NothingLeft);
    }
    queries::reopen_broken_sign_offs(change.tx(), year, change.now()).await?;
    let done = Done {
        changed: reopened.len(),
        left: ids.len().saturating_sub(reopened.len()),
    };
    let event = AuditEvent::new(Action::FindingReopened, format!("finding/{year}"))
        .after(json!({"findings": reopened}));
    change.commit(event).await?;
    Ok(done)
}

async fn targets(change: &Change, scope: &Scope, year: i32, ids: &[i64]) -> Result<Vec<i64>, FindingError> {
    match ids.len() {
        0 => return Err(FindingError::NothingChosen),
        SETTLED_AT_ONCE.. => return Err(FindingError::TooMany),
        _ => {}
    }
    change.lock(Lock::Roster).await?;
    must_be_open(change, year).await?;
    let targets = queries::settlement_targets(change.tx(), scope, year, ids).await?;
    if targets.is_empty() {
        return Err(FindingError::NotFound);
    }
    Ok(targets)
}

async fn must_be_open(change: &Change, year: i32) -> Result<(), FindingError> {
    match queries::state_of(change.tx(), year).await? {
        Some(ClassYearState::Open) => Ok(()),
        Some(ClassYearState::Planned | ClassYearState::Closed) => Err(FindingError::YearNotOpen),
        None => Err(FindingError::NotFound),
    }
}

/// Signs 核对无遗漏 for a 院, which has no open fault left.
///
/// # Errors
///
/// [`FindingError::StillOpen`] while anything is open; looked at inside the change, while nobody else changes a roster.
pub async fn sign_off(
    db: &Db,
    can: &Can<policy::SignOff>,
    year: i32,
    college_id: i64,
) -> Result<(), FindingError> {
    if !can.scope().covers(college_id) {
        return Err(FindingError::NotFound);
    }
    let signer = can.account_id().ok_or(FindingError::NoSigner)?;
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    must_be_open(&change, year).await?;
    let open = queries::open_faults_of(change.tx(), college_id, year).await?;
    if open > 0 {
        return Err(FindingError::StillOpen(open));
    }
    match queries::sign_off(change.tx(), year, college_id, signer, change.now()).await {
        Ok(()) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(FindingError::AlreadySigned);
        }
        Err(error) => return Err(error.into()),
    }
    let event = AuditEvent::new(Action::SignedOff, format!("signoff/{year}/{college_id}"));
    change.commit(event).await?;
    Ok(())
}

/// Takes the standing signature of a 院 back.
///
/// # Errors
///
/// [`FindingError::NothingLeft`] when there is none that stands.
pub async fn withdraw_sign_off(
    db: &Db,
    can: &Can<policy::SignOff>,
    year: i32,
    college_id: i64,
) -> Result<(), FindingError> {
    if !can.scope().covers(college_id) {
        return Err(FindingError::NotFound);
    }
    let change = db.change(can.actor()).await?;
    must_be_open(&change, year).await?;
    if !queries::withdraw_sign_off(change.tx(), year, college_id, change.now()).await? {
        return Err(FindingError::NothingLeft);
    }
    let event = AuditEvent::new(Action::SignOffWithdrawn, format!("signoff/{year}/{college_id}"));
    change.commit(event).await?;
    Ok(())
}

/// Answers 为什么不在名单里; `None` when there is no such student in the scope.
///
/// # Errors
///
/// When the database does not answer.
pub async fn explain(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_no: &str,
    year: i32,
) -> Result<Option<Explanation>, DbErr> {
    let case = queries::case_of(connection, scope, student_no, year).await?;
    Ok(case.map(|case| explain::explain(&case, year)))
}
