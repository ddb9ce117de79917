//! What a person of the staff chose and expects to find again: the columns of a list, and the filter that a list was looked at
//! by last. Read together with the account; students have none.
//!
//! A list that is opened by its plain address (from the menu) leads to the address with the last filter, so that the address
//! says what is shown, as always; an address with a query counts as it stands.

mod last_filter;
mod queries;

pub use last_filter::{LastFilters, List, unfiltered};
pub use queries::remember;
