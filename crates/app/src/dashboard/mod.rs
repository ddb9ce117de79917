//! 工作看板 (R25, R24a): roster and activation by day against the due days, 院 by unfinished work and its age, what is open by
//! kind. Every number opens its list. Never by placement rate.

pub mod model;
pub mod queries;

mod handlers;
mod page;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// The address of the page.
pub const PATH: &str = "/manage/dashboard";

/// Routes.
pub fn routes() -> Routes {
    Routes::default().get(PATH, Access::Can(Action::ViewFigures), handlers::index)
}
