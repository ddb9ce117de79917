//! Workbooks in and out: tolerant, bounded reading of xlsx and CSV; streaming writing of xlsx, CSV and DBF.
//!
//! This crate knows nothing of Qihang. It deals in headings, rows and cells; what a heading means, which values
//! are allowed and who may see them is for its callers. There is no `async` and no database here: callers on a
//! server run it on a blocking thread and stream the finished file.
//!
//! * [`read`]: [`read::open`] finds out from the *content* of a file what it is and gives its rows one by one.
//! * [`write`]: one trait, [`write::TableWriter`], and three formats.
//! * [`template`](mod@template): a workbook to be filled in, with drop-down lists and an example.
//! * [`annotate`]: the person's own file back, with a column of reasons.
//! * [`text`]: the small rules for spaces, headings and dangerous cells that both directions share.
//!
//! What is deliberately absent: the whole of a sheet in memory, and any trust in a file's name or in the sizes
//! that it declares.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

pub mod annotate;
pub mod read;
pub mod template;
pub mod text;
pub mod write;

pub use annotate::{AnnotateError, annotate};
pub use read::{Cell, Format, Limits, ReadError, Reader, Row, open};
pub use text::{defuse, heading_key, normalise, undefuse};
pub use write::{Column, DbfField, TableWriter, WriteError};
