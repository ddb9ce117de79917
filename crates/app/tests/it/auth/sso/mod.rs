//! 统一身份认证 (R18): what a provider may do, and what nobody may do with it. The servers here are small and odd on
//! purpose; e2e/stories/sso_*.test.mjs meet the real ones.

mod back_channel;
mod cas;
mod fake_cas;
mod fake_oidc;
mod oidc;

use axum::body::Body;
use axum::http::{Request, header};

use crate::support::{Browser, Reply};

/// The value of a parameter in the query of an address.
fn parameter(address: &str, name: &str) -> String {
    url::Url::parse(address)
        .expect("an address")
        .query_pairs()
        .find(|(key, _)| key == name)
        .unwrap_or_else(|| panic!("{address} has {name}"))
        .1
        .into_owned()
}

/// Asks with headers that somebody in between could invent.
async fn get_with_headers(browser: &Browser, address: &str, headers: &[(&str, &str)]) -> Reply {
    let request = headers
        .iter()
        .fold(Request::get(address), |request, (name, value)| {
            request.header(*name, *value)
        });
    browser
        .send(request.body(Body::empty()).expect("a request"))
        .await
}

fn cookie_of(reply: &Reply) -> String {
    let cookie = reply.headers.get(header::SET_COOKIE).expect("a cookie is set");
    let pair = cookie.to_str().expect("text").split(';').next();
    pair.expect("a pair").to_owned()
}
