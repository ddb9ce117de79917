//! The gate (R21, R21a): what a student may do, where the student stands; and for everything that is not possible, why,
//! who can change it, and where. The only place where this is decided; `docs/gate.txt` shows it whole.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use super::fields::Field;
use super::queries;
use crate::app::App;
use crate::auth::Student;
use crate::web::AppError;

/// A roster entry that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Row id.
    pub entry_id: i64,
    /// Class year of the roster.
    pub class_year: i32,
}

/// How far a student is.
///
/// | from         | activate  | a confirmed field changes | confirm   | removed   |
/// |--------------|-----------|---------------------------|-----------|-----------|
/// | NotListed    | —         | —                         | —         | —         |
/// | Listed       | Activated | Listed                    | —         | NotListed |
/// | Lapsed       | —         | Lapsed                    | —         | —         |
/// | ConfirmAgain | —         | ConfirmAgain              | Activated | NotListed |
/// | Activated    | —         | ConfirmAgain              | —         | NotListed |
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// On no roster, or removed from it.
    NotListed,
    /// On the roster of an open class year, and not activated yet.
    Listed(Entry),
    /// On the roster of a class year that was closed before the student activated.
    Lapsed(Entry),
    /// Activated; since then confirmed fields have changed, and the student has to confirm these again.
    ConfirmAgain {
        /// The entry.
        entry: Entry,
        /// When the account was opened; it stays open.
        activated_at: DateTime<Utc>,
        /// What has changed; never empty.
        changed: Vec<Field>,
    },
    /// Activated, and everything confirmed still stands.
    Activated {
        /// The entry.
        entry: Entry,
        /// When the account was opened.
        activated_at: DateTime<Utc>,
    },
}

impl Standing {
    /// The roster entry; `None` when there is none.
    pub const fn entry(&self) -> Option<Entry> {
        match self {
            Self::NotListed => None,
            Self::Listed(entry)
            | Self::Lapsed(entry)
            | Self::ConfirmAgain { entry, .. }
            | Self::Activated { entry, .. } => Some(*entry),
        }
    }

    /// When the account was opened; `None` while it is not.
    pub const fn activated_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::NotListed | Self::Listed(_) | Self::Lapsed(_) => None,
            Self::ConfirmAgain { activated_at, .. } | Self::Activated { activated_at, .. } => {
                Some(*activated_at)
            }
        }
    }

    /// The word on screen.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::NotListed => "未入库",
            Self::Listed(_) => "未激活",
            Self::Lapsed(_) => "未激活（届别已关闭）",
            Self::ConfirmAgain { .. } => "需重新确认",
            Self::Activated { .. } => "已激活",
        }
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal;)+) => {
        /// What a student does, or what is done with the student's record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Step { $($(#[$doc])* $name,)+ }

        impl Step {
            /// All of them, in the order in which they are gone through.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code in addresses.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The words on screen.
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label,)+ } }

            /// The step with this code.
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$name),)+ _ => None } }
        }

        /// The steps as types, for [`Passed`].
        pub mod step {
            use super::{GatedStep, Step};

            $($(#[$doc])* #[derive(Clone, Copy, Debug)] pub struct $name;
              impl GatedStep for $name { const STEP: Step = Step::$name; })+
        }
    };
}

/// A step as a type, for [`Passed`].
pub trait GatedStep: Send + Sync + 'static {
    /// The step.
    const STEP: Step;
}

steps! {
    /// 修改激活信息: the form, and what was confirmed with it.
    Activation = "activation", "账户激活";
    /// Changing contact data after activation.
    Contact = "contact", "修改联系方式";
    /// Filling in the recommendation form.
    Recommendation = "recommendation", "填写推荐表";
    /// Printing it.
    Print = "print", "打印推荐表";
    /// Signing an agreement.
    Agreement = "agreement", "签约";
    /// Registering a destination.
    Destination = "destination", "去向登记";
    /// Being dispatched.
    Dispatch = "dispatch", "派遣";
    /// Being cleared for leaving.
    Leaving = "leaving", "离校";
    /// Being reported to the province.
    Report = "report", "上报";
}

/// Who can change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changer {
    /// The student.
    Student,
    /// An officer of the 院 that answers for the student.
    College,
    /// The centre.
    Centre,
}

impl Changer {
    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Student => "本人",
            Self::College => "本院就业专员",
            Self::Centre => "学生就业指导中心",
        }
    }
}

/// Why a step is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// To the student, as a sentence.
    pub reason: &'static str,
    /// Who can change it.
    pub who: Changer,
    /// The words of the link.
    pub action: &'static str,
    /// Where it is changed, or where it stands whom to ask.
    pub href: &'static str,
}

/// The student's home: why somebody is not on a roster, and whom to ask, stands there.
const HOME: &str = "/student";
/// The form.
const FORM: &str = "/student/activation";

const NOT_LISTED: Refusal = Refusal {
    reason: "你还不在生源信息库中，要先由本院就业专员把你加入名单。",
    who: Changer::College,
    action: "查看原因和联系人",
    href: HOME,
};

const LAPSED: Refusal = Refusal {
    reason: "本届已经关闭，而你的账户没有在期限内激活。",
    who: Changer::Centre,
    action: "查看联系人",
    href: HOME,
};

const NOT_ACTIVATED: Refusal = Refusal {
    reason: "你的账户还没有激活，要先逐项核对信息并激活。",
    who: Changer::Student,
    action: "去激活账户",
    href: FORM,
};

const CONFIRM_FIRST: Refusal = Refusal {
    reason: "你激活之后有信息被更改，要先核对更改的内容并确认。",
    who: Changer::Student,
    action: "去确认更改",
    href: FORM,
};

/// Whether a student who stands so may do this. The matches name every case, so that a new standing or step must be decided
/// here.
///
/// # Errors
///
/// The [`Refusal`]: why not, who can change it, and where.
pub const fn gate(standing: &Standing, step: Step) -> Result<(), Refusal> {
    match step {
        Step::Activation => match standing {
            Standing::NotListed => Err(NOT_LISTED),
            Standing::Lapsed(_) => Err(LAPSED),
            Standing::Listed(_) | Standing::ConfirmAgain { .. } | Standing::Activated { .. } => Ok(()),
        },
        // Nothing of these leaves the university or rests on the changed values alone: the work can go on meanwhile.
        Step::Contact | Step::Recommendation => match standing {
            Standing::NotListed => Err(NOT_LISTED),
            Standing::Lapsed(_) => Err(LAPSED),
            Standing::Listed(_) => Err(NOT_ACTIVATED),
            Standing::ConfirmAgain { .. } | Standing::Activated { .. } => Ok(()),
        },
        Step::Print | Step::Agreement | Step::Destination | Step::Dispatch | Step::Leaving | Step::Report => {
            match standing {
                Standing::NotListed => Err(NOT_LISTED),
                Standing::Lapsed(_) => Err(LAPSED),
                Standing::Listed(_) => Err(NOT_ACTIVATED),
                Standing::ConfirmAgain { .. } => Err(CONFIRM_FIRST),
                Standing::Activated { .. } => Ok(()),
            }
        }
    }
}

/// Proof that a student is signed in and has passed the gate for `S`. The only way to get one is to extract it from a
/// request: who has not passed gets a page that says why, and where to go.
#[derive(Clone, Debug)]
pub struct Passed<S> {
    student: Student,
    standing: Standing,
    entry: Entry,
    _step: PhantomData<S>,
}

impl<S: GatedStep> Passed<S> {
    /// Who.
    pub fn student(&self) -> &Student {
        &self.student
    }

    /// How far the student is.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The roster entry.
    pub fn entry(&self) -> Entry {
        self.entry
    }
}

impl<S: GatedStep> FromRequestParts<App> for Passed<S> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let student = Student::from_request_parts(parts, app).await?;
        let standing = queries::standing(app.db.reader(), student.record()).await?;
        let passed = gate(&standing, S::STEP).and_then(|()| standing.entry().ok_or(NOT_LISTED));
        match passed {
            Ok(entry) => Ok(Self {
                student,
                standing,
                entry,
                _step: PhantomData,
            }),
            Err(refusal) => Err(AppError::StepMissing {
                step: S::STEP.label(),
                reason: refusal.reason,
                who: refusal.who.label(),
                action: refusal.action,
                href: refusal.href,
            }),
        }
    }
}
