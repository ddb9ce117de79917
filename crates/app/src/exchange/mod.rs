//! exchange.

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
