//! Home pages.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::web::{AppError, html};

#[derive(Template)]
#[template(path = "home/public.html")]
struct PublicPage {
    university: String,
}

pub(super) async fn public(State(app): State<App>) -> Result<Response, AppError> {
    html(&PublicPage {
        university: app.config.university.clone(),
    })
}
