//! One account as the administrator sees it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use qihang_db::Role;
use qihang_db::entity::{account, college};
use serde::Deserialize;

use super::super::queries;
use super::super::rules::{self, AccountError, Contact, NewRole, SignOutBy};
use super::list::PasswordPage;
use super::{HERE, RoleRow, RoleTime, mistake, refused};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::school;
use crate::web::{AppError, Flash, Form, Path, Shell, html, html_with, instant_text, redirect};

/// What is wrong with one of the forms of the page.
#[derive(Default)]
struct Mistakes {
    general: Option<String>,
    name: Option<String>,
    contact: Option<String>,
    role: Option<String>,
}

impl Mistakes {
    fn is_empty(&self) -> bool {
        self.general.is_none() && self.name.is_none() && self.contact.is_none() && self.role.is_none()
    }
}

#[derive(Template)]
#[template(path = "accounts/show.html")]
struct ShowPage {
    shell: Shell,
    account_id: i64,
    login: String,
    contact: ContactForm,
    is_disabled: bool,
    locked_until: Option<String>,
    must_change_password: bool,
    created_at: String,
    last_sign_in: Option<String>,
    roles: Vec<RoleRow>,
    colleges: Vec<college::Model>,
    new_role: RoleForm,
    mistakes: Mistakes,
    today: NaiveDate,
}

/// The forms that may have a mistake, as they came in.
#[derive(Default)]
struct Given {
    contact: Option<ContactForm>,
    new_role: Option<RoleForm>,
    mistakes: Mistakes,
}

async fn load(app: &App, account_id: i64) -> Result<account::Model, AppError> {
    queries::find(app.db.reader(), account_id)
        .await?
        .ok_or(AppError::NotFound)
}

async fn page(app: &App, staff: &Staff, account_id: i64, given: Given) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let account = load(app, account_id).await?;
    let (now, today) = (app.db.clock().now(), app.db.clock().today());
    let roles = queries::roles(reader, &[account_id]).await?;
    let last = queries::last_sign_ins(reader, std::slice::from_ref(&account.login)).await?;
    let status = if given.mistakes.is_empty() {
        StatusCode::OK
    } else {
        MISTAKES
    };
    let page = ShowPage {
        shell: home::shell(app, staff, HERE).await?,
        account_id,
        is_disabled: account.disabled_at.is_some(),
        locked_until: account
            .locked_until
            .filter(|until| *until > now)
            .map(instant_text),
        must_change_password: account.must_change_password,
        created_at: instant_text(account.created_at),
        last_sign_in: last.get(&account.login).copied().map(instant_text),
        login: account.login,
        contact: given.contact.unwrap_or(ContactForm {
            name: account.name,
            mobile: account.mobile,
            email: account.email,
        }),
        roles: roles.iter().map(|given| RoleRow::of(given, today)).collect(),
        colleges: school::queries::colleges(reader).await?,
        new_role: given.new_role.unwrap_or_else(|| RoleForm::from_day(today)),
        mistakes: given.mistakes,
        today,
    };
    html_with(status, &page)
}

async fn done(staff: &Staff, account_id: i64, message: &str) -> Result<Response, AppError> {
    home::flash(staff, Flash::success(message)).await?;
    Ok(redirect(&format!("{HERE}/{account_id}")))
}

pub(in crate::accounts) async fn show(
    State(app): State<App>,
    _can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
) -> Result<Response, AppError> {
    page(&app, &staff, account_id, Given::default()).await
}

#[derive(Clone, Debug, Deserialize)]
pub(in crate::accounts) struct ContactForm {
    name: String,
    #[serde(default)]
    mobile: String,
    #[serde(default)]
    email: String,
}

pub(in crate::accounts) async fn change(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
    Form(form): Form<ContactForm>,
) -> Result<Response, AppError> {
    let contact = Contact {
        name: form.name.clone(),
        mobile: form.mobile.clone(),
        email: form.email.clone(),
    };
    let Err(error) = rules::change_contact(&app.db, &can, account_id, &contact).await else {
        return done(&staff, account_id, "账号资料已保存。").await;
    };
    let mut given = Given {
        contact: Some(form),
        ..Given::default()
    };
    let field = match &error {
        AccountError::BadName => &mut given.mistakes.name,
        _ => &mut given.mistakes.contact,
    };
    *field = Some(mistake(error)?);
    page(&app, &staff, account_id, given).await
}

#[derive(Clone, Debug, Deserialize)]
pub(in crate::accounts) struct RoleForm {
    role: String,
    #[serde(default)]
    college: String,
    starts_on: String,
    #[serde(default)]
    ends_on: String,
}

impl RoleForm {
    fn from_day(today: NaiveDate) -> Self {
        Self {
            role: String::new(),
            college: String::new(),
            starts_on: today.to_string(),
            ends_on: String::new(),
        }
    }

    fn read(&self) -> Result<NewRole, &'static str> {
        let ends_on = self.ends_on.trim();
        Ok(NewRole {
            role: Role::from_code(&self.role).ok_or("请选择角色。")?,
            college_code: Some(self.college.clone()),
            starts_on: self
                .starts_on
                .trim()
                .parse()
                .map_err(|_| "请填写开始日期，例如 2026-09-01。")?,
            ends_on: match ends_on {
                "" => None,
                text => Some(
                    text.parse()
                        .map_err(|_| "结束日期应形如 2027-08-31，也可以不填。")?,
                ),
            },
        })
    }
}

pub(in crate::accounts) async fn grant(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
    Form(form): Form<RoleForm>,
) -> Result<Response, AppError> {
    let text = match form.read() {
        Ok(new) => match rules::grant(&app.db, &can, account_id, &new).await {
            Ok(()) => return done(&staff, account_id, "角色已添加。").await,
            Err(error) => mistake(error)?,
        },
        Err(text) => text.to_owned(),
    };
    let mut given = Given {
        new_role: Some(form),
        ..Given::default()
    };
    given.mistakes.role = Some(text);
    page(&app, &staff, account_id, given).await
}

#[derive(Deserialize)]
pub(in crate::accounts) struct Ending {
    /// Last day; empty is today.
    #[serde(default)]
    ends_on: String,
}

pub(in crate::accounts) async fn end_role(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path((account_id, role_id)): Path<(i64, i64)>,
    Form(form): Form<Ending>,
) -> Result<Response, AppError> {
    let ends_on = match form.ends_on.trim() {
        "" => Ok(app.db.clock().today()),
        text => text.parse::<NaiveDate>(),
    };
    let text = match ends_on {
        Ok(day) => match rules::end_role(&app.db, &can, account_id, role_id, day).await {
            Ok(()) => return done(&staff, account_id, &format!("角色将于 {day} 24:00 结束。")).await,
            Err(error) => mistake(error)?,
        },
        Err(_) => "结束日期应形如 2027-08-31。".to_owned(),
    };
    let mut given = Given::default();
    given.mistakes.general = Some(text);
    page(&app, &staff, account_id, given).await
}

/// Whether an account is in use.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Enabled,
    Disabled,
}

#[derive(Deserialize)]
pub(in crate::accounts) struct StatusForm {
    status: Wanted,
}

pub(in crate::accounts) async fn set_status(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
    Form(form): Form<StatusForm>,
) -> Result<Response, AppError> {
    let (outcome, message) = match form.status {
        Wanted::Enabled => (rules::enable(&app.db, &can, account_id).await, "账号已恢复使用。"),
        Wanted::Disabled => (
            rules::disable(&app.db, &can, account_id).await,
            "账号已停用，其所有登录已退出。",
        ),
    };
    match outcome {
        Ok(()) => done(&staff, account_id, message).await,
        Err(error) => {
            let mut given = Given::default();
            given.mistakes.general = Some(mistake(error)?);
            page(&app, &staff, account_id, given).await
        }
    }
}

pub(in crate::accounts) async fn unlock(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
) -> Result<Response, AppError> {
    rules::unlock(&app.db, &can, account_id).await.map_err(refused)?;
    done(&staff, account_id, "账号已解锁。").await
}

pub(in crate::accounts) async fn reset_password(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
) -> Result<Response, AppError> {
    let account = load(&app, account_id).await?;
    let password = rules::reset_password(&app.db, &can, &account.login)
        .await
        .map_err(refused)?;
    if account_id == staff.officer.account_id {
        // Whoever resets the own password is signed out by it, and has to see the new one all the same.
        staff.session.flush().await?;
    }
    html(&PasswordPage {
        shell: home::shell(&app, &staff, HERE).await?,
        account_id,
        login: account.login,
        name: account.name,
        password,
        is_new: false,
    })
}

pub(in crate::accounts) async fn sign_out(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Path(account_id): Path<i64>,
) -> Result<Response, AppError> {
    rules::sign_out_everywhere(&app.db, SignOutBy::Administrator(&can, account_id))
        .await
        .map_err(refused)?;
    if account_id == staff.officer.account_id {
        staff.session.flush().await?;
        return Ok(redirect("/sign-in/staff"));
    }
    done(&staff, account_id, "该账号的所有登录已退出。").await
}
