//! What a graduate sees: the home page with the track of steps (R22), why somebody is not on a roster (R19), the own data
//! (R15), who looked at the identity number (R21b). Made for a telephone first.

pub mod model;
pub mod provenance;
pub mod queries;

mod disclosures;
mod home;
mod record;
mod steps;

pub use home::{Home, home_of};

use crate::web::{Access, Routes};

/// The student's pages.
pub fn routes() -> Routes {
    Routes::default()
        .get("/student", Access::Student, home::home)
        .get("/student/steps/{step}", Access::Student, steps::show)
        .get("/student/record", Access::Student, record::show)
        .get("/student/disclosures", Access::Student, disclosures::index)
}
