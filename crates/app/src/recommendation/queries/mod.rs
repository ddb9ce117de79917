//! Everything here that speaks to the database: [`forms`] where forms stand, [`drafts`] what is being written, [`versions`] what
//! was submitted and decided, [`queue`] and [`figures`] what the 院 sees of all of it, [`settings`] what class years and 院 have
//! set, [`printing`] what can be printed, [`checking`] the public check.

pub mod checking;
pub mod drafts;
pub mod figures;
pub mod forms;
pub mod printing;
pub mod queue;
pub mod settings;
pub mod versions;

/// Values in one `IN (…)`, and rows read at once.
const BATCH: usize = 2_000;
