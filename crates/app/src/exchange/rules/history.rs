//! What the values of a student were before the data exchange brought others: the rows of imports are their history.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use crate::exchange::model::Dataset;
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
