//! 名单确认: the search, the selection, the question and the answer (R1, R2, R2a).

pub mod queries;

pub mod counts;
mod handlers;
mod page;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The pages of 名单确认.
pub fn routes() -> Routes {
    Routes::default()
        .get(
            "/manage/roster/candidates",
            Access::Can(Action::ViewRoster),
            handlers::index,
        )
        .get(
            "/manage/roster/selections/{id}",
            Access::Can(Action::ConfirmRoster),
            handlers::question,
        )
        .post(
            "/manage/roster/entries",
            Access::Can(Action::ConfirmRoster),
            handlers::add,
        )
}
