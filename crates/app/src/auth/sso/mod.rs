//! 统一身份认证 (R18): the university's single sign-on names people, by CAS or by OpenID Connect; docs/sso.md is for the
//! office that sets it up.
//!
//! A sign-in begins here and comes back to the same browser: what it waits for stands in the session, so a link that
//! somebody else made signs nobody in. The session begins anew under a new id, and a CAS ticket is remembered by its
//! digest together with the session that it opened: it opens no second one, and when the server says that it has ended,
//! exactly that session ends. So is a sign-in by OpenID Connect, with the names by which its provider will say so.

mod handlers;
mod logout;
mod oidc;
mod page;
mod provider;
mod queries;
mod rules;

pub use provider::{Provider, WrongSettings};
pub use rules::forget_old_tickets;

pub(super) use handlers::{begin, staff_entrance};
pub(super) use rules::{began_session, provider, sign_out_address};

use crate::web::{Access, Routes};

/// Coming back from the provider, and what the provider itself sends.
pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/sign-in/staff/sso", Access::Public, handlers::staff)
        .get("/sign-in/cas", Access::Public, handlers::cas)
        .post_up_to(
            LOGOUT_BYTES,
            "/sign-in/cas",
            Access::Public,
            handlers::single_logout,
        )
        .get("/sign-in/oidc", Access::Public, handlers::oidc)
        .post_up_to(
            logout::LARGEST,
            "/sign-in/oidc/logout",
            Access::Public,
            handlers::back_channel_logout,
        )
}

/// A logout request as a form field, where nearly every character may take three.
const LOGOUT_BYTES: usize = 3 * qihang_cas::logout::LARGEST + 1024;
