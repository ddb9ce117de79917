//! Lists of students that the centre receives: 延长学制名单 of the registrar (R6), by which the centre puts undergraduates on
//! a roster whom no 院 may add, and 博士采集名单 (R7), which says when doctoral students are expected and which every 院
//! compares with its roster.
//!
//! A list is uploaded, judged row by row ([`model`], pure) and shown; nothing follows from it until it is committed, and it
//! can be taken back as a whole. Each upload is a version of its own; of the doctoral lists the newest version that is
//! committed is in force.

pub mod model;
pub mod queries;
pub mod rules;

mod handlers;
mod pages;

use crate::auth::Action;
use crate::exchange::UPLOAD_BYTES;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let manage = Access::Can(Action::ManageLists);
    Routes::default()
        .get("/manage/special-lists", manage, handlers::lists::index)
        .post_up_to(
            UPLOAD_BYTES,
            "/manage/special-lists",
            manage,
            handlers::lists::create,
        )
        .get("/manage/special-lists/{id}", manage, handlers::one::show)
        .get("/manage/special-lists/{id}/answer", manage, handlers::one::answer)
        .post(
            "/manage/special-lists/{id}/commitment",
            manage,
            handlers::one::commit,
        )
        .post(
            "/manage/special-lists/{id}/cancellation",
            manage,
            handlers::one::cancel,
        )
        .post("/manage/special-lists/{id}/reversal", manage, handlers::one::undo)
        .get(
            "/manage/doctoral-list",
            Access::Can(Action::ViewRoster),
            handlers::doctoral::index,
        )
        .post(
            "/manage/doctoral-list/entries",
            Access::Can(Action::ConfirmRoster),
            handlers::doctoral::add,
        )
        .post(
            "/manage/doctoral-list/reminders",
            manage,
            handlers::doctoral::remind,
        )
}
