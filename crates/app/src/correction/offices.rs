//! Which office mends which field (R15): defaults here, and what the centre has set instead.

use std::collections::BTreeMap;

use qihang_db::entity::student;
use qihang_db::{Office, StudentType};
use serde::{Deserialize, Serialize};

use crate::activation::fields::{Field, PORTAL, Source, UNIT};
use crate::directed::model::lacks_unit;
use crate::roster::model::effective_type;

/// The office of a field, for each type of student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Of 本科生.
    pub undergraduate: Office,
    /// Of 研究生.
    pub graduate: Office,
}

/// Where the centre has not said otherwise: whoever keeps the record.
const DEFAULT: Pair = Pair {
    undergraduate: Office::Registrar,
    graduate: Office::GraduateOffice,
};

/// Which office mends which field. Holds only what differs from the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offices(BTreeMap<Field, Pair>);

/// As it stands in the setting: codes of the two offices by code of the field.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Stored(BTreeMap<String, (String, String)>);

impl Offices {
    /// The fields that an office mends: all that come from the data exchange and are not the student's own in the portal.
    pub fn fields() -> impl Iterator<Item = Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(|field| field.source() == Source::Registrar)
    }

    /// These, for the fields that an office mends.
    pub fn new(pairs: impl IntoIterator<Item = (Field, Pair)>) -> Self {
        Self(
            pairs
                .into_iter()
                .filter(|(field, pair)| field.source() == Source::Registrar && *pair != DEFAULT)
                .collect(),
        )
    }

    /// From the setting. A code that is not known counts as never set.
    pub fn from_setting(text: &str) -> Self {
        let stored: Stored = serde_json::from_str(text).unwrap_or_default();
        Self::new(
            stored
                .0
                .into_iter()
                .filter_map(|(field, (undergraduate, graduate))| {
                    let pair = Pair {
                        undergraduate: Office::from_code(&undergraduate)?,
                        graduate: Office::from_code(&graduate)?,
                    };
                    Some((Field::from_code(&field)?, pair))
                }),
        )
    }

    /// For the setting.
    pub fn to_setting(&self) -> serde_json::Value {
        let codes = |pair: &Pair| {
            (
                pair.undergraduate.code().to_owned(),
                pair.graduate.code().to_owned(),
            )
        };
        serde_json::json!(Stored(
            self.0
                .iter()
                .map(|(field, pair)| (field.code().to_owned(), codes(pair)))
                .collect()
        ))
    }

    /// The offices of a field.
    pub fn pair(&self, field: Field) -> Pair {
        self.0.get(&field).copied().unwrap_or(DEFAULT)
    }

    /// Who mends this field of this student; `None` where the student does.
    pub fn of(&self, field: Field, student: &student::Model) -> Option<Office> {
        match field.source() {
            Source::Portal | Source::Contact => None,
            Source::Registrar => {
                let pair = self.pair(field);
                Some(
                    match effective_type(&student.student_type, &student.degree_level) {
                        StudentType::Undergraduate => pair.undergraduate,
                        StudentType::Graduate => pair.graduate,
                    },
                )
            }
        }
    }
}

/// Who mends a field, and where: on every page the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mender {
    /// The office, or the student.
    pub who: &'static str,
    /// What to do, as a sentence to the student without its full stop.
    pub advice: String,
    /// The page where the student does it; `None` where an office does.
    pub href: Option<&'static str>,
}

impl Offices {
    /// Who mends this field of this student, and where.
    pub fn mender(&self, field: Field, student: &student::Model) -> Mender {
        if field == Field::DirectedUnit && lacks_unit(student) {
            return Mender {
                who: Office::College.label(),
                advice: "请提出你的原单位，由本院就业专员核实后填写".into(),
                href: Some(UNIT),
            };
        }
        match self.of(field, student) {
            Some(office) => Mender {
                who: office.label(),
                advice: format!("请联系{}更正", office.label()),
                href: None,
            },
            None if field.source() == Source::Portal => Mender {
                who: "本人",
                advice: "请到校内信息门户修改".into(),
                href: Some(PORTAL),
            },
            None => Mender {
                who: "本人",
                advice: "请在激活时填写".into(),
                // The step answers wherever the student stands; the form is only there for who is on a roster.
                href: Some("/student/steps/activation"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_reads_back_and_what_nobody_knows_is_left_out() {
        let pair = Pair {
            undergraduate: Office::Admissions,
            graduate: Office::GraduateSchool,
        };
        let set = Offices::new([
            (Field::ExamNo, pair),
            (Field::Name, DEFAULT),
            (Field::Origin, pair),
        ]);

        let read = Offices::from_setting(&set.to_setting().to_string());

        assert_eq!(read, set);
        assert_eq!(read.pair(Field::ExamNo), pair);
        assert_eq!(read.pair(Field::Name), DEFAULT);
        assert_eq!(
            Offices::from_setting(r#"{"name": ["nobody", "centre"], "?": ["centre", "centre"]}"#),
            Offices::default()
        );
    }
}
