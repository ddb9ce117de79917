//! Accounts, their roles and their sign-ins as they stand in the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{account, assignment, college, sign_in_attempt};
use qihang_db::{Role, records};
use sea_orm::sea_query::{Expr, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait,
};

use crate::web::Step;

/// Accounts on a page.
pub(super) const PAGE_SIZE: usize = 50;

/// Which accounts a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// All.
    #[default]
    All,
    /// Not disabled, with a role today.
    Current,
    /// Disabled, or without a role today.
    Ended,
}

/// What a list is cut down to.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Part of login or name.
    pub(super) words: String,
    pub(super) role: Option<Role>,
    pub(super) college_id: Option<i64>,
    pub(super) status: Status,
}

/// Assignments that hold on `day`.
fn holds_on(day: NaiveDate) -> Condition {
    Condition::all().add(assignment::Column::StartsOn.lte(day)).add(
        Condition::any()
            .add(assignment::Column::EndsOn.is_null())
            .add(assignment::Column::EndsOn.gte(day)),
    )
}

/// A `LIKE` for text that holds `words` anywhere; a percent sign in them is only a percent sign. Accounts are hundreds.
fn holding(words: &str) -> LikeExpr {
    let escaped = words
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

fn condition(filter: &Filter, day: NaiveDate) -> Condition {
    let mut condition = Condition::all();
    if !filter.words.is_empty() {
        condition = condition.add(
            Condition::any()
                .add(account::Column::Login.like(holding(&filter.words.to_lowercase())))
                .add(account::Column::Name.like(holding(&filter.words))),
        );
    }
    let accounts_with = |wanted: Condition| {
        records::<assignment::Entity>()
            .select_only()
            .column(assignment::Column::AccountId)
            .filter(wanted)
            .into_query()
    };
    if filter.role.is_some() || filter.college_id.is_some() {
        let mut wanted = Condition::all();
        if let Some(role) = filter.role {
            wanted = wanted.add(assignment::Column::Role.eq(role.code()));
        }
        if let Some(college_id) = filter.college_id {
            wanted = wanted.add(assignment::Column::CollegeId.eq(college_id));
        }
        condition = condition.add(account::Column::Id.in_subquery(accounts_with(wanted)));
    }
    let in_use = Condition::all()
        .add(account::Column::DisabledAt.is_null())
        .add(account::Column::Id.in_subquery(accounts_with(holds_on(day))));
    match filter.status {
        Status::All => condition,
        Status::Current => condition.add(in_use),
        Status::Ended => condition.add(in_use.not()),
    }
}

/// Accounts of a page, one more than fits, in reading order of `step`; and how many there are.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    day: NaiveDate,
    step: &Step,
) -> Result<(Vec<account::Model>, u64), DbErr> {
    let select = records::<account::Entity>().filter(condition(filter, day));
    let total = select.clone().count(connection).await?;
    let mut select = if step.is_backwards() {
        select.order_by_desc(account::Column::Login)
    } else {
        select.order_by_asc(account::Column::Login)
    };
    if let Some(after) = &step.after {
        select = select.filter(account::Column::Login.gt(after));
    }
    if let Some(before) = &step.before {
        select = select.filter(account::Column::Login.lt(before));
    }
    let rows = select.limit(PAGE_SIZE as u64 + 1).all(connection).await?;
    Ok((rows, total))
}

/// A role of an account, with the name of its 院.
#[derive(Clone, Debug)]
pub(super) struct GivenRole {
    pub(super) id: i64,
    pub(super) account_id: i64,
    pub(super) role: Role,
    pub(super) college_id: Option<i64>,
    pub(super) college_name: Option<String>,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: Option<NaiveDate>,
}

impl GivenRole {
    /// Whether it holds on `day`.
    pub(super) fn holds_on(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && self.ends_on.is_none_or(|end| end >= day)
    }

    /// The role, with its 院 where it has one.
    pub(super) fn label(&self) -> String {
        match &self.college_name {
            Some(college) => format!("{college} {}", self.role.label()),
            None => self.role.label().to_owned(),
        }
    }
}

/// All roles that these accounts have, had or will have, the newest first.
pub(super) async fn roles(
    connection: &impl ConnectionTrait,
    account_ids: &[i64],
) -> Result<Vec<GivenRole>, DbErr> {
    let rows = records::<assignment::Entity>()
        .join(JoinType::LeftJoin, assignment::Relation::College.def())
        .select_also(college::Entity)
        .filter(assignment::Column::AccountId.is_in(account_ids.iter().copied()))
        .order_by_desc(assignment::Column::StartsOn)
        .order_by_desc(assignment::Column::Id)
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(row, college)| {
            Some(GivenRole {
                id: row.id,
                account_id: row.account_id,
                role: Role::from_code(&row.role)?,
                college_id: row.college_id,
                college_name: college.map(|college| college.name),
                starts_on: row.starts_on,
                ends_on: row.ends_on,
            })
        })
        .collect())
}

/// When each of these logins last signed in.
pub(super) async fn last_sign_ins(
    connection: &impl ConnectionTrait,
    logins: &[String],
) -> Result<BTreeMap<String, DateTime<Utc>>, DbErr> {
    let rows: Vec<(String, DateTime<Utc>)> = records::<sign_in_attempt::Entity>()
        .select_only()
        .column(sign_in_attempt::Column::Login)
        .column_as(sign_in_attempt::Column::TriedAt.max(), "last_at")
        .filter(sign_in_attempt::Column::Login.is_in(logins))
        .filter(sign_in_attempt::Column::Succeeded.eq(true))
        .group_by(sign_in_attempt::Column::Login)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    account_id: i64,
) -> Result<Option<account::Model>, DbErr> {
    records::<account::Entity>()
        .filter(account::Column::Id.eq(account_id))
        .one(connection)
        .await
}

pub(super) async fn find_by_login(
    connection: &impl ConnectionTrait,
    login: &str,
) -> Result<Option<account::Model>, DbErr> {
    records::<account::Entity>()
        .filter(account::Column::Login.eq(login))
        .one(connection)
        .await
}

pub(super) async fn find_college_id(
    connection: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<i64>, DbErr> {
    let found = records::<college::Entity>()
        .filter(college::Column::Code.eq(code))
        .one(connection)
        .await?;
    Ok(found.map(|college| college.id))
}

pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    login: &str,
    name: String,
    password_hash: String,
    must_change_password: bool,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = account::ActiveModel {
        login: Set(login.to_owned()),
        name: Set(name),
        password_hash: Set(Some(password_hash)),
        must_change_password: Set(must_change_password),
        mobile: Set(String::new()),
        email: Set(String::new()),
        disabled_at: Set(None),
        failed_attempts: Set(0),
        locked_until: Set(None),
        session_epoch: Set(0),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

pub(super) async fn set_contact(
    tx: &impl ConnectionTrait,
    account_id: i64,
    name: &str,
    mobile: &str,
    email: &str,
) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::Name, Expr::value(name))
        .col_expr(account::Column::Mobile, Expr::value(mobile))
        .col_expr(account::Column::Email, Expr::value(email))
        .filter(account::Column::Id.eq(account_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(super) async fn set_password(
    tx: &impl ConnectionTrait,
    account_id: i64,
    hash: String,
    must_change: bool,
) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(Some(hash)))
        .col_expr(account::Column::MustChangePassword, Expr::value(must_change))
        .filter(account::Column::Id.eq(account_id))
        .exec(tx)
        .await?;
    clear_lock(tx, account_id).await
}

pub(super) async fn clear_lock(tx: &impl ConnectionTrait, account_id: i64) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::FailedAttempts, Expr::value(0))
        .col_expr(account::Column::LockedUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(account::Column::Id.eq(account_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(super) async fn set_disabled(
    tx: &impl ConnectionTrait,
    account_id: i64,
    disabled_at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::DisabledAt, Expr::value(disabled_at))
        .filter(account::Column::Id.eq(account_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(super) async fn insert_role(
    tx: &impl ConnectionTrait,
    account_id: i64,
    role: Role,
    college_id: Option<i64>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
) -> Result<i64, DbErr> {
    let row = assignment::ActiveModel {
        account_id: Set(account_id),
        role: Set(role.code().to_owned()),
        college_id: Set(college_id),
        starts_on: Set(starts_on),
        ends_on: Set(ends_on),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// Sets the last day of a role.
pub(super) async fn end_role(
    tx: &impl ConnectionTrait,
    role_id: i64,
    ends_on: NaiveDate,
) -> Result<(), DbErr> {
    assignment::Entity::update_many()
        .col_expr(assignment::Column::EndsOn, Expr::value(Some(ends_on)))
        .filter(assignment::Column::Id.eq(role_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes back a role that never began.
pub(super) async fn delete_role(tx: &impl ConnectionTrait, role_id: i64) -> Result<(), DbErr> {
    assignment::Entity::delete_by_id(role_id).exec(tx).await?;
    Ok(())
}

/// Roles of administrators whose account is in use, with their accounts, locked so that two administrators cannot end one
/// another at the same moment.
pub(super) async fn lock_administrators(tx: &impl ConnectionTrait) -> Result<Vec<assignment::Model>, DbErr> {
    // Two statements: the second sees what a change that held the lock before has written.
    let roles =
        || records::<assignment::Entity>().filter(assignment::Column::Role.eq(Role::Administrator.code()));
    roles().lock_exclusive().all(tx).await?;
    roles()
        .join(JoinType::InnerJoin, assignment::Relation::Account.def())
        .filter(account::Column::DisabledAt.is_null())
        .all(tx)
        .await
}

/// The names of accounts, by row id.
pub(crate) async fn names(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, DbErr> {
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = records::<account::Entity>()
        .filter(account::Column::Id.is_in(ids))
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .into_tuple::<(i64, String)>()
        .all(connection)
        .await?;
    Ok(found.into_iter().collect())
}
