//! Activating, confirming again what has changed, changing contact data, keeping drafts; and what a class year asks for.

mod activating;
mod editing;
mod following;
mod settings;

pub(crate) use activating::activate_as;
pub use activating::{
    ActivateError, ConfirmError, Demand, Submission, activate, confirm_changes, demand, obstacles,
};
pub use editing::{Closed, ContactError, DraftError, change_contact, may_change, save_draft};
pub use following::{follow, verify};
pub use settings::{FieldsError, set_fields};
