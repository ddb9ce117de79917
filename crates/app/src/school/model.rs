//! What follows from a student's record: who answers for the student, when the student is expected to graduate, how the
//! student is found. Pure; called wherever a record or what it depends on changes, so that no list has to compute it.

use pinyin::ToPinyin;
use qihang_db::entity::student;

use crate::roster::model::{Duties, Expected, Prospect, effective_type, expected};

/// Rewrites the columns of a record that follow from the others. `major_length` is in half years; `listed_year` is the
/// class year whose doctoral list names the student.
pub fn derive(
    row: &mut student::Model,
    duties: &Duties,
    major_length: Option<i32>,
    listed_year: Option<i32>,
) {
    let student_type = effective_type(&row.student_type, &row.degree_level);
    (row.college_id, row.second_college_id) = duties.managing(student_type, row.school_id, row.residence_id);
    let expected = expectation_of(row, major_length, listed_year);
    row.nominal_year = expected.nominal_year;
    row.expected_year = expected.year;
    expected.why.code().clone_into(&mut row.expectation);
    (row.pinyin, row.initials) = search_keys(&row.name);
}

/// When a student is expected, by the record; arguments as of [`derive`].
pub fn expectation_of(row: &student::Model, major_length: Option<i32>, listed_year: Option<i32>) -> Expected {
    expected(&Prospect {
        admission_year: row.admission_year,
        own_length: row.length_half_years,
        major_length,
        degree_level: &row.degree_level,
        study_status: &row.study_status,
        has_vanished: row.vanished_at.is_some(),
        listed_year,
    })
}

/// Surnames that are read otherwise than the character usually is.
const SURNAMES: &[(char, &str)] = &[
    ('单', "shan"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('查', "zha"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('区', "ou"),
    ('任', "ren"),
    ('乐', "yue"),
    ('覃', "qin"),
    ('翟', "zhai"),
    ('尉', "wei"),
    ('缪', "miao"),
    ('召', "shao"),
    ('洗', "xian"),
    ('种', "chong"),
    ('秘', "bi"),
    ('折', "she"),
    ('员', "yun"),
];

/// Pinyin and initials of a name, lower case, without tones or spaces; what has no reading is left out, letters stay.
pub fn search_keys(name: &str) -> (String, String) {
    let mut pinyin = String::new();
    let mut initials = String::new();
    for (index, character) in name.chars().enumerate() {
        let surname = SURNAMES
            .iter()
            .find(|(one, _)| index == 0 && *one == character)
            .map(|(_, reading)| *reading);
        let reading = surname.or_else(|| character.to_pinyin().map(pinyin::Pinyin::plain));
        if let Some(reading) = reading {
            pinyin.push_str(reading);
            initials.extend(reading.chars().next());
        } else if character.is_ascii_alphanumeric() {
            pinyin.push(character.to_ascii_lowercase());
            initials.push(character.to_ascii_lowercase());
        }
    }
    (pinyin, initials)
}

#[cfg(test)]
mod tests {
    use super::search_keys;

    #[test]
    fn a_name_is_found_by_pinyin_and_by_initials() {
        assert_eq!(search_keys("卢宇玉"), ("luyuyu".into(), "lyy".into()));
        assert_eq!(search_keys("单田芳").0, "shantianfang");
        assert_eq!(search_keys("古丽娜尔·吐尔逊").1, "glnetex");
        assert_eq!(search_keys("").0, "");
    }

    #[test]
    fn a_character_without_a_reading_keeps_nobody_from_being_stored() {
        assert_eq!(search_keys("范𡘊").0, "fan");
    }
}
