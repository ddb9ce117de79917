//! What a class year asks for.

use qihang_db::{Action, AuditEvent, ClassYearState, Db};
use sea_orm::DbErr;
use serde_json::json;

use crate::activation::fields::Field;
use crate::activation::model::FieldRules;
use crate::activation::queries;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::class_year::queries as class_years;

/// Why the fields of a class year were not set.
#[derive(Debug, thiserror::Error)]
pub enum FieldsError {
    /// There is no such class year.
    #[error("no such class year")]
    Unknown,
    /// The class year is closed.
    #[error("the class year is closed")]
    Closed,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Sets how a class year treats the fields. Who has activated stays so. Answers how many fields are treated otherwise than
/// before.
///
/// # Errors
///
/// [`FieldsError`]; then nothing was written.
pub async fn set_fields(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
    rules: &FieldRules,
) -> Result<usize, FieldsError> {
    let change = db.change(can.actor()).await?;
    let details = class_years::find(change.tx(), year)
        .await?
        .ok_or(FieldsError::Unknown)?;
    if details.state == ClassYearState::Closed {
        return Err(FieldsError::Closed);
    }
    let before = queries::field_rules(change.tx(), year.year()).await?;
    let changed: Vec<Field> = Field::ALL
        .iter()
        .copied()
        .filter(|field| before.of(*field) != rules.of(*field))
        .collect();
    if changed.is_empty() {
        change.abandon().await?;
        return Ok(0);
    }
    queries::replace_field_rules(change.tx(), year.year(), rules).await?;
    let words = |rules: &FieldRules| {
        let said = changed.iter().map(|field| {
            let rule = rules.of(*field);
            let words = json!({"class": rule.class.code(), "required": rule.is_required});
            (field.code().to_owned(), words)
        });
        serde_json::Value::Object(said.collect())
    };
    let event = AuditEvent::new(Action::FieldsChanged, format!("class-year/{year}/fields"))
        .before(words(&before))
        .after(words(rules));
    change.commit(event).await?;
    Ok(changed.len())
}
