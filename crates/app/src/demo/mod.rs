//! An invented university for trying the product out, with the kinds of dirt that real data has. It comes in through the
//! same import as a real one, so that the demo also shows the history of imports.

mod people;
mod university;

pub use university::{Files, write_files};
