//! What the data exchange brought of one student, when, and what stood there before: the rows of imports are the history.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use crate::activation::fields::Field;
use crate::exchange::model::{CellChange, Dataset, Effect, canonical};
use crate::exchange::queries;

/// A value that a field had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Former {
    /// Name of the field in the dataset of the students.
    pub(crate) field: String,
    /// As it was stored.
    pub(crate) stored: String,
    /// In words.
    pub(crate) shown: String,
}

/// The values that imports since this instant have replaced in the record of a student, the oldest first.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn former_values(
    connection: &impl ConnectionTrait,
    student_no: &str,
    since: DateTime<Utc>,
) -> Result<Vec<Former>, DbErr> {
    let changes = queries::changes_since(connection, Dataset::Students, student_no, since).await?;
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let catalogue = queries::catalogue(connection).await?;
    let fields = Dataset::Students.fields();
    Ok(changes
        .into_iter()
        .filter_map(|change| {
            let kind = fields.get(Dataset::Students.index_of(&change.field)?)?.kind;
            Some(Former {
                shown: catalogue.shown(kind, &change.before),
                field: change.field,
                stored: change.before,
            })
        })
        .collect())
}

/// A value that an import brought, in words; identity numbers are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtValue {
    /// Of what.
    pub field: Field,
    /// What stood there before.
    pub before: String,
    /// What stands there since.
    pub after: String,
}

/// What one import did to a student's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the record came with it: then every value is of that day, whatever `values` names.
    pub is_first: bool,
    /// What became what.
    pub values: Vec<BroughtValue>,
}

/// When a field was brought last; `None` where the record did not come by an import.
pub fn last_brought(history: &[Brought], field: Field) -> Option<DateTime<Utc>> {
    history
        .iter()
        .find(|brought| brought.is_first || brought.values.iter().any(|value| value.field == field))
        .map(|brought| brought.at)
}

/// Everything that the imports that stand did to one student's record, the newest first.
///
/// # Errors
///
/// When the database does not answer, or a kept row cannot be read.
pub async fn history(connection: &impl ConnectionTrait, student_no: &str) -> Result<Vec<Brought>, DbErr> {
    let rows = queries::history_rows(connection, student_no).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let catalogue = queries::catalogue(connection).await?;
    let said = |change: &CellChange| {
        let field = Field::from_code(&change.field)?;
        let kind = Dataset::Students.fields()[Dataset::Students.index_of(&change.field)?].kind;
        Some(BroughtValue {
            field,
            before: catalogue.shown(kind, &change.before),
            after: catalogue.shown(kind, &change.after),
        })
    };
    rows.into_iter()
        .filter_map(|(at, outcome, changes)| Some((at?, outcome, changes)))
        .map(|(at, outcome, changes)| {
            let changes: Vec<CellChange> =
                serde_json::from_str(&changes).map_err(|error| DbErr::Type(error.to_string()))?;
            Ok(Brought {
                at,
                is_first: outcome == Effect::Added.code(),
                values: changes.iter().filter_map(said).collect(),
            })
        })
        .collect()
}

/// Whether two texts mean the same value of a field: `2004年12月31日` and `2004-12-31`, `汉` and `汉族`.
pub fn same_value(field: Field, one: &str, other: &str) -> bool {
    match Dataset::Students.index_of(field.code()) {
        Some(index) => {
            let kind = Dataset::Students.fields()[index].kind;
            canonical(kind, one) == canonical(kind, other)
        }
        None => one == other,
    }
}
