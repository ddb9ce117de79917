//! 数据交换 (R13, R13a, R14): files of 院系, 专业, 学生 and 工作人员 become records.
//!
//! Every import goes the same way, in the browser and on the command line. A file is read within bounds
//! ([`rules`]), its headings are recognised by the definition of the dataset ([`model`]), each row becomes a record or a
//! reason, and a pure comparison with the records says what would be added, changed, gone. Writing compares anew with the
//! school locked, and keeps each row that did something: these rows are the history of every record, and what an undo
//! goes by.

pub(crate) mod model;
pub(crate) mod queries;
pub(crate) mod rules;

mod handlers;
mod pages;
mod upload;

pub(crate) use upload::UPLOAD_BYTES;

pub use rules::{Brought, BroughtValue, history, last_brought, same_value};

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let access = Access::Can(Action::ManageExchange);
    Routes::default()
        .get("/manage/imports", access, handlers::index)
        .post_up_to(UPLOAD_BYTES, "/manage/imports", access, handlers::create)
        .get("/manage/imports/template/{dataset}", access, handlers::template)
        .get("/manage/imports/refusals", access, handlers::refusals)
        .post(
            "/manage/imports/refusals/{id}/settlement",
            access,
            handlers::settle,
        )
        .get("/manage/imports/{id}", access, handlers::show)
        .get("/manage/imports/{id}/answer", access, handlers::answer)
        .post("/manage/imports/{id}/reading", access, handlers::read_again)
        .post("/manage/imports/{id}/mappings", access, handlers::map_headings)
        .post("/manage/imports/{id}/commitment", access, handlers::commit)
        .post("/manage/imports/{id}/cancellation", access, handlers::cancel)
        .post("/manage/imports/{id}/reversal", access, handlers::undo)
}
