//! The stored findings: what is there, what a refresh writes, settlements and sign-offs.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use qihang_db::entity::{finding, sign_off, student};
use qihang_db::{Scope, bulk, records};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::CHUNK;
use crate::findings::faults::DOUBLE;
use crate::findings::model::{Found, Kind, Severity};
use crate::findings::rules::Plan;

/// The stored findings of a class year, in order of student; of `only` these students where it is given.
pub(in crate::findings) async fn stored_of(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    only: Option<&[i64]>,
) -> Result<Vec<finding::Model>, DbErr> {
    let mut rows = scope
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(year));
    if let Some(ids) = only {
        rows = rows.filter(finding::Column::StudentId.is_in(ids.iter().copied()));
    }
    rows.order_by_asc(finding::Column::StudentId)
        .order_by_asc(finding::Column::Id)
        .all(connection)
        .await
}

/// These students and everybody whose findings may follow theirs: who holds one of their numbers, or stands in a
/// finding of these class years about a shared number (the number that they shared may have just been changed).
pub(in crate::findings) async fn touched_with_partners(
    connection: &impl ConnectionTrait,
    years: &[i32],
    ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    let mut touched: BTreeSet<i64> = ids.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let numbers = Scope::Everyone
            .select::<student::Entity>()
            .select_only()
            .column(student::Column::DocumentNo)
            .filter(student::Column::Id.is_in(chunk.iter().copied()))
            .filter(student::Column::DocumentNo.ne(""))
            .into_query();
        let holders: Vec<i64> = Scope::Everyone
            .select::<student::Entity>()
            .select_only()
            .column(student::Column::Id)
            .filter(student::Column::DocumentNo.ne(""))
            .filter(student::Column::DocumentNo.in_subquery(numbers))
            .into_tuple()
            .all(connection)
            .await?;
        touched.extend(holders);
    }
    let partners: Vec<i64> = Scope::Everyone
        .select::<finding::Entity>()
        .select_only()
        .column(finding::Column::StudentId)
        // Said so that the index by class year and kind serves: this is asked at every change of a single student.
        .filter(finding::Column::ClassYear.is_in(years.iter().copied()))
        .filter(finding::Column::Kind.is_in([Kind::IdentityDuplicate, Kind::WrongAddition].map(Kind::code)))
        .filter(
            Condition::any()
                .add(finding::Column::Kind.eq(Kind::IdentityDuplicate.code()))
                .add(
                    finding::Column::Kind
                        .eq(Kind::WrongAddition.code())
                        .and(finding::Column::Value.contains(DOUBLE)),
                ),
        )
        .into_tuple()
        .all(connection)
        .await?;
    touched.extend(partners);
    Ok(touched.into_iter().collect())
}

/// Writes what a refresh found out.
pub(in crate::findings) async fn apply(
    tx: &impl ConnectionTrait,
    year: i32,
    now: DateTime<Utc>,
    plan: &Plan,
) -> Result<(), DbErr> {
    for chunk in plan.gone.chunks(CHUNK) {
        finding::Entity::delete_many()
            .filter(finding::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    let rows = plan
        .appeared
        .iter()
        .map(|(student_id, found)| row(year, *student_id, found, now))
        .collect();
    // Two rosters that change at once may both come upon the same shared number.
    let already_there = OnConflict::columns([
        finding::Column::ClassYear,
        finding::Column::StudentId,
        finding::Column::Kind,
        finding::Column::Field,
    ])
    .do_nothing()
    .to_owned();
    bulk::insert(tx, rows, Some(&already_there)).await?;
    for renewed in &plan.renewed {
        let mut active = finding::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(renewed.id),
            severity: Set(renewed.found.kind.severity().code().to_owned()),
            value: Set(renewed.found.value.clone()),
            value_digest: Set(renewed.found.value_digest.clone()),
            reason: Set(renewed.found.reason.clone()),
            ..Default::default()
        };
        if renewed.is_new_case {
            active.found_at = Set(now);
            active.settled_at = Set(None);
            active.settled_by = Set(None);
            active.settled_reason = Set(None);
        }
        active.update(tx).await?;
    }
    Ok(())
}

fn row(year: i32, student_id: i64, found: &Found, now: DateTime<Utc>) -> finding::ActiveModel {
    finding::ActiveModel {
        class_year: Set(year),
        student_id: Set(student_id),
        kind: Set(found.kind.code().to_owned()),
        severity: Set(found.kind.severity().code().to_owned()),
        field: Set(found.kind.field().to_owned()),
        value: Set(found.value.clone()),
        value_digest: Set(found.value_digest.clone()),
        reason: Set(found.reason.clone()),
        found_at: Set(now),
        settled_at: Set(None),
        settled_by: Set(None),
        settled_reason: Set(None),
        ..Default::default()
    }
}

/// A settlement that holds as long as the digest does.
#[derive(Clone, Debug)]
pub(in crate::findings) struct Settled {
    pub value_digest: String,
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// The settlements of a class year by student and kind.
pub(in crate::findings) async fn settled_digests(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<HashMap<(i64, String), Settled>, DbErr> {
    let rows = scope
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::SettledAt.is_not_null())
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let settled = Settled {
                value_digest: row.value_digest,
                at: row.settled_at?,
                reason: row.settled_reason?,
            };
            Some(((row.student_id, row.kind), settled))
        })
        .collect())
}

/// Settles those of the findings that are open; answers which that were.
pub(in crate::findings) async fn settle(
    tx: &impl ConnectionTrait,
    ids: &[i64],
    now: DateTime<Utc>,
    by: Option<i64>,
    reason: &str,
) -> Result<Vec<i64>, DbErr> {
    let written = finding::Entity::update_many()
        .col_expr(finding::Column::SettledAt, Expr::value(Some(now)))
        .col_expr(finding::Column::SettledBy, Expr::value(by))
        .col_expr(finding::Column::SettledReason, Expr::value(Some(reason)))
        .filter(finding::Column::Id.is_in(ids.iter().copied()))
        .filter(finding::Column::SettledAt.is_null())
        .exec_with_returning(tx)
        .await?;
    Ok(written.into_iter().map(|row| row.id).collect())
}

/// Opens those of the findings again that are settled; answers which that were.
pub(in crate::findings) async fn reopen_settled(
    tx: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    let written = finding::Entity::update_many()
        .col_expr(finding::Column::SettledAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(finding::Column::SettledBy, Expr::value(None::<i64>))
        .col_expr(finding::Column::SettledReason, Expr::value(None::<String>))
        .filter(finding::Column::Id.is_in(ids.iter().copied()))
        .filter(finding::Column::SettledAt.is_not_null())
        .exec_with_returning(tx)
        .await?;
    Ok(written.into_iter().map(|row| row.id).collect())
}

/// Whom these findings are about.
pub(in crate::findings) async fn students_of(
    connection: &impl ConnectionTrait,
    finding_ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    Scope::Everyone
        .select::<finding::Entity>()
        .select_only()
        .column(finding::Column::StudentId)
        .distinct()
        .filter(finding::Column::Id.is_in(finding_ids.iter().copied()))
        .into_tuple()
        .all(connection)
        .await
}

/// Ends every signature whose 院 has an open fault again.
pub(in crate::findings) async fn reopen_broken_sign_offs(
    tx: &impl ConnectionTrait,
    year: i32,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let signed = records::<sign_off::Entity>()
        .filter(sign_off::Column::ClassYear.eq(year))
        .filter(sign_off::Column::ReopenedAt.is_null())
        .all(tx)
        .await?;
    if signed.is_empty() {
        return Ok(());
    }
    let mut broken = BTreeSet::new();
    for owner in [student::Column::CollegeId, student::Column::SecondCollegeId] {
        let colleges: Vec<i64> = Scope::Everyone
            .select::<finding::Entity>()
            .select_only()
            .column(owner)
            .distinct()
            .filter(finding::Column::ClassYear.eq(year))
            .filter(finding::Column::Severity.eq(Severity::Fault.code()))
            .filter(finding::Column::SettledAt.is_null())
            .filter(owner.is_in(signed.iter().map(|signed| signed.college_id)))
            .into_tuple()
            .all(tx)
            .await?;
        broken.extend(colleges);
    }
    if broken.is_empty() {
        return Ok(());
    }
    sign_off::Entity::update_many()
        .col_expr(sign_off::Column::ReopenedAt, Expr::value(Some(now)))
        .filter(sign_off::Column::ClassYear.eq(year))
        .filter(sign_off::Column::CollegeId.is_in(broken))
        .filter(sign_off::Column::ReopenedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Signs; the unique index refuses a second signature that stands.
pub(in crate::findings) async fn sign_off(
    tx: &impl ConnectionTrait,
    year: i32,
    college_id: i64,
    by: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = sign_off::ActiveModel {
        class_year: Set(year),
        college_id: Set(college_id),
        signed_by: Set(by),
        signed_at: Set(now),
        reopened_at: Set(None),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// Takes a standing signature back; answers whether there was one.
pub(in crate::findings) async fn withdraw_sign_off(
    tx: &impl ConnectionTrait,
    year: i32,
    college_id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let written = sign_off::Entity::update_many()
        .col_expr(sign_off::Column::ReopenedAt, Expr::value(Some(now)))
        .filter(sign_off::Column::ClassYear.eq(year))
        .filter(sign_off::Column::CollegeId.eq(college_id))
        .filter(sign_off::Column::ReopenedAt.is_null())
        .exec(tx)
        .await?;
    Ok(written.rows_affected > 0)
}

/// The kinds of the open findings of these students.
pub(in crate::findings) async fn open_kinds(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    student_ids: &[i64],
) -> Result<HashMap<i64, Vec<Kind>>, DbErr> {
    let mut kinds = HashMap::<i64, Vec<Kind>>::new();
    for ids in student_ids.chunks(CHUNK) {
        let rows: Vec<(i64, String)> = scope
            .select::<finding::Entity>()
            .select_only()
            .columns([finding::Column::StudentId, finding::Column::Kind])
            .filter(finding::Column::StudentId.is_in(ids.iter().copied()))
            .filter(finding::Column::ClassYear.eq(year))
            .filter(finding::Column::SettledAt.is_null())
            .order_by_asc(finding::Column::Id)
            .into_tuple()
            .all(connection)
            .await?;
        for (student_id, kind) in rows {
            kinds
                .entry(student_id)
                .or_default()
                .extend(Kind::from_code(&kind));
        }
    }
    Ok(kinds)
}

/// When the head of a 院 signed 核对无遗漏, where the signature stands.
pub(crate) async fn signed_at(
    connection: &impl ConnectionTrait,
    year: i32,
    college_id: i64,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = records::<sign_off::Entity>()
        .filter(sign_off::Column::ClassYear.eq(year))
        .filter(sign_off::Column::CollegeId.eq(college_id))
        .filter(sign_off::Column::ReopenedAt.is_null())
        .one(connection)
        .await?;
    Ok(row.map(|row| row.signed_at))
}
