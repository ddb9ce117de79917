//! Signing in: rate limit, lock-out, idle and absolute time-out, sign-out everywhere.

use chrono::{DateTime, TimeDelta, Utc};
use qihang_db::entity::{account, student};
use qihang_db::session::{ACCOUNT_KEY, STUDENT_KEY};
use qihang_db::{Action as Audited, Actor, AuditEvent, Change, Db, Scope};
use sea_orm::DbErr;
use tower_sessions::Session;

use super::{password, queries, sso};
use crate::app::App;
use crate::auth::Officer;
use crate::web::AppError;

/// Wrong passwords in a row that lock an account.
const LOCK_AFTER: i32 = 5;
/// How long it is locked.
const LOCK_FOR: TimeDelta = TimeDelta::minutes(15);
/// Failed tries from one address within [`ADDRESS_WINDOW`] before it has to wait; an office may share one address.
const ADDRESS_FAILURES: u64 = 30;
const ADDRESS_WINDOW: TimeDelta = TimeDelta::minutes(10);
/// The last request is written to the session at most this often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

const EPOCH_KEY: &str = "epoch";
const SIGNED_IN_KEY: &str = "signed_in_at";
const SEEN_KEY: &str = "seen_at";

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown login or wrong password; which of them is not said.
    #[error("unknown login or wrong password")]
    Wrong,
    /// The account is locked for a while.
    #[error("the account is locked until {until}")]
    Locked {
        /// When it opens again.
        until: DateTime<Utc>,
    },
    /// Too many failures from this address.
    #[error("too many failures from this address")]
    TooMany,
    /// The password is right, but the account is disabled or has no role today.
    #[error("the account has no role today")]
    NoRole,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Checks login and password and counts the failures. Answers the account's id.
///
/// # Errors
///
/// [`SignInError`]; a wrong password is counted, and the fifth in a row locks the account.
pub async fn sign_in(db: &Db, login: &str, given: &str, address: &str) -> Result<i64, SignInError> {
    let login = login.trim().to_lowercase();
    let now = db.clock().now();
    if queries::failures_from(db.reader(), address, now - ADDRESS_WINDOW).await? >= ADDRESS_FAILURES {
        return Err(SignInError::TooMany);
    }
    let account = queries::find_account(db.reader(), &login).await?;
    if let Some(until) = account
        .as_ref()
        .and_then(|account| account.locked_until)
        .filter(|until| *until > now)
    {
        return Err(SignInError::Locked { until });
    }
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let given = given.to_owned();
    let right = tokio::task::spawn_blocking(move || password::matches(&given, stored.as_deref()))
        .await
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    match account {
        Some(account) if right => {
            let usable = is_usable(db, &account).await?;
            let change = db.change(&of_account(account.id, &login, address)).await?;
            queries::record_attempt(change.tx(), &login, address, now, usable).await?;
            if !usable {
                // The attempt is no change of a record: kept, without an event.
                return Err(change
                    .keep_without_event()
                    .await
                    .map_or_else(SignInError::Db, |()| SignInError::NoRole));
            }
            queries::set_failures(change.tx(), account.id, 0, None).await?;
            change
                .commit(AuditEvent::new(
                    Audited::SignedIn,
                    format!("account/{}", account.id),
                ))
                .await?;
            Ok(account.id)
        }
        Some(account) => Err(count_failure(db, &of_account(account.id, &login, address), account.id).await?),
        None => {
            let tx = db.begin_write().await?;
            queries::record_attempt(&tx, &login, address, now, false).await?;
            tx.commit().await?;
            Err(SignInError::Wrong)
        }
    }
}

/// Whether anybody may sign in with the account today.
async fn is_usable(db: &Db, account: &account::Model) -> Result<bool, DbErr> {
    let assigned = queries::assigned(db.reader(), account.id, db.clock().today()).await?;
    Ok(account.disabled_at.is_none() && !assigned.is_empty())
}

/// Lets in the account that the single sign-on has named. Its password, and a lock after wrong ones, do not matter here.
///
/// # Errors
///
/// [`SignInError::Wrong`] when there is no such account, [`SignInError::NoRole`] when it is of no use today.
pub(super) async fn admit_account(db: &Db, login: &str, address: &str) -> Result<i64, SignInError> {
    let account = queries::find_account(db.reader(), login)
        .await?
        .ok_or(SignInError::Wrong)?;
    if !is_usable(db, &account).await? {
        return Err(SignInError::NoRole);
    }
    let change = db.change(&of_account(account.id, login, address)).await?;
    change
        .commit(AuditEvent::new(
            Audited::SignedIn,
            format!("account/{}", account.id),
        ))
        .await?;
    Ok(account.id)
}

/// Counts a wrong password; the fifth in a row locks the account. Answers what the person is told.
async fn count_failure(db: &Db, actor: &Actor, account_id: i64) -> Result<SignInError, DbErr> {
    let now = db.clock().now();
    let change = db.change(actor).await?;
    // Read under the lock, so that tries at the same moment are all counted.
    let failures = queries::lock_account(change.tx(), account_id)
        .await?
        .map_or(0, |account| account.failed_attempts)
        .saturating_add(1);
    let locked_until = (failures >= LOCK_AFTER).then(|| now + LOCK_FOR);
    let kept = if locked_until.is_some() { 0 } else { failures };
    let address = actor.address.as_deref().unwrap_or_default();
    queries::record_attempt(change.tx(), &actor.label, address, now, false).await?;
    queries::set_failures(change.tx(), account_id, kept, locked_until).await?;
    let Some(until) = locked_until else {
        change.keep_without_event().await?;
        return Ok(SignInError::Wrong);
    };
    change
        .commit(AuditEvent::new(
            Audited::LockedOut,
            format!("account/{account_id}"),
        ))
        .await?;
    Ok(SignInError::Locked { until })
}

/// Asks somebody who is signed in for the password again, before it is changed.
///
/// # Errors
///
/// [`SignInError`]; a wrong password counts as at sign-in, so that an unattended screen is no place to guess at.
pub async fn confirm_password(db: &Db, officer: &Officer, given: &str) -> Result<(), SignInError> {
    let account = queries::find_account_by_id(db.reader(), officer.account_id)
        .await?
        .ok_or(SignInError::Wrong)?;
    if let Some(until) = account.locked_until.filter(|until| *until > db.clock().now()) {
        return Err(SignInError::Locked { until });
    }
    let given = given.to_owned();
    let right =
        tokio::task::spawn_blocking(move || password::matches(&given, account.password_hash.as_deref()))
            .await
            .map_err(|error| DbErr::Custom(error.to_string()))?;
    if right {
        Ok(())
    } else {
        Err(count_failure(db, &officer.actor(), officer.account_id).await?)
    }
}

fn of_account(account_id: i64, login: &str, address: &str) -> Actor {
    Actor {
        account_id: Some(account_id),
        label: login.to_owned(),
        address: Some(address.to_owned()),
    }
}

/// Begins the session of an account: a new id, so that an id planted before signing in is worth nothing.
///
/// # Errors
///
/// When the database does not answer.
pub async fn begin_session(app: &App, session: &Session, account_id: i64) -> Result<(), AppError> {
    let account = queries::find_account_by_id(app.db.reader(), account_id)
        .await?
        .ok_or(AppError::NotFound)?;
    begin_anew(app, session).await?;
    session.insert(ACCOUNT_KEY, account.id).await?;
    session.insert(EPOCH_KEY, account.session_epoch).await?;
    Ok(())
}

/// Begins the session of a student whom the single sign-on has named, with a sign-in in the audit log. As
/// [`begin_session`], under a new id.
///
/// # Errors
///
/// When the database does not answer.
pub async fn begin_student_session(
    app: &App,
    session: &Session,
    student_id: i64,
    address: String,
) -> Result<(), AppError> {
    let change = app.db.change(&Actor::student(student_id, Some(address))).await?;
    change
        .commit(AuditEvent::new(
            Audited::SignedIn,
            format!("student/{student_id}"),
        ))
        .await?;
    begin_anew(app, session).await?;
    session.insert(STUDENT_KEY, student_id).await?;
    Ok(())
}

async fn begin_anew(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.db.clock().now();
    session.clear().await;
    session.cycle_id().await?;
    session.insert(SIGNED_IN_KEY, now.timestamp()).await?;
    session.insert(SEEN_KEY, now.timestamp()).await?;
    Ok(())
}

/// How a session stands to its time-outs.
enum Timeliness {
    /// Holds.
    Fresh,
    /// Holds, and the last request is to be written down.
    ToBeTouched,
    /// Idle too long, or too old.
    Over,
}

async fn timeliness(app: &App, session: &Session) -> Result<Timeliness, AppError> {
    let instant = |seconds: Option<i64>| {
        seconds
            .and_then(|at| DateTime::from_timestamp(at, 0))
            .unwrap_or_default()
    };
    let signed_in_at = instant(session.get(SIGNED_IN_KEY).await?);
    let seen_at = instant(session.get(SEEN_KEY).await?);
    let now = app.db.clock().now();
    let timely = now - seen_at <= TimeDelta::minutes(app.config.idle_minutes)
        && now - signed_in_at <= TimeDelta::hours(app.config.absolute_hours);
    Ok(match timely {
        false => Timeliness::Over,
        true if now - seen_at > TOUCH_EVERY => Timeliness::ToBeTouched,
        true => Timeliness::Fresh,
    })
}

async fn touch(app: &App, session: &Session) -> Result<(), AppError> {
    session.insert(SEEN_KEY, app.db.clock().now().timestamp()).await?;
    Ok(())
}

/// The student who is signed in, if the session still holds and the record is still there.
pub(super) async fn signed_in_student(
    app: &App,
    session: &Session,
) -> Result<Option<student::Model>, AppError> {
    let Some(student_id) = session.get::<i64>(STUDENT_KEY).await? else {
        return Ok(None);
    };
    let timeliness = timeliness(app, session).await?;
    let found = match timeliness {
        Timeliness::Over => None,
        Timeliness::Fresh | Timeliness::ToBeTouched => {
            queries::find_student(app.db.reader(), &Scope::Student(student_id)).await?
        }
    };
    match (found, timeliness) {
        (None, _) => {
            session.flush().await?;
            Ok(None)
        }
        (found, Timeliness::ToBeTouched) => {
            touch(app, session).await?;
            Ok(found)
        }
        (found, _) => Ok(found),
    }
}

/// Who is signed in, if the session still holds: not idle too long, not too old, not voided, the account not ended.
pub(super) async fn signed_in(
    app: &App,
    session: &Session,
    address: String,
) -> Result<Option<Officer>, AppError> {
    let Some(account_id) = session.get::<i64>(ACCOUNT_KEY).await? else {
        return Ok(None);
    };
    let timeliness = timeliness(app, session).await?;
    let epoch: Option<i32> = session.get(EPOCH_KEY).await?;

    let found = queries::account_with_roles(app.db.reader(), account_id, app.db.clock().today()).await?;
    let found = found
        .filter(|found| found.account.disabled_at.is_none() && Some(found.account.session_epoch) == epoch);
    let (Some(found), Timeliness::Fresh | Timeliness::ToBeTouched) = (found, &timeliness) else {
        session.flush().await?;
        return Ok(None);
    };
    let mut officer = officer(found, Some(address));
    // Whoever came by the single sign-on has no password here to change.
    officer.must_change_password = officer.must_change_password && !sso::began_session(session).await?;
    if matches!(timeliness, Timeliness::ToBeTouched) {
        touch(app, session).await?;
    }
    Ok(Some(officer))
}

fn officer(found: queries::Found, address: Option<String>) -> Officer {
    let account = found.account;
    Officer {
        account_id: account.id,
        login: account.login,
        name: account.name,
        assigned: found.assigned,
        must_change_password: account.must_change_password,
        address,
        preferences: found.preferences,
    }
}

/// Whoever asked for a job, with what is assigned to them today; nobody when the account has ended.
pub(super) async fn of_owner(app: &App, owner: &Actor) -> Result<Option<Officer>, DbErr> {
    let Some(account_id) = owner.account_id else {
        return Ok(None);
    };
    let found = queries::account_with_roles(app.db.reader(), account_id, app.db.clock().today()).await?;
    Ok(found
        .filter(|found| found.account.disabled_at.is_none())
        .map(|found| officer(found, owner.address.clone())))
}

/// 退出所有登录: voids every session of the account, inside a change.
///
/// # Errors
///
/// When the database does not answer.
pub async fn end_all_sessions(change: &Change, account_id: i64) -> Result<(), DbErr> {
    queries::raise_epoch(change.tx(), account_id).await
}
