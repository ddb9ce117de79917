//! What students are told: messages in the site, read at `/student/messages`. Other features send one with
//! [`rules::send`], inside the change that is its reason.

pub mod queries;
pub mod rules;

mod handlers;

use crate::web::{Access, Routes};

/// The student's messages.
pub fn routes() -> Routes {
    Routes::default()
        .get("/student/messages", Access::Student, handlers::index)
        .get("/student/messages/{id}", Access::Student, handlers::show)
        .post("/student/messages/reading", Access::Student, handlers::read_all)
}
