//! Accounts as sign-in and sessions need them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{
    account, account_preference, assignment, college, session, sign_in_attempt, student,
};
use qihang_db::{Role, Scope, records};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
    sea_query::{Expr, ExprTrait},
};

use super::officer::Assigned;

pub(super) async fn find_account(
    connection: &impl ConnectionTrait,
    login: &str,
) -> Result<Option<account::Model>, DbErr> {
    records::<account::Entity>()
        .filter(account::Column::Login.eq(login))
        .one(connection)
        .await
}

pub(super) async fn find_account_by_id(
    connection: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<account::Model>, DbErr> {
    records::<account::Entity>()
        .filter(account::Column::Id.eq(id))
        .one(connection)
        .await
}

/// The only student of the scope.
pub(super) async fn find_student(
    connection: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Option<student::Model>, DbErr> {
    scope.select::<student::Entity>().one(connection).await
}

/// The student with this 学号, for signing in: who it is is not known before.
pub(super) async fn find_student_by_no(
    connection: &impl ConnectionTrait,
    student_no: &str,
) -> Result<Option<student::Model>, DbErr> {
    Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.eq(student_no))
        .one(connection)
        .await
}

/// The account, kept from others until the change ends: SQLite has one writer anyway, PostgreSQL has to be asked.
pub(super) async fn lock_account(
    connection: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<account::Model>, DbErr> {
    records::<account::Entity>()
        .filter(account::Column::Id.eq(id))
        .lock_exclusive()
        .one(connection)
        .await
}

/// What is assigned to the account on `day`.
pub(super) async fn assigned(
    connection: &impl ConnectionTrait,
    account_id: i64,
    day: NaiveDate,
) -> Result<Vec<Assigned>, DbErr> {
    let rows: Vec<AssignedRow> = in_force(day)
        .filter(assignment::Column::AccountId.eq(account_id))
        .into_model()
        .all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(AssignedRow::read).collect())
}

/// An account with what belongs to it.
pub(super) struct Found {
    pub(super) account: account::Model,
    /// What is assigned to it; never empty.
    pub(super) assigned: Vec<Assigned>,
    /// What the person chose, as JSON by its key.
    pub(super) preferences: BTreeMap<String, String>,
}

/// The account with what is assigned to it on `day` and what the person chose, in one statement, because every page asks;
/// `None` when there is no such account or nothing is assigned.
pub(super) async fn account_with_roles(
    connection: &impl ConnectionTrait,
    account_id: i64,
    day: NaiveDate,
) -> Result<Option<Found>, DbErr> {
    let rows = in_force(day)
        .filter(assignment::Column::AccountId.eq(account_id))
        .join(JoinType::InnerJoin, assignment::Relation::Account.def())
        .join(
            JoinType::LeftJoin,
            assignment::Entity::belongs_to(account_preference::Entity)
                .from(assignment::Column::AccountId)
                .to(account_preference::Column::AccountId)
                .into(),
        )
        .column_as(account_preference::Column::Key, "preference_key")
        .column_as(account_preference::Column::Value, "preference_value")
        .select_also(account::Entity)
        .into_model::<RowOfAccount, account::Model>()
        .all(connection)
        .await?;
    // Every assignment stands beside every preference: a handful of both.
    let (mut found, mut assigned, mut preferences) = (None, BTreeMap::new(), BTreeMap::new());
    for (row, account) in rows {
        found = found.or(account);
        preferences.extend(row.preference_key.zip(row.preference_value));
        if let Some(one) = row.assigned.read() {
            assigned.insert(row.id, one);
        }
    }
    Ok(found.filter(|_| !assigned.is_empty()).map(|account| Found {
        account,
        assigned: assigned.into_values().collect(),
        preferences,
    }))
}

/// An assignment beside a preference of the account.
#[derive(FromQueryResult)]
struct RowOfAccount {
    /// Of the assignment.
    id: i64,
    #[sea_orm(nested)]
    assigned: AssignedRow,
    preference_key: Option<String>,
    preference_value: Option<String>,
}

/// An assignment with its 院.
#[derive(FromQueryResult)]
struct AssignedRow {
    role: String,
    college_id: Option<i64>,
    college_name: Option<String>,
}

impl AssignedRow {
    fn read(self) -> Option<Assigned> {
        Some(Assigned {
            role: Role::from_code(&self.role)?,
            college: self.college_id.zip(self.college_name),
        })
    }
}

/// Assignments that hold on `day`, each with its 院.
fn in_force(day: NaiveDate) -> Select<assignment::Entity> {
    records::<assignment::Entity>()
        .join(JoinType::LeftJoin, assignment::Relation::College.def())
        .filter(assignment::Column::StartsOn.lte(day))
        .filter(
            Condition::any()
                .add(assignment::Column::EndsOn.is_null())
                .add(assignment::Column::EndsOn.gte(day)),
        )
        .order_by_asc(assignment::Column::Id)
        .column_as(college::Column::Name, "college_name")
}

/// Failed tries from an address since `since`.
pub(super) async fn failures_from(
    connection: &impl ConnectionTrait,
    address: &str,
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    records::<sign_in_attempt::Entity>()
        .filter(sign_in_attempt::Column::Address.eq(address))
        .filter(sign_in_attempt::Column::TriedAt.gt(since))
        .filter(sign_in_attempt::Column::Succeeded.eq(false))
        .count(connection)
        .await
}

pub(super) async fn record_attempt(
    connection: &impl ConnectionTrait,
    login: &str,
    address: &str,
    at: DateTime<Utc>,
    succeeded: bool,
) -> Result<(), DbErr> {
    sign_in_attempt::ActiveModel {
        login: Set(login.chars().take(64).collect()),
        address: Set(address.to_owned()),
        tried_at: Set(at),
        succeeded: Set(succeeded),
        ..Default::default()
    }
    .insert(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_failures(
    connection: &impl ConnectionTrait,
    account_id: i64,
    failures: i32,
    locked_until: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::FailedAttempts, Expr::value(failures))
        .col_expr(account::Column::LockedUntil, Expr::value(locked_until))
        .filter(account::Column::Id.eq(account_id))
        .exec(connection)
        .await?;
    Ok(())
}

/// Voids every session of the account.
pub(super) async fn raise_epoch(connection: &impl ConnectionTrait, account_id: i64) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(
            account::Column::SessionEpoch,
            Expr::col(account::Column::SessionEpoch).add(1),
        )
        .filter(account::Column::Id.eq(account_id))
        .exec(connection)
        .await?;
    session::Entity::delete_many()
        .filter(session::Column::AccountId.eq(account_id))
        .exec(connection)
        .await?;
    Ok(())
}
