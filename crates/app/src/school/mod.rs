//! The school: 院, 专业, and what follows from a student's record and the duties of the 院.

pub mod duties;
pub mod model;
pub mod queries;
pub mod rules;

mod handlers;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// 管理范围: which 院 answers for which students.
pub fn routes() -> Routes {
    let manage = Access::Can(Action::ManageDuties);
    Routes::default()
        .get("/manage/duties", manage, handlers::show)
        .post("/manage/duties", manage, handlers::save)
        .post("/manage/duties/preview", manage, handlers::preview)
}
