//! Giving roles and ending them on a date.

use chrono::{Datelike, Days, NaiveDate};
use qihang_db::entity::assignment;
use qihang_db::{Action, AuditEvent, Change, Db, Role};
use serde_json::json;

use super::super::queries;
use super::{AccountError, load, subject, unique};
use crate::auth::{Can, policy};

/// A role to be given.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// The role.
    pub role: Role,
    /// Code of the 院, for the roles of a 院.
    pub college_code: Option<String>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; `None` for no end.
    pub ends_on: Option<NaiveDate>,
}

/// Gives an account a role.
///
/// # Errors
///
/// [`AccountError`]; then nothing was written.
pub async fn grant(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    account_id: i64,
    new: &NewRole,
) -> Result<(), AccountError> {
    check_day(new.starts_on)?;
    if let Some(ends_on) = new.ends_on {
        check_day(ends_on)?;
        if ends_on < new.starts_on {
            return Err(AccountError::BadDates);
        }
    }
    let change = db.change(can.actor()).await?;
    load(&change, account_id).await?;
    let college_id = college_for(&change, new.role, new.college_code.as_deref()).await?;
    let overlaps = queries::roles(change.tx(), &[account_id])
        .await?
        .iter()
        .any(|given| {
            given.role == new.role
                && given.college_id == college_id
                && given.ends_on.is_none_or(|end| end >= new.starts_on)
                && new.ends_on.is_none_or(|end| end >= given.starts_on)
        });
    if overlaps {
        return Err(AccountError::AlreadyGranted);
    }
    queries::insert_role(
        change.tx(),
        account_id,
        new.role,
        college_id,
        new.starts_on,
        new.ends_on,
    )
    .await
    .map_err(|error| unique(error, AccountError::AlreadyGranted))?;
    let event = AuditEvent::new(Action::RoleGranted, subject(account_id)).after(json!({
        "role": new.role.code(),
        "college_id": college_id,
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
    }));
    Ok(change.commit(event).await?)
}

/// Ends a role: `ends_on` is its last day. A role that has not begun by then is taken back.
///
/// # Errors
///
/// [`AccountError::LastAdministrator`] where nobody could manage accounts afterwards; then nothing was written.
pub async fn end_role(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    account_id: i64,
    role_id: i64,
    ends_on: NaiveDate,
) -> Result<(), AccountError> {
    check_day(ends_on)?;
    let change = db.change(can.actor()).await?;
    let given = queries::roles(change.tx(), &[account_id])
        .await?
        .into_iter()
        .find(|given| given.id == role_id)
        .ok_or(AccountError::Unknown)?;
    let day_after = ends_on + Days::new(1);
    if given.role == Role::Administrator && given.holds_on(db.clock().today()) {
        another_administrator(&change, day_after, |role| role.id == role_id).await?;
    }
    let had_begun = given.starts_on <= ends_on;
    if had_begun {
        queries::end_role(change.tx(), role_id, ends_on).await?;
    } else if given.starts_on > db.clock().today() {
        queries::delete_role(change.tx(), role_id).await?;
    } else {
        return Err(AccountError::BadDates);
    }
    let event = AuditEvent::new(Action::RoleEnded, subject(account_id))
        .before(json!({
            "role": given.role.code(),
            "college_id": given.college_id,
            "starts_on": given.starts_on,
            "ends_on": given.ends_on,
        }))
        .after(json!({"ends_on": had_begun.then_some(ends_on)}));
    Ok(change.commit(event).await?)
}

/// A day that both engines can keep and a person can mean.
fn check_day(day: NaiveDate) -> Result<(), AccountError> {
    if (1950..=2200).contains(&day.year()) {
        Ok(())
    } else {
        Err(AccountError::BadDay)
    }
}

/// Makes sure that on `day` somebody holds the role of an administrator whom `leaves` does not name, if anybody does now.
pub(super) async fn another_administrator(
    change: &Change,
    day: NaiveDate,
    leaves: impl Fn(&assignment::Model) -> bool,
) -> Result<(), AccountError> {
    let administrators = queries::lock_administrators(change.tx()).await?;
    let (leaving, staying): (Vec<_>, Vec<_>) = administrators.into_iter().partition(leaves);
    let stays = staying
        .iter()
        .any(|role| role.starts_on <= day && role.ends_on.is_none_or(|end| end >= day));
    if leaving.is_empty() || stays {
        Ok(())
    } else {
        Err(AccountError::LastAdministrator)
    }
}

/// The 院 that a role is for.
pub(super) async fn college_for(
    change: &Change,
    role: Role,
    code: Option<&str>,
) -> Result<Option<i64>, AccountError> {
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    match (role.is_of_college(), code) {
        (true, Some(code)) => queries::find_college_id(change.tx(), code)
            .await?
            .map(Some)
            .ok_or(AccountError::CollegeMismatch),
        (false, None) => Ok(None),
        _ => Err(AccountError::CollegeMismatch),
    }
}
