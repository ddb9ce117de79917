//! Where a form stands, and what leads where.

use qihang_db::{RecommendationState, Reopened};

/// Whether an officer has opened what was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Nobody has: the student can still take it back.
    No,
    /// Somebody has.
    Yes,
}

/// Where a submitted form came from, and goes back to when the student recalls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It was being written.
    Draft,
    /// It was returned and mended.
    Returned(Reopened),
}

/// Where a form stands.
///
/// | from          | write    | submit        | recall   | open            | return   | approve  | revise |
/// |---------------|----------|---------------|----------|-----------------|----------|----------|--------|
/// | `NotBegun`    | Draft    | —             | —        | —               | —        | —        | —      |
/// | `Draft`       | Draft    | Submitted, No | —        | —               | —        | —        | —      |
/// | Submitted, No | —        | —             | *before* | Submitted, Yes  | Returned | Approved | —      |
/// | Submitted, Yes| —        | —             | —        | Submitted, Yes  | Returned | Approved | —      |
/// | Returned      | Returned | Submitted, No | —        | —               | —        | —        | —      |
/// | Approved      | —        | —             | —        | —               | —        | —        | Draft  |
///
/// Whether an approved version counts is another matter: see [`Validity`](qihang_db::Validity).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There is none.
    NotBegun,
    /// Being written.
    Draft,
    /// Under review.
    Submitted {
        /// What it was before.
        before: Before,
        /// Whether an officer has opened it.
        opened: Opened,
    },
    /// Returned with objections; the student mends it.
    Returned(Reopened),
    /// The newest version is approved.
    Approved,
}

/// What is done with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The student saves a text.
    Write,
    /// The student hands it in.
    Submit,
    /// The student takes it back.
    Recall,
    /// An officer opens it.
    Open,
    /// An officer gives it back, with objections.
    Return(Reopened),
    /// An officer approves it.
    Approve,
    /// The student begins a new version of an approved form.
    Revise,
}

/// Why something cannot be done with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no form.
    #[error("the form was not begun")]
    NotBegun,
    /// It is under review.
    #[error("the form is under review")]
    UnderReview,
    /// An officer has opened it, so that it can no longer be taken back.
    #[error("an officer has opened the form")]
    Opened,
    /// It is not under review: nothing to decide, nothing to take back.
    #[error("the form is not under review")]
    NotSubmitted,
    /// It is approved; a change begins with a new version.
    #[error("the form is approved")]
    Approved,
    /// It is not approved, so that there is nothing to make a new version of.
    #[error("the form is not approved")]
    NotApproved,
}

impl Refused {
    /// For the person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotBegun => "推荐表还没有填写。",
            Self::UnderReview => "推荐表已提交，正在审核，现在不能修改；老师打开之前可以撤回。",
            Self::Opened => "老师已经打开推荐表，不能再撤回；请等待审核结果，或联系本院就业专员退回。",
            Self::NotSubmitted => "推荐表不在待审核状态：可能刚被撤回，或已由其他老师处理。",
            Self::Approved => "推荐表已通过；如需修改，请先点“修改推荐表”，修改后须重新审核。",
            Self::NotApproved => "推荐表还没有通过，可以直接修改。",
        }
    }
}

impl Stage {
    /// The stage that follows.
    ///
    /// # Errors
    ///
    /// [`Refused`]: why it cannot be done; the form stays as it is.
    #[expect(clippy::match_same_arms, reason = "one arm for each thing that can be done")]
    pub const fn after(self, act: Act) -> Result<Self, Refused> {
        match (self, act) {
            (Self::NotBegun | Self::Draft, Act::Write) | (Self::Approved, Act::Revise) => Ok(Self::Draft),
            (Self::Returned(reopened), Act::Write) => Ok(Self::Returned(reopened)),
            (Self::Draft, Act::Submit) => Ok(Self::Submitted {
                before: Before::Draft,
                opened: Opened::No,
            }),
            (Self::Returned(reopened), Act::Submit) => Ok(Self::Submitted {
                before: Before::Returned(reopened),
                opened: Opened::No,
            }),
            (
                Self::Submitted {
                    before,
                    opened: Opened::No,
                },
                Act::Recall,
            ) => Ok(match before {
                Before::Draft => Self::Draft,
                Before::Returned(reopened) => Self::Returned(reopened),
            }),
            (
                Self::Submitted {
                    opened: Opened::Yes, ..
                },
                Act::Recall,
            ) => Err(Refused::Opened),
            (Self::Submitted { before, .. }, Act::Open) => Ok(Self::Submitted {
                before,
                opened: Opened::Yes,
            }),
            (Self::Submitted { .. }, Act::Return(reopened)) => Ok(Self::Returned(reopened)),
            (Self::Submitted { .. }, Act::Approve) => Ok(Self::Approved),
            (Self::Submitted { .. }, Act::Write | Act::Submit) => Err(Refused::UnderReview),
            (Self::Approved, Act::Write | Act::Submit) => Err(Refused::Approved),
            (Self::NotBegun, Act::Submit) => Err(Refused::NotBegun),
            (
                Self::NotBegun | Self::Draft | Self::Returned(_) | Self::Approved,
                Act::Recall | Act::Open | Act::Return(_) | Act::Approve,
            ) => Err(Refused::NotSubmitted),
            (Self::NotBegun | Self::Draft | Self::Submitted { .. } | Self::Returned(_), Act::Revise) => {
                Err(Refused::NotApproved)
            }
        }
    }

    /// As the columns of a form say it: state, what may be mended of a version that was returned, whether somebody opened it.
    /// `None` for a combination that the database refuses, too.
    pub const fn read(
        state: RecommendationState,
        reopened: Option<Reopened>,
        opened: Opened,
    ) -> Option<Self> {
        match (state, reopened, opened) {
            (RecommendationState::Draft, None, Opened::No) => Some(Self::Draft),
            (RecommendationState::Submitted, None, opened) => Some(Self::Submitted {
                before: Before::Draft,
                opened,
            }),
            (RecommendationState::Submitted, Some(reopened), opened) => Some(Self::Submitted {
                before: Before::Returned(reopened),
                opened,
            }),
            (RecommendationState::Returned, Some(reopened), Opened::No) => Some(Self::Returned(reopened)),
            (RecommendationState::Approved, None, Opened::No) => Some(Self::Approved),
            (
                RecommendationState::Draft | RecommendationState::Returned | RecommendationState::Approved,
                _,
                _,
            ) => None,
        }
    }

    /// The same, as if nobody had opened it: for a student who leaves the roster.
    #[must_use]
    pub const fn unopened(self) -> Self {
        match self {
            Self::Submitted { before, .. } => Self::Submitted {
                before,
                opened: Opened::No,
            },
            Self::NotBegun | Self::Draft | Self::Returned(_) | Self::Approved => self,
        }
    }

    /// The state that stands in the column; `None` where there is no row.
    pub const fn state(self) -> Option<RecommendationState> {
        match self {
            Self::NotBegun => None,
            Self::Draft => Some(RecommendationState::Draft),
            Self::Submitted { .. } => Some(RecommendationState::Submitted),
            Self::Returned(_) => Some(RecommendationState::Returned),
            Self::Approved => Some(RecommendationState::Approved),
        }
    }

    /// The word on screen.
    pub const fn label(self) -> &'static str {
        match self.state() {
            Some(state) => state.label(),
            None => "未开始",
        }
    }

    /// Whether the student has it in hand and can write.
    pub const fn is_in_hand(self) -> bool {
        matches!(self, Self::NotBegun | Self::Draft | Self::Returned(_))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACTS: [Act; 8] = [
        Act::Write,
        Act::Submit,
        Act::Recall,
        Act::Open,
        Act::Return(Reopened::Objected),
        Act::Return(Reopened::All),
        Act::Approve,
        Act::Revise,
    ];

    fn submitted(before: Before, opened: Opened) -> Stage {
        Stage::Submitted { before, opened }
    }

    #[test]
    fn the_whole_table_is_as_it_is_documented() {
        use Refused::{Approved, NotApproved, NotBegun, NotSubmitted, UnderReview};
        let objected = Stage::Returned(Reopened::Objected);
        let all = Stage::Returned(Reopened::All);
        let mut table = vec![
            (
                Stage::NotBegun,
                [
                    Ok(Stage::Draft),
                    Err(NotBegun),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotApproved),
                ],
            ),
            (
                Stage::Draft,
                [
                    Ok(Stage::Draft),
                    Ok(submitted(Before::Draft, Opened::No)),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotApproved),
                ],
            ),
            (
                Stage::Approved,
                [
                    Err(Approved),
                    Err(Approved),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Ok(Stage::Draft),
                ],
            ),
        ];
        for (reopened, stage) in [(Reopened::Objected, objected), (Reopened::All, all)] {
            table.push((
                stage,
                [
                    Ok(stage),
                    Ok(submitted(Before::Returned(reopened), Opened::No)),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotSubmitted),
                    Err(NotApproved),
                ],
            ));
        }
        for (before, back) in [
            (Before::Draft, Stage::Draft),
            (Before::Returned(Reopened::Objected), objected),
            (Before::Returned(Reopened::All), all),
        ] {
            for (opened, recall) in [(Opened::No, Ok(back)), (Opened::Yes, Err(Refused::Opened))] {
                table.push((
                    submitted(before, opened),
                    [
                        Err(UnderReview),
                        Err(UnderReview),
                        recall,
                        Ok(submitted(before, Opened::Yes)),
                        Ok(objected),
                        Ok(all),
                        Ok(Stage::Approved),
                        Err(NotApproved),
                    ],
                ));
            }
        }
        assert_eq!(table.len(), 11, "every stage");
        for (from, row) in table {
            for (act, expected) in ACTS.into_iter().zip(row) {
                assert_eq!(from.after(act), expected, "{from:?} {act:?}");
            }
        }
    }

    #[test]
    fn what_the_columns_say_is_the_stage_that_was_written() {
        for state in RecommendationState::ALL {
            for reopened in [None, Some(Reopened::Objected), Some(Reopened::All)] {
                for opened in [Opened::No, Opened::Yes] {
                    if let Some(stage) = Stage::read(*state, reopened, opened) {
                        assert_eq!(stage.state(), Some(*state));
                        assert_eq!(stage.label(), state.label());
                    }
                }
            }
        }
        assert_eq!(
            Stage::read(RecommendationState::Draft, Some(Reopened::All), Opened::No),
            None
        );
        assert_eq!(Stage::read(RecommendationState::Returned, None, Opened::No), None);
        assert_eq!(
            Stage::read(RecommendationState::Approved, None, Opened::Yes),
            None
        );
    }

    proptest! {
        /// Whatever is pressed in whatever order: nothing is approved that was not submitted after it was written last, and
        /// nothing is taken back once somebody has opened it.
        #[test]
        fn nothing_is_approved_but_what_was_submitted(presses in proptest::collection::vec(0..ACTS.len(), 0..40)) {
            let mut stage = Stage::NotBegun;
            let (mut is_submitted, mut is_opened) = (false, false);
            for press in presses {
                let act = ACTS[press];
                let Ok(next) = stage.after(act) else { continue };
                match act {
                    Act::Write | Act::Revise => prop_assert!(!is_submitted),
                    Act::Submit => (is_submitted, is_opened) = (true, false),
                    Act::Recall => {
                        prop_assert!(is_submitted && !is_opened);
                        is_submitted = false;
                    }
                    Act::Open => {
                        prop_assert!(is_submitted);
                        is_opened = true;
                    }
                    Act::Return(_) | Act::Approve => {
                        prop_assert!(is_submitted);
                        is_submitted = false;
                    }
                }
                stage = next;
                prop_assert_eq!(stage.is_in_hand() || stage == Stage::Approved, !is_submitted);
            }
        }

        /// A recall brings back exactly what there was, and every form can be brought to approval: there is no dead end.
        #[test]
        fn a_recall_undoes_a_submission_and_there_is_no_dead_end(presses in proptest::collection::vec(0..ACTS.len(), 0..20)) {
            let mut stage = Stage::NotBegun;
            for press in presses {
                if let Ok(next) = stage.after(ACTS[press]) {
                    stage = next;
                }
            }
            if let Ok(submitted) = stage.after(Act::Submit) {
                prop_assert_eq!(submitted.after(Act::Recall), Ok(stage));
            }
            for act in [Act::Revise, Act::Write, Act::Submit, Act::Approve] {
                stage = stage.after(act).unwrap_or(stage);
            }
            prop_assert_eq!(stage, Stage::Approved);
        }
    }
}
