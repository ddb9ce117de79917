//! OpenID Connect: authorization code with PKCE, by the `openidconnect` library.
//!
//! What the provider says of itself and its keys are asked for anew each time: nothing is remembered that could be out
//! of date, and a change of keys is nobody's trouble.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AuthorizationCode, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, JsonWebKeySet,
    LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RequestTokenError, StandardErrorResponse, StandardTokenResponse,
    SubjectIdentifier, TokenResponse, UserInfoClaims,
};
use qihang_db::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::provider::Oidc;

/// Bytes of an answer at the most.
const LARGEST: usize = 1024 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(4);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How far the provider's clock may be from ours.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(2);

/// One for the process: it holds nothing but open connections.
static HTTP: LazyLock<Result<reqwest::Client, reqwest::Error>> = LazyLock::new(|| {
    reqwest::Client::builder()
        // The library's own advice: an answer that leads elsewhere could lead to where only this server can go.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .build()
});

/// Why there is no person at the end.
#[derive(Debug, thiserror::Error)]
pub(super) enum OidcError {
    /// The provider cannot be reached or gives no usable answer.
    #[error("the provider gives no usable answer: {0}")]
    Unavailable(String),
    /// The provider refuses the code: used, too old, or for somebody else (`invalid_grant`).
    #[error("the provider refuses the code: {0}")]
    InvalidCode(String),
    /// The provider refuses this system: its client id, secret or addresses.
    #[error("the provider refuses this system: {0}")]
    Refused(String),
    /// The token is not what it should be.
    #[error("the provider's token cannot be trusted: {0}")]
    Untrusted(String),
}

/// What has to come back unchanged; kept in the session meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Secrets {
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl Secrets {
    /// Whether the answer belongs to the question that this browser was sent away with.
    pub(super) fn answers(&self, state: &str) -> bool {
        // Neither text is worth anything once they have been compared, so the time that it takes tells nothing.
        self.state.secret() == state
    }
}

/// Who has signed in.
#[derive(Debug)]
pub(super) struct Signed {
    /// The values of the claim that names people.
    pub(super) values: Vec<String>,
    /// Where the browser signs out.
    pub(super) sign_out: Option<Url>,
    /// What the provider may name later, when the sign-in has ended.
    pub(super) begun: Begun,
}

/// A sign-in, as the provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    /// The token itself, which is of this sign-in alone.
    pub(super) token: String,
    /// The person (`sub`).
    pub(super) person: String,
    /// The session at the provider (`sid`), where it has a name.
    pub(super) session: Option<String>,
}

/// All claims of a token, whatever their names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Claims(Map<String, Value>);
impl AdditionalClaims for Claims {}

type IdFields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// The library's client with our [`Claims`].
type Client = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<IdFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Oidc {
    /// Where the browser signs in, and what has to come back.
    pub(super) async fn begin(&self) -> Result<(Url, Secrets), OidcError> {
        let (client, _) = self.discover().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        Ok((
            address,
            Secrets {
                state,
                nonce,
                verifier,
            },
        ))
    }

    /// Whose the code is.
    pub(super) async fn complete(&self, code: String, secrets: Secrets) -> Result<Signed, OidcError> {
        let (client, end_session) = self.discover().await?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(unusable)?
            .set_pkce_verifier(secrets.verifier)
            .request_async(&send)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(refusal)
                    if *refusal.error() == CoreErrorResponseType::InvalidGrant =>
                {
                    OidcError::InvalidCode(refusal.to_string())
                }
                RequestTokenError::ServerResponse(refusal) => OidcError::Refused(refusal.to_string()),
                error => unusable(error),
            })?;
        let id_token = answer
            .id_token()
            .ok_or_else(|| OidcError::Untrusted("there is no id token".into()))?;
        // The machine's clock, not ours, which may pretend another day: the provider lives in the real one.
        let now = Clock::machine().now();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNED_BY_THE_PROVIDER)
            .set_time_fn(move || now - SKEW)
            .set_issue_time_verifier_fn(move |issued_at| {
                if issued_at <= now + SKEW {
                    Ok(())
                } else {
                    Err("issued in the future".into())
                }
            });
        let claims = id_token.claims(&verifier, &secrets.nonce).map_err(untrusted)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(untrusted)?;
            let key = id_token.signing_key(&verifier).map_err(untrusted)?;
            let found =
                AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(untrusted)?;
            if found != *expected {
                return Err(OidcError::Untrusted("the access token is another's".into()));
            }
        }
        let mut values = named(claims, &self.claim);
        if values.is_empty() {
            let subject = claims.subject().clone();
            values = self
                .ask_for_claim(&client, answer.access_token().clone(), subject)
                .await?;
        }
        let begun = Begun {
            token: id_token.to_string(),
            person: claims.subject().to_string(),
            session: named(claims, "sid").into_iter().next(),
        };
        let sign_out = end_session.map(|address| {
            LogoutRequest::from(address)
                .set_client_id(self.client_id.clone())
                .set_id_token_hint(id_token)
                .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(self.front_page.clone()))
                .http_get_url()
        });
        Ok(Signed {
            values,
            sign_out,
            begun,
        })
    }

    /// Many providers put only who it is into the token, and the rest where one has to ask for it.
    async fn ask_for_claim(
        &self,
        client: &Client,
        access_token: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<Vec<String>, OidcError> {
        let Ok(request) = client.user_info(access_token, Some(subject)) else {
            return Ok(Vec::new());
        };
        let claims: UserInfoClaims<Claims, CoreGenderClaim> =
            request.request_async(&send).await.map_err(unusable)?;
        Ok(named(&claims, &self.claim))
    }

    /// What the provider says of itself, with its keys.
    async fn metadata(&self) -> Result<ProviderMetadataWithLogout, OidcError> {
        ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &send)
            .await
            .map_err(unusable)
    }

    /// The keys that the provider signs with today.
    pub(super) async fn keys(&self) -> Result<JsonWebKeySet<CoreJsonWebKey>, OidcError> {
        Ok(self.metadata().await?.jwks().clone())
    }

    async fn discover(&self) -> Result<(Client, Option<openidconnect::EndSessionUrl>), OidcError> {
        let metadata = self.metadata().await?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let client =
            Client::from_provider_metadata(metadata, self.client_id.clone(), self.client_secret.clone())
                .set_redirect_uri(self.callback.clone());
        Ok((client, end_session))
    }
}

/// Signatures that only the provider can make; one by the shared secret could be made by anybody who knows that.
pub(super) const SIGNED_BY_THE_PROVIDER: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The values of a claim, be it one of the standard or one of the provider's own, a text, a number or a list.
fn named(claims: &impl Serialize, name: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match serde_json::to_value(claims)
        .ok()
        .as_ref()
        .and_then(|all| all.get(name))
    {
        Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
enum HttpError {
    #[error("{0}")]
    Client(String),
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
}

/// Sends a request of the library, and reads the answer while it comes, no further than [`LARGEST`].
async fn send(request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let http = HTTP
        .as_ref()
        .map_err(|error| HttpError::Client(error.to_string()))?;
    let mut found = http.execute(request.try_into()?).await?;
    let mut answer = HttpResponse::new(Vec::new());
    *answer.status_mut() = found.status();
    *answer.headers_mut() = std::mem::take(found.headers_mut());
    while let Some(chunk) = found.chunk().await? {
        if answer.body().len() + chunk.len() > LARGEST {
            return Err(HttpError::TooLarge);
        }
        answer.body_mut().extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn unusable(error: impl std::error::Error) -> OidcError {
    OidcError::Unavailable(told(&error))
}

fn untrusted(error: impl std::error::Error) -> OidcError {
    OidcError::Untrusted(told(&error))
}

/// The error with what caused it: the outermost alone says only that a request failed.
fn told(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
