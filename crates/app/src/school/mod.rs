//! The school: 院, 专业, and what follows from a student's record and the duties of the 院.

pub mod model;
pub mod queries;
pub mod rules;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
