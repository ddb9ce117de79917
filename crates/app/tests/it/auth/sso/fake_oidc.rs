//! A provider of OpenID Connect of a few lines that does as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AdditionalClaims, Audience, EndUserUsername, IdToken, IdTokenClaims, IssuerUrl,
    JsonWebKeyId, Nonce, PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey, StandardClaims,
    SubjectIdentifier,
};
use qihang_db::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::parameter;

pub const CLIENT: &str = "qihang";
pub const SECRET: &str = "a secret of the tests";

/// What it does wrong, or unlike others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Twist {
    #[default]
    None,
    /// Every answer is 503.
    Down,
    /// The name stands where one has to ask for it.
    NameOnDemand,
    /// As before, and the answer is about somebody else.
    NameOfAnother,
    /// The name stands nowhere.
    Nameless,
    OtherNonce,
    OtherAudience,
    OtherIssuer,
    OtherKey,
    OtherAccessToken,
    Expired,
    NotYet,
}

/// The session at the provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sid {
    sid: String,
}
impl AdditionalClaims for Sid {}

type SignedToken = IdToken<Sid, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

struct Code {
    /// `sid-1` is that of the first sign-in.
    sid: String,
    user: String,
    nonce: String,
    challenge: String,
}

#[derive(Default)]
struct Inside {
    url: String,
    twist: Twist,
    codes: HashMap<String, Code>,
    /// Whose the access tokens are.
    tokens: HashMap<String, String>,
    number: u32,
}

#[derive(Clone)]
pub struct FakeOidc {
    pub url: String,
    inside: Arc<Mutex<Inside>>,
}

impl FakeOidc {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inside = Arc::new(Mutex::new(Inside {
            url: url.clone(),
            ..Inside::default()
        }));
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, inside }
    }

    pub fn set_twist(&self, twist: Twist) {
        self.inside.lock().expect("not poisoned").twist = twist;
    }

    /// Somebody signs in where the browser was sent; answers the path that the browser comes back to.
    pub fn sign_in(&self, away: &str, user: &str) -> String {
        let mut inside = self.inside.lock().expect("not poisoned");
        inside.number += 1;
        let code = format!("code-{}", inside.number);
        let known = Code {
            sid: format!("sid-{}", inside.number),
            user: user.to_owned(),
            nonce: parameter(away, "nonce"),
            challenge: parameter(away, "code_challenge"),
        };
        inside.codes.insert(code.clone(), known);
        format!("/sign-in/oidc?code={code}&state={}", parameter(away, "state"))
    }
}

impl FakeOidc {
    /// A logout token as the standard wants it, with these claims beside or instead; null takes one away.
    pub fn logout_token(&self, changes: &Value) -> String {
        sign(&json!({"typ": "logout+jwt"}), &self.logout_claims(changes), true)
    }

    /// The same, signed by a stranger.
    pub fn forged_logout_token(&self, changes: &Value) -> String {
        sign(&json!({"typ": "logout+jwt"}), &self.logout_claims(changes), false)
    }

    /// The same, with another head.
    pub fn logout_token_headed(&self, header: &Value, changes: &Value) -> String {
        sign(header, &self.logout_claims(changes), true)
    }

    fn logout_claims(&self, changes: &Value) -> Value {
        let mut inside = self.inside.lock().expect("not poisoned");
        inside.number += 1;
        let now = Clock::machine().now().timestamp();
        let mut claims = json!({
            "iss": inside.url, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": format!("jti-{}", inside.number),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        let fields = claims.as_object_mut().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            fields.insert(name.clone(), value.clone());
        }
        fields.retain(|_, value| !value.is_null());
        claims
    }
}

fn sign(header: &Value, claims: &Value, is_own: bool) -> String {
    let mut header = header.clone();
    let fields = header.as_object_mut().expect("an object");
    fields.entry("alg").or_insert(json!("EdDSA"));
    fields.entry("kid").or_insert(json!("test"));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = key(is_own)
        .sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes())
        .expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A key that anybody may know: thirty-two bytes of nothing, or of ones.
fn key(is_own: bool) -> CoreEdDsaPrivateSigningKey {
    let seed = if is_own {
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    } else {
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
    };
    let kind = "PRIVATE KEY";
    let pem = format!("-----BEGIN {kind}-----\nMC4CAQAwBQYDK2VwBCIEI{seed}\n-----END {kind}-----\n");
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new("test".into()))).expect("a key")
}

async fn answer(State(inside): State<Arc<Mutex<Inside>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await.expect("a body");
    let mut inside = inside.lock().expect("not poisoned");
    if inside.twist == Twist::Down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match parts.uri.path() {
        "/.well-known/openid-configuration" => Json(json!({
            "issuer": inside.url,
            "authorization_endpoint": format!("{}/auth", inside.url),
            "token_endpoint": format!("{}/token", inside.url),
            "userinfo_endpoint": format!("{}/me", inside.url),
            "end_session_endpoint": format!("{}/end", inside.url),
            "jwks_uri": format!("{}/keys", inside.url),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        }))
        .into_response(),
        "/keys" => Json(json!({"keys": [key(true).as_verification_key()]})).into_response(),
        "/token" => token(&mut inside, &parts.headers, &body),
        "/me" => me(&inside, &parts.headers),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response()
}

fn token(inside: &mut Inside, headers: &HeaderMap, body: &Bytes) -> Response {
    let form: HashMap<String, String> = serde_html_form::from_bytes(body).expect("a form");
    if !headers.contains_key(header::AUTHORIZATION) {
        return refused("invalid_client");
    }
    let Some(code) = inside.codes.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let verifier = PkceCodeVerifier::new(form["code_verifier"].clone());
    if PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str() != code.challenge {
        return refused("invalid_grant");
    }
    let access_token = format!("token-{}", inside.number);
    inside.tokens.insert(access_token.clone(), code.user.clone());
    let id_token = id_token(inside, &code, &access_token);
    let given = match inside.twist {
        Twist::OtherAccessToken => "token-of-another",
        _ => &access_token,
    };
    Json(json!({"access_token": given, "token_type": "Bearer", "id_token": id_token})).into_response()
}

fn id_token(inside: &Inside, code: &Code, access_token: &str) -> SignedToken {
    let twist = inside.twist;
    let now = Clock::machine().now();
    let issued_at = match twist {
        Twist::Expired => now - TimeDelta::hours(2),
        Twist::NotYet => now + TimeDelta::hours(2),
        _ => now,
    };
    let issuer = match twist {
        Twist::OtherIssuer => "https://evil.example".to_owned(),
        _ => inside.url.clone(),
    };
    let audience = match twist {
        Twist::OtherAudience => "another",
        _ => CLIENT,
    };
    let nonce = match twist {
        Twist::OtherNonce => "another".to_owned(),
        _ => code.nonce.clone(),
    };
    let person = StandardClaims::new(SubjectIdentifier::new(format!("subject-{}", code.user)));
    let person = match twist {
        Twist::NameOnDemand | Twist::NameOfAnother | Twist::Nameless => person,
        _ => person.set_preferred_username(Some(EndUserUsername::new(code.user.clone()))),
    };
    let claims = IdTokenClaims::new(
        IssuerUrl::new(issuer).expect("an address"),
        vec![Audience::new(audience.into())],
        issued_at + TimeDelta::hours(1),
        issued_at,
        person,
        Sid {
            sid: code.sid.clone(),
        },
    )
    .set_nonce(Some(Nonce::new(nonce)));
    IdToken::new(
        claims,
        &key(twist != Twist::OtherKey),
        CoreJwsSigningAlgorithm::EdDsa,
        Some(&AccessToken::new(access_token.to_owned())),
        None,
    )
    .expect("a token")
}

fn me(inside: &Inside, headers: &HeaderMap) -> Response {
    let bearer = headers[header::AUTHORIZATION].to_str().expect("text");
    let user = &inside.tokens[bearer.trim_start_matches("Bearer ")];
    match inside.twist {
        Twist::Nameless => Json(json!({"sub": format!("subject-{user}")})).into_response(),
        Twist::NameOfAnother => Json(json!({"sub": "another", "preferred_username": user})).into_response(),
        _ => Json(json!({"sub": format!("subject-{user}"), "preferred_username": user})).into_response(),
    }
}
