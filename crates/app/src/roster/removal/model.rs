//! What removing and moving speak of. Pure.

use qihang_db::EntryState;

/// Why, in the officer's words. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// Characters that a reason may have.
pub const LONGEST_REASON: usize = 200;

impl Reason {
    /// Reads a reason.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for the person.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            Err("请填写原因。".into())
        } else if text.chars().count() > LONGEST_REASON {
            Err(format!("原因不超过 {LONGEST_REASON} 字。"))
        } else if text
            .chars()
            .any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
        {
            Err("原因中有无法识别的字符，请重新输入。".into())
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A student who was chosen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
}

/// Why an entry stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// Not on this roster any more: removed or moved by somebody else in the meantime.
    Gone,
    /// The class year was closed.
    Closed,
    /// Already on the roster that the student was to be moved to.
    OnTarget,
    /// The recommendation form is approved and counts (R9).
    Recommended,
}

impl Blocked {
    /// For the person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Gone => "已不在该届生源库中（可能刚由其他老师移出或调整）",
            Self::Closed => "该届已关闭，名单不能再变动",
            Self::OnTarget => "已在要调整到的届别中",
            Self::Recommended => "推荐表已通过，须先在“推荐表审核”中撤销",
        }
    }
}

/// Whether the recommendation form of an entry is approved and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recommended {
    /// It is.
    Yes,
    /// It is not, or there is none.
    No,
}

/// Whether a student may be taken off a roster (R9), by everything that can forbid it. `None` means that nothing does.
///
/// An agreement or a registered destination will forbid it too: the features that bring them add their states to what is asked
/// here, and the matches below do not compile until they have been decided.
pub const fn blocks_removal(entry: Option<EntryState>, recommended: Recommended) -> Option<Blocked> {
    match (entry, recommended) {
        (Some(EntryState::Open), Recommended::No) => None,
        (Some(EntryState::Open), Recommended::Yes) => Some(Blocked::Recommended),
        (Some(EntryState::Closed), _) => Some(Blocked::Closed),
        (Some(EntryState::Removed | EntryState::Moved) | None, _) => Some(Blocked::Gone),
    }
}

/// What became of the students who were chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Done for these.
    pub done: Vec<Named>,
    /// Left as they are, with the reason.
    pub left: Vec<(Named, Blocked)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_on_an_open_roster_can_be_taken_off() {
        for state in EntryState::ALL {
            let blocked = blocks_removal(Some(*state), Recommended::No);
            assert_eq!(blocked.is_none(), *state == EntryState::Open);
            assert!(blocks_removal(Some(*state), Recommended::Yes).is_some());
        }
        assert_eq!(blocks_removal(None, Recommended::No), Some(Blocked::Gone));
    }

    #[test]
    fn a_reason_is_never_empty_nor_endless() {
        assert!(Reason::parse("  \n ").is_err());
        assert!(Reason::parse(&"长".repeat(201)).is_err());
        assert!(Reason::parse("a\0b").is_err());
        assert_eq!(Reason::parse(" 申请延期毕业 ").unwrap().as_str(), "申请延期毕业");
    }
}
