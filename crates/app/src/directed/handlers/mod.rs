//! Pages: the list of the officer, one student, and what the student proposes.

mod export;
mod list;
mod one;
mod own;

pub(super) use export::export;
pub(super) use list::{index, remind};
pub(super) use one::{decline, fill, show, undo};
pub(super) use own::{own, propose, withdraw};
