//! Papers as a reader meets them: text by poppler, pictures by poppler and zbar, none of which made them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod assessment;
mod attachments;
mod form;
mod hostile;
mod reader;
mod sample;
