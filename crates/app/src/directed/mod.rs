//! 定向委培 (R11, R15): directed and commissioned students who have no 生源所在地 or no 定向委培单位.
//!
//! The unit is proposed by the student or filled in by an officer, with evidence; it lies over the data exchange until that
//! brings one ([`rules::lay_over`]), and what the exchange brings counts from then on.
//!
//! | from     | propose  | decline  | fill in  | undo    | import brings none | brings the same | brings another     |
//! |----------|----------|----------|----------|---------|--------------------|-----------------|--------------------|
//! | nothing  | Proposed | —        | Standing | —       | —                  | —               | —                  |
//! | Proposed | Proposed | Declined | Standing | —       | —                  | —               | —                  |
//! | Declined | Proposed | —        | Standing | —       | —                  | —               | —                  |
//! | Standing | —        | —        | —        | nothing | Standing           | Adopted         | Standing, conflict |
//! | Adopted  | Proposed | —        | Standing | —       | —                  | —               | —                  |

pub mod filter;
pub mod model;
pub mod queries;
pub mod rules;

mod handlers;

use crate::activation::fields::UNIT;
use crate::auth::Action;
use crate::web::{Access, Routes};

/// The list of the officer.
pub const PATH: &str = "/manage/directed";

/// The page of one student on the list of a class year.
pub fn link(student_no: &str, class_year: i32) -> String {
    format!("{PATH}/{student_no}?class_year={class_year}")
}

/// Routes.
pub fn routes() -> Routes {
    let keep = Access::Can(Action::KeepUnits);
    Routes::default()
        .get(PATH, keep, handlers::index)
        .get("/manage/directed.xlsx", keep, handlers::export)
        .post(
            "/manage/directed/reminders",
            Access::Can(Action::RemindStudents),
            handlers::remind,
        )
        .get("/manage/directed/{student_no}", keep, handlers::show)
        .post("/manage/directed/{student_no}/unit", keep, handlers::fill)
        .post("/manage/directed/{student_no}/refusal", keep, handlers::decline)
        .post("/manage/directed/{student_no}/withdrawal", keep, handlers::undo)
        .get(UNIT, Access::Student, handlers::own)
        .post(UNIT, Access::Student, handlers::propose)
        .post(
            "/student/directed-unit/withdrawal",
            Access::Student,
            handlers::withdraw,
        )
}
