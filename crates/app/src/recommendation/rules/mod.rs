//! Writing and handing in, reviewing, what follows when records or rosters change, printing, the public check, and what class
//! years and 院 set.

mod batch;
mod checking;
mod following;
mod printing;
mod reviewing;
mod settings;
mod submitting;
mod writing;

pub use batch::{BatchError, MOST_AT_ONCE, Outcome, Pick, approve_all};
pub use checking::{CheckError, Found, Paper, WINDOW, check};
pub use following::{follow, hold_entries, leave, verify};
pub(super) use printing::class;
pub use printing::{MOST_IN_ONE_FILE, Printed, PrintingError, draft, of_student, own, unprintable};
pub use reviewing::{ReviewError, Seen, approve, open, return_form, revoke};
pub use settings::{SetError, set_sections, set_templates};
pub(crate) use submitting::submit_as;
pub use submitting::{StepError, SubmitError, recall, revise, submit};
pub(super) use writing::desk;
pub(crate) use writing::save_all_as;
pub use writing::{SaveError, Saved, Typed, save, save_all};

use qihang_db::entity::student;
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{Fact, facts};
use crate::activation;
use qihang_db::Scope;

/// How the audit log names a form.
fn subject(form_id: i64) -> String {
    format!("recommendation/{form_id}")
}

/// What the form says of the record now.
///
/// # Errors
///
/// When the database does not answer.
pub async fn facts_of(
    connection: &impl ConnectionTrait,
    student: &student::Model,
) -> Result<Vec<Fact>, DbErr> {
    let scope = Scope::Student(student.id);
    let contact = activation::queries::contact(connection, &scope, student.id).await?;
    let names = activation::queries::names(connection, student).await?;
    Ok(facts(student, contact.as_ref(), &names))
}
