//! An invented university for trying the product out, with the kinds of dirt that real data has. It comes in through the
//! same import as a real one, so that the demo also shows the history of imports.

mod activation;
mod groups;
mod notices;
mod people;
mod queries;
mod recommendation;
mod university;

pub use activation::activate;
pub use groups::{propose_units, report_groups};
pub use notices::write_notices;
pub use queries::{Listed, on_rosters, student_to_try, without_unit};
pub use recommendation::{Reached, recommend};
pub use university::{Files, write_files};
