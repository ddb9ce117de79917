//! Everything here that speaks to the database: what findings are judged by, what is stored, what pages show.

mod facts;
mod list;
mod sheets;
mod stored;

pub use super::model::Counts;
pub(super) use facts::{case_of, facts, open_years, state_of, year_rules};
pub use list::open_counts;
pub(super) use list::{Filter, ListedRow, StateFilter, group_counts, list, settlement_targets};
pub(super) use sheets::{Sheet, college_sheets, open_faults_of};
pub(crate) use stored::signed_at;
pub(super) use stored::{
    apply, open_kinds, reopen_broken_sign_offs, reopen_settled, settle, settled_digests, sign_off, stored_of,
    students_of, touched_with_partners, withdraw_sign_off,
};

/// Values in one `IN (…)`, well below what SQLite can bind.
const CHUNK: usize = 5_000;
