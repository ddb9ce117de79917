//! Class years (届): the centre opens one with its dates and rules, and closes it (R12); which one a page works on (R3).

pub mod model;
pub mod queries;
pub mod rules;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
