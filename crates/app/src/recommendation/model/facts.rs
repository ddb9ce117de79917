//! 基本信息: what the form says of the record. It is read only; what is approved is kept as it was then.

use qihang_db::entity::{student, student_contact};
use serde::{Deserialize, Serialize};

use crate::activation::fields::Field;
use crate::activation::model::Confirmed;
use crate::findings::model::digest;
use crate::roster::list::columns::{Identity, Names};

/// A line of 基本信息.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Code of the field.
    pub code: String,
    /// The words before it.
    pub heading: String,
    /// What it says.
    pub value: String,
}

/// What of the record stands on the form. A change of one after approval asks for a new version. No identity number: the form
/// goes to employers.
pub const KEY_FIELDS: [Field; 12] = [
    Field::Name,
    Field::Sex,
    Field::BirthDate,
    Field::EthnicGroup,
    Field::PoliticalStatus,
    Field::Origin,
    Field::StudentNo,
    Field::DegreeLevel,
    Field::School,
    Field::Major,
    Field::Length,
    Field::TrainingMode,
];

/// How the student can be reached, as it stands on the form.
const CONTACT_FIELDS: [Field; 3] = [Field::Mobile, Field::Email, Field::Address];

/// 基本信息 of a student.
pub fn facts(student: &student::Model, contact: Option<&student_contact::Model>, names: &Names) -> Vec<Fact> {
    let fact = |field: Field, value: String| Fact {
        code: field.code().to_owned(),
        heading: field.heading().to_owned(),
        value,
    };
    let of_record = KEY_FIELDS
        .into_iter()
        .map(|field| fact(field, field.shown(student, names, Identity::Masked).into_owned()));
    let of_contact = CONTACT_FIELDS.into_iter().map(|field| {
        let value = contact.and_then(|contact| field.contact(contact));
        fact(field, value.unwrap_or_default().to_owned())
    });
    of_record.chain(of_contact).collect()
}

/// The values of the key fields, to notice later that they are others.
pub fn confirmed(student: &student::Model) -> Confirmed {
    Confirmed::of(student, KEY_FIELDS)
}

/// A digest of 基本信息: what is approved must be what was seen.
pub fn seen(facts: &[Fact]) -> String {
    digest(
        facts
            .iter()
            .flat_map(|fact| [fact.code.as_str(), fact.value.as_str()]),
    )
}

/// As it stands in the column. Text that cannot be read says nothing.
pub fn from_column(text: &str) -> Vec<Fact> {
    serde_json::from_str(text).unwrap_or_default()
}

/// For the column.
pub fn to_column(facts: &[Fact]) -> String {
    serde_json::json!(facts).to_string()
}

/// The value of a field.
pub fn value(facts: &[Fact], field: Field) -> &str {
    facts
        .iter()
        .find(|fact| fact.code == field.code())
        .map_or("", |fact| &fact.value)
}
