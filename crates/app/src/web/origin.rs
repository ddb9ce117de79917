//! Protection against forged requests (CSRF), for every address at once, so that no form can forget it.
//!
//! A browser says where a request comes from (`Sec-Fetch-Site`, and `Origin`), and a page of another site cannot change
//! what it says. A write is let through when it comes from our own pages, or from a program that is no browser and so
//! carries nobody's cookies but its own. Session cookies are `SameSite=Lax` besides. See docs/adr/0004.

use axum::extract::Request;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::AppError;

/// Refuses writes that another site's page sent.
pub async fn refuse_cross_origin_writes(request: Request, next: Next) -> Response {
    if request.method().is_safe() || comes_from_us(request.headers()) {
        next.run(request).await
    } else {
        tracing::warn!(
            request.path = request.uri().path(),
            "A write from another site was refused."
        );
        AppError::Forbidden.into_response()
    }
}

fn comes_from_us(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some("same-origin" | "none"), _) | (None, None) => true,
        (Some(_), _) => false,
        // A browser too old for Sec-Fetch-Site.
        (None, Some(origin)) => {
            let host = text(header::HOST.as_str());
            origin
                .parse::<Uri>()
                .ok()
                .and_then(|uri| uri.authority().map(ToString::to_string))
                .as_deref()
                == host
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn our_own_pages_and_programs_may_write() {
        assert!(comes_from_us(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(comes_from_us(&headers(&[
            ("origin", "http://job.example:8080"),
            ("host", "job.example:8080")
        ])));
        assert!(comes_from_us(&headers(&[("host", "job.example")])));
    }

    #[test]
    fn pages_of_another_site_may_not() {
        assert!(!comes_from_us(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!comes_from_us(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(!comes_from_us(&headers(&[
            ("origin", "https://evil.example"),
            ("host", "job.example")
        ])));
        assert!(!comes_from_us(&headers(&[
            ("origin", "null"),
            ("host", "job.example")
        ])));
    }
}
