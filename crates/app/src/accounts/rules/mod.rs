//! Creating accounts, giving and ending roles, passwords.

mod passwords;
mod roles;

use qihang_db::{Action, AuditEvent, Change, Db, Role};
use sea_orm::{DbErr, SqlErr};
use serde_json::json;

pub use passwords::{SignOutBy, change_own_password, reset_password, sign_out_everywhere};
pub use roles::{NewRole, end_role, grant};

use super::queries;
use crate::auth::password::{self, WeakPassword};
use crate::auth::{Can, SignInError, end_all_sessions, policy};

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
    /// No such account, or no such role of it.
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
    /// Telephone or e-mail is too long or not one.
    #[error("telephone or e-mail is not usable")]
    BadContact,
    /// The role needs a 院, or must have none, or the 院 is unknown.
    #[error("the college does not fit the role")]
    CollegeMismatch,
    /// The role has been given already, from the same day.
    #[error("the role has been given already")]
    AlreadyGranted,
    /// The end lies before the beginning.
    #[error("the end lies before the beginning")]
    BadDates,
    /// A day of a year in which nobody lives.
    #[error("the day is out of range")]
    BadDay,
    /// Nobody would be left to manage accounts.
    #[error("no administrator would be left")]
    LastAdministrator,
    /// The new password is too weak.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The present password was not given rightly.
    #[error(transparent)]
    NotConfirmed(SignInError),
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
            Self::BadContact => "电话最多 40 个字符；邮箱应形如 name@example.edu.cn。".into(),
            Self::CollegeMismatch => "院系教师和院系负责人须指定一个存在的院；其他角色不指定院。".into(),
            Self::AlreadyGranted => "该账号已有同样的角色。".into(),
            Self::BadDates => "结束日期不能早于开始日期。".into(),
            Self::BadDay => "日期的年份应在 1950 至 2200 之间。".into(),
            Self::LastAdministrator => {
                "这是最后一个有效的系统管理员，不能停用或结束；请先指定另一位系统管理员。".into()
            }
            Self::Weak(weak) => weak.message(),
            Self::NotConfirmed(SignInError::Locked { .. }) => {
                "当前密码输错次数过多，账号已锁定 15 分钟。".into()
            }
            Self::NotConfirmed(_) => "当前密码不正确。".into(),
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
    let name = checked_name(&new.name)?;
    if let Some(given) = &new.password {
        password::check_new(&login, given)?;
    }
    let one_time_password = new.password.is_none().then(password::one_time);
    let hash = passwords::hashed(one_time_password.clone().or(new.password).unwrap_or_default()).await?;

    let change = db.change(can.actor()).await?;
    let must_change = one_time_password.is_some();
    let college_id = roles::college_for(&change, new.role, new.college_code.as_deref()).await?;
    let account_id = queries::insert(change.tx(), &login, name, hash, must_change, change.now())
        .await
        .map_err(|error| unique(error, AccountError::LoginTaken))?;
    let today = db.clock().today();
    queries::insert_role(change.tx(), account_id, new.role, college_id, today, None).await?;
    let event = AuditEvent::new(Action::AccountCreated, subject(account_id))
        .after(json!({"role": new.role.code(), "college_id": college_id, "starts_on": today}));
    change.commit(event).await?;
    Ok(Created {
        account_id,
        login,
        one_time_password,
    })
}

/// 姓名 and how the person is reached.
#[derive(Clone, Debug)]
pub struct Contact {
    /// 姓名.
    pub name: String,
    /// 电话; may be empty.
    pub mobile: String,
    /// 邮箱; may be empty.
    pub email: String,
}

/// Changes the name and how the person is reached.
///
/// # Errors
///
/// [`AccountError`]; then nothing was written.
pub async fn change_contact(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    account_id: i64,
    contact: &Contact,
) -> Result<(), AccountError> {
    let name = checked_name(&contact.name)?;
    let (mobile, email) = (contact.mobile.trim(), contact.email.trim());
    let is_email = email.is_empty() || (email.contains('@') && !email.contains(char::is_whitespace));
    if mobile.chars().count() > 40 || email.chars().count() > 120 || !is_email {
        return Err(AccountError::BadContact);
    }
    let change = db.change(can.actor()).await?;
    let before = load(&change, account_id).await?;
    queries::set_contact(change.tx(), account_id, &name, mobile, email).await?;
    let changed: Vec<&str> = [
        ("name", before.name != name),
        ("mobile", before.mobile != mobile),
        ("email", before.email != email),
    ]
    .into_iter()
    .filter_map(|(field, is_changed)| is_changed.then_some(field))
    .collect();
    let event =
        AuditEvent::new(Action::AccountChanged, subject(account_id)).after(json!({"fields": changed}));
    Ok(change.commit(event).await?)
}

/// Disables an account at once: its sessions end, nobody can sign in with it.
///
/// # Errors
///
/// [`AccountError::LastAdministrator`] where nobody else could manage accounts; then nothing was written.
pub async fn disable(
    db: &Db,
    can: &Can<policy::ManageAccounts>,
    account_id: i64,
) -> Result<(), AccountError> {
    let change = db.change(can.actor()).await?;
    let before = load(&change, account_id).await?;
    roles::another_administrator(&change, db.clock().today(), |role| role.account_id == account_id).await?;
    queries::set_disabled(change.tx(), account_id, Some(change.now())).await?;
    end_all_sessions(&change, account_id).await?;
    let event = AuditEvent::new(Action::AccountChanged, subject(account_id))
        .before(json!({"disabled": before.disabled_at.is_some()}))
        .after(json!({"disabled": true}));
    Ok(change.commit(event).await?)
}

/// Gives a disabled account back.
///
/// # Errors
///
/// [`AccountError::Unknown`] when there is no such account.
pub async fn enable(db: &Db, can: &Can<policy::ManageAccounts>, account_id: i64) -> Result<(), AccountError> {
    let change = db.change(can.actor()).await?;
    let before = load(&change, account_id).await?;
    queries::set_disabled(change.tx(), account_id, None).await?;
    let event = AuditEvent::new(Action::AccountChanged, subject(account_id))
        .before(json!({"disabled": before.disabled_at.is_some()}))
        .after(json!({"disabled": false}));
    Ok(change.commit(event).await?)
}

/// Ends the lock that wrong passwords brought.
///
/// # Errors
///
/// [`AccountError::Unknown`] when there is no such account.
pub async fn unlock(db: &Db, can: &Can<policy::ManageAccounts>, account_id: i64) -> Result<(), AccountError> {
    let change = db.change(can.actor()).await?;
    let before = load(&change, account_id).await?;
    queries::clear_lock(change.tx(), account_id).await?;
    let event = AuditEvent::new(Action::AccountChanged, subject(account_id))
        .before(json!({"locked_until": before.locked_until}))
        .after(json!({"locked_until": null}));
    Ok(change.commit(event).await?)
}

fn subject(account_id: i64) -> String {
    format!("account/{account_id}")
}

fn checked_name(name: &str) -> Result<String, AccountError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(AccountError::BadName);
    }
    Ok(name.to_owned())
}

async fn load(change: &Change, account_id: i64) -> Result<qihang_db::entity::account::Model, AccountError> {
    queries::find(change.tx(), account_id)
        .await?
        .ok_or(AccountError::Unknown)
}

fn unique(error: DbErr, meaning: AccountError) -> AccountError {
    if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
        meaning
    } else {
        error.into()
    }
}
