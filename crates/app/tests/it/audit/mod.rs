//! Stories of audit.
