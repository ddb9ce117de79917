//! What a report says, and when the data exchange has settled it. Pure.

use std::borrow::Cow;

use qihang_db::CorrectionEnd;
use qihang_db::entity::student;
use qihang_standards::identity;

use crate::activation::fields::Field;
use crate::exchange::same_value;
use crate::roster::list::columns::{Identity, Names};

/// Characters that a claimed value may have.
pub const LONGEST_CLAIM: usize = 100;
/// Characters that a note or an answer may have.
pub const LONGEST_TEXT: usize = 300;

/// What a student typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The right value.
    pub claimed: String,
    /// What there is to say to it.
    pub note: String,
}

/// What is wrong with what was typed, for the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    /// With the value.
    pub claimed: Option<&'static str>,
    /// With the note.
    pub note: Option<&'static str>,
}

impl Typed {
    /// Without blanks around it.
    #[must_use]
    pub fn trimmed(self) -> Self {
        Self {
            claimed: self.claimed.trim().to_owned(),
            note: self.note.trim().to_owned(),
        }
    }

    /// Whether it can be filed about this field of this student.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], at least one.
    pub fn check(&self, field: Field, student: &student::Model, names: &Names) -> Result<(), Mistakes> {
        let is_odd = |text: &str| {
            text.chars()
                .any(|one| one.is_control() && !matches!(one, '\n' | '\r' | '\t'))
        };
        let claimed = if self.claimed.is_empty() {
            Some("请填写正确的值。")
        } else if self.claimed.chars().count() > LONGEST_CLAIM {
            Some("正确的值不超过 100 字，其他情况请写在说明里。")
        } else if self.claimed.chars().any(char::is_control) {
            Some("正确的值中有无法识别的字符，请重新输入。")
        } else if has_come(field, &self.claimed, student, names) {
            Some("与现在的值相同。没有错的话，不用报告。")
        } else {
            None
        };
        let note = if self.note.chars().count() > LONGEST_TEXT {
            Some("说明不超过 300 字。")
        } else if is_odd(&self.note) {
            Some("说明中有无法识别的字符，请重新输入。")
        } else {
            None
        };
        if claimed.is_none() && note.is_none() {
            Ok(())
        } else {
            Err(Mistakes { claimed, note })
        }
    }
}

/// An answer in the office's words. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(String);

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            Err("请填写答复，学生会看到。")
        } else if text.chars().count() > LONGEST_TEXT {
            Err("答复不超过 300 字。")
        } else if text
            .chars()
            .any(|one| one.is_control() && !matches!(one, '\n' | '\r' | '\t'))
        {
            Err("答复中有无法识别的字符，请重新输入。")
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the record has the value that the student claimed.
pub fn has_come(field: Field, claimed: &str, student: &student::Model, names: &Names) -> bool {
    let shown = field.shown(student, names, Identity::InFull);
    same_value(field, claimed, &shown) || same_value(field, claimed, &field.stored(student))
}

/// How an import that changed the field has closed a report.
pub fn end_by_import(field: Field, claimed: &str, student: &student::Model, names: &Names) -> CorrectionEnd {
    if has_come(field, claimed, student, names) {
        CorrectionEnd::Mended
    } else {
        CorrectionEnd::OtherValue
    }
}

/// A claimed value as it may be seen: an identity number is masked.
pub fn masked_claim(field: Option<Field>, claimed: &str) -> Cow<'_, str> {
    if field == Some(Field::DocumentNo) {
        identity::mask(claimed).into()
    } else {
        masked_text(claimed)
    }
}

/// Free text as staff may see it: what has the form of a resident identity number is masked.
pub fn masked_text(text: &str) -> Cow<'_, str> {
    const LENGTH: usize = 18;
    let characters: Vec<char> = text.chars().collect();
    let is_number = |run: &[char]| {
        run.len() == LENGTH
            && run[..LENGTH - 1].iter().all(char::is_ascii_digit)
            && (run[LENGTH - 1].is_ascii_digit() || matches!(run[LENGTH - 1], 'x' | 'X'))
    };
    if !characters.windows(LENGTH).any(is_number) {
        return text.into();
    }
    let mut masked = String::with_capacity(text.len());
    let mut index = 0;
    while index < characters.len() {
        match characters.get(index..index + LENGTH) {
            Some(run) if is_number(run) => {
                masked.push_str(&identity::mask(&run.iter().collect::<String>()));
                index += LENGTH;
            }
            _ => {
                masked.push(characters[index]);
                index += 1;
            }
        }
    }
    masked.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_number_in_a_note_is_masked_and_other_numbers_are_not() {
        assert_eq!(
            masked_text("证件号应为61010120041231123x，不是旧号"),
            "证件号应为6101************3x，不是旧号"
        );
        for plain in ["考生号 22610112345678", "手机 10012345678", "", "都对"] {
            assert_eq!(masked_text(plain), plain);
        }
        assert_eq!(
            masked_claim(Some(Field::DocumentNo), "H12345678"),
            identity::mask("H12345678")
        );
    }

    #[test]
    fn an_answer_is_never_empty_nor_endless() {
        assert!(Answer::parse(" \n").is_err());
        assert!(Answer::parse(&"长".repeat(301)).is_err());
        assert_eq!(
            Answer::parse(" 核实无误 ").map(|answer| answer.0),
            Ok("核实无误".into())
        );
    }
}
