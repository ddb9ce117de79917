//! One file a table. Rows only: what they mean is said by the features.

pub mod account;
pub mod account_preference;
pub mod assignment;
pub mod audit_event;
pub mod audit_seal;
pub mod class_year;
pub mod class_year_officer;
pub mod college;
pub mod college_duty;
pub mod data_version;
pub mod disclosure;
pub mod export_record;
pub mod export_subject;
pub mod finding;
pub mod heading_mapping;
pub mod import_batch;
pub mod import_row;
pub mod major;
pub mod roster_entry;
pub mod roster_selection;
pub mod session;
pub mod setting;
pub mod sign_in_attempt;
pub mod sign_off;
pub mod sso_ticket;
pub mod student;
