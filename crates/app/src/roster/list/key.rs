//! The place of a row in the list's order, as it stands in an address.

use chrono::{DateTime, Utc};

use super::columns::{Listed, Names};
use super::filter::Sort;

/// Where a row stands: by what the list is ordered by, and by 学号, which is unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Of the column that the order begins with.
    pub value: KeyValue,
    /// 学号.
    pub student_no: String,
}

/// A value of the column that the order begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    /// The order begins with 学号 itself.
    None,
    /// A text.
    Text(String),
    /// A year.
    Number(i32),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Key {
    /// The key of a row.
    pub fn of(row: &Listed, names: &Names, sort: Sort) -> Self {
        let student = &row.student;
        let value = match sort {
            Sort::College => KeyValue::Text(names.college_code(student.college_id).to_owned()),
            Sort::StudentNo => KeyValue::None,
            Sort::Name => KeyValue::Text(student.pinyin.clone()),
            Sort::Major => KeyValue::Text(names.major(student.major_id).to_owned()),
            Sort::ClassName => KeyValue::Text(student.class_name.clone()),
            Sort::AdmissionYear => KeyValue::Number(student.admission_year),
            Sort::AddedAt => KeyValue::Instant(row.entry.added_at),
        };
        Self {
            value,
            student_no: student.student_no.clone(),
        }
    }

    /// As text: the value and 学号 as a JSON list, so that no character in either can be taken for a border.
    pub fn encode(&self) -> String {
        let value = match &self.value {
            KeyValue::None => serde_json::Value::Null,
            KeyValue::Text(text) => text.as_str().into(),
            KeyValue::Number(number) => (*number).into(),
            KeyValue::Instant(instant) => instant.timestamp_micros().into(),
        };
        serde_json::json!([value, self.student_no]).to_string()
    }

    /// The key in `text`; `None` when it is not one of this order.
    pub fn decode(text: &str, sort: Sort) -> Option<Self> {
        let (value, student_no): (serde_json::Value, String) = serde_json::from_str(text).ok()?;
        let value = match sort {
            Sort::StudentNo => value.is_null().then_some(KeyValue::None),
            Sort::College | Sort::Name | Sort::Major | Sort::ClassName => {
                value.as_str().map(|text| KeyValue::Text(text.to_owned()))
            }
            Sort::AdmissionYear => value
                .as_i64()
                .and_then(|number| number.try_into().ok())
                .map(KeyValue::Number),
            Sort::AddedAt => value
                .as_i64()
                .and_then(DateTime::from_timestamp_micros)
                .map(KeyValue::Instant),
        }?;
        // PostgreSQL knows no text with a zero character.
        let plain = |text: &str| !text.contains('\0');
        let is_plain = plain(&student_no) && !matches!(&value, KeyValue::Text(text) if !plain(text));
        is_plain.then_some(Self { value, student_no })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_reads_back_in_its_own_order(text in "\\PC{0,20}", student_no in "\\PC{1,20}", number: i32, micros in 0..4_102_444_800_000_000i64) {
            let instant = DateTime::from_timestamp_micros(micros).unwrap();
            for (sort, value) in [
                (Sort::College, KeyValue::Text(text.clone())),
                (Sort::StudentNo, KeyValue::None),
                (Sort::AdmissionYear, KeyValue::Number(number)),
                (Sort::AddedAt, KeyValue::Instant(instant)),
            ] {
                let key = Key { value, student_no: student_no.clone() };
                prop_assert_eq!(Key::decode(&key.encode(), sort), Some(key));
            }
        }

        #[test]
        fn whatever_an_address_says_is_read_or_refused(text in "\\PC{0,40}") {
            for sort in Sort::ALL {
                let _ = Key::decode(&text, sort);
            }
        }
    }

    #[test]
    fn a_key_of_another_order_is_refused() {
        assert_eq!(Key::decode(r#"["S01","1"]"#, Sort::AddedAt), None);
        assert_eq!(Key::decode(r#"[null,"1"]"#, Sort::College), None);
        assert_eq!(Key::decode("1", Sort::StudentNo), None);
        assert_eq!(Key::decode("[null,\"a\\u0000\"]", Sort::StudentNo), None);
    }
}
