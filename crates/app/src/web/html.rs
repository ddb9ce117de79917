//! Pages out.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::AppError;

/// A page.
///
/// # Errors
///
/// [`AppError::Internal`] when the template fails, which only a broken formatter can cause.
pub fn html(template: &impl Template) -> Result<Response, AppError> {
    html_with(StatusCode::OK, template)
}

/// A page with a status: 422 for a form that has mistakes, 409 for one that came too late.
///
/// # Errors
///
/// As [`html`].
pub fn html_with(status: StatusCode, template: &impl Template) -> Result<Response, AppError> {
    let page = template.render().map_err(AppError::internal)?;
    let mut response = (status, Html(page)).into_response();
    // The same address answers with a page or with a fragment of it.
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("HX-Request-Type"));
    Ok(response)
}

/// To another page after something was done (303).
pub fn redirect(to: &str) -> Response {
    Redirect::to(to).into_response()
}
