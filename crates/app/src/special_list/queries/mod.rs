//! Lists in the database: `lists` the versions, `rows` their rows as rules need them and `reading` as pages do, `follow` what
//! students and rosters get from them, `compare` a doctoral list beside the roster, `progress` how far the 院 are.

mod compare;
mod follow;
mod lists;
mod progress;
mod reading;
mod rows;

pub use compare::{
    Degree, Listed, Numbers, Unknown, Unlisted, addable, doctoral_missing, listed, numbers, unknown, unlisted,
};
pub use follow::{at_odds, doctoral_years};
pub(super) use follow::{doctors_on_roster, made_entries, rewrite_expectations};
pub use lists::{ListedList, count_lists, current, find, list_lists, uploader};
pub(super) use lists::{NewList, claim, insert, lock_class_year, next_version};
pub use progress::{CollegeProgress, progress, reminded_on};
pub(super) use progress::{insert_reminder, set_reminder_notice};
pub use reading::{RowCounts, Went, counts, page, reasons, went, went_count};
pub(super) use rows::{before, delete_rows, insert_rows, known, rewrite, rows_of, set_added};

/// Values in one `IN (…)`: below every engine's limit of parameters.
const CHUNK: usize = 5_000;
