//! Settling findings with a reason, and signing 核对无遗漏.

use qihang_db::{Action, AuditEvent, Change, ClassYearState, Db, Lock, Scope};
use sea_orm::{DbErr, SqlErr};
use serde_json::json;

use crate::assessment;
use crate::auth::{Can, policy};
use crate::findings::queries;
use crate::findings::rules::Touched;

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
    remember(&change, &settled).await?;
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
    remember(&change, &reopened).await?;
    let done = Done {
        changed: reopened.len(),
        left: ids.len().saturating_sub(reopened.len()),
    };
    let event = AuditEvent::new(Action::FindingReopened, format!("finding/{year}"))
        .after(json!({"findings": reopened}));
    change.commit(event).await?;
    Ok(done)
}

/// What the settling of these findings says of the past is kept for the assessment.
async fn remember(change: &Change, finding_ids: &[i64]) -> Result<(), DbErr> {
    let students = queries::students_of(change.tx(), finding_ids).await?;
    assessment::rules::remember_omissions(change, Touched::Students(&students)).await
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
