//! Activation (R19, R20): the student's confirmation of the own data, which opens the account; and the gate (R21) that every
//! later step asks.
//!
//! [`fields`] lists what is confirmed, [`gate`] decides what may be done. What the data exchange changes after activation has
//! to be confirmed again.

pub mod fields;
pub mod gate;
pub mod model;
pub mod queries;
