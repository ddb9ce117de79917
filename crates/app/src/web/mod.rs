//! What every page shares: routes with their access, addresses and forms read strictly, error pages, assets, the shell
//! around staff pages. Knows HTTP, knows no domain.

pub mod assets;

mod download;
mod error;
mod extract;
mod html;
mod origin;
mod paging;
mod routes;
mod shell;
mod time;

pub use download::{content_disposition, for_a_minute, size_text, xlsx};
pub use error::{AppError, Door, method_not_allowed, not_found, panicked, render_errors};
pub use extract::{Form, Path, Query, client_address, is_fragment};
pub use html::{html, html_with, redirect};
pub use origin::refuse_cross_origin_writes;
pub use paging::{PageLinks, Step, joined, page_address, window, with_query};
pub use routes::{Access, Method, Route, Routes};
pub use shell::{Flash, MenuGroup, MenuItem, Shell, StudentShell, Told};
pub use time::{clock_text, instant_text};

/// Liveness, readiness, assets.
pub fn routes() -> Routes {
    Routes::default()
        .get("/assets/{file}", Access::Public, assets::serve)
        .get("/healthz", Access::Public, healthz)
        .get("/readyz", Access::Public, readyz)
}

/// The process runs.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers.
async fn readyz(
    axum::extract::State(app): axum::extract::State<crate::app::App>,
) -> Result<&'static str, AppError> {
    use sea_orm::ConnectionTrait;
    app.db.reader().execute_unprepared("SELECT 1").await?;
    Ok("ready\n")
}
