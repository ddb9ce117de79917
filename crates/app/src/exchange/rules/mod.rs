//! What an import may do, whoever asks for it: read a file, see what it would do, write it, take it back.

mod apply;
mod commit;
mod file;
mod history;
mod reading;
mod runs;
mod survey;
mod undo;
mod writing;

pub(crate) use commit::{ImportError, LargeChange, Mode, Order, write};
pub(crate) use file::{ImportFile, annotate, read_file, reasons};
pub use history::{Brought, BroughtValue, history, last_brought, same_value};
pub(crate) use history::{Former, former_values};
pub(crate) use reading::{read, reading_cancelled, reading_stopped};
pub(crate) use runs::{
    RunError, Upload, begin, cancel, discard, file_of, incoming, keep_copy, map_headings, open_headings,
    read_again, settle_refusal,
};
pub(crate) use survey::survey;
pub(crate) use undo::{UndoError, undo};
pub(crate) use writing::{carry_out, commit, writing_stopped};

pub(crate) use super::queries::Answers;
