//! Stories of roster.
