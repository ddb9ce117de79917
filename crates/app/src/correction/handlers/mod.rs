//! Pages: one field of the own record, and the list of the office.

mod export;
mod field;
mod offices;
mod staff;

pub(super) use export::export;
pub(super) use field::{field, file, withdraw};
pub(super) use offices::{offices, set_offices};
pub(super) use staff::{answer, index, show};
