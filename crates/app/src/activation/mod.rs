//! Activation (R19, R20): the student's confirmation of the own data, which opens the account; and the gate (R21) that every
//! later step asks.
//!
//! [`fields`] lists what is confirmed, [`gate`] decides what may be done. What the data exchange changes after activation has
//! to be confirmed again.

pub mod contact;
pub mod fields;
pub mod gate;
pub mod model;
pub mod queries;
pub mod rules;

mod handlers;
mod pages;
mod settings;

pub(crate) use handlers::record_for_staff;
pub(crate) use pages::RecordSection;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let manage = Access::Can(Action::ManageClassYears);
    Routes::default()
        .get("/manage/class-years/{year}/fields", manage, settings::show)
        .post("/manage/class-years/{year}/fields", manage, settings::change)
        .get("/student/activation", Access::Student, handlers::show)
        .post("/student/activation", Access::Student, handlers::activate)
        .post("/student/activation/draft", Access::Student, handlers::draft)
        .post(
            "/student/activation/confirmation",
            Access::Student,
            handlers::confirm,
        )
        .post(
            "/student/activation/contact",
            Access::Student,
            handlers::change_contact,
        )
}
