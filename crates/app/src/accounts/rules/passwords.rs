//! Passwords and sessions of an account.

use qihang_db::{Action, AuditEvent, Db};
use serde_json::json;

use super::super::queries;
use super::{AccountError, load, subject};
use crate::auth::{Can, Officer, SignInError, confirm_password, end_all_sessions, password, policy};

/// Gives an account a new one-time password and ends its sessions.
///
/// # Errors
///
/// [`AccountError::Unknown`] when there is no such account.
pub async fn reset_password(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    login: &str,
) -> Result<String, AccountError> {
    let one_time = password::one_time();
    let hash = hashed(one_time.clone()).await?;
    let change = db.change(can.actor()).await?;
    let found = queries::find_by_login(change.tx(), &login.trim().to_lowercase())
        .await?
        .ok_or(AccountError::Unknown)?;
    queries::set_password(change.tx(), found.id, hash, true).await?;
    end_all_sessions(&change, found.id).await?;
    let event = AuditEvent::new(Action::PasswordChanged, subject(found.id)).after(json!({"one_time": true}));
    change.commit(event).await?;
    Ok(one_time)
}

/// Changes the own password. All sessions of the account end; the caller begins a new one for the person who asks.
///
/// # Errors
///
/// [`AccountError`]; then nothing was written, but a wrong present password is counted as at sign-in.
pub async fn change_own_password(
    db: &Db,
    officer: &Officer,
    present: &str,
    wanted: &str,
) -> Result<(), AccountError> {
    password::check_new(&officer.login, wanted)?;
    confirm_password(db, officer, present)
        .await
        .map_err(|error| match error {
            SignInError::Db(error) => AccountError::Db(error),
            error => AccountError::NotConfirmed(error),
        })?;
    let hash = hashed(wanted.to_owned()).await?;
    let change = db.change(&officer.actor()).await?;
    queries::set_password(change.tx(), officer.account_id, hash, false).await?;
    end_all_sessions(&change, officer.account_id).await?;
    let event = AuditEvent::new(Action::PasswordChanged, subject(officer.account_id))
        .after(json!({"one_time": false}));
    Ok(change.commit(event).await?)
}

/// Ends every session of an account, by the administrator or by the person.
///
/// # Errors
///
/// [`AccountError::Unknown`] when there is no such account.
pub async fn sign_out_everywhere(db: &Db, by: SignOutBy<'_>) -> Result<(), AccountError> {
    let (actor, account_id) = match by {
        SignOutBy::Administrator(can, account_id) => (can.actor().clone(), account_id),
        SignOutBy::Person(officer) => (officer.actor(), officer.account_id),
    };
    let change = db.change(&actor).await?;
    load(&change, account_id).await?;
    end_all_sessions(&change, account_id).await?;
    let event = AuditEvent::new(Action::SignedOutEverywhere, subject(account_id));
    Ok(change.commit(event).await?)
}

/// Who ends the sessions of an account, and of which.
#[derive(Clone, Copy, Debug)]
pub enum SignOutBy<'a> {
    /// The administrator, those of this account.
    Administrator(&'a Can<policy::ManageAccounts>, i64),
    /// The person, the own ones.
    Person(&'a Officer),
}

/// Hashing is slow on purpose, so it leaves the threads that serve others.
pub(super) async fn hashed(plain: String) -> Result<String, AccountError> {
    tokio::task::spawn_blocking(move || password::hash(&plain))
        .await
        .map_err(|_| AccountError::Hash)?
        .map_err(|_| AccountError::Hash)
}
