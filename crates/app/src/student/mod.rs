//! What a graduate sees: the home page of the own account. Made for a telephone first.

mod handlers;

use crate::web::{Access, Routes};

/// The student's home.
pub fn routes() -> Routes {
    Routes::default().get("/student", Access::Student, handlers::home)
}
