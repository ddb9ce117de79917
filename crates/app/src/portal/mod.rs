//! 个人信息 → 修改信息 (R15 to R17): what a student mends of the own record, and the photo.
//!
//! The university may have a page of its own for the three fields; then ours leads there. What is mended here counts at
//! once: the columns of `student` hold it, and `own_value` keeps what the data exchange has, which is what imports are
//! compared with. It is offered back to the data exchange as a change list ([`changes`]).

pub mod changes;
pub mod model;
pub mod photo;
pub mod queries;
pub mod rules;

mod origin;
mod profile;
mod steps;

use crate::web::{Access, Routes};

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
        .get(profile::PATH, Access::Student, profile::show)
        .post(profile::PATH, Access::Student, profile::save)
        .post("/portal/profile/decision", Access::Student, profile::decide)
        .get(origin::PATH, Access::Student, origin::show)
        .post(origin::PATH, Access::Student, origin::save)
        .merge(photo::routes())
        .merge(changes::routes())
}
