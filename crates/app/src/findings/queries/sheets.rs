//! How far each 院 is.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{college, finding, sign_off, student};
use qihang_db::{Scope, records};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::accounts;
use crate::findings::model::{Counts, Kind, Severity};
use crate::school;

/// How many open faults a 院 has: what stands in the way of 核对无遗漏.
pub(in crate::findings) async fn open_faults_of(
    connection: &impl ConnectionTrait,
    college_id: i64,
    year: i32,
) -> Result<u64, DbErr> {
    Scope::of_college(college_id)
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::Severity.eq(Severity::Fault.code()))
        .filter(finding::Column::SettledAt.is_null())
        .count(connection)
        .await
}

/// How far a 院 is.
#[derive(Clone, Debug)]
pub(in crate::findings) struct Sheet {
    pub college: college::Model,
    pub counts: Counts,
    /// When the oldest open fault was found.
    pub oldest: Option<DateTime<Utc>>,
    /// Who signed 核对无遗漏, and when.
    pub signed: Option<(String, DateTime<Utc>)>,
    /// When the last signature was ended by a later finding, while there is no new one.
    pub reopened_at: Option<DateTime<Utc>>,
}

/// How far each 院 of the scope is: most unfinished work first, then the oldest; who signed comes last.
pub(in crate::findings) async fn college_sheets(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<Vec<Sheet>, DbErr> {
    let colleges = school::queries::colleges_in(connection, scope).await?;
    let signatures = records::<sign_off::Entity>()
        .filter(sign_off::Column::ClassYear.eq(year))
        .order_by_asc(sign_off::Column::Id)
        .all(connection)
        .await?;
    let signers = accounts::names(connection, signatures.iter().map(|signed| signed.signed_by)).await?;
    let mut sheets: HashMap<i64, Sheet> = colleges
        .into_iter()
        .map(|college| {
            let last = signatures
                .iter()
                .rev()
                .find(|signed| signed.college_id == college.id);
            let sheet = Sheet {
                signed: last.filter(|signed| signed.reopened_at.is_none()).map(|signed| {
                    let name = signers.get(&signed.signed_by).cloned().unwrap_or_default();
                    (name, signed.signed_at)
                }),
                reopened_at: last.and_then(|signed| signed.reopened_at),
                counts: Counts::default(),
                oldest: None,
                college,
            };
            (sheet.college.id, sheet)
        })
        .collect();
    for owner in [student::Column::CollegeId, student::Column::SecondCollegeId] {
        for (college_id, kind, count, oldest) in by_college(connection, scope, year, owner).await? {
            let Some(sheet) = sheets.get_mut(&college_id) else {
                continue;
            };
            sheet.counts.add(&kind, count);
            if Kind::from_code(&kind).map(Kind::severity) != Some(Severity::Info) {
                sheet.oldest = Some(sheet.oldest.map_or(oldest, |known| Ord::min(known, oldest)));
            }
        }
    }
    let mut sheets: Vec<Sheet> = sheets.into_values().collect();
    sheets.sort_by(|one, other| {
        one.signed
            .is_some()
            .cmp(&other.signed.is_some())
            .then(other.counts.to_do().cmp(&one.counts.to_do()))
            .then(one.oldest.cmp(&other.oldest))
            .then(one.college.code.cmp(&other.college.code))
    });
    Ok(sheets)
}

async fn by_college(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    owner: student::Column,
) -> Result<Vec<(i64, String, i64, DateTime<Utc>)>, DbErr> {
    scope
        .select::<finding::Entity>()
        .select_only()
        .column(owner)
        .column(finding::Column::Kind)
        .column_as(finding::Column::Id.count(), "found")
        .column_as(finding::Column::FoundAt.min(), "oldest")
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::SettledAt.is_null())
        .filter(owner.is_not_null())
        .group_by(owner)
        .group_by(finding::Column::Kind)
        .into_tuple()
        .all(connection)
        .await
}
