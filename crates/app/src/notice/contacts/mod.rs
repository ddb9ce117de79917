//! 联系方式: whom to ask, by 校区 and type of student, shown wherever help is offered.

pub(super) mod handlers;
mod model;
mod queries;
mod rules;

pub use model::{ContactForm, ContactMistakes, concerns, dialled};
pub use queries::{Contacts, OfficerContact, all, contacts_for, for_sign_in};
pub use rules::{ContactError, save};
