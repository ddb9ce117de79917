//! The pages of accounts: the list, one account, the own account.

pub(super) mod list;
pub(super) mod one;
pub(super) mod own;

use chrono::NaiveDate;

use super::queries::GivenRole;
use super::rules::AccountError;
use crate::web::AppError;

const HERE: &str = "/manage/accounts";

/// Where a role stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RoleTime {
    /// Holds today.
    Current,
    /// Begins later.
    Future,
    /// Is over.
    Past,
}

/// A role as the pages show it.
struct RoleRow {
    id: i64,
    label: String,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    time: RoleTime,
}

impl RoleRow {
    fn of(given: &GivenRole, today: NaiveDate) -> Self {
        let time = if given.holds_on(today) {
            RoleTime::Current
        } else if given.starts_on > today {
            RoleTime::Future
        } else {
            RoleTime::Past
        };
        Self {
            id: given.id,
            label: given.label(),
            starts_on: given.starts_on,
            ends_on: given.ends_on,
            time,
        }
    }
}

/// A refusal that has no field of a form to stand beside.
fn refused(error: AccountError) -> AppError {
    match error {
        AccountError::Unknown => AppError::NotFound,
        AccountError::Db(error) => error.into(),
        AccountError::Hash => AppError::internal("a password could not be hashed"),
        other => AppError::Conflict(other.message()),
    }
}

/// The text for the form, or the page where it is no mistake of the person.
fn mistake(error: AccountError) -> Result<String, AppError> {
    match error {
        AccountError::Unknown | AccountError::Db(_) | AccountError::Hash => Err(refused(error)),
        other => Ok(other.message()),
    }
}
