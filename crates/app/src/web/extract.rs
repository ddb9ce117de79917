//! Addresses and forms, read strictly: what cannot be understood is refused with a page, never read as something else.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::AppError;
use crate::config::Config;

/// Parameters in the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = AppError;

    #[expect(
        clippy::disallowed_types,
        reason = "wrapped here, so that its refusal is a page"
    )]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        // A number that is none names nothing that exists.
        let axum::extract::Path(value) = axum::extract::Path::from_request_parts(parts, state)
            .await
            .map_err(|_| AppError::NotFound)?;
        Ok(Self(value))
    }
}

/// The query string. Repeated keys become lists.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, AppError> {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default())
            .map(Self)
            .map_err(|error| AppError::BadRequest(format!("地址中的查询条件无法识别（{error}）。")))
    }
}

/// A posted form. Repeated keys become lists.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let text = String::from_request(request, state)
            .await
            .map_err(|_| AppError::TooLarge("提交的内容过大或不是文字。".into()))?;
        serde_html_form::from_str(&text)
            .map(Self)
            .map_err(|error| AppError::BadRequest(format!("提交的内容无法识别（{error}）。")))
    }
}

/// The network address a request comes from; the proxy's word is believed only where the settings say there is one.
pub fn client_address(parts: &Parts, config: &Config) -> String {
    let forwarded = parts
        .headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        // The last one was added by our own proxy; those before it are the client's to invent.
        .and_then(|value| value.rsplit(',').next())
        .map(|value| value.trim().to_owned());
    match forwarded {
        Some(address) if config.behind_proxy => address,
        _ => parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or_else(|| "unknown".to_owned(), |info| info.0.ip().to_string()),
    }
}

/// Whether htmx asks for a part of the page only.
pub fn is_fragment(headers: &HeaderMap) -> bool {
    headers
        .get("hx-request-type")
        .is_some_and(|value| value == "partial")
}
