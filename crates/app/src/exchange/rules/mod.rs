//! What an import may do, whoever asks for it: read a file, see what it would do, write it, take it back.

mod apply;
mod commit;
mod file;
mod survey;

pub(crate) use commit::{ImportError, LargeChange, Mode, Order, Written, write};
pub(crate) use file::{FileError, ImportFile, annotate, read_file, reasons};
pub(crate) use survey::{Survey, survey};
