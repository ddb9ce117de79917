//! The only files of the exchange with SeaORM in them.

mod batches;
mod current;
mod write;

pub(crate) use batches::*;
pub(crate) use current::*;
pub(crate) use write::*;
