//! Reminders (R23): to a selection, in the site and by mail, at most one a day for a student; a record of every sending.
//!
//! [`rules`] asks and sends; [`delivery`] hands the letters to the mail server, as a job, and tries again what was put off.

pub mod delivery;
pub mod model;
pub mod queries;
pub mod rules;

mod handlers;
mod letters;
mod page;

pub(crate) use handlers::said;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The address of the sendings.
pub const PATH: &str = "/manage/activation/reminders";

/// Routes.
pub fn routes() -> Routes {
    let view = Access::Can(Action::ViewActivation);
    let remind = Access::Can(Action::RemindStudents);
    Routes::default()
        .post("/manage/activation/selections", remind, handlers::ask)
        .get("/manage/activation/selections/{id}", remind, handlers::question)
        .get(PATH, view, handlers::index)
        .post(PATH, remind, handlers::send)
        .get("/manage/activation/reminders/{id}", view, handlers::show)
}
