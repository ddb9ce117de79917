//! Findings (R8): 可能遗漏, 可能误加 and data faults, settled with a reason, signed off 核对无遗漏; 为什么不在名单里 (R8a).
//!
//! What is wrong with one student is judged by pure functions ([`faults`], [`explain`]); [`rules::refresh`] keeps the
//! stored findings equal to what they say after every change, and [`rules::verify`] proves it.

pub mod explain;
pub mod faults;
pub mod model;
pub mod queries;
pub mod rules;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
