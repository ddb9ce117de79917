//! Stories of accounts.
