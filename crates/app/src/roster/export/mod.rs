//! 导出excel (R10) and `qihang roster export`: exactly the rows, columns and order of the list, all pages, as a file.
//!
//! An export reads one snapshot of the database, is recorded before its first byte leaves, and is written row by row into a
//! temporary file, so that memory does not grow with the roster.

pub mod model;
pub mod rules;

mod handlers;
mod queries;
mod writing;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let export = Access::Can(Action::ExportRoster);
    Routes::default()
        .get("/manage/roster/export", export, handlers::form)
        .get("/manage/roster.xlsx", export, handlers::masked)
        .post("/manage/roster.xlsx", export, handlers::in_full)
}
