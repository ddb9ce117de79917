//! The application put together: what every handler can reach, and the routes of all features.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use qihang_db::Db;
use qihang_db::session::DbSessions;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::cache::Cache;
use crate::config::Config;
use crate::files::Files;
use crate::mail::Mail;
use crate::preference::LastFilters;
use crate::press::Printing;
use crate::web::Routes;
use crate::{
    accounts, activation, assessment, audit, auth, class_year, correction, dashboard, directed, exchange,
    findings, home, job, leadership, message, notice, portal, progress, recommendation, roster, school,
    special_list, student, web,
};

/// What every handler can reach. Cheap to clone; nothing in it is lost when the process ends.
#[derive(Clone, Debug, FromRef)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The settings.
    pub config: Arc<Config>,
    /// Photos, attachments.
    pub files: Files,
    /// The jobs that this process runs.
    pub jobs: job::Here,
    /// Where letters go.
    pub mail: Mail,
    /// What is remembered of what lists show.
    pub cache: Cache,
    /// Last filters on their way into the database.
    pub last_filters: LastFilters,
    /// Where papers are printed.
    pub printing: Printing,
}

impl App {
    /// An application over an open, migrated database.
    pub fn new(db: Db, config: Config) -> Self {
        Self {
            db,
            files: Files::in_folder(&config.data_dir),
            printing: Printing::in_folder(&config.data_dir),
            mail: Mail::new(&config),
            cache: Cache::default(),
            last_filters: LastFilters::default(),
            config: Arc::new(config),
            jobs: job::Here::default(),
        }
    }
}

/// All routes of all features, with who may enter: the source of `docs/routes.txt` and `docs/permissions.txt`.
pub fn routes() -> Routes {
    Routes::default()
        .merge(web::routes())
        .merge(home::routes())
        .merge(auth::routes())
        .merge(accounts::routes())
        .merge(class_year::routes())
        .merge(school::routes())
        .merge(exchange::routes())
        .merge(roster::routes())
        .merge(special_list::routes())
        .merge(findings::routes())
        .merge(portal::routes())
        .merge(student::routes())
        .merge(correction::routes())
        .merge(directed::routes())
        .merge(leadership::routes())
        .merge(message::routes())
        .merge(progress::routes())
        .merge(activation::routes())
        .merge(assessment::routes())
        .merge(dashboard::routes())
        .merge(recommendation::routes())
        .merge(notice::routes())
        .merge(audit::routes())
        .merge(job::routes())
}

/// Strict: nothing inline, nothing from elsewhere; Tabler's style sheet draws some icons from `data:` addresses.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The whole application as a service.
pub fn service(app: App) -> Router {
    let secure = app.config.public_url.starts_with("https://");
    let sessions = SessionManagerLayer::new(DbSessions::new(app.db.clone()))
        .with_name(if secure { "__Host-qihang" } else { "qihang" })
        .with_secure(secure)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(
            app.config.absolute_hours,
        )));
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    routes()
        .into_router()
        .fallback(web::not_found)
        .method_not_allowed_fallback(web::method_not_allowed)
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
                .layer(PropagateRequestIdLayer::x_request_id())
                .layer(TraceLayer::new_for_http())
                .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
                .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .layer(header(header::REFERRER_POLICY, "same-origin"))
                .layer(header(
                    HeaderName::from_static("cross-origin-opener-policy"),
                    "same-origin",
                ))
                .layer(header(
                    HeaderName::from_static("permissions-policy"),
                    "camera=(), microphone=(), geolocation=()",
                ))
                .layer(CompressionLayer::new().compress_when(
                    SizeAbove::new(512).and(NotForContentType::new("application/vnd.openxmlformats")),
                ))
                .layer(from_fn_with_state(app.clone(), web::render_errors))
                .layer(CatchPanicLayer::custom(web::panicked))
                .layer(from_fn(web::refuse_cross_origin_writes))
                .layer(RequestBodyTimeoutLayer::new(Duration::from_mins(1)))
                .layer(header(header::CACHE_CONTROL, "private, no-store"))
                .layer(sessions),
        )
        .with_state(app)
}

/// The status of a page that was written but has a mistake to mend.
pub const MISTAKES: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
