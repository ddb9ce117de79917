//! The only files of the exchange with `SeaORM` in them.

mod batches;
mod current;
mod history;
mod runs;
mod undo;
mod write;

pub(crate) use batches::*;
pub(crate) use current::*;
pub(crate) use history::*;
pub(crate) use runs::*;
pub(crate) use undo::*;
pub(crate) use write::*;
