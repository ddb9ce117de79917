//! What was confirmed, and what has changed since. Pure.

use std::collections::BTreeMap;

use qihang_db::entity::student;
use serde::{Deserialize, Serialize};

use super::fields::Field;
use crate::findings::model::digest;

/// The fields that a student confirmed, each with a digest of its value then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confirmed(BTreeMap<String, String>);

impl Confirmed {
    /// The values that these fields have now. Contact data is the student's own and needs no confirming.
    pub fn of(student: &student::Model, fields: impl IntoIterator<Item = Field>) -> Self {
        Self(
            fields
                .into_iter()
                .filter(|field| field.column().is_some())
                .map(|field| (field.code().to_owned(), digest([&*field.stored(student)])))
                .collect(),
        )
    }

    /// As it stands in the column. Text that cannot be read confirms nothing.
    pub fn from_column(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// For the column.
    pub fn to_column(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Whether this value of a field is the one that was confirmed.
    pub fn holds(&self, field: Field, stored: &str) -> bool {
        self.0
            .get(field.code())
            .is_some_and(|known| *known == digest([stored]))
    }

    /// The confirmed fields that have another value now, in the order of the form.
    pub fn changed(&self, student: &student::Model) -> Vec<Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(|field| self.0.contains_key(field.code()) && !self.holds(*field, &field.stored(student)))
            .collect()
    }
}
