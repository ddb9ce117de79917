//! The centre keeps the contacts.

use qihang_db::entity::contact_point;
use qihang_db::{Action, AuditEvent, Db};
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::model::{ContactForm, ContactMistakes};
use super::queries;
use crate::auth::{Can, policy};

/// Why a contact was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// No such contact.
    #[error("no such contact")]
    NotFound,
    /// The form has mistakes.
    #[error("the form has mistakes")]
    Mistakes(Box<ContactMistakes>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

fn in_words(row: &contact_point::Model) -> Value {
    json!({
        "purpose": row.purpose,
        "campus": row.campus,
        "student_type": row.student_type,
        "office": row.name,
        "telephone": row.telephone,
        "email": row.email,
        "room": row.room,
        "hours": row.hours,
    })
}

/// Keeps a contact: a new one, or the one with this id as it now is.
///
/// # Errors
///
/// [`ContactError`]; then nothing was written.
pub async fn save(
    db: &Db,
    can: &Can<policy::ManageContacts>,
    id: Option<i64>,
    form: &ContactForm,
) -> Result<(), ContactError> {
    let contact = form.read().map_err(ContactError::Mistakes)?;
    let change = db.change(can.actor()).await?;
    let (before, after) = match id {
        Some(id) => {
            let before = queries::find(change.tx(), id)
                .await?
                .ok_or(ContactError::NotFound)?;
            (Some(before), queries::update(change.tx(), id, &contact).await?)
        }
        None => (None, queries::insert(change.tx(), &contact).await?),
    };
    let event =
        AuditEvent::new(Action::ContactSaved, format!("contact/{}", after.id)).after(in_words(&after));
    let event = match &before {
        Some(before) => event.before(in_words(before)),
        None => event,
    };
    Ok(change.commit(event).await?)
}

/// Takes a contact away.
///
/// # Errors
///
/// [`ContactError`]; then it is still there.
pub async fn remove(db: &Db, can: &Can<policy::ManageContacts>, id: i64) -> Result<(), ContactError> {
    let change = db.change(can.actor()).await?;
    let before = queries::find(change.tx(), id)
        .await?
        .ok_or(ContactError::NotFound)?;
    queries::remove(change.tx(), id).await?;
    let event = AuditEvent::new(Action::ContactRemoved, format!("contact/{id}")).before(in_words(&before));
    Ok(change.commit(event).await?)
}
