//! What a class year asks for, what stands in the way of activation, what was confirmed and what has changed since. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::student;
use qihang_db::{DegreeLevel, FieldClass, StudyStatus};
use serde::{Deserialize, Serialize};

use super::fields::{Field, Source};
use crate::class_year::model::Details;
use crate::correction::offices::Mender;
use crate::findings::model::{Kind, digest};

/// How a class year treats a field (R20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRule {
    /// Who may change it, and when.
    pub class: FieldClass,
    /// Whether activation needs it.
    pub is_required: bool,
}

impl FieldRule {
    /// Where the centre has not said otherwise.
    pub const fn default_of(field: Field) -> Self {
        Self {
            class: field.source().default_class(),
            is_required: field.is_required_by_default(),
        }
    }
}

/// How a class year treats every field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldRules(BTreeMap<Field, FieldRule>);

impl FieldRules {
    /// The defaults, except for these fields. A class that the field cannot have is left at the default.
    pub fn with(changed: impl IntoIterator<Item = (Field, FieldRule)>) -> Self {
        Self(
            changed
                .into_iter()
                .filter(|(field, rule)| field.source().classes().contains(&rule.class))
                .filter(|(field, rule)| *rule != FieldRule::default_of(*field))
                .collect(),
        )
    }

    /// Of one field.
    pub fn of(&self, field: Field) -> FieldRule {
        self.0
            .get(&field)
            .copied()
            .unwrap_or_else(|| FieldRule::default_of(field))
    }

    /// Whether activation needs the field.
    pub fn is_required(&self, field: Field) -> bool {
        self.of(field).is_required
    }

    /// Where they differ from the defaults.
    pub fn changed(&self) -> impl Iterator<Item = (Field, FieldRule)> {
        self.0.iter().map(|(field, rule)| (*field, *rule))
    }

    /// The fields of the record that activation confirms: those that it needs. A change of one later has to be confirmed
    /// again.
    pub fn key_fields(&self) -> impl Iterator<Item = Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(|field| field.source() != Source::Contact && self.is_required(*field))
    }
}

/// How far the activation of somebody on a roster is, as lists of officers say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Not activated.
    Pending,
    /// Activated, and everything confirmed still stands.
    Done,
    /// Activated, and something has to be confirmed again.
    Again,
}

impl Stage {
    /// All of them, in the order of the screen.
    pub const ALL: &'static [Self] = &[Self::Pending, Self::Done, Self::Again];

    /// Of an activation: when the account was opened, and since when something has to be confirmed again.
    pub const fn of(activated_at: Option<DateTime<Utc>>, changed_at: Option<DateTime<Utc>>) -> Self {
        match (activated_at, changed_at) {
            (None, _) => Self::Pending,
            (Some(_), None) => Self::Done,
            (Some(_), Some(_)) => Self::Again,
        }
    }

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "activated",
            Self::Again => "again",
        }
    }

    /// The word on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "未激活",
            Self::Done => "已激活",
            Self::Again => "待确认",
        }
    }

    /// The stage with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|stage| stage.code() == code)
    }
}

/// What stands in the way of activation: a field of the record that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub field: Field,
    /// What is wrong, without a full stop.
    pub problem: String,
}

/// A fault with its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where.
    pub field: Field,
    /// What is wrong, without a full stop.
    pub problem: String,
    /// Who mends it.
    pub mender: Mender,
}

/// Judges the record of a student by the open findings about it: the office and the student see the same. A field that is
/// there and under 信息有误 does not block: some offices mend names only in November.
pub fn faults(
    student: &student::Model,
    findings: &[Kind],
    corrections: &BTreeSet<Field>,
    rules: &FieldRules,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for field in rules.key_fields() {
        let is_empty = field.stored(student).trim().is_empty();
        if corrections.contains(&field) && !is_empty {
            continue;
        }
        let found = findings
            .iter()
            .filter(|kind| kind.blocks_activation() && kind.field() == field.heading())
            .map(|kind| kind.label().to_owned());
        let missing = (is_empty && !is_judged_by_findings(field)).then(|| format!("{}为空", field.heading()));
        faults.extend(found.chain(missing).map(|problem| Fault { field, problem }));
    }
    faults
}

/// Whether findings say when a field is missing, so that nothing else may: a length that the record lacks is taken from the
/// major.
pub fn is_judged_by_findings(field: Field) -> bool {
    Kind::ALL.iter().any(|kind| kind.field() == field.heading())
}

/// The fields that a student confirmed, each with a digest of its value then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confirmed(BTreeMap<String, String>);

impl Confirmed {
    /// The values that these fields have now.
    pub fn of(student: &student::Model, fields: impl IntoIterator<Item = Field>) -> Self {
        let digests = fields
            .into_iter()
            .map(|field| (field.code().to_owned(), digest([&*field.stored(student)])));
        Self(digests.collect())
    }

    /// The same fields, with the values that they have now.
    #[must_use]
    pub fn renewed(&self, student: &student::Model) -> Self {
        Self::of(student, self.fields())
    }

    /// As it stands in the column. Text that cannot be read confirms nothing.
    pub fn from_column(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// For the column.
    pub fn to_column(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// The confirmed fields, in the order of the form.
    fn fields(&self) -> impl Iterator<Item = Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(|field| self.0.contains_key(field.code()))
    }

    /// Whether this value of a field is the one that was confirmed.
    pub fn holds(&self, field: Field, stored: &str) -> bool {
        self.0
            .get(field.code())
            .is_some_and(|known| *known == digest([stored]))
    }

    /// The confirmed fields that have another value now, in the order of the form.
    pub fn changed(&self, student: &student::Model) -> Vec<Field> {
        self.fields()
            .filter(|field| !self.holds(*field, &field.stored(student)))
            .collect()
    }
}

/// A digest of the whole record as a form shows it: what is confirmed must be what was seen.
pub fn seen(student: &student::Model) -> String {
    let values: Vec<_> = Field::ALL.iter().map(|field| field.stored(student)).collect();
    digest(values.iter().map(|value| &**value))
}

/// Until when a student is to activate: doctoral and extended students have due days of their own (R12); `None` where the
/// centre has not set theirs.
pub fn due(details: &Details, student: &student::Model) -> Option<NaiveDate> {
    if DegreeLevel::from_code(&student.degree_level) == Some(DegreeLevel::Doctor) {
        details.doctoral_due
    } else if StudyStatus::from_code(&student.study_status) == Some(StudyStatus::Extended) {
        details.extended_due
    } else {
        Some(details.activation_due)
    }
}
