//! 就业工作年度考核 (R24): for each 院 and class year the roster at its due day and what was added late, omissions, and
//! activation; frozen when a due day ends, and counted anew for any moment from what is kept of the past (docs/adr/0010).

pub mod model;
pub mod queries;
pub mod rules;

mod handlers;
mod paper;
mod report;
mod workbook;

pub(crate) use handlers::{YearChoice, chosen};

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The address of the page.
pub const PATH: &str = "/manage/assessment";

/// Routes.
pub fn routes() -> Routes {
    let view = Access::Can(Action::ViewFigures);
    let manage = Access::Can(Action::ManageClassYears);
    Routes::default()
        .get(PATH, view, handlers::index)
        .get("/manage/assessment.xlsx", view, handlers::export)
        .get("/manage/assessment.pdf", view, handlers::print)
        .get("/manage/assessment/rules/{year}", manage, handlers::rule)
        .post("/manage/assessment/rules/{year}", manage, handlers::set_rule)
}
