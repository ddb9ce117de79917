//! The number of a form, and the code by which anybody can check it.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::class_year::model::ClassYear;

/// Digits and letters without those that are mistaken for one another (I, L, O, U): five bits each.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 80 bits.
const LENGTH: usize = 16;
/// Characters between two hyphens.
const GROUP: usize = 4;

/// The code that stands on an approved form: drawn at random, 80 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A new one, from the machine's source of chance.
    pub fn draw() -> Self {
        Self::of_bytes(rand::random())
    }

    fn of_bytes(bytes: [u8; 10]) -> Self {
        let bits = bytes
            .iter()
            .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let letter = |at: usize| {
            let five = (bits >> (5 * (LENGTH - 1 - at))) & 31;
            char::from(ALPHABET[usize::try_from(five).unwrap_or(0)])
        };
        Self((0..LENGTH).map(letter).collect())
    }

    /// As somebody types it: case, blanks and hyphens do not matter, and letters that look like digits are these. `None` for
    /// what cannot be a code.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for character in text.chars() {
            let plain = match character.to_ascii_uppercase() {
                // The digits and letters of a Chinese keyboard in its wide state.
                wide @ '\u{ff01}'..='\u{ff5e}' => {
                    char::from_u32(u32::from(wide) - 0xfee0)?.to_ascii_uppercase()
                }
                other => other,
            };
            match plain {
                '-' | ' ' | '\u{3000}' | '—' | '－' => {}
                'O' => code.push('0'),
                'I' | 'L' => code.push('1'),
                other if other.is_ascii() && ALPHABET.contains(&(other as u8)) => code.push(other),
                _ => return None,
            }
            if code.len() > LENGTH {
                return None;
            }
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// The code that stands in a column.
    pub fn of_column(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    /// Without groups, for the column and for addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups, as it is printed and read aloud.
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH)
            .step_by(GROUP)
            .map(|at| &self.0[at..at + GROUP])
            .collect();
        groups.join("-")
    }

    /// SHA-256, hexadecimal.
    pub fn digest(&self) -> String {
        use std::fmt::Write;
        Sha256::digest(&self.0)
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                write!(text, "{byte:02x}").expect("writing to a string cannot fail");
                text
            })
    }
}

/// Which of `digests` is that of `code`. All of them are compared, each from beginning to end, and so is one more where there is
/// none: how long it takes says nothing about the code, nor whether there is such a number.
pub fn find(code: Option<&Code>, digests: &[&str]) -> Option<usize> {
    let nothing = "0".repeat(64);
    let given = code.map_or_else(|| Code::of_bytes([0; 10]).digest(), Code::digest);
    let mut found = None;
    for (at, digest) in digests.iter().copied().chain([nothing.as_str()]).enumerate() {
        if bool::from(given.as_bytes().ct_eq(digest.as_bytes())) && code.is_some() {
            found = Some(at);
        }
    }
    found
}

/// The number of a form as it is printed: class year, code of the 院, number in it.
pub fn form_no(year: ClassYear, college_code: &str, number: i32) -> String {
    format!("{year}-{}-{number:05}", college_code.to_uppercase())
}

/// A number as somebody types it.
pub fn typed_form_no(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .collect::<String>()
        .to_uppercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = Code::of_bytes([0xff, 0x00, 0xa5, 0x5a, 1, 2, 3, 4, 5, 6]);
        let grouped = code.grouped();
        assert_eq!((grouped.len(), grouped.matches('-').count()), (19, 3));
        for typed in [
            grouped.clone(),
            grouped.to_lowercase(),
            grouped.replace('-', " "),
            format!("  {}　", code.as_str()),
            grouped.replace('0', "o").replace('1', "l"),
            grouped
                .chars()
                .map(|one| char::from_u32(u32::from(one) + 0xfee0).unwrap())
                .collect(),
        ] {
            assert_eq!(Code::parse(&typed), Some(code.clone()), "{typed}");
        }
        for wrong in [
            "",
            "ABCD",
            "ABCD-EFGH-JKMN-PQR!",
            "ABCD-EFGH-JKMN-PQRS-T",
            "核验码核验码核验码核验码核验码验",
        ] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_is_found_among_those_of_its_form_only() {
        let (one, two, other) = (Code::draw(), Code::draw(), Code::draw());
        let digests = [one.digest(), two.digest()];
        let digests: Vec<&str> = digests.iter().map(String::as_str).collect();
        assert_eq!(find(Some(&two), &digests), Some(1));
        assert_eq!(find(Some(&other), &digests), None);
        assert_eq!(find(Some(&one), &[]), None);
        assert_eq!(find(None, &[&Code::of_bytes([0; 10]).digest()]), None);
    }

    #[test]
    fn a_number_says_class_year_and_college() {
        let year = ClassYear::new(2027).unwrap();
        assert_eq!(form_no(year, "s01", 42), "2027-S01-00042");
        assert_eq!(typed_form_no(" 2027-s01- 00042\n"), "2027-S01-00042");
    }

    #[test]
    fn codes_are_not_drawn_twice() {
        let drawn: BTreeSet<String> = (0..1_000).map(|_| Code::draw().0).collect();
        assert_eq!(drawn.len(), 1_000);
    }

    proptest! {
        #[test]
        fn every_code_reads_back_and_says_all_its_bits(bytes: [u8; 10], others: [u8; 10]) {
            let code = Code::of_bytes(bytes);
            prop_assert_eq!(Code::parse(&code.grouped()), Some(code.clone()));
            prop_assert_eq!(code == Code::of_bytes(others), bytes == others);
        }
    }
}
