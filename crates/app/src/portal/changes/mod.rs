//! 门户修改: what students mended, handed back to the data exchange as a page, a file and an interface for programs.

pub mod model;
pub mod queries;
pub mod rules;

mod handlers;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub(super) fn routes() -> Routes {
    let manage = Access::Can(Action::ManageExchange);
    Routes::default()
        .get(handlers::PATH, manage, handlers::index)
        .get("/manage/portal-changes/export", manage, handlers::export)
        .get("/api/v1/portal-changes", Access::Exchange, handlers::feed)
}
