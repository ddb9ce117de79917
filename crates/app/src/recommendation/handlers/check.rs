//! The public check: no account, a number and a code.

use askama::Template;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use crate::app::{App, MISTAKES};
use crate::recommendation::rules::{self, CheckError, Found};
use crate::web::{AppError, Query, client_address, html_with};

/// What the page says.
enum Said {
    /// Nothing was asked yet.
    Nothing,
    /// One of the two is missing.
    Incomplete,
    /// Too many wrong tries.
    TooMany,
    /// What was found.
    Found(Found),
}

#[derive(Template)]
#[template(path = "recommendation/check.html")]
struct CheckPage {
    university: String,
    number: String,
    code: String,
    said: Said,
}

/// The address on the form has both; the page's own form sends the same.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::recommendation) struct Asked {
    no: String,
    code: String,
}

/// Characters of a number or a code at the most.
const LONGEST: usize = 64;

pub(in crate::recommendation) async fn show(
    State(app): State<App>,
    parts: Parts,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let cut = |text: &str| text.trim().chars().take(LONGEST).collect::<String>();
    let (number, code) = (cut(&asked.no), cut(&asked.code));
    let (status, said) = match (number.is_empty(), code.is_empty()) {
        (true, true) => (StatusCode::OK, Said::Nothing),
        (false, false) => {
            let address = client_address(&parts, &app.config);
            match rules::check(&app.db, &number, &code, &address).await {
                Ok(Found::Unknown) => (StatusCode::NOT_FOUND, Said::Found(Found::Unknown)),
                Ok(found) => (StatusCode::OK, Said::Found(found)),
                Err(CheckError::TooMany) => (StatusCode::TOO_MANY_REQUESTS, Said::TooMany),
                Err(CheckError::Db(error)) => return Err(error.into()),
            }
        }
        _ => (MISTAKES, Said::Incomplete),
    };
    let is_limited = matches!(said, Said::TooMany);
    let page = CheckPage {
        university: app.config.university.clone(),
        number,
        code,
        said,
    };
    let mut response = html_with(status, &page)?;
    if is_limited {
        let seconds = HeaderValue::from(rules::WINDOW.num_seconds());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    Ok(response)
}
