//! Findings (R8): 可能遗漏, 可能误加 and data faults, settled with a reason, signed off 核对无遗漏; 为什么不在名单里 (R8a).
//!
//! What is wrong with one student is judged by pure functions ([`faults`], [`explain`]); [`rules::refresh`] keeps the
//! stored findings equal to what they say after every change, and [`rules::verify`] proves it.

pub mod explain;
pub mod faults;
pub mod model;
pub mod own_words;
pub mod queries;
pub mod rules;

mod handlers;
mod pages;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let view = Access::Can(Action::ViewFindings);
    let settle = Access::Can(Action::SettleFindings);
    let sign = Access::Can(Action::SignOff);
    Routes::default()
        .get("/manage/findings", view, handlers::index)
        .post("/manage/findings/settlements", settle, handlers::settle)
        .post(
            "/manage/findings/settlements/withdrawals",
            settle,
            handlers::reopen,
        )
        .get("/manage/findings/sign-offs", view, handlers::sheets)
        .post("/manage/findings/sign-offs", sign, handlers::sign)
        .post("/manage/findings/sign-offs/withdrawals", sign, handlers::withdraw)
        .get("/manage/explanation", view, handlers::explanation)
}
