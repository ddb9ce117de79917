//! Findings (R8, R8a, R16): every kind exactly when it should be, settled, signed off, explained.

pub mod kinds;
pub mod pages;
mod stored;
