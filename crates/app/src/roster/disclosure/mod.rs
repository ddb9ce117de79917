//! Showing one identity number in full (R21b): for a purpose, recorded in the same change before it is shown, so that the
//! student can be told who looked, when and for what.

pub mod rules;

mod handlers;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    let reveal = Access::Can(Action::RevealIdentity);
    Routes::default()
        .get("/manage/roster/disclosures", reveal, handlers::ask)
        .post("/manage/roster/disclosures", reveal, handlers::disclose)
}
