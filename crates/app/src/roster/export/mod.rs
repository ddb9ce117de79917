//! 导出excel (R10) and `qihang roster export`: exactly the rows, columns and order of the list, all pages, as a file.
//!
//! [`ordered`] is the same as a job, for many rows (R40).
//!
//! An export reads one snapshot of the database, is recorded before its first byte leaves, and is written row by row into a
//! temporary file, so that memory does not grow with the roster.

pub mod model;
pub mod ordered;
pub mod rules;

mod handlers;
pub(crate) mod queries;
mod writing;

use qihang_db::Scope;
use qihang_db::entity::college;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let export = Access::Can(Action::ExportRoster);
    Routes::default()
        .get("/manage/roster/export", export, handlers::form)
        .get("/manage/roster.xlsx", export, handlers::masked)
        .post("/manage/roster.xlsx", export, handlers::in_full)
        .post("/manage/roster/exports", export, handlers::ordered)
}

/// Whose roster it is, in the name of the file: of all, of one 院, or of what `officer` may see.
fn whose(scope: &Scope, officer: &str, colleges: &[college::Model]) -> String {
    match (scope, scope.only_college()) {
        (Scope::Everyone, _) => "全校".into(),
        (_, Some(id)) => colleges
            .iter()
            .find(|college| college.id == id)
            .map(|college| college.name.clone())
            .unwrap_or_default(),
        (Scope::Colleges(_) | Scope::Student(_), None) => officer.to_owned(),
    }
}
