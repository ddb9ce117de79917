//! Groups and their versions, as they are stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{leadership_member, leadership_reminder, leadership_report};
use qihang_db::{Change, GroupRole, records};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::model::Member;

/// A 院 and a class year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// 院.
    pub college_id: i64,
    /// Class year.
    pub year: i32,
}

/// A version with its members, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The version.
    pub row: leadership_report::Model,
    /// Its members.
    pub members: Vec<Member>,
}

fn of_place(place: Place) -> sea_orm::Select<leadership_report::Entity> {
    records::<leadership_report::Entity>()
        .filter(leadership_report::Column::CollegeId.eq(place.college_id))
        .filter(leadership_report::Column::ClassYear.eq(place.year))
        .order_by_desc(leadership_report::Column::Number)
}

/// All versions of a group, the newest first; a draft is the first.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn versions(
    connection: &impl ConnectionTrait,
    place: Place,
) -> Result<Vec<leadership_report::Model>, DbErr> {
    of_place(place).all(connection).await
}

/// What there is to work on: the draft, else the newest version; `None` where there is neither.
pub async fn current(connection: &impl ConnectionTrait, place: Place) -> Result<Option<Report>, DbErr> {
    with_members(connection, of_place(place).one(connection).await?).await
}

/// The newest version that was reported.
pub async fn submitted(connection: &impl ConnectionTrait, place: Place) -> Result<Option<Report>, DbErr> {
    let found = of_place(place)
        .filter(leadership_report::Column::SubmittedAt.is_not_null())
        .one(connection)
        .await?;
    with_members(connection, found).await
}

/// One version.
pub async fn version(
    connection: &impl ConnectionTrait,
    place: Place,
    number: i32,
) -> Result<Option<Report>, DbErr> {
    let found = of_place(place)
        .filter(leadership_report::Column::Number.eq(number))
        .one(connection)
        .await?;
    with_members(connection, found).await
}

async fn with_members(
    connection: &impl ConnectionTrait,
    row: Option<leadership_report::Model>,
) -> Result<Option<Report>, DbErr> {
    let Some(row) = row else { return Ok(None) };
    let members = members(connection, [row.id]).await?.remove(&row.id);
    Ok(Some(Report {
        row,
        members: members.unwrap_or_default(),
    }))
}

/// The members of versions, in order, by row id of the version.
pub(super) async fn members(
    connection: &impl ConnectionTrait,
    reports: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Vec<Member>>, DbErr> {
    let rows = records::<leadership_member::Entity>()
        .filter(leadership_member::Column::ReportId.is_in(reports))
        .order_by_asc(leadership_member::Column::ReportId)
        .order_by_asc(leadership_member::Column::Position)
        .all(connection)
        .await?;
    let mut by_report = HashMap::<i64, Vec<Member>>::new();
    for row in rows {
        let role = GroupRole::from_code(&row.role)
            .ok_or_else(|| DbErr::Custom(format!("leadership member {} cannot be read", row.id)))?;
        by_report.entry(row.report_id).or_default().push(Member {
            name: row.name,
            post: row.post,
            role,
            telephone: row.telephone,
            email: row.email,
        });
    }
    Ok(by_report)
}

/// All versions of a class year, by 院, the newest first.
pub(super) async fn of_year(
    connection: &impl ConnectionTrait,
    year: i32,
) -> Result<BTreeMap<i64, Vec<leadership_report::Model>>, DbErr> {
    let rows = records::<leadership_report::Entity>()
        .filter(leadership_report::Column::ClassYear.eq(year))
        .order_by_asc(leadership_report::Column::CollegeId)
        .order_by_desc(leadership_report::Column::Number)
        .all(connection)
        .await?;
    let mut by_college = BTreeMap::<i64, Vec<leadership_report::Model>>::new();
    for row in rows {
        by_college.entry(row.college_id).or_default().push(row);
    }
    Ok(by_college)
}

/// The 院 that have reported their group for a class year.
pub async fn reported(connection: &impl ConnectionTrait, year: i32) -> Result<BTreeSet<i64>, DbErr> {
    let ids: Vec<i64> = records::<leadership_report::Entity>()
        .filter(leadership_report::Column::ClassYear.eq(year))
        .filter(leadership_report::Column::SubmittedAt.is_not_null())
        .select_only()
        .column(leadership_report::Column::CollegeId)
        .distinct()
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Begins a draft; answers its row id.
pub(super) async fn insert_draft(change: &Change, place: Place, number: i32) -> Result<i64, DbErr> {
    let row = leadership_report::ActiveModel {
        college_id: Set(place.college_id),
        class_year: Set(place.year),
        number: Set(number),
        revision: Set(1),
        changed_at: Set(change.now()),
        changed_by: Set(change.actor().account_id),
        submitted_at: Set(None),
        submitted_by: Set(None),
        ..Default::default()
    };
    Ok(row.insert(change.tx()).await?.id)
}

/// Raises the revision of a draft, and writes what else is given; answers whether it still was the revision that was seen.
pub(super) async fn advance(
    change: &Change,
    row: &leadership_report::Model,
    submits: bool,
) -> Result<bool, DbErr> {
    use leadership_report::Column;
    let (now, by) = (change.now(), change.actor().account_id);
    let mut update = leadership_report::Entity::update_many()
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Revision.eq(row.revision))
        .filter(Column::SubmittedAt.is_null());
    update = if submits {
        update
            .col_expr(Column::SubmittedAt, Expr::value(now))
            .col_expr(Column::SubmittedBy, Expr::value(by))
    } else {
        update
            .col_expr(Column::ChangedAt, Expr::value(now))
            .col_expr(Column::ChangedBy, Expr::value(by))
    };
    Ok(update.exec(change.tx()).await?.rows_affected == 1)
}

/// Writes the members of a draft in place of those that it had.
pub(super) async fn write_members(
    tx: &impl ConnectionTrait,
    report_id: i64,
    members: &[Member],
) -> Result<(), DbErr> {
    leadership_member::Entity::delete_many()
        .filter(leadership_member::Column::ReportId.eq(report_id))
        .exec(tx)
        .await?;
    if members.is_empty() {
        return Ok(());
    }
    let rows = members
        .iter()
        .zip(0_i32..)
        .map(|(member, position)| leadership_member::ActiveModel {
            report_id: Set(report_id),
            position: Set(position),
            name: Set(member.name.clone()),
            post: Set(member.post.clone()),
            role: Set(member.role.code().to_owned()),
            telephone: Set(member.telephone.clone()),
            email: Set(member.email.clone()),
            ..Default::default()
        });
    leadership_member::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Throws a draft away, if it still is the revision that was seen.
pub(super) async fn delete_draft(
    tx: &impl ConnectionTrait,
    row: &leadership_report::Model,
) -> Result<bool, DbErr> {
    let deleted = leadership_report::Entity::delete_many()
        .filter(leadership_report::Column::Id.eq(row.id))
        .filter(leadership_report::Column::Revision.eq(row.revision))
        .filter(leadership_report::Column::SubmittedAt.is_null())
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}

/// Notes that these 院 are reminded today; answers those that were not yet, by constraint.
pub(super) async fn note_reminded(
    change: &Change,
    year: i32,
    colleges: &[i64],
    today: NaiveDate,
) -> Result<BTreeSet<i64>, DbErr> {
    let rows = colleges
        .iter()
        .map(|college_id| leadership_reminder::ActiveModel {
            college_id: Set(*college_id),
            class_year: Set(year),
            sent_on: Set(today),
            sent_at: Set(change.now()),
            sent_by: Set(change.actor().account_id),
            notice_id: Set(None),
            ..Default::default()
        });
    let mut insert = leadership_reminder::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .into_query();
    insert.returning_col(leadership_reminder::Column::CollegeId);
    let mut reminded = BTreeSet::new();
    for row in change.tx().query_all(&insert).await? {
        reminded.insert(row.try_get("", "college_id")?);
    }
    Ok(reminded)
}

/// Notes by which notice these 院 were reminded.
pub(super) async fn note_notice(
    change: &Change,
    year: i32,
    colleges: &BTreeSet<i64>,
    (today, notice_id): (NaiveDate, i64),
) -> Result<(), DbErr> {
    use leadership_reminder::Column;
    leadership_reminder::Entity::update_many()
        .col_expr(Column::NoticeId, Expr::value(notice_id))
        .filter(Column::ClassYear.eq(year))
        .filter(Column::SentOn.eq(today))
        .filter(Column::CollegeId.is_in(colleges.iter().copied()))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// When each 院 was last reminded.
pub(super) async fn last_reminded(
    connection: &impl ConnectionTrait,
    year: i32,
) -> Result<HashMap<i64, DateTime<Utc>>, DbErr> {
    let rows = records::<leadership_reminder::Entity>()
        .filter(leadership_reminder::Column::ClassYear.eq(year))
        .order_by_asc(leadership_reminder::Column::Id)
        .all(connection)
        .await?;
    // The last of each 院 stays.
    Ok(rows
        .into_iter()
        .map(|row| (row.college_id, row.sent_at))
        .collect())
}
