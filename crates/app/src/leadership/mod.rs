//! 就业工作领导小组 (R36): each 院 reports its members for a class year, in a form or by the template; the centre sees who has
//! not, reminds, and exports all.
//!
//! | from      | edit                | submit    | discard           |
//! |-----------|---------------------|-----------|-------------------|
//! | nothing   | draft 1             | —         | —                 |
//! | draft n   | draft n, rewritten  | version n | version n−1, if any |
//! | version n | draft n+1           | —         | —                 |
//!
//! A version is never changed. Whoever edits says which revision was seen ([`rules::Seen`]); of two at once the second is told.

pub mod edit;
pub mod model;
pub mod queries;
pub mod rules;
pub mod sheet;

mod handlers;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Where it begins.
pub const PATH: &str = "/manage/leadership";

/// Bytes of an uploaded file at the most: a list of sixty people.
const UPLOAD_BYTES: usize = 5 << 20;

/// Routes.
pub fn routes() -> Routes {
    let report = Access::Can(Action::ReportLeadership);
    let oversee = Access::Can(Action::OverseeLeadership);
    Routes::default()
        .get(PATH, report, handlers::current)
        .get("/manage/leadership/template.xlsx", report, handlers::template)
        .get("/manage/leadership/{year}", report, handlers::overview)
        .get("/manage/leadership/{year}/all.xlsx", oversee, handlers::export)
        .post("/manage/leadership/{year}/reminders", oversee, handlers::remind)
        .get("/manage/leadership/{year}/{college}", report, handlers::show)
        .post(
            "/manage/leadership/{year}/{college}/members",
            report,
            handlers::add,
        )
        .get(
            "/manage/leadership/{year}/{college}/members/{place}",
            report,
            handlers::member,
        )
        .post(
            "/manage/leadership/{year}/{college}/members/{place}",
            report,
            handlers::change,
        )
        .post(
            "/manage/leadership/{year}/{college}/members/{place}/removal",
            report,
            handlers::remove,
        )
        .post(
            "/manage/leadership/{year}/{college}/members/{place}/position",
            report,
            handlers::shift,
        )
        .post(
            "/manage/leadership/{year}/{college}/last-year",
            report,
            handlers::take_over,
        )
        .post(
            "/manage/leadership/{year}/{college}/discarding",
            report,
            handlers::discard,
        )
        .post(
            "/manage/leadership/{year}/{college}/submission",
            report,
            handlers::submit,
        )
        .post_up_to(
            UPLOAD_BYTES,
            "/manage/leadership/{year}/{college}/files",
            report,
            handlers::upload,
        )
        .post(
            "/manage/leadership/{year}/{college}/replacement",
            report,
            handlers::replace,
        )
        .get(
            "/manage/leadership/{year}/{college}/versions/{number}",
            report,
            handlers::version,
        )
}
