//! How a sign-in at the provider becomes a session here, and how it ends.

use chrono::{DateTime, TimeDelta, Utc};
use qihang_cas::{Ticket, ValidateError};
use qihang_db::Db;
use qihang_db::session::{ACCOUNT_KEY, STUDENT_KEY, digest};
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use tower_sessions::{Expiry, Session};
use url::Url;

use super::logout::{Ended, LogoutError, Whose};
use super::oidc::{Begun, OidcError, Secrets};
use super::provider::{Cas, Oidc, Provider};
use super::queries;
use crate::app::App;
use crate::auth::queries::{find_account, find_student_by_no};
use crate::auth::rules::{self, SignInError};
use crate::config::Config;
use crate::web::{AppError, Door};

/// Key in the session: the sign-in that this browser was sent away for.
const AWAY_KEY: &str = "sign_in_away";
/// Key in the session: it began at the provider.
const BEGAN_KEY: &str = "single_sign_on";
/// How long a sign-in at the provider may take; long enough to find a forgotten password.
const AWAY_MINUTES: i64 = 20;

/// A sign-in on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Away {
    pub(super) door: Door,
    /// The page to be led to; one of our own, as the caller has made sure.
    pub(super) next: String,
    since: DateTime<Utc>,
    /// OpenID Connect only.
    oidc: Option<Secrets>,
}

/// What a session keeps of the sign-in at the provider.
#[derive(Debug, Serialize, Deserialize)]
struct Began {
    sign_out: Option<Url>,
}

/// Whom the provider names.
#[derive(Debug)]
pub(super) struct Named {
    /// 学号 or 工号, each once.
    pub(super) numbers: Vec<String>,
    /// Where the browser signs out of the provider.
    pub(super) sign_out: Option<Url>,
    /// By what the provider will say that it has ended.
    began: Beginning,
}

/// What a session began with, to be found by it.
#[derive(Debug)]
enum Beginning {
    /// The digest of a ticket, which was written down when it was used.
    Ticket(String),
    /// A sign-in by OpenID Connect.
    Token(Begun),
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// This browser has begun no sign-in here, or too long ago.
    #[error("no sign-in is on its way")]
    NotBegun,
    /// The person has turned back at the provider.
    #[error("the person has turned back")]
    TurnedBack,
    /// The ticket or code is not valid, or not any more.
    #[error("the ticket or code is not valid: {0}")]
    Invalid(String),
    /// The ticket has opened a session already.
    #[error("the ticket was used before")]
    Used,
    /// The provider is down, or answers what cannot be used.
    #[error("the provider is of no use: {0}")]
    Unavailable(String),
    /// The provider does not know this system: its registration there is wrong.
    #[error("the provider refuses this system: {0}")]
    NotRegistered(String),
    /// The provider says who it is, and not in the attribute that was agreed.
    #[error("the provider names nobody in {0:?}")]
    Nameless(String),
    /// The provider names somebody whom this system does not know.
    #[error("the provider names somebody unknown here")]
    Unknown {
        /// The number that was looked for.
        number: String,
        /// Whether the other door knows it.
        other_door: bool,
        /// Where to sign out at the provider, to be somebody else.
        sign_out: Option<Url>,
    },
    /// The provider names a student who is here under several numbers.
    #[error("the provider names several students")]
    Several,
    /// An account without a role today, or disabled.
    #[error("the account has no role today")]
    NoRole,
    /// Our own fault.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::App(error.into())
    }
}

impl From<tower_sessions::session::Error> for Failure {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::App(error.into())
    }
}

impl From<ValidateError> for Failure {
    fn from(error: ValidateError) -> Self {
        match error {
            ValidateError::InvalidTicket(text) => Self::Invalid(text),
            ValidateError::InvalidService(_) | ValidateError::Refused { .. } => {
                Self::NotRegistered(error.to_string())
            }
            ValidateError::Unavailable(error) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<OidcError> for Failure {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Unavailable(text) => Self::Unavailable(text),
            OidcError::InvalidCode(text) | OidcError::Untrusted(text) => Self::Invalid(text),
            OidcError::Refused(text) => Self::NotRegistered(text),
        }
    }
}

/// The provider of the settings.
pub(in crate::auth) fn provider(config: &Config) -> Result<Option<Provider>, AppError> {
    Provider::of(config).map_err(AppError::internal)
}

/// Begins a sign-in of this browser, and answers where it goes. That the provider answers is made sure first: a page of
/// ours explains better than the browser's own.
pub(super) async fn begin(
    app: &App,
    provider: &Provider,
    session: &Session,
    door: Door,
    next: &str,
) -> Result<Url, Failure> {
    let (address, oidc) = match provider {
        Provider::Cas(cas) => {
            cas.client.check().await.map_err(ValidateError::from)?;
            (cas.client.login_url(), None)
        }
        Provider::Oidc(oidc) => {
            let (address, secrets) = oidc.begin().await?;
            (address, Some(secrets))
        }
    };
    if home_of(session).await?.is_none() {
        // Of whoever does not come back nothing needs to stay.
        session.set_expiry(Some(Expiry::OnInactivity(time::Duration::minutes(AWAY_MINUTES))));
    }
    let away = Away {
        door,
        next: next.to_owned(),
        since: app.db.clock().now(),
        oidc,
    };
    session.insert(AWAY_KEY, away).await?;
    Ok(address)
}

/// The sign-in that this browser was sent away for; it comes back once.
pub(super) async fn take_away(app: &App, session: &Session) -> Result<Away, Failure> {
    let away = session.remove::<Away>(AWAY_KEY).await?;
    away.filter(|away| app.db.clock().now() - away.since <= TimeDelta::minutes(AWAY_MINUTES))
        .ok_or(Failure::NotBegun)
}

/// Whose the CAS ticket is. It is remembered as used before anything else happens.
pub(super) async fn by_ticket(app: &App, cas: &Cas, ticket: &str) -> Result<Named, Failure> {
    let ticket = Ticket::parse(ticket).map_err(|error| Failure::Invalid(error.to_string()))?;
    let ticket_digest = digest(ticket.as_str());
    if queries::find_ticket(app.db.reader(), &ticket_digest)
        .await?
        .is_some()
    {
        return Err(Failure::Used);
    }
    let person = cas.client.validate(&ticket).await?;
    use_up(&app.db, &ticket_digest).await?;
    let numbers = match &cas.attribute {
        None => vec![person.user.clone()],
        Some(attribute) => person.values(attribute).to_vec(),
    };
    if numbers.is_empty() {
        return Err(Failure::Nameless(cas.attribute.clone().unwrap_or_default()));
    }
    Ok(Named {
        numbers,
        sign_out: Some(cas.client.logout_url(&cas.front_page)),
        began: Beginning::Ticket(ticket_digest),
    })
}

/// Two requests with the same ticket at the same moment: the unique key lets one through, even where the server let both.
async fn use_up(db: &Db, ticket_digest: &str) -> Result<(), Failure> {
    let tx = db.begin_write().await?;
    match queries::insert_ticket(&tx, ticket_digest, db.clock().now()).await {
        Ok(()) => Ok(tx.commit().await?),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            tx.rollback().await?;
            Err(Failure::Used)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whose the code of OpenID Connect is.
pub(super) async fn by_code(
    oidc: &Oidc,
    away: &mut Away,
    code: String,
    state: &str,
) -> Result<Named, Failure> {
    let secrets = away
        .oidc
        .take()
        .filter(|secrets| secrets.answers(state))
        .ok_or(Failure::NotBegun)?;
    let signed = oidc.complete(code, secrets).await?;
    if signed.values.is_empty() {
        return Err(Failure::Nameless(oidc.claim.clone()));
    }
    Ok(Named {
        numbers: signed.values,
        sign_out: signed.sign_out,
        began: Beginning::Token(signed.begun),
    })
}

/// Begins the session of whom the provider names, at the door that was chosen.
pub(super) async fn admit(
    app: &App,
    session: &Session,
    door: Door,
    named: Named,
    address: String,
) -> Result<(), Failure> {
    match door {
        Door::Student => {
            let student_id = find_student(app, &named).await?;
            rules::begin_student_session(app, session, student_id, address).await?;
        }
        Door::Staff => {
            let account_id = admit_account(app, &named, &address).await?;
            rules::begin_session(app, session, account_id).await?;
        }
    }
    let began = Began {
        sign_out: named.sign_out,
    };
    session.insert(BEGAN_KEY, began).await?;
    // Saved now rather than with the answer: only then has it an id to write down.
    session.save().await?;
    if let Some(id) = session.id() {
        let session_digest = digest(&id.to_string());
        let tx = app.db.begin_write().await?;
        match named.began {
            Beginning::Ticket(ticket) => queries::set_session(&tx, &ticket, &session_digest).await?,
            Beginning::Token(sign_in) => {
                let by_provider = queries::Names {
                    person: person_digest(&sign_in.person),
                    session: sign_in.session.as_deref().map(provider_session_digest),
                };
                let token = digest(&sign_in.token);
                let now = app.db.clock().now();
                queries::insert_sign_in(&tx, &token, &session_digest, &by_provider, now).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// The provider's names stand in the database as digests, like every ticket; the kind is part of what is digested, so that a
/// name of one kind is never taken for one of another.
fn person_digest(person: &str) -> String {
    digest(&format!("sub {person}"))
}

fn provider_session_digest(session: &str) -> String {
    digest(&format!("sid {session}"))
}

/// Why a logout token ended nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackChannelError {
    /// The token is not to be trusted.
    #[error(transparent)]
    Token(#[from] LogoutError),
    /// The token has been used.
    #[error("the logout token was used before")]
    Used,
    /// Our own fault.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Ends the sessions that a logout token names, once. That there are none any more is no failure.
pub(super) async fn end_by_token(db: &Db, oidc: &Oidc, token: &str) -> Result<(), BackChannelError> {
    let Ended { id, whose } = oidc.ended(token).await?;
    let tx = db.begin_write().await?;
    match queries::insert_ticket(&tx, &digest(&format!("jti {id}")), db.clock().now()).await {
        Ok(()) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            tx.rollback().await?;
            return Err(BackChannelError::Used);
        }
        Err(error) => return Err(error.into()),
    }
    let ended = match &whose {
        Whose::Session(session) => {
            queries::delete_sessions_of_session(&tx, &provider_session_digest(session)).await?
        }
        Whose::Person(person) => queries::delete_sessions_of_person(&tx, &person_digest(person)).await?,
    };
    tx.commit().await?;
    tracing::info!(sessions = ended, "The single sign-on ended sessions.");
    Ok(())
}

/// A person may have had several numbers, and the provider may name all of them: the one that is here counts.
async fn find_student(app: &App, named: &Named) -> Result<i64, Failure> {
    let mut found = Vec::new();
    for number in &named.numbers {
        found.extend(find_student_by_no(app.db.reader(), number).await?);
    }
    match found.as_slice() {
        [] => {
            let mut other_door = false;
            for number in &named.numbers {
                other_door |= find_account(app.db.reader(), &number.to_lowercase())
                    .await?
                    .is_some();
            }
            Err(unknown(named, other_door))
        }
        [student] => Ok(student.id),
        _ => Err(Failure::Several),
    }
}

async fn admit_account(app: &App, named: &Named, address: &str) -> Result<i64, Failure> {
    for number in &named.numbers {
        match rules::admit_account(&app.db, &number.to_lowercase(), address).await {
            Ok(account_id) => return Ok(account_id),
            Err(SignInError::Wrong) => {}
            Err(SignInError::NoRole) => return Err(Failure::NoRole),
            Err(error) => return Err(Failure::App(AppError::internal(error))),
        }
    }
    let mut other_door = false;
    for number in &named.numbers {
        other_door |= find_student_by_no(app.db.reader(), number).await?.is_some();
    }
    Err(unknown(named, other_door))
}

fn unknown(named: &Named, other_door: bool) -> Failure {
    Failure::Unknown {
        number: named.numbers.join("、"),
        other_door,
        sign_out: named.sign_out.clone(),
    }
}

/// Where somebody is at home who comes back a second time, by the browser's own button.
pub(super) async fn home_of(session: &Session) -> Result<Option<&'static str>, Failure> {
    Ok(if session.get::<i64>(STUDENT_KEY).await?.is_some() {
        Some("/student")
    } else if session.get::<i64>(ACCOUNT_KEY).await?.is_some() {
        Some("/manage")
    } else {
        None
    })
}

/// Whether the session began at the provider: then a password of ours is nobody's concern.
///
/// # Errors
///
/// When the database does not answer.
pub(in crate::auth) async fn began_session(session: &Session) -> Result<bool, AppError> {
    Ok(session.get::<Began>(BEGAN_KEY).await?.is_some())
}

/// Where the browser signs out of the provider, when the session began there.
///
/// # Errors
///
/// When the database does not answer.
pub(in crate::auth) async fn sign_out_address(session: &Session) -> Result<Option<Url>, AppError> {
    let began = session.get::<Began>(BEGAN_KEY).await?;
    Ok(began.and_then(|began| began.sign_out))
}

/// Ends the session that began with the ticket, if it still lasts. Whoever knows the ticket may end it; the ticket stays
/// used.
pub(super) async fn end_by_ticket(db: &Db, ticket: &Ticket) -> Result<(), DbErr> {
    let found = queries::find_ticket(db.reader(), &digest(ticket.as_str())).await?;
    if let Some(session_digest) = found.and_then(|found| found.session_digest) {
        let tx = db.begin_write().await?;
        queries::delete_session(&tx, &session_digest).await?;
        tx.commit().await?;
        tracing::info!("The single sign-on ended a session.");
    }
    Ok(())
}

/// Throws away tickets that no session can have any more.
///
/// # Errors
///
/// When the database does not answer.
pub async fn forget_old_tickets(app: &App) -> Result<(), DbErr> {
    let longest = TimeDelta::hours(app.config.absolute_hours.saturating_add(1));
    let tx = app.db.begin_write().await?;
    queries::delete_tickets_before(&tx, app.db.clock().now() - longest).await?;
    tx.commit().await
}
