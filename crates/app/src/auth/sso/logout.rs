//! OpenID Connect Back-Channel Logout 1.0: the provider says, from server to server, that somebody has signed out. What it
//! sends is a signed token of its own kind, which the library does not know; the signature is checked by the library.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyId, JsonWebKeySet};
use qihang_db::Clock;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::oidc::{OidcError, SIGNED_BY_THE_PROVIDER, SKEW};
use super::provider::Oidc;

/// Bytes of a token at the most.
pub(super) const LARGEST: usize = 16 * 1024;

/// What the token is about; nothing else that a provider signs says so.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How old a token may be. Its name is remembered for longer, so that it counts once.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// How long a token counts that does not say so itself.
const USUAL: TimeDelta = TimeDelta::minutes(2);

/// Whose sessions have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those that began in this session at the provider (`sid`).
    Session(String),
    /// All of this person (`sub`).
    Person(String),
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// The name of the token, which counts once.
    pub(super) id: String,
    pub(super) whose: Whose,
}

/// Why a token says nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum LogoutError {
    /// It is no signed token, or not of this kind, or not for this system, or not of this time.
    #[error("the logout token cannot be accepted: {0}")]
    Unfit(&'static str),
    /// No key of the provider has signed it.
    #[error("no key of the provider has signed the logout token")]
    Forged,
    /// The provider's keys cannot be had.
    #[error(transparent)]
    Provider(#[from] OidcError),
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<JsonWebKeyId>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// One audience, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: f64,
    exp: Option<f64>,
    jti: String,
    events: Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    nonce: Option<Value>,
}

/// A token in its parts.
struct Token<'a> {
    header: Header,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

fn decoded(part: &str) -> Result<Vec<u8>, LogoutError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| LogoutError::Unfit("it is no signed token"))
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, LogoutError> {
    serde_json::from_slice(&decoded(part)?)
        .map_err(|_| LogoutError::Unfit("a claim is missing, or is not what it should be"))
}

impl<'a> Token<'a> {
    fn read(text: &'a str) -> Result<Self, LogoutError> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(LogoutError::Unfit("it is no signed token"));
        };
        Ok(Self {
            header: json(header)?,
            claims: json(claims)?,
            signed: &text[..header.len() + 1 + claims.len()],
            signature: decoded(signature)?,
        })
    }

    /// Whether one of the keys has signed it.
    fn is_signed_by(&self, keys: &JsonWebKeySet<CoreJsonWebKey>) -> bool {
        keys.keys()
            .iter()
            .filter(|key| self.header.kid.is_none() || key.key_id() == self.header.kid.as_ref())
            .filter(|key| {
                key.key_use()
                    .is_none_or(|usage| *usage == CoreJsonWebKeyUse::Signature)
            })
            .any(|key| {
                key.verify_signature(&self.header.alg, self.signed.as_bytes(), &self.signature)
                    .is_ok()
            })
    }
}

/// Whether a header is one that is understood here.
fn check_header(header: &Header) -> Result<(), LogoutError> {
    if !SIGNED_BY_THE_PROVIDER.contains(&header.alg) {
        return Err(LogoutError::Unfit(
            "it is not signed by a key of the provider's own",
        ));
    }
    if header.crit.is_some() {
        return Err(LogoutError::Unfit("it asks for what this system does not know"));
    }
    let typ = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" | "logout+jwt" => Ok(()),
        _ => Err(LogoutError::Unfit("it is a token of another kind")),
    }
}

/// What the claims say, if they are for this client and of this time. Pure.
fn judge(claims: &Claims, issuer: &str, client_id: &str, now: DateTime<Utc>) -> Result<Ended, LogoutError> {
    let unfit = |why| Err(LogoutError::Unfit(why));
    if claims.iss != issuer {
        return unfit("another provider has issued it");
    }
    let is_ours = match &claims.aud {
        Audience::One(audience) => audience == client_id,
        Audience::Several(audiences) => audiences.iter().any(|audience| audience == client_id),
    };
    if !is_ours {
        return unfit("it is for another system");
    }
    // A token of a sign-in has a nonce and no such event: neither can be taken for the other.
    if claims.nonce.is_some() || !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return unfit("it is a token of another kind");
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the part of a second does not matter"
    )]
    let instant = |seconds: f64| DateTime::from_timestamp(seconds as i64, 0);
    let Some(issued_at) = instant(claims.iat) else {
        return unfit("its time is none");
    };
    let expires_at = match claims.exp {
        None => issued_at + USUAL,
        Some(seconds) => match instant(seconds) {
            Some(expires_at) => expires_at.min(issued_at + LONGEST),
            None => return unfit("its time is none"),
        },
    };
    if issued_at > now + SKEW {
        return unfit("it is issued in the future");
    }
    if expires_at + SKEW <= now {
        return unfit("it has expired");
    }
    let given = |claim: &Option<String>| claim.clone().filter(|text| !text.is_empty());
    let whose = match (given(&claims.sid), given(&claims.sub)) {
        (Some(session), _) => Whose::Session(session),
        (None, Some(person)) => Whose::Person(person),
        (None, None) => return unfit("it names nobody"),
    };
    if claims.jti.is_empty() {
        return unfit("it has no name of its own");
    }
    Ok(Ended {
        id: claims.jti.clone(),
        whose,
    })
}

impl Oidc {
    /// What a logout token says. Whether it was used before is for the caller to ask.
    pub(super) async fn ended(&self, text: &str) -> Result<Ended, LogoutError> {
        let token = Token::read(text)?;
        // Before the provider is asked for anything: what cannot count costs nobody a request.
        check_header(&token.header)?;
        // The machine's clock, as for every token: the provider lives in the real time.
        let now = Clock::machine().now();
        let ended = judge(&token.claims, &self.issuer, &self.client_id, now)?;
        if token.is_signed_by(&self.keys().await?) {
            Ok(ended)
        } else {
            Err(LogoutError::Forged)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn token() -> Value {
        json!({
            "iss": "https://sso.example", "aud": "qihang", "iat": NOW, "exp": NOW + 120, "jti": "1",
            "events": {EVENT: {}}, "sub": "somebody", "sid": "a session",
        })
    }

    /// The token with these claims instead; null takes one away.
    fn judged(changes: &Value) -> Result<Ended, String> {
        let mut claims = token();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value.clone()),
            };
        }
        let claims: Claims = serde_json::from_value(claims).map_err(|error| error.to_string())?;
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        judge(&claims, "https://sso.example", "qihang", now).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_names_a_session_or_else_a_person() {
        let whose = |changes: Value| judged(&changes).unwrap().whose;
        assert_eq!(whose(json!({})), Whose::Session("a session".into()));
        assert_eq!(whose(json!({"sid": null})), Whose::Person("somebody".into()));
        assert_eq!(whose(json!({"sub": null})), Whose::Session("a session".into()));
        assert_eq!(
            whose(json!({"aud": ["another", "qihang"], "exp": null})),
            Whose::Session("a session".into())
        );
    }

    #[test]
    fn whatever_is_not_as_the_standard_says_is_refused() {
        for changes in [
            json!({"iss": "https://sso.example/"}),
            json!({"aud": "another"}),
            json!({"aud": []}),
            json!({"iat": NOW + 600, "exp": NOW + 900}),
            json!({"iat": null}),
            json!({"iat": NOW - 600, "exp": NOW - 300}),
            json!({"iat": NOW - 600, "exp": null}),
            // However long it says that it counts, its name is not remembered for ever.
            json!({"iat": NOW - 7200, "exp": NOW + 7200}),
            json!({"iat": 1e300}),
            json!({"jti": null}),
            json!({"jti": ""}),
            json!({"events": null}),
            json!({"events": {}}),
            json!({"events": {EVENT: "yes"}}),
            json!({"events": [EVENT]}),
            json!({"nonce": "a nonce"}),
            json!({"sub": null, "sid": null}),
            json!({"sub": "", "sid": ""}),
        ] {
            assert!(judged(&changes).is_err(), "{changes}");
        }
    }

    #[test]
    fn an_algorithm_or_a_kind_that_is_not_agreed_is_refused() {
        let checked = |header: Value| check_header(&serde_json::from_value(header).unwrap());
        for header in [
            json!({"alg": "RS256"}),
            json!({"alg": "EdDSA", "typ": "JWT"}),
            json!({"alg": "ES256", "typ": "application/logout+jwt"}),
            json!({"alg": "ES256", "typ": "logout+JWT"}),
        ] {
            assert!(checked(header.clone()).is_ok(), "{header}");
        }
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "HS256"}),
            json!({"alg": "RS256", "typ": "at+jwt"}),
            json!({"alg": "RS256", "crit": ["b64"]}),
        ] {
            assert!(checked(header.clone()).is_err(), "{header}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            "a",
            "a.b",
            "a.b.c",
            "e30.e30.",
            "e30.e30.e30.e30.e30",
            "..",
            "数.据.",
        ] {
            assert!(Token::read(text).is_err(), "{text}");
        }
    }
}
