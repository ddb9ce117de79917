//! Types and pure functions: what a file says, and what it would do.

mod catalogue;
mod cells;
mod dataset;
mod fields;
mod headings;
mod plan;
mod row;
mod state;
mod student;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use catalogue::{Catalogue, KnownCollege, KnownMajor};
pub(crate) use cells::Cells;
pub use dataset::Dataset;
pub(crate) use headings::{Columns, KeyMissing, Mappings, REASON_HEADING};
pub(crate) use plan::{CellChange, Effect, Existing, PRESENCE, Plan, PlanRow, Records, is_large, plan};
pub use plan::{Completeness, Counts};
pub(crate) use row::{FileRow, officer_key};
pub use state::BatchState;
pub(crate) use student::{cells_of, row_of};
pub(crate) use value::{canonical, half_years, tidy, years_text};
