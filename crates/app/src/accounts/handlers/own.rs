//! The own account: open to everybody of the staff, also to those who have to change their password first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::queries;
use super::super::rules::{self, AccountError, SignOutBy};
use super::{RoleRow, RoleTime, mistake, refused};
use crate::app::{App, MISTAKES};
use crate::auth::{Staff, begin_session};
use crate::home;
use crate::web::{AppError, Flash, Form, Shell, html_with, instant_text, redirect};

#[derive(Default)]
struct Mistakes {
    old: Option<String>,
    new: Option<String>,
    again: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/own.html")]
struct OwnPage {
    shell: Shell,
    login: String,
    name: String,
    mobile: String,
    email: String,
    last_sign_in: Option<String>,
    roles: Vec<RoleRow>,
    must_change_password: bool,
    mistakes: Mistakes,
}

async fn page(
    app: &App,
    staff: &Staff,
    status: StatusCode,
    mistakes: Mistakes,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let account = queries::find(reader, staff.officer.account_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let today = app.db.clock().today();
    let roles = queries::roles(reader, &[account.id]).await?;
    let last = queries::last_sign_ins(reader, std::slice::from_ref(&account.login)).await?;
    let page = OwnPage {
        shell: home::shell(app, staff, "/manage/account").await?,
        last_sign_in: last.get(&account.login).copied().map(instant_text),
        login: account.login,
        name: account.name,
        mobile: account.mobile,
        email: account.email,
        roles: roles.iter().map(|given| RoleRow::of(given, today)).collect(),
        must_change_password: account.must_change_password,
        mistakes,
    };
    html_with(status, &page)
}

pub(in crate::accounts) async fn show(State(app): State<App>, staff: Staff) -> Result<Response, AppError> {
    page(&app, &staff, StatusCode::OK, Mistakes::default()).await
}

#[derive(Deserialize)]
pub(in crate::accounts) struct PasswordForm {
    old: String,
    new: String,
    again: String,
}

pub(in crate::accounts) async fn change_password(
    State(app): State<App>,
    staff: Staff,
    Form(form): Form<PasswordForm>,
) -> Result<Response, AppError> {
    let mut mistakes = Mistakes::default();
    if form.new != form.again {
        mistakes.again = Some("两次输入的新密码不一致。".into());
        return page(&app, &staff, MISTAKES, mistakes).await;
    }
    if form.new == form.old {
        mistakes.new = Some("新密码不能与当前密码相同。".into());
        return page(&app, &staff, MISTAKES, mistakes).await;
    }
    if let Err(error) = rules::change_own_password(&app.db, &staff.officer, &form.old, &form.new).await {
        let field = match &error {
            AccountError::NotConfirmed(_) => &mut mistakes.old,
            _ => &mut mistakes.new,
        };
        *field = Some(mistake(error)?);
        return page(&app, &staff, MISTAKES, mistakes).await;
    }
    // Every session ended with the old password; this one goes on under a new id.
    begin_session(&app, &staff.session, staff.officer.account_id).await?;
    home::flash(&staff, Flash::success("密码已修改，其他设备上的登录已退出。")).await?;
    Ok(redirect("/manage/account"))
}

pub(in crate::accounts) async fn sign_out_everywhere(
    State(app): State<App>,
    staff: Staff,
) -> Result<Response, AppError> {
    rules::sign_out_everywhere(&app.db, SignOutBy::Person(&staff.officer))
        .await
        .map_err(refused)?;
    staff.session.flush().await?;
    Ok(redirect("/sign-in/staff"))
}
