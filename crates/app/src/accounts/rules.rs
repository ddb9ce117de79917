//! Creating accounts, giving and ending roles, passwords.

use chrono::NaiveDate;
use qihang_db::entity::{account, assignment, college};
use qihang_db::{Action, AuditEvent, Db, Role, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    SqlErr, sea_query::Expr,
};
use serde_json::json;

use crate::auth::password::{self, WeakPassword};
use crate::auth::{Can, end_all_sessions, policy};

/// An account to be created with its first role.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// 工号 or login name.
    pub login: String,
    /// 姓名.
    pub name: String,
    /// The first role.
    pub role: Role,
    /// Code of the 院, for the roles of a 院.
    pub college_code: Option<String>,
    /// The password; `None` makes a one-time one.
    pub password: Option<String>,
}

/// An account that was created.
#[derive(Clone, Debug)]
pub struct Created {
    /// Row id.
    pub account_id: i64,
    /// Login as stored.
    pub login: String,
    /// The password to hand over, where one was made.
    pub one_time_password: Option<String>,
}

/// Why something about an account was refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No such account.
    #[error("no such account")]
    Unknown,
    /// The login is taken.
    #[error("the login is taken")]
    LoginTaken,
    /// The login holds other characters than letters, digits, `.`, `_` and `-`.
    #[error("the login is not usable")]
    BadLogin,
    /// The name is empty or too long.
    #[error("the name is not usable")]
    BadName,
    /// The role needs a 院, or must have none, or the 院 is unknown.
    #[error("the college does not fit the role")]
    CollegeMismatch,
    /// The role has been given already, from the same day.
    #[error("the role has been given already")]
    AlreadyGranted,
    /// The end lies before the beginning.
    #[error("the end lies before the beginning")]
    BadDates,
    /// The new password is too weak.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The hash failed.
    #[error("the password could not be hashed")]
    Hash,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl AccountError {
    /// For the person.
    pub fn message(&self) -> String {
        match self {
            Self::Unknown => "没有这个账号。".into(),
            Self::LoginTaken => "该账号已存在，请直接为其添加角色。".into(),
            Self::BadLogin => "账号只能由字母、数字和 . _ - 组成，长度 1 至 64。".into(),
            Self::BadName => "请填写姓名（最多 60 个字符）。".into(),
            Self::CollegeMismatch => "院系教师和院系负责人须指定一个存在的院；其他角色不指定院。".into(),
            Self::AlreadyGranted => "该账号已有同样的角色。".into(),
            Self::BadDates => "结束日期不能早于开始日期。".into(),
            Self::Weak(weak) => weak.message(),
            Self::Hash | Self::Db(_) => "系统出现问题，未保存，请稍后重试。".into(),
        }
    }
}

/// Creates an account with its first role.
///
/// # Errors
///
/// [`AccountError`] says what is wrong with it; then nothing was written.
pub async fn create(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    new: NewAccount,
) -> Result<Created, AccountError> {
    let login = new.login.trim().to_lowercase();
    let usable = |character: char| character.is_ascii_alphanumeric() || ".-_".contains(character);
    if login.is_empty() || login.len() > 64 || !login.chars().all(usable) {
        return Err(AccountError::BadLogin);
    }
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(AccountError::BadName);
    }
    if let Some(given) = &new.password {
        password::check_new(&login, given)?;
    }
    let one_time_password = new.password.is_none().then(password::one_time);
    let hash = hashed(one_time_password.clone().or(new.password).unwrap_or_default()).await?;

    let change = db.change(can.actor()).await?;
    let college_id = college_for(change.tx(), new.role, new.college_code.as_deref()).await?;
    let row = account::ActiveModel {
        login: Set(login.clone()),
        name: Set(name),
        password_hash: Set(Some(hash)),
        must_change_password: Set(one_time_password.is_some()),
        mobile: Set(String::new()),
        email: Set(String::new()),
        disabled_at: Set(None),
        failed_attempts: Set(0),
        locked_until: Set(None),
        session_epoch: Set(0),
        created_at: Set(change.now()),
        ..Default::default()
    };
    let row = row
        .insert(change.tx())
        .await
        .map_err(|error| unique(error, AccountError::LoginTaken))?;
    insert_assignment(
        change.tx(),
        row.id,
        new.role,
        college_id,
        db.clock().today(),
        None,
    )
    .await?;
    let event = AuditEvent::new(Action::AccountCreated, format!("account/{}", row.id))
        .after(json!({"role": new.role.code(), "college_id": college_id}));
    change.commit(event).await?;
    Ok(Created {
        account_id: row.id,
        login,
        one_time_password,
    })
}

/// Gives an account a new one-time password and ends its sessions.
///
/// # Errors
///
/// [`AccountError::Unknown`] when there is no such account.
pub async fn reset_password(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    login: &str,
) -> Result<String, AccountError> {
    let one_time = password::one_time();
    let hash = hashed(one_time.clone()).await?;
    let change = db.change(can.actor()).await?;
    let found = records::<account::Entity>()
        .filter(account::Column::Login.eq(login.trim().to_lowercase()))
        .one(change.tx())
        .await?
        .ok_or(AccountError::Unknown)?;
    set_password(change.tx(), found.id, hash, true).await?;
    end_all_sessions(&change, found.id).await?;
    change
        .commit(AuditEvent::new(
            Action::PasswordChanged,
            format!("account/{}", found.id),
        ))
        .await?;
    Ok(one_time)
}

async fn hashed(plain: String) -> Result<String, AccountError> {
    tokio::task::spawn_blocking(move || password::hash(&plain))
        .await
        .map_err(|_| AccountError::Hash)?
        .map_err(|_| AccountError::Hash)
}

async fn set_password(
    tx: &impl ConnectionTrait,
    account_id: i64,
    hash: String,
    must_change: bool,
) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(Some(hash)))
        .col_expr(account::Column::MustChangePassword, Expr::value(must_change))
        .col_expr(account::Column::FailedAttempts, Expr::value(0))
        .col_expr(
            account::Column::LockedUntil,
            Expr::value(None::<chrono::DateTime<chrono::Utc>>),
        )
        .filter(account::Column::Id.eq(account_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The 院 that a role is for.
async fn college_for(
    tx: &impl ConnectionTrait,
    role: Role,
    code: Option<&str>,
) -> Result<Option<i64>, AccountError> {
    match (
        role.is_of_college(),
        code.map(str::trim).filter(|code| !code.is_empty()),
    ) {
        (true, Some(code)) => {
            let found = records::<college::Entity>()
                .filter(college::Column::Code.eq(code))
                .one(tx)
                .await?;
            found
                .map(|college| Some(college.id))
                .ok_or(AccountError::CollegeMismatch)
        }
        (false, None) => Ok(None),
        _ => Err(AccountError::CollegeMismatch),
    }
}

async fn insert_assignment(
    tx: &impl ConnectionTrait,
    account_id: i64,
    role: Role,
    college_id: Option<i64>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
) -> Result<(), AccountError> {
    if ends_on.is_some_and(|end| end < starts_on) {
        return Err(AccountError::BadDates);
    }
    let row = assignment::ActiveModel {
        account_id: Set(account_id),
        role: Set(role.code().to_owned()),
        college_id: Set(college_id),
        starts_on: Set(starts_on),
        ends_on: Set(ends_on),
        ..Default::default()
    };
    row.insert(tx)
        .await
        .map_err(|error| unique(error, AccountError::AlreadyGranted))?;
    Ok(())
}

fn unique(error: DbErr, meaning: AccountError) -> AccountError {
    if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
        meaning
    } else {
        error.into()
    }
}
