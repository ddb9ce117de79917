//! To the provider and back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::page::{self, Retry};
use super::provider::Provider;
use super::rules::{self, Away, BackChannelError, Failure, Named};
use crate::app::App;
use crate::auth::handlers::{NextPage, own_page};
use crate::config::Config;
use crate::web::{AppError, Door, Form, Query, client_address, redirect};

/// Where a member of the staff sets out from.
const STAFF_ENTRANCE: &str = "/sign-in/staff/sso";

/// The address that begins the single sign-on of the staff and leads to `next`; `None` where there is none.
pub(in crate::auth) fn staff_entrance(config: &Config, next: &str) -> Result<Option<String>, AppError> {
    Ok(rules::provider(config)?.map(|_| entrance(Door::Staff, next)))
}

fn entrance(door: Door, next: &str) -> String {
    let path = match door {
        Door::Student => door.address(),
        Door::Staff => STAFF_ENTRANCE,
    };
    if next.is_empty() {
        return path.to_owned();
    }
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("{path}?{query}")
}

/// Sends the browser to the provider; `next` is where it shall be led in the end.
pub(in crate::auth) async fn begin(
    app: &App,
    provider: &Provider,
    session: &Session,
    door: Door,
    next: &str,
) -> Result<Response, AppError> {
    let next = own_page(next, "");
    match rules::begin(app, provider, session, door, next).await {
        Ok(address) => Ok(redirect(address.as_str())),
        Err(failure) => page::told(app, failure, &retry(door, next)).await,
    }
}

fn retry(door: Door, next: &str) -> Retry {
    Retry {
        door: Some(door),
        address: entrance(door, next),
    }
}

/// 教师登录 by the single sign-on.
pub(super) async fn staff(
    State(app): State<App>,
    session: Session,
    Query(query): Query<NextPage>,
) -> Result<Response, AppError> {
    let provider = rules::provider(&app.config)?.ok_or(AppError::NotFound)?;
    begin(&app, &provider, &session, Door::Staff, &query.next).await
}

#[derive(Deserialize)]
pub(super) struct Returned {
    ticket: Option<String>,
}

/// Back from the CAS server.
pub(super) async fn cas(
    State(app): State<App>,
    session: Session,
    parts: Parts,
    Query(returned): Query<Returned>,
) -> Result<Response, AppError> {
    let Some(Provider::Cas(cas)) = rules::provider(&app.config)? else {
        return Err(AppError::NotFound);
    };
    let away = match rules::take_away(&app, &session).await {
        Ok(away) => away,
        Err(failure) => return not_on_its_way(&app, &session, failure).await,
    };
    let named = match returned.ticket {
        Some(ticket) => rules::by_ticket(&app, &cas, &ticket).await,
        None => Err(Failure::TurnedBack),
    };
    arrive(&app, &session, &parts, away, named).await
}

#[derive(Deserialize)]
pub(super) struct Answered {
    code: Option<String>,
    #[serde(default)]
    state: String,
    error: Option<String>,
}

/// Back from the provider of OpenID Connect.
pub(super) async fn oidc(
    State(app): State<App>,
    session: Session,
    parts: Parts,
    Query(answered): Query<Answered>,
) -> Result<Response, AppError> {
    let Some(Provider::Oidc(oidc)) = rules::provider(&app.config)? else {
        return Err(AppError::NotFound);
    };
    let mut away = match rules::take_away(&app, &session).await {
        Ok(away) => away,
        Err(failure) => return not_on_its_way(&app, &session, failure).await,
    };
    let named = match (answered.code, answered.error.as_deref()) {
        (Some(code), None) => rules::by_code(&oidc, &mut away, code, &answered.state).await,
        (_, Some("access_denied") | None) => Err(Failure::TurnedBack),
        (_, Some("temporarily_unavailable" | "server_error")) => {
            Err(Failure::Unavailable("it says so itself".into()))
        }
        (_, Some(error)) => Err(Failure::NotRegistered(error.chars().take(64).collect())),
    };
    arrive(&app, &session, &parts, away, named).await
}

/// A page that was reloaded, or reached by the browser's back button: whoever is in is led home.
async fn not_on_its_way(app: &App, session: &Session, failure: Failure) -> Result<Response, AppError> {
    match rules::home_of(session).await {
        Ok(Some(home)) => Ok(redirect(home)),
        Ok(None) => page::told(app, failure, &Retry::unknown()).await,
        Err(failure) => page::told(app, failure, &Retry::unknown()).await,
    }
}

async fn arrive(
    app: &App,
    session: &Session,
    parts: &Parts,
    away: Away,
    named: Result<Named, Failure>,
) -> Result<Response, AppError> {
    let address = client_address(parts, &app.config);
    let admitted = match named {
        Ok(named) => rules::admit(app, session, away.door, named, address).await,
        Err(failure) => Err(failure),
    };
    match admitted {
        Ok(()) => {
            let home = match away.door {
                Door::Student => "/student",
                Door::Staff => "/manage",
            };
            Ok(redirect(own_page(&away.next, home)))
        }
        Err(failure) => page::told(app, failure, &retry(away.door, &away.next)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct Ended {
    #[serde(rename = "logoutRequest")]
    logout_request: String,
}

/// The CAS server says that somebody has signed out. It is no browser, so the check against forged writes lets it
/// through as it is; that it knows the ticket is the proof. Whether there was such a session is not said.
pub(super) async fn single_logout(
    State(app): State<App>,
    Form(ended): Form<Ended>,
) -> Result<Response, AppError> {
    let Some(Provider::Cas(_)) = rules::provider(&app.config)? else {
        return Err(AppError::NotFound);
    };
    let ticket = qihang_cas::logout::ended_ticket(&ended.logout_request).map_err(|error| {
        tracing::warn!(%error, "A logout request was refused.");
        AppError::BadRequest("这不是单点退出请求。".into())
    })?;
    rules::end_by_ticket(&app.db, &ticket).await?;
    Ok(StatusCode::OK.into_response())
}

#[derive(Deserialize)]
pub(super) struct LoggedOut {
    logout_token: String,
}

/// The provider of OpenID Connect says that somebody has signed out. As with CAS it is no browser; here its signature is the
/// proof. Whether there was such a session is not said.
pub(super) async fn back_channel_logout(
    State(app): State<App>,
    Form(logged_out): Form<LoggedOut>,
) -> Result<Response, AppError> {
    let Some(Provider::Oidc(oidc)) = rules::provider(&app.config)? else {
        return Err(AppError::NotFound);
    };
    match rules::end_by_token(&app.db, &oidc, &logged_out.logout_token).await {
        Ok(()) => Ok(StatusCode::OK.into_response()),
        Err(BackChannelError::Db(error)) => Err(error.into()),
        // The standard knows one answer to everything that did not succeed.
        Err(error) => {
            tracing::warn!(%error, "A logout token was refused.");
            Err(AppError::BadRequest("这不是可以接受的退出令牌。".into()))
        }
    }
}
