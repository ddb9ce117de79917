//! 任务 (R40): long work that runs beside the requests. A job stands in the database with everything it needs, so that it
//! survives whatever happens to the process that runs it, and any server can take it over.
//!
//! [`model`] is the life of a job as a pure state machine; every step of it is one locked row read, moved on and written.
//! [`rules`] asks for jobs, claims and cancels them. A server that serves also runs jobs ([`serve`]): whoever has claimed
//! one holds a lease and renews it; a lease that is not renewed lapses, and the job is taken up again by whoever comes.
//!
//! # Adding a kind of job
//!
//! 1. A variant of [`Work`] with what it needs to know: ids, never names or identity numbers. The compiler then asks what
//!    it is called, what it works on, and where its result is to be seen.
//! 2. An arm in each function of `kinds.rs`: how it is carried out, and what becomes of its subject when it is cancelled
//!    or given up.
//! 3. Ask for it by [`rules::enqueue`] inside the [`Change`](qihang_db::Change) that makes it necessary: the job exists
//!    exactly if that change was committed.
//!
//! The work gets a [`Running`]. It asks [`Running::permission`] for what its owner may do *now*, says how far it is by
//! [`Running::progress`], and ends by [`Running::last_change`] and [`Running::end`]: what it writes last and that the job
//! is done are one transaction, and without the lease there is no such transaction. It may be stopped at every `await`
//! and begun again from its beginning, so whatever it does before that last change must not matter if it is done twice:
//! work in small parts (letters to many people) commits each part with a note that it is done, and skips what is noted.
//! A file for the owner is put into the store by [`Running::keep`] and handed over by [`Ending::file`].

pub mod files;
pub mod model;
pub mod rules;

mod handlers;
mod kinds;
mod pages;
mod progress;
mod queries;
mod runner;
mod work;

pub use pages::ProgressView;
pub use progress::{Here, Progress};
pub use runner::{Ended, Ending, Running, Stop, run_waiting, serve};
pub use work::Work;

pub(crate) use queries::{Tally, tally};

use crate::web::{Access, Routes};

/// Pages of jobs. Everybody has the own ones; who oversees jobs has all.
pub fn routes() -> Routes {
    Routes::default()
        .get("/manage/jobs", Access::Staff, handlers::index)
        .get("/manage/jobs/{id}", Access::Staff, handlers::show)
        .get("/manage/jobs/{id}/file", Access::Staff, handlers::file)
        .post("/manage/jobs/{id}/cancellation", Access::Staff, handlers::cancel)
}
