//! Keeping the findings true, settling them, signing 核对无遗漏.

mod compute;
mod refresh;
mod settling;
mod standing;

pub use compute::{Computed, Difference, compute, explain, explain_to_student, verify};
pub(super) use refresh::Plan;
pub use refresh::{Touched, refresh};
pub use settling::{Done, FindingError, REASON_LENGTH, reopen, settle, sign_off, withdraw_sign_off};
pub use standing::{open_kinds, signed_at};
