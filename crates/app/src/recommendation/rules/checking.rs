//! The public check: whether a form with this number and code is genuine, and still the one that counts. It says no more of the
//! student than an employer has to know.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use qihang_db::entity::recommendation_version;
use qihang_db::{Clock, Db, Validity};
use sea_orm::DbErr;

use crate::activation::fields::Field;
use crate::recommendation::model::Code;
use crate::recommendation::model::code::{find, typed_form_no};
use crate::recommendation::model::facts::{from_column, value};
use crate::recommendation::queries::checking;

/// What is shown of a genuine form, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// 姓名.
    pub name: String,
    /// 学院.
    pub school: String,
    /// 专业.
    pub major: String,
    /// 学历.
    pub degree: String,
    /// The day of the approval.
    pub approved_on: NaiveDate,
}

/// What the check finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Genuine, and the one that counts.
    Current(Paper),
    /// Genuine; a newer version was approved on this day.
    Replaced(Paper, NaiveDate),
    /// It was genuine, and was revoked on this day.
    Revoked(Paper, NaiveDate),
    /// There is no form with this number and this code; which of the two is wrong is not said.
    Unknown,
}

/// Why nothing was looked up.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Too many wrong tries from this address.
    #[error("too many wrong tries from this address")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Wrong tries from one address within [`WINDOW`] before it has to wait; an office may share one address.
const MOST_FAILURES: u64 = 30;
/// See [`MOST_FAILURES`].
pub const WINDOW: TimeDelta = TimeDelta::minutes(10);

/// Looks a form up by number and code, and counts that for its student. Right or wrong, it takes two reads, one comparison of every
/// digest and one write.
///
/// # Errors
///
/// [`CheckError::TooMany`] after too many wrong tries from `address`.
pub async fn check(db: &Db, number: &str, code: &str, address: &str) -> Result<Found, CheckError> {
    let now = db.clock().now();
    if checking::failures_from(db.reader(), address, now - WINDOW).await? >= MOST_FAILURES {
        return Err(CheckError::TooMany);
    }
    let versions = checking::approved(db.reader(), &typed_form_no(number)).await?;
    let digests: Vec<&str> = versions
        .iter()
        .map(|version| version.check_digest.as_deref().unwrap_or_default())
        .collect();
    let code = Code::parse(code);
    let found = find(code.as_ref(), &digests).and_then(|at| versions.get(at));
    // Neither is a change of a record.
    let tx = db.begin_write().await?;
    match found {
        Some(version) => checking::count_check(&tx, version.id, now).await?,
        None => checking::insert_failure(&tx, address, now).await?,
    }
    tx.commit().await?;
    Ok(found.map_or(Found::Unknown, said))
}

fn said(version: &recommendation_version::Model) -> Found {
    let facts = from_column(&version.facts);
    let text = |field: Field| value(&facts, field).to_owned();
    let day = |at: Option<DateTime<Utc>>| Clock::day_of(at.unwrap_or(version.submitted_at));
    let paper = Paper {
        name: text(Field::Name),
        school: text(Field::School),
        major: text(Field::Major),
        degree: text(Field::DegreeLevel),
        approved_on: day(version.decided_at),
    };
    match version.validity.as_deref().and_then(Validity::from_code) {
        Some(Validity::Valid) => Found::Current(paper),
        Some(Validity::Replaced) => Found::Replaced(paper, day(version.ended_at)),
        Some(Validity::Revoked) => Found::Revoked(paper, day(version.ended_at)),
        None => Found::Unknown,
    }
}
