//! 信息有误 (R15): a student reports a value of the own record as wrong; the office that keeps it gets it on its list
//! ([`rules`]); the import that brings another value closes it ([`sync`]), and the student is told.
//!
//! | from      | withdraw  | answer | import changes the value | undo of that import |
//! |-----------|-----------|--------|--------------------------|---------------------|
//! | Open      | Withdrawn | Closed | Closed                   | —                   |
//! | Closed    | —         | —      | —                        | Open                |
//! | Withdrawn | —         | —      | —                        | —                   |

pub mod filter;
pub mod model;
pub mod offices;
pub mod queries;
pub mod rules;
pub mod sync;

mod handlers;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let answer = Access::Can(Action::AnswerCorrections);
    let set = Access::Can(Action::SetOffices);
    Routes::default()
        .get("/student/record/{field}", Access::Student, handlers::field)
        .post("/student/corrections", Access::Student, handlers::file)
        .post(
            "/student/corrections/{id}/withdrawal",
            Access::Student,
            handlers::withdraw,
        )
        .get("/manage/corrections", answer, handlers::index)
        .get("/manage/corrections.xlsx", answer, handlers::export)
        .get("/manage/corrections/offices", set, handlers::offices)
        .post("/manage/corrections/offices", set, handlers::set_offices)
        .get("/manage/corrections/{id}", answer, handlers::show)
        .post("/manage/corrections/{id}/answer", answer, handlers::answer)
}
