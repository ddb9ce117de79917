//! The data exchange as a program that asks us.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use qihang_db::{Actor, Scope};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::web::{AppError, client_address};

/// Proof that the data exchange asks: it has shown the token of the settings. Where there is none, nobody can.
#[derive(Clone, Debug)]
pub struct ExchangeClient {
    actor: Actor,
}

impl ExchangeClient {
    /// For the audit log.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The data exchange has every student already.
    pub fn scope(&self) -> &Scope {
        &Scope::Everyone
    }
}

impl FromRequestParts<App> for ExchangeClient {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let shown = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        match (shown, &app.config.exchange_token) {
            (Some(shown), Some(token)) if is_same(shown, token.expose_secret()) => Ok(Self {
                actor: Actor::exchange(Some(client_address(parts, &app.config))),
            }),
            _ => Err(AppError::TokenNeeded),
        }
    }
}

/// Compares digests: how long that takes says nothing about the token.
fn is_same(shown: &str, token: &str) -> bool {
    Sha256::digest(shown) == Sha256::digest(token)
}
