//! Findings (R8): 可能遗漏, 可能误加 and data faults, settled with a reason, signed off 核对无遗漏; 为什么不在名单里 (R8a).

pub mod rules;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
