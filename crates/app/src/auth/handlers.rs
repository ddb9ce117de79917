//! The sign-in page of the staff.

use askama::Template;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use qihang_db::entity::contact_point;
use serde::Deserialize;
use tower_sessions::Session;

use super::rules::{self, SignInError};
use super::sso;
use crate::app::{App, MISTAKES};
use crate::web::{AppError, Door, Form, Query, client_address, html, html_with, redirect};
use crate::{home, notice};

#[derive(Template)]
#[template(path = "auth/sign_in.html")]
struct SignInPage {
    university: String,
    login: String,
    next: String,
    mistake: Option<String>,
    /// Where the single sign-on begins, when there is one.
    single_sign_on: Option<String>,
    demo: Vec<home::DemoSignIn>,
    /// Whom to ask about a forgotten password.
    help: Vec<contact_point::Model>,
    /// What is said where the centre has named nobody.
    otherwise: &'static str,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct NextPage {
    #[serde(default)]
    pub(super) next: String,
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Only our own pages may be the next one: `//evil.example` and `https://…` are not.
pub(super) fn own_page<'a>(next: &'a str, otherwise: &'a str) -> &'a str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if own { next } else { otherwise }
}

pub(super) async fn form(
    State(app): State<App>,
    Query(query): Query<NextPage>,
) -> Result<Response, AppError> {
    page(&app, StatusCode::OK, String::new(), query.next, None).await
}

async fn page(
    app: &App,
    status: StatusCode,
    login: String,
    next: String,
    mistake: Option<String>,
) -> Result<Response, AppError> {
    let demo = home::demo_sign_ins(&app.db).await?;
    html_with(
        status,
        &SignInPage {
            university: app.config.university.clone(),
            login,
            single_sign_on: sso::staff_entrance(&app.config, &next)?,
            next,
            mistake,
            demo,
            help: notice::contacts::for_sign_in(app.db.reader(), Door::Staff).await?,
            otherwise: "请联系本校系统管理员重置。",
        },
    )
}

pub(super) async fn sign_in(
    State(app): State<App>,
    session: Session,
    parts: Parts,
    Form(credentials): Form<Credentials>,
) -> Result<Response, AppError> {
    let address = client_address(&parts, &app.config);
    let mistake = match rules::sign_in(&app.db, &credentials.login, &credentials.password, &address).await {
        Ok(account_id) => {
            rules::begin_session(&app, &session, account_id).await?;
            return Ok(redirect(own_page(&credentials.next, "/manage")));
        }
        Err(SignInError::Wrong) => "账号或密码不正确。连续输错 5 次将锁定 15 分钟。".to_owned(),
        Err(SignInError::Locked { until }) => {
            let minutes = (until - app.db.clock().now()).num_minutes() + 1;
            format!("密码输错次数过多，账号已锁定，请在 {minutes} 分钟后再试，或联系系统管理员。")
        }
        Err(SignInError::NoRole) => "此账号已停用，或今天没有生效的角色，请联系系统管理员。".to_owned(),
        Err(SignInError::TooMany) => return Err(AppError::TooMany { retry_after: 600 }),
        Err(SignInError::Db(error)) => return Err(error.into()),
    };
    page(&app, MISTAKES, credentials.login, credentials.next, Some(mistake)).await
}

#[derive(Template)]
#[template(path = "auth/signed_out.html")]
struct SignedOutPage {
    sign_out: String,
}

pub(super) async fn sign_out(session: Session) -> Result<Response, AppError> {
    let onward = sso::sign_out_address(&session).await?;
    session.flush().await?;
    if let Some(address) = onward {
        // The content policy lets a form lead nowhere but here, so the browser goes on from a page of ours.
        let refresh = HeaderValue::from_str(&format!("0; url={address}")).map_err(AppError::internal)?;
        let sign_out = address.to_string();
        let mut page = html(&SignedOutPage { sign_out })?;
        page.headers_mut().insert(header::REFRESH, refresh);
        return Ok(page);
    }
    // Who has signed out of a shared telephone wants to see that nobody is signed in any more.
    Ok(redirect("/"))
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        assert_eq!(
            own_page("/manage/roster?class_year=2027", "/manage"),
            "/manage/roster?class_year=2027"
        );
        for next in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
        ] {
            assert_eq!(own_page(next, "/manage"), "/manage");
        }
    }
}
