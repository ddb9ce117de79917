//! Class years as they stand in the database, and who answers for one in each 院.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use qihang_db::entity::{account, assignment, class_year, class_year_officer, roster_entry, student};
use qihang_db::{ClassYearState, EntryState, Role, Scope, records};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait,
};

use super::model::{ClassYear, Details, OriginDepth, Schedule};

fn details(row: &class_year::Model) -> Result<Details, DbErr> {
    let unreadable = || DbErr::Custom(format!("class year {} cannot be read", row.year));
    Ok(Details {
        year: ClassYear::new(row.year).ok_or_else(unreadable)?,
        state: ClassYearState::from_code(&row.state).ok_or_else(unreadable)?,
        roster_due: row.roster_due,
        activation_due: row.activation_due,
        doctoral_due: row.doctoral_due,
        extended_due: row.extended_due,
        origin_depth: OriginDepth::from_code(&row.origin_depth).ok_or_else(unreadable)?,
    })
}

/// The class year, where the centre has planned or opened it.
///
/// # Errors
///
/// When the database does not answer.
pub async fn find(connection: &impl ConnectionTrait, year: ClassYear) -> Result<Option<Details>, DbErr> {
    let found = records::<class_year::Entity>()
        .filter(class_year::Column::Year.eq(year.year()))
        .one(connection)
        .await?;
    found.as_ref().map(details).transpose()
}

/// All class years, the newest first.
///
/// # Errors
///
/// When the database does not answer.
pub async fn list(connection: &impl ConnectionTrait) -> Result<Vec<Details>, DbErr> {
    let rows = records::<class_year::Entity>()
        .order_by_desc(class_year::Column::Year)
        .all(connection)
        .await?;
    rows.iter().map(details).collect()
}

/// How many students a class year is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Expected in it.
    pub expected: i64,
    /// On its roster, open or closed.
    pub on_roster: i64,
}

/// Students of the scope by class year.
///
/// # Errors
///
/// When the database does not answer.
pub async fn counts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<BTreeMap<i32, Counts>, DbErr> {
    let expected: Vec<(i32, i64)> = scope
        .select::<student::Entity>()
        .select_only()
        .column(student::Column::ExpectedYear)
        .column_as(student::Column::Id.count(), "students")
        .filter(student::Column::ExpectedYear.is_not_null())
        .group_by(student::Column::ExpectedYear)
        .into_tuple()
        .all(connection)
        .await?;
    let on_roster: Vec<(i32, i64)> = scope
        .select::<roster_entry::Entity>()
        .select_only()
        .column(roster_entry::Column::ClassYear)
        .column_as(roster_entry::Column::Id.count(), "entries")
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .group_by(roster_entry::Column::ClassYear)
        .into_tuple()
        .all(connection)
        .await?;
    let mut counts = BTreeMap::<i32, Counts>::new();
    for (year, students) in expected {
        counts.entry(year).or_default().expected = students;
    }
    for (year, entries) in on_roster {
        counts.entry(year).or_default().on_roster = entries;
    }
    Ok(counts)
}

/// Writes a class year, new or not.
pub(super) async fn save(
    tx: &impl ConnectionTrait,
    year: ClassYear,
    state: ClassYearState,
    schedule: &Schedule,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), DbErr> {
    let row = class_year::ActiveModel {
        year: Set(year.year()),
        state: Set(state.code().to_owned()),
        roster_due: Set(schedule.roster_due),
        activation_due: Set(schedule.activation_due),
        doctoral_due: Set(schedule.doctoral_due),
        extended_due: Set(schedule.extended_due),
        origin_depth: Set(schedule.origin_depth.code().to_owned()),
        opened_at: Set((state != ClassYearState::Planned).then_some(now)),
        closed_at: Set((state == ClassYearState::Closed).then_some(now)),
    };
    let columns = [
        class_year::Column::State,
        class_year::Column::RosterDue,
        class_year::Column::ActivationDue,
        class_year::Column::DoctoralDue,
        class_year::Column::ExtendedDue,
        class_year::Column::OriginDepth,
        class_year::Column::OpenedAt,
        class_year::Column::ClosedAt,
    ];
    class_year::Entity::insert(row)
        .on_conflict(
            OnConflict::column(class_year::Column::Year)
                .update_columns(columns)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes the dates and rules alone.
pub(super) async fn save_schedule(
    tx: &impl ConnectionTrait,
    year: ClassYear,
    schedule: &Schedule,
) -> Result<(), DbErr> {
    class_year::ActiveModel {
        year: Set(year.year()),
        roster_due: Set(schedule.roster_due),
        activation_due: Set(schedule.activation_due),
        doctoral_due: Set(schedule.doctoral_due),
        extended_due: Set(schedule.extended_due),
        origin_depth: Set(schedule.origin_depth.code().to_owned()),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

/// Marks a class year as closed.
pub(super) async fn mark_closed(
    tx: &impl ConnectionTrait,
    year: ClassYear,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), DbErr> {
    class_year::ActiveModel {
        year: Set(year.year()),
        state: Set(ClassYearState::Closed.code().to_owned()),
        closed_at: Set(Some(now)),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

/// Turns the entries of a class year from one state to another; answers how many there were.
pub(super) async fn turn_entries(
    tx: &impl ConnectionTrait,
    year: ClassYear,
    from: EntryState,
    to: EntryState,
) -> Result<u64, DbErr> {
    // Closing concerns every student of the class year, so there is no scope that could cut it down.
    let done = roster_entry::Entity::update_many()
        .col_expr(roster_entry::Column::State, Expr::value(to.code()))
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.eq(from.code()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// 学号 of students with a closed entry in `year` who have been put on an open roster since; up to `limit`.
pub(super) async fn on_another_open_roster(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    limit: u64,
) -> Result<Vec<String>, DbErr> {
    let open_elsewhere = scope
        .select::<roster_entry::Entity>()
        .select_only()
        .column(roster_entry::Column::StudentId)
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .into_query();
    scope
        .select::<roster_entry::Entity>()
        .select_only()
        .column(student::Column::StudentNo)
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.eq(EntryState::Closed.code()))
        .filter(roster_entry::Column::StudentId.in_subquery(open_elsewhere))
        .order_by_asc(student::Column::StudentNo)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await
}

/// Somebody who may answer for a 院, or does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Responsible {
    /// 工号.
    pub login: String,
    /// 姓名.
    pub name: String,
    /// Account.
    pub account_id: i64,
}

/// Officers and heads of each 院 on `day` whose account is in use.
pub(super) async fn officers_by_college(
    connection: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<BTreeMap<i64, BTreeSet<Responsible>>, DbErr> {
    let rows: Vec<(i64, i64, String, String)> = records::<assignment::Entity>()
        .join(JoinType::InnerJoin, assignment::Relation::Account.def())
        .select_only()
        .column(assignment::Column::CollegeId)
        .column(account::Column::Id)
        .column(account::Column::Login)
        .column(account::Column::Name)
        .filter(assignment::Column::Role.is_in([Role::Officer.code(), Role::Head.code()]))
        .filter(assignment::Column::CollegeId.is_not_null())
        .filter(assignment::Column::StartsOn.lte(day))
        .filter(
            Condition::any()
                .add(assignment::Column::EndsOn.is_null())
                .add(assignment::Column::EndsOn.gte(day)),
        )
        .filter(account::Column::DisabledAt.is_null())
        .into_tuple()
        .all(connection)
        .await?;
    let mut officers = BTreeMap::<_, BTreeSet<_>>::new();
    for (college_id, account_id, login, name) in rows {
        officers.entry(college_id).or_default().insert(Responsible {
            login,
            name,
            account_id,
        });
    }
    Ok(officers)
}

/// Who answers for a class year, by 院; also somebody who has left since.
///
/// # Errors
///
/// When the database does not answer.
pub async fn responsible(
    connection: &impl ConnectionTrait,
    year: ClassYear,
) -> Result<BTreeMap<i64, Responsible>, DbErr> {
    let rows: Vec<(i64, i64, String, String)> = records::<class_year_officer::Entity>()
        .join(
            JoinType::InnerJoin,
            class_year_officer::Entity::belongs_to(account::Entity)
                .from(class_year_officer::Column::AccountId)
                .to(account::Column::Id)
                .into(),
        )
        .select_only()
        .column(class_year_officer::Column::CollegeId)
        .column(account::Column::Id)
        .column(account::Column::Login)
        .column(account::Column::Name)
        .filter(class_year_officer::Column::ClassYear.eq(year.year()))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(college_id, account_id, login, name)| {
            (
                college_id,
                Responsible {
                    login,
                    name,
                    account_id,
                },
            )
        })
        .collect())
}

/// Names who answers for a 院 in a class year, or nobody.
pub(super) async fn set_responsible(
    tx: &impl ConnectionTrait,
    year: ClassYear,
    college_id: i64,
    account_id: Option<i64>,
) -> Result<(), DbErr> {
    class_year_officer::Entity::delete_many()
        .filter(class_year_officer::Column::ClassYear.eq(year.year()))
        .filter(class_year_officer::Column::CollegeId.eq(college_id))
        .exec(tx)
        .await?;
    if let Some(account_id) = account_id {
        class_year_officer::ActiveModel {
            class_year: Set(year.year()),
            college_id: Set(college_id),
            account_id: Set(account_id),
        }
        .insert(tx)
        .await?;
    }
    Ok(())
}
