//! Accounts and roles (R38): who may sign in, in which role, for which 院, from when to when.

pub mod rules;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
