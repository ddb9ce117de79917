//! The candidate number (考生号) of the entrance examinations.

/// Which entrance examination a student came by; it decides the length of the candidate number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// 本科生: the 高考 number, 14 digits.
    Undergraduate,
    /// 研究生: the number of the graduate entrance examination, 15 digits.
    Graduate,
}

impl CandidateKind {
    /// How many digits the candidate number (考生号) of this kind has.
    pub fn digits(self) -> usize {
        match self {
            Self::Undergraduate => 14,
            Self::Graduate => 15,
        }
    }
}

/// Whether a candidate number (考生号) has the right length and nothing but ASCII digits.
///
/// The content (year, province, serial number) is not checked: transfers and old numbers do not keep to it.
pub fn candidate_no_is_well_formed(kind: CandidateKind, number: &str) -> bool {
    number.len() == kind.digits() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undergraduate_has_14_digits_and_a_graduate_15() {
        assert!(candidate_no_is_well_formed(
            CandidateKind::Undergraduate,
            "22345156816697"
        ));
        assert!(candidate_no_is_well_formed(
            CandidateKind::Graduate,
            "106985611210608"
        ));

        assert!(!candidate_no_is_well_formed(
            CandidateKind::Graduate,
            "22345156816697"
        ));
        assert!(!candidate_no_is_well_formed(
            CandidateKind::Undergraduate,
            "106985611210608"
        ));
        assert!(!candidate_no_is_well_formed(CandidateKind::Undergraduate, ""));
    }

    #[test]
    fn another_character_is_not_a_digit() {
        assert!(!candidate_no_is_well_formed(
            CandidateKind::Undergraduate,
            "2234515681669X"
        ));
        assert!(!candidate_no_is_well_formed(
            CandidateKind::Undergraduate,
            "2234515681669 "
        ));
        // A full-width digit has three bytes: twelve characters must not pass for fourteen.
        assert!(!candidate_no_is_well_formed(
            CandidateKind::Undergraduate,
            "22345156816１"
        ));
    }
}
