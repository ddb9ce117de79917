//! The track (R22): how far a student is, what is next, until when. Pure; what may be done is [`gate`]'s to say.

use chrono::NaiveDate;
use qihang_db::entity::student;

use crate::activation::gate::{Refusal, Standing, Step, gate};
use crate::activation::model::due as activation_due;
use crate::class_year::model::Details;
use crate::recommendation::OWN_PATH;
use crate::recommendation::model::Stage as FormStage;

macro_rules! stages {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal, $steps:expr;)+) => {
        /// A stage of the track.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Stage { $($(#[$doc])* $name,)+ }

        impl Stage {
            /// All of them, in the order of the track.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code in the address.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The words on screen.
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label,)+ } }

            /// What is done in it, and asked of the gate.
            pub const fn steps(self) -> &'static [Step] { match self { $(Self::$name => $steps,)+ } }
        }
    };
}

stages! {
    /// On the roster.
    Roster = "roster", "生源入库", &[];
    /// The record is complete.
    Record = "record", "信息完善", &[];
    /// The account is open.
    Activation = "activation", "账户激活", &[Step::Activation, Step::Contact];
    /// The recommendation form.
    Recommendation = "recommendation", "推荐表", &[Step::Recommendation, Step::Print];
    /// Agreement or destination.
    Agreement = "agreement", "签约/去向登记", &[Step::Agreement, Step::Destination];
    /// Dispatch and leaving.
    Leaving = "leaving", "派遣/离校", &[Step::Dispatch, Step::Leaving, Step::Report];
}

impl Stage {
    /// The stage with this code, or the one that the step with this code belongs to.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|stage| stage.code() == code || stage.steps().iter().any(|step| step.code() == code))
    }
}

/// Where a step is done in this system; `None` for what is not there yet.
pub const fn way(step: Step) -> Option<&'static str> {
    match step {
        Step::Activation | Step::Contact => Some("/student/activation"),
        Step::Recommendation => Some(OWN_PATH),
        Step::Print | Step::Agreement | Step::Destination | Step::Dispatch | Step::Leaving | Step::Report => {
            None
        }
    }
}

/// What the student is told about a step. There is no third: whatever is not possible has a reason and a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It can be done here.
    Open(&'static str),
    /// The student meets the conditions; this system does not have it yet.
    Waits,
    /// Not yet: why, who can change it, and where.
    Refused(Refusal),
}

/// What a student who stands so is told about a step.
pub fn told(standing: &Standing, step: Step) -> Told {
    match (gate(standing, step), way(step)) {
        (Err(refusal), _) => Told::Refused(refusal),
        (Ok(()), Some(way)) => Told::Open(way),
        (Ok(()), None) => Told::Waits,
    }
}

/// How far a student is with a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Over.
    Done,
    /// The next one.
    Current,
    /// After that.
    Later,
}

/// How far a student is with everything that the track is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The roster and the activation.
    pub standing: Standing,
    /// How many fields of the record stand in the way of activation.
    pub missing: usize,
    /// Where the recommendation form stands.
    pub form: FormStage,
    /// Whether an approved version of it counts.
    pub recommendation: Recommendation,
}

/// Whether there is an approved recommendation form that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recommendation {
    /// There is none.
    None,
    /// There is.
    Valid,
    /// There is, and the record says something else since: a new version is wanted.
    Outdated,
}

/// Whether a stage is over.
fn is_done(stage: Stage, position: &Position) -> bool {
    let (standing, missing) = (&position.standing, position.missing);
    match stage {
        Stage::Roster => standing.entry().is_some(),
        Stage::Record => match standing {
            Standing::NotListed => false,
            Standing::Listed(_) | Standing::Lapsed(_) => missing == 0,
            Standing::ConfirmAgain { .. } | Standing::Activated { .. } => true,
        },
        Stage::Activation => match standing {
            Standing::NotListed
            | Standing::Listed(_)
            | Standing::Lapsed(_)
            | Standing::ConfirmAgain { .. } => false,
            Standing::Activated { .. } => true,
        },
        // Whoever confirms changes first has the activation before it.
        Stage::Recommendation => {
            matches!(standing, Standing::Activated { .. })
                && match position.recommendation {
                    Recommendation::None => false,
                    Recommendation::Valid | Recommendation::Outdated => true,
                }
        }
        // Nothing of these is done in this system yet.
        Stage::Agreement | Stage::Leaving => false,
    }
}

/// How far a student is with every stage: what is over, the first that is not, and the others.
pub fn track(position: &Position) -> Vec<(Stage, Progress)> {
    let current = Stage::ALL
        .iter()
        .copied()
        .find(|stage| !is_done(*stage, position));
    Stage::ALL
        .iter()
        .copied()
        .map(|stage| {
            let progress = if is_done(stage, position) {
                Progress::Done
            } else if Some(stage) == current {
                Progress::Current
            } else {
                Progress::Later
            };
            (stage, progress)
        })
        .collect()
}

/// What to do next: the one main button of the home page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// In a few words.
    pub title: String,
    /// In a sentence or two.
    pub text: String,
    /// The words of the button.
    pub action: &'static str,
    /// Where it leads.
    pub href: &'static str,
}

/// Where it stands on the home page whom to ask.
pub const CONTACTS: &str = "#contacts";

/// What a student who stands so does next.
pub fn next(position: &Position) -> Next {
    let missing = position.missing;
    match &position.standing {
        Standing::NotListed => Next {
            title: "你还不在生源信息库中".into(),
            text: "加入名单之后才能激活账户、办理推荐表和签约。原因和联系人见下。".into(),
            action: "联系本院就业专员",
            href: CONTACTS,
        },
        Standing::Lapsed(entry) => Next {
            title: format!("{} 届已经关闭", entry.class_year),
            text: "你的账户没有在期限内激活，现在要由学生就业指导中心处理。".into(),
            action: "查看联系人",
            href: CONTACTS,
        },
        Standing::Listed(_) if missing > 0 => Next {
            title: "先补全信息".into(),
            text: format!("有 {missing} 项信息缺失或有误，补全后就能激活账户。"),
            action: "查看要补全的信息",
            href: "/student/steps/record",
        },
        Standing::Listed(_) => Next {
            title: "激活账户".into(),
            text: "逐项核对你的信息，填写联系方式，然后激活。激活后才能办理推荐表和签约。".into(),
            action: "去激活账户",
            href: "/student/activation",
        },
        Standing::ConfirmAgain { changed, .. } => {
            let fields: Vec<&str> = changed.iter().map(|field| field.heading()).collect();
            Next {
                title: "确认更改的信息".into(),
                text: format!(
                    "你激活之后，{}有更改。请核对并确认，账户保持激活。",
                    fields.join("、")
                ),
                action: "去确认更改",
                href: "/student/activation",
            }
        }
        Standing::Activated { .. } => next_of_form(position.form, position.recommendation),
    }
}

/// What a student does next about the recommendation form.
fn next_of_form(form: FormStage, recommendation: Recommendation) -> Next {
    let next = |title: &str, text: &str, action| Next {
        title: title.into(),
        text: text.into(),
        action,
        href: OWN_PATH,
    };
    match (form, recommendation) {
        (FormStage::Returned(_), _) => next(
            "推荐表被退回",
            "请按审核意见修改推荐表，然后重新提交。",
            "去修改推荐表",
        ),
        (FormStage::Submitted { .. }, _) => next(
            "推荐表待审核",
            "推荐表已提交，等待院系审核，现在没有需要你办理的事项。",
            "查看推荐表",
        ),
        (_, Recommendation::Outdated) => next(
            "更新推荐表",
            "推荐表通过之后你的信息有更改。已通过的仍然有效，请修改后重新提交。",
            "去更新推荐表",
        ),
        (FormStage::NotBegun, _) => next(
            "填写推荐表",
            "账户已激活。填写毕业生就业推荐表并提交，院系审核通过后才能打印。",
            "去填写推荐表",
        ),
        (FormStage::Draft, Recommendation::None) => {
            next("提交推荐表", "推荐表已开始填写，还没有提交。", "继续填写推荐表")
        }
        (FormStage::Draft, Recommendation::Valid) => next(
            "提交推荐表的新版本",
            "新版本还没有提交；原来通过的推荐表仍然有效。",
            "继续填写推荐表",
        ),
        (FormStage::Approved, Recommendation::Valid) => Next {
            title: "推荐表已通过".into(),
            text: "现在没有需要你办理的事项。下一步是签约或去向登记。".into(),
            action: "了解签约/去向登记",
            href: "/student/steps/agreement",
        },
        (FormStage::Approved, Recommendation::None) => next(
            "重新提交推荐表",
            "通过的推荐表已被撤销。请按撤销原因修改，然后重新提交。",
            "查看推荐表",
        ),
    }
}

/// A day by which the student, or the 院 for the student, must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What is over then.
    pub what: &'static str,
    /// The day; it counts until 24:00.
    pub day: NaiveDate,
}

/// Until when the next step must be done. Doctoral and extended students have days of their own; `None` where the centre has
/// not set theirs, and for whoever is activated, or too late.
pub fn due(standing: &Standing, student: &student::Model, year: &Details) -> Option<Due> {
    let due = |what, day| Some(Due { what, day });
    match standing {
        Standing::NotListed => {
            let own = activation_due(year, student)?;
            // The day of the roster is everybody's who has none of the own.
            let is_own = own != year.activation_due;
            due("名单确认截止", if is_own { own } else { year.roster_due })
        }
        Standing::Listed(_) => due("账户激活截止", activation_due(year, student)?),
        Standing::ConfirmAgain { .. } | Standing::Lapsed(_) | Standing::Activated { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use qihang_db::Reopened;

    use super::*;
    use crate::activation::fields::Field;
    use crate::activation::gate::Entry;
    use crate::recommendation::model::{Before, Opened};

    fn standings() -> [Standing; 5] {
        let entry = Entry {
            entry_id: 1,
            class_year: 2027,
        };
        let activated_at = DateTime::<Utc>::UNIX_EPOCH;
        [
            Standing::NotListed,
            Standing::Listed(entry),
            Standing::Lapsed(entry),
            Standing::ConfirmAgain {
                entry,
                activated_at,
                changed: vec![Field::Name],
            },
            Standing::Activated { entry, activated_at },
        ]
    }

    fn forms() -> Vec<(FormStage, Recommendation)> {
        let stages = [
            FormStage::NotBegun,
            FormStage::Draft,
            FormStage::Submitted {
                before: Before::Draft,
                opened: Opened::No,
            },
            FormStage::Returned(Reopened::All),
            FormStage::Approved,
        ];
        let valid = [
            Recommendation::None,
            Recommendation::Valid,
            Recommendation::Outdated,
        ];
        stages
            .into_iter()
            .flat_map(|stage| valid.map(|valid| (stage, valid)))
            .collect()
    }

    fn positions() -> Vec<Position> {
        standings()
            .into_iter()
            .flat_map(|standing| {
                forms().into_iter().flat_map(move |(form, recommendation)| {
                    let standing = standing.clone();
                    [0, 3].map(|missing| Position {
                        standing: standing.clone(),
                        missing,
                        form,
                        recommendation,
                    })
                })
            })
            .collect()
    }

    #[test]
    fn wherever_a_student_stands_exactly_one_stage_is_next_and_everything_before_it_is_done() {
        for position in positions() {
            let track = track(&position);
            let current = track
                .iter()
                .position(|(_, progress)| *progress == Progress::Current)
                .expect("nobody is done with leaving yet");
            for (index, (stage, progress)) in track.iter().enumerate() {
                let is_before = index < current;
                assert_eq!(*progress == Progress::Done, is_before, "{position:?} {stage:?}");
            }
        }
    }

    #[test]
    fn there_is_no_dead_end() {
        for position in positions() {
            let next = next(&position);
            assert!(!next.action.is_empty() && (next.href.starts_with('/') || next.href == CONTACTS));
        }
        for standing in standings() {
            for step in Step::ALL {
                assert!(Stage::from_code(step.code()).is_some(), "{step:?} has no page");
                if let Told::Refused(refusal) = told(&standing, *step) {
                    assert!(!refusal.reason.is_empty() && refusal.href.starts_with('/'));
                    assert!(!refusal.who.label().is_empty() && !refusal.action.is_empty());
                }
            }
        }
    }
}
