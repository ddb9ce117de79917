//! Values that are the student's own (R15, R16): over the data exchange's, and against it. Pure.

use qihang_db::OwnField;
use qihang_db::entity::{own_value, student};
use qihang_standards::codes::{CodeTable, MARITAL_STATUS, POLITICAL_STATUS};
use qihang_standards::division;

use crate::class_year::model::OriginDepth;
use crate::findings::faults::own_problem;
use crate::findings::model::Severity;

/// The value that counts.
pub fn own_value(student: &student::Model, field: OwnField) -> &str {
    match field {
        OwnField::Origin => &student.origin,
        OwnField::MaritalStatus => &student.marital_status,
        OwnField::PoliticalStatus => &student.political_status,
    }
}

/// Writes the value that counts.
pub fn set_own_value(student: &mut student::Model, field: OwnField, value: &str) {
    let column = match field {
        OwnField::Origin => &mut student.origin,
        OwnField::MaritalStatus => &mut student.marital_status,
        OwnField::PoliticalStatus => &mut student.political_status,
    };
    value.clone_into(column);
}

/// The closed table of a field; `None` for places.
pub fn table(field: OwnField) -> Option<&'static CodeTable> {
    match field {
        OwnField::Origin => None,
        OwnField::MaritalStatus => Some(&MARITAL_STATUS),
        OwnField::PoliticalStatus => Some(&POLITICAL_STATUS),
    }
}

/// What a code says; `None` where it says nothing.
pub fn own_text(field: OwnField, code: &str) -> Option<String> {
    match table(field) {
        Some(table) => table.by_code(code).map(|line| line.name.to_owned()),
        None => division::full_name(code.trim()),
    }
}

/// What a stored value says on screen and in files: the name, or the text as it was found.
pub fn shown(field: OwnField, value: &str) -> String {
    own_text(field, value).unwrap_or_else(|| value.to_owned())
}

/// Why a student may not choose this value: it would be found (R8, R16). `None` where it may be chosen.
pub fn refusal(field: OwnField, value: &str, depth: OriginDepth) -> Option<String> {
    own_problem(field, value, depth).map(|(_, wrong)| wrong)
}

/// Whether a value would be a fault: what the data exchange brought need not be of today, but it must be whole.
pub fn is_faulty(field: OwnField, value: &str, depth: OriginDepth) -> bool {
    own_problem(field, value, depth).is_some_and(|(kind, _)| kind.severity() == Severity::Fault)
}

/// How a student's value stands to the data exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The data exchange still has the older value.
    Pending,
    /// The data exchange has brought another value since.
    Conflict,
    /// The data exchange has brought the student's value: nothing lies over it any more.
    Adopted,
}

impl Standing {
    /// All of them, in the order of the filter.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Conflict, Self::Adopted];

    /// How a row stands.
    pub fn of(own: &own_value::Model) -> Self {
        if own.adopted_at.is_some() {
            Self::Adopted
        } else if own.exchange_value == own.replaced_value {
            Self::Pending
        } else {
            Self::Conflict
        }
    }

    /// The code in addresses and files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Conflict => "conflict",
            Self::Adopted => "adopted",
        }
    }

    /// The word on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "待同步",
            Self::Conflict => "不一致",
            Self::Adopted => "已同步",
        }
    }

    /// The value with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.code() == code)
    }
}

/// What becomes of a student's value when the data exchange brings one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same as the student's: the data exchange holds it, nothing lies over it any more.
    Adopted,
    /// Another: the student's stays. Whether that is a conflict follows from what the exchange brought.
    Kept,
}

/// The rule: what a student mended stays until the data exchange brings the same.
pub fn outcome(own: &own_value::Model, brought: &str) -> Outcome {
    if own.value == brought {
        Outcome::Adopted
    } else {
        Outcome::Kept
    }
}

/// A record as the data exchange has it: without what the student mended.
pub fn as_brought(mut student: student::Model, mended: &[own_value::Model]) -> student::Model {
    for own in mended {
        if let Some(field) = OwnField::from_code(&own.field) {
            set_own_value(&mut student, field, &own.exchange_value);
        }
    }
    student
}
