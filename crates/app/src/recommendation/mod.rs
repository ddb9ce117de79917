//! The recommendation form (毕业生就业推荐表, R26 to R28): written on a telephone, reviewed by the 院, checked by anybody.
//!
//! [`model::Stage`] says where a form stands and what leads where. What is being written is one text a section; every submission
//! makes a version that is never rewritten, and what is decided on it is added. The number of a form and the code for the public
//! check are given with the approval, in one transaction. What counts is printed by the crate `qihang-paper`, signed
//! ([`model::seal`], [`keys`]): one at once, a class as a job.

pub mod filter;
pub mod keys;
pub mod model;
pub mod queries;
pub mod rules;

mod handlers;
pub(crate) mod ordered;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The student's page.
pub const OWN_PATH: &str = "/student/recommendation";
/// The list of the 院.
pub const PATH: &str = "/manage/recommendations";
/// The public check.
pub const CHECK_PATH: &str = "/verify";

/// What a student is told whose record has characters that cannot be printed.
fn unprintable_record(characters: &str) -> String {
    format!(
        "基本信息中的{characters}暂时无法打印，请联系院系，由系统管理员添加字体后再打印；填写和提交不受影响。"
    )
}

/// Routes.
pub fn routes() -> Routes {
    let view = Access::Can(Action::ViewRecommendations);
    let review = Access::Can(Action::ReviewRecommendations);
    let manage = Access::Can(Action::ManageClassYears);
    Routes::default()
        .get(OWN_PATH, Access::Student, handlers::student::show)
        .post(OWN_PATH, Access::Student, handlers::student::save)
        .post(
            "/student/recommendation/sections/{section}",
            Access::Student,
            handlers::student::save_section,
        )
        .post(
            "/student/recommendation/submission",
            Access::Student,
            handlers::student::submit,
        )
        .post(
            "/student/recommendation/recall",
            Access::Student,
            handlers::student::recall,
        )
        .post(
            "/student/recommendation/revision",
            Access::Student,
            handlers::student::revise,
        )
        .get(
            "/student/recommendation/preview",
            Access::Student,
            handlers::student::preview,
        )
        .get(
            "/student/recommendation/draft.pdf",
            Access::Student,
            handlers::printing::draft,
        )
        .get(
            "/student/recommendation/form.pdf",
            Access::Student,
            handlers::printing::own,
        )
        .get(PATH, view, handlers::queue::index)
        .post("/manage/recommendations/prints", view, handlers::printing::order)
        .get(
            "/manage/recommendations/{id}/form.pdf",
            view,
            handlers::printing::of_student,
        )
        .post(
            "/manage/recommendations/reminders",
            Access::Can(Action::RemindStudents),
            handlers::reminding::remind_list,
        )
        .post(
            "/manage/recommendations/approvals",
            review,
            handlers::queue::approve,
        )
        .get(
            "/manage/recommendations/statistics",
            view,
            handlers::statistics::show,
        )
        .get(
            "/manage/recommendations/templates",
            review,
            handlers::templates::show,
        )
        .post(
            "/manage/recommendations/templates",
            review,
            handlers::templates::change,
        )
        .get("/manage/recommendations/{id}", view, handlers::review::show)
        .post(
            "/manage/recommendations/{id}/approval",
            review,
            handlers::review::approve,
        )
        .post(
            "/manage/recommendations/{id}/return",
            review,
            handlers::review::return_form,
        )
        .post(
            "/manage/recommendations/{id}/revocation",
            review,
            handlers::review::revoke,
        )
        .get(
            "/manage/class-years/{year}/recommendation",
            manage,
            handlers::sections::show,
        )
        .post(
            "/manage/class-years/{year}/recommendation",
            manage,
            handlers::sections::change,
        )
        .get(CHECK_PATH, Access::Public, handlers::check::show)
}
