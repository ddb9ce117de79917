//! Accounts and roles (R38): who may sign in, in which role, for which 院, from when to when; and everybody's own account.

pub mod rules;

mod handlers;
mod queries;

pub(crate) use queries::names;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Pages of accounts.
pub fn routes() -> Routes {
    let manage = Access::Can(Action::ManageAccounts);
    Routes::default()
        .get("/manage/accounts", manage, handlers::list::index)
        .post("/manage/accounts", manage, handlers::list::create)
        .get("/manage/accounts/new", manage, handlers::list::new)
        .get("/manage/accounts/{id}", manage, handlers::one::show)
        .post("/manage/accounts/{id}", manage, handlers::one::change)
        .post("/manage/accounts/{id}/roles", manage, handlers::one::grant)
        .post(
            "/manage/accounts/{id}/roles/{role_id}/ending",
            manage,
            handlers::one::end_role,
        )
        .post("/manage/accounts/{id}/status", manage, handlers::one::set_status)
        .post("/manage/accounts/{id}/unlocking", manage, handlers::one::unlock)
        .post(
            "/manage/accounts/{id}/password",
            manage,
            handlers::one::reset_password,
        )
        .post("/manage/accounts/{id}/sign-out", manage, handlers::one::sign_out)
        .get("/manage/account", Access::Staff, handlers::own::show)
        .post(
            "/manage/account/password",
            Access::Staff,
            handlers::own::change_password,
        )
        .post(
            "/manage/account/sign-out",
            Access::Staff,
            handlers::own::sign_out_everywhere,
        )
}
