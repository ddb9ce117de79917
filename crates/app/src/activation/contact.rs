//! Contact data (联系方式): as the student typed it, and as it is kept. Pure.

use email_address::{EmailAddress, Options};
use qihang_db::entity::{student, student_contact};
use serde::{Deserialize, Serialize};

use super::fields::{Field, Section};
use super::model::FieldRules;
use crate::exchange::model::tidy;

/// Characters of a text at the most; an address with every detail has about sixty.
pub const LONGEST: usize = 200;

/// What stands in the form, exactly as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// 手机.
    pub mobile: String,
    /// 邮箱.
    pub email: String,
    /// QQ.
    pub qq: String,
    /// 通讯地址.
    pub address: String,
    /// 邮政编码.
    pub postcode: String,
    /// 家庭电话.
    pub home_phone: String,
}

impl Typed {
    /// What the form begins with: mobile and e-mail as the data exchange has them.
    pub fn of_record(student: &student::Model) -> Self {
        Self {
            mobile: student.mobile.clone(),
            email: student.email.clone(),
            ..Self::default()
        }
    }

    /// What the student gave earlier.
    pub fn of_contact(contact: &student_contact::Model) -> Self {
        Self {
            mobile: contact.mobile.clone(),
            email: contact.email.clone(),
            qq: contact.qq.clone(),
            address: contact.address.clone(),
            postcode: contact.postcode.clone(),
            home_phone: contact.home_phone.clone(),
        }
    }

    /// The text of a field; of a field of the record nothing.
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::Mobile => &self.mobile,
            Field::Email => &self.email,
            Field::Qq => &self.qq,
            Field::Address => &self.address,
            Field::Postcode => &self.postcode,
            Field::HomePhone => &self.home_phone,
            _ => "",
        }
    }

    pub(super) fn set(&mut self, field: Field, text: String) {
        match field {
            Field::Mobile => self.mobile = text,
            Field::Email => self.email = text,
            Field::Qq => self.qq = text,
            Field::Address => self.address = text,
            Field::Postcode => self.postcode = text,
            Field::HomePhone => self.home_phone = text,
            _ => {}
        }
    }

    /// Whether it can be kept as a draft: whatever it says, within bounds.
    pub fn fits_a_draft(&self) -> bool {
        Section::Contact
            .fields()
            .all(|field| self.get(field).chars().count() <= 2 * LONGEST)
    }
}

/// What is wrong with a field of the contact data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub field: Field,
    /// What, and what to write instead.
    pub text: String,
}

/// Contact data that was checked, in the form in which it is kept. The only way to get one is [`Contact::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(Typed);

impl Contact {
    /// Checks every field.
    ///
    /// # Errors
    ///
    /// All mistakes, in the order of the form.
    pub fn parse(typed: &Typed, rules: &FieldRules) -> Result<Self, Vec<Mistake>> {
        let mut kept = Typed::default();
        let mut mistakes = Vec::new();
        for field in Section::Contact.fields() {
            match check(field, typed.get(field), rules.is_required(field)) {
                Ok(text) => kept.set(field, text),
                Err(text) => mistakes.push(Mistake { field, text }),
            }
        }
        if mistakes.is_empty() {
            Ok(Self(kept))
        } else {
            Err(mistakes)
        }
    }

    /// The text of a field.
    pub fn get(&self, field: Field) -> &str {
        self.0.get(field)
    }

    /// The fields whose text differs from what was there before.
    pub fn changed_since(&self, before: &Typed) -> Vec<Field> {
        Section::Contact
            .fields()
            .filter(|field| self.get(*field) != before.get(*field))
            .collect()
    }
}

/// One field, in the form in which it is kept; or what is wrong with it.
fn check(field: Field, typed: &str, is_required: bool) -> Result<String, String> {
    let text = tidy(typed);
    if text.is_empty() {
        return if is_required {
            Err(format!("请填写{}", field.heading()))
        } else {
            Ok(text)
        };
    }
    if text.chars().count() > LONGEST {
        return Err(format!("最多 {LONGEST} 个字，请缩短"));
    }
    match field {
        Field::Mobile => mobile(&text).ok_or("手机号应为 11 位数字，以 1 开头"),
        Field::Email => email(&text).ok_or("邮箱格式不对，应类似 name@example.com"),
        Field::Qq => digits(&text)
            .filter(|text| (5..=12).contains(&text.len()) && !text.starts_with('0'))
            .ok_or("QQ 号应为 5 到 12 位数字"),
        Field::Address => Some(text)
            .filter(|text| text.chars().count() >= SHORTEST_ADDRESS)
            .ok_or("通讯地址太短，请写明省、市和门牌，能收到信件"),
        Field::Postcode => digits(&text)
            .filter(|text| text.len() == 6)
            .ok_or("邮政编码应为 6 位数字"),
        Field::HomePhone => telephone(&text)
            .ok_or("电话应为区号加号码（如 029-00000000）、11 位手机号，或以 + 开头的国际号码"),
        _ => Ok(text),
    }
    .map_err(str::to_owned)
}

/// Characters of an address at the least: a street and a number.
const SHORTEST_ADDRESS: usize = 5;

/// Without the marks that people put between digits.
fn compact(text: &str) -> String {
    text.chars()
        .filter(|one| !matches!(one, ' ' | '-' | '－' | '—' | '–' | '(' | ')' | '（' | '）'))
        .collect()
}

fn digits(text: &str) -> Option<String> {
    let text = compact(text);
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

/// Eleven digits that begin with 1, with or without the country's +86. Which prefixes are in use changes from year to year, so
/// that is not checked.
fn mobile(text: &str) -> Option<String> {
    let text = compact(text);
    let number = text.strip_prefix("+86").unwrap_or(&text);
    (number.len() == 11 && number.starts_with('1') && number.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| number.to_owned())
}

/// An address that mail can be sent to, without a name around it.
pub(crate) fn email(text: &str) -> Option<String> {
    let options = Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    let is_plain = text.is_ascii() && text.len() <= 100;
    (is_plain && EmailAddress::parse_with_options(text, options).is_ok()).then(|| text.to_owned())
}

/// A landline with its area code and perhaps an extension, a mobile number, or a number of another country.
pub(crate) fn telephone(text: &str) -> Option<String> {
    if let Some(number) = mobile(text) {
        return Some(number);
    }
    if let Some(abroad) = text.strip_prefix('+') {
        let number = digits(abroad)?;
        return (7..=15).contains(&number.len()).then(|| format!("+{number}"));
    }
    let (line, extension) = match text.split_once('转') {
        Some((line, extension)) => (line, Some(digits(extension)?)),
        None => (text, None),
    };
    let number = digits(line)?;
    // 010 and 02x are the area codes of three digits; all others have four.
    let area = if number.starts_with("01") || number.starts_with("02") {
        3
    } else {
        4
    };
    let is_line = number.starts_with('0') && (area + 7..=area + 8).contains(&number.len());
    let is_extension = extension
        .as_ref()
        .is_none_or(|extension| (1..=6).contains(&extension.len()));
    (is_line && is_extension).then(|| {
        let line = format!("{}-{}", &number[..area], &number[area..]);
        extension.map_or_else(|| line.clone(), |extension| format!("{line}转{extension}"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_is_understood_and_kept_in_one_form() {
        for (field, typed, kept) in [
            (Field::Mobile, " 100 0000-0001 ", "10000000001"),
            (Field::Mobile, "＋", ""),
            (Field::Mobile, "+8610000000001", "10000000001"),
            (Field::Mobile, "１００００００００００", "10000000000"),
            (Field::Mobile, "1000000000", ""),
            (Field::Email, " someone@mail.example ", "someone@mail.example"),
            (Field::Email, "someone@mail", ""),
            (Field::Email, "某人@mail.example", ""),
            (Field::Email, "A <a@mail.example>", ""),
            (Field::Email, "a@mail.example,b@mail.example", ""),
            (Field::Qq, "10000", "10000"),
            (Field::Qq, "0123456", ""),
            (
                Field::Address,
                "陕西省西安市咸宁西路 28 号",
                "陕西省西安市咸宁西路 28 号",
            ),
            (Field::Address, "西安", ""),
            (Field::Postcode, "７１００４９", "710049"),
            (Field::Postcode, "71004", ""),
            (Field::HomePhone, "029-0000 0000", "029-00000000"),
            (Field::HomePhone, "（0915）0000000", "0915-0000000"),
            (Field::HomePhone, "029-00000000转12", "029-00000000转12"),
            (Field::HomePhone, "10000000001", "10000000001"),
            (Field::HomePhone, "+852 0000 0000", "+85200000000"),
            (Field::HomePhone, "00000000", ""),
            (Field::HomePhone, "无", ""),
        ] {
            let expected = if kept.is_empty() {
                None
            } else {
                Some(kept.to_owned())
            };
            assert_eq!(check(field, typed, true).ok(), expected, "{field:?} {typed}");
        }
    }

    #[test]
    fn what_is_not_required_may_be_left_empty_but_not_wrong() {
        assert_eq!(check(Field::Qq, "  ", false), Ok(String::new()));
        assert!(check(Field::Qq, "abc", false).is_err());
        assert!(check(Field::Address, "", true).is_err());
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again_as_it_is(typed in "\\PC{0,30}|[0-9+() -]{5,16}|0[1-9][0-9]{8,11}") {
            for field in Section::Contact.fields() {
                if let Ok(kept) = check(field, &typed, false) {
                    prop_assert_eq!(check(field, &kept, false), Ok(kept.clone()));
                    prop_assert!(!kept.chars().any(char::is_control));
                }
            }
        }
    }
}
