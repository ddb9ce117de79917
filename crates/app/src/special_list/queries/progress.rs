//! How far every 院 is with a doctoral list, and which were reminded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use qihang_db::entity::{special_list_reminder, special_list_row, student};
use qihang_db::{Change, Scope, bulk, records};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select,
};

use super::compare::{Numbers, is_added, is_doctor, named, not_known, not_named};
use crate::class_year::model::ClassYear;

/// How far a 院 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollegeProgress {
    /// The 院.
    pub college_id: i64,
    /// Its numbers; who is no doctor is not counted here.
    pub numbers: Numbers,
}

/// How far every 院 is that has anything to do with the list.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn progress(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    year: ClassYear,
) -> Result<Vec<CollegeProgress>, DbErr> {
    let mut all = BTreeMap::<i64, Numbers>::new();
    let doctors = named(scope, list_id).filter(is_doctor());
    for (college_id, count) in by_college(doctors.clone(), connection).await? {
        all.entry(college_id).or_default().listed = count;
    }
    for (college_id, count) in by_college(doctors.filter(is_added(year).not()), connection).await? {
        all.entry(college_id).or_default().missing = count;
    }
    for (college_id, count) in by_college(not_named(scope, list_id, year), connection).await? {
        all.entry(college_id).or_default().unlisted = count;
    }
    let unknown: Vec<(Option<i64>, i64)> = not_known(scope, list_id)
        .select_only()
        .column(special_list_row::Column::CollegeId)
        .column_as(special_list_row::Column::Id.count(), "number")
        .group_by(special_list_row::Column::CollegeId)
        .into_tuple()
        .all(connection)
        .await?;
    for (college_id, count) in unknown {
        if let Some(college_id) = college_id {
            all.entry(college_id).or_default().unknown = u64::try_from(count).unwrap_or_default();
        }
    }
    Ok(all
        .into_iter()
        .map(|(college_id, numbers)| CollegeProgress { college_id, numbers })
        .collect())
}

async fn by_college<E: EntityTrait>(
    query: Select<E>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<(i64, u64)>, DbErr> {
    let rows: Vec<(i64, i64)> = query
        .select_only()
        .column(student::Column::CollegeId)
        .column_as(student::Column::Id.count(), "number")
        .group_by(student::Column::CollegeId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(college_id, count)| (college_id, u64::try_from(count).unwrap_or_default()))
        .collect())
}

/// The 院 that were reminded on a day.
pub async fn reminded_on(
    connection: &impl ConnectionTrait,
    year: ClassYear,
    day: NaiveDate,
) -> Result<BTreeSet<i64>, DbErr> {
    let ids: Vec<i64> = records::<special_list_reminder::Entity>()
        .filter(special_list_reminder::Column::ClassYear.eq(year.year()))
        .filter(special_list_reminder::Column::SentOn.eq(day))
        .select_only()
        .column(special_list_reminder::Column::CollegeId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Notes that a 院 is reminded today; `false` when it was reminded before.
pub(in crate::special_list) async fn insert_reminder(
    change: &Change,
    year: ClassYear,
    college_id: i64,
    missing: u64,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    let row = special_list_reminder::ActiveModel {
        class_year: Set(year.year()),
        college_id: Set(college_id),
        sent_on: Set(day),
        notice_id: Set(None),
        missing: Set(i32::try_from(missing).unwrap_or(i32::MAX)),
        sent_by: Set(change.actor().account_id),
        sent_at: Set(change.now()),
        ..Default::default()
    };
    let once = OnConflict::new().do_nothing().to_owned();
    Ok(bulk::insert(change.tx(), vec![row], Some(&once)).await? == 1)
}

/// Notes which notice reminded these 院 today.
pub(in crate::special_list) async fn set_reminder_notice(
    change: &Change,
    year: ClassYear,
    college_id: i64,
    day: NaiveDate,
    notice_id: i64,
) -> Result<(), DbErr> {
    special_list_reminder::Entity::update_many()
        .col_expr(
            special_list_reminder::Column::NoticeId,
            Expr::value(Some(notice_id)),
        )
        .filter(special_list_reminder::Column::ClassYear.eq(year.year()))
        .filter(special_list_reminder::Column::CollegeId.eq(college_id))
        .filter(special_list_reminder::Column::SentOn.eq(day))
        .exec(change.tx())
        .await?;
    Ok(())
}
