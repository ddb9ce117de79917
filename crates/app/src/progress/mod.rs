//! 激活进度 (R23): who on the roster has not activated and what blocks each, by 院, 专业, 班级 and 辅导员; reminders to a
//! selection; a student's pages as the student sees them.

pub mod filter;
pub mod queries;
pub mod reminders;

mod as_student;
mod groups;
mod handlers;
mod page;
mod question;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The address of the list.
pub const PATH: &str = "/manage/activation";

/// Routes.
pub fn routes() -> Routes {
    let view = Access::Can(Action::ViewActivation);
    Routes::default()
        .get(PATH, view, handlers::index)
        .get("/manage/activation/groups", view, groups::index)
        .get(
            "/manage/students/{id}/view",
            Access::Can(Action::ViewAsStudent),
            as_student::show,
        )
        .merge(reminders::routes())
}
