//! Taking students off a roster (R9) and moving them to another class year (R4): chosen in the list, asked about by name,
//! done with a reason. What is carried out is checked again in the moment of doing it.

pub mod model;
pub mod rules;

mod handlers;
mod page;
mod queries;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
        .get(
            "/manage/roster/removals",
            Access::Can(Action::RemoveFromRoster),
            handlers::ask_removal,
        )
        .post(
            "/manage/roster/removals",
            Access::Can(Action::RemoveFromRoster),
            handlers::remove,
        )
        .get(
            "/manage/roster/moves",
            Access::Can(Action::MoveClassYear),
            handlers::ask_move,
        )
        .post(
            "/manage/roster/moves",
            Access::Can(Action::MoveClassYear),
            handlers::move_students,
        )
}
