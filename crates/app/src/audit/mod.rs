//! The audit log (R39) as the administrator reads it, and the proof that it and the data are whole.

pub mod rules;

mod handlers;
mod model;
mod queries;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The page of the log.
pub fn routes() -> Routes {
    Routes::default().get("/manage/audit", Access::Can(Action::ViewAudit), handlers::index)
}
