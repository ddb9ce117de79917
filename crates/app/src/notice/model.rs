//! A notice: where it stands, whom it is for, what is written in it. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::notice;
use qihang_db::{Audience, Role, StudentType};
use sea_orm::DbErr;

use crate::class_year::model::ClassYear;

/// Where a notice stands.
///
/// | from      | publish   | withdraw  | discard |
/// |-----------|-----------|-----------|---------|
/// | Draft     | Published | —         | gone    |
/// | Published | —         | Withdrawn | —       |
/// | Withdrawn | Published | —         | —       |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Only its authors see it.
    Draft,
    /// Whom it is for can read it, from its first day to its last.
    Published {
        /// When.
        at: DateTime<Utc>,
    },
    /// Taken back: only its authors see it; who had read it stays known.
    Withdrawn {
        /// When it had been published.
        published_at: DateTime<Utc>,
        /// When it was taken back.
        at: DateTime<Utc>,
    },
}

/// The notice does not stand where this can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in this state")]
pub struct NotNow;

impl State {
    /// Read from the columns.
    ///
    /// # Errors
    ///
    /// When they contradict one another, which the schema refuses.
    pub fn of(row: &notice::Model) -> Result<Self, DbErr> {
        match (row.state.as_str(), row.published_at, row.withdrawn_at) {
            ("draft", None, None) => Ok(Self::Draft),
            ("published", Some(at), None) => Ok(Self::Published { at }),
            ("withdrawn", Some(published_at), Some(at)) => Ok(Self::Withdrawn { published_at, at }),
            _ => Err(DbErr::Custom(format!("notice {} cannot be read", row.id))),
        }
    }

    /// The code in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published { .. } => "published",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// When it was published last, for the column.
    pub const fn published_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Draft => None,
            Self::Published { at } | Self::Withdrawn { published_at: at, .. } => Some(at),
        }
    }

    /// When it was withdrawn, for the column.
    pub const fn withdrawn_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Draft | Self::Published { .. } => None,
            Self::Withdrawn { at, .. } => Some(at),
        }
    }

    /// # Errors
    ///
    /// [`NotNow`] when it is published already.
    pub const fn publish(self, at: DateTime<Utc>) -> Result<Self, NotNow> {
        match self {
            Self::Draft | Self::Withdrawn { .. } => Ok(Self::Published { at }),
            Self::Published { .. } => Err(NotNow),
        }
    }

    /// # Errors
    ///
    /// [`NotNow`] unless it is published.
    pub const fn withdraw(self, at: DateTime<Utc>) -> Result<Self, NotNow> {
        match self {
            Self::Published { at: published_at } => Ok(Self::Withdrawn { published_at, at }),
            Self::Draft | Self::Withdrawn { .. } => Err(NotNow),
        }
    }

    /// # Errors
    ///
    /// [`NotNow`] unless it is a draft: what somebody may have read is withdrawn, not thrown away.
    pub const fn discard(self) -> Result<(), NotNow> {
        match self {
            Self::Draft => Ok(()),
            Self::Published { .. } | Self::Withdrawn { .. } => Err(NotNow),
        }
    }
}

/// How a notice looks from outside on a day: its state together with its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 草稿.
    Draft,
    /// 待发布: published for a day to come.
    Waiting,
    /// 已发布.
    Live,
    /// 已结束: its last day is over.
    Over,
    /// 已撤回.
    Withdrawn,
}

impl Standing {
    /// On `today`.
    pub fn on(
        state: State,
        publish_on: Option<NaiveDate>,
        ends_on: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Withdrawn { .. } => Self::Withdrawn,
            State::Published { .. } if ends_on.is_some_and(|day| day < today) => Self::Over,
            State::Published { .. } if publish_on.is_some_and(|day| day > today) => Self::Waiting,
            State::Published { .. } => Self::Live,
        }
    }

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Waiting => "待发布",
            Self::Live => "已发布",
            Self::Over => "已结束",
            Self::Withdrawn => "已撤回",
        }
    }

    /// The kind of badge.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Draft => "warning",
            Self::Waiting => "info",
            Self::Live => "success",
            Self::Over | Self::Withdrawn => "muted",
        }
    }
}

/// Whom a notice is for. An empty set, like a `None`, narrows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readership {
    /// Everybody, on the home page, without signing in.
    Public,
    /// Students.
    Students {
        /// Whom these 院 answer for.
        colleges: BTreeSet<i64>,
        /// Of this type.
        student_type: Option<StudentType>,
        /// Of this class year.
        class_year: Option<ClassYear>,
    },
    /// Staff.
    Staff {
        /// Who works for these 院.
        colleges: BTreeSet<i64>,
        /// With these roles.
        roles: BTreeSet<Role>,
    },
}

impl Readership {
    /// The audience without what narrows it.
    pub const fn audience(&self) -> Audience {
        match self {
            Self::Public => Audience::Public,
            Self::Students { .. } => Audience::Students,
            Self::Staff { .. } => Audience::Staff,
        }
    }

    /// The 院, where it is narrowed to some.
    pub fn colleges(&self) -> impl Iterator<Item = i64> {
        let colleges = match self {
            Self::Public => None,
            Self::Students { colleges, .. } | Self::Staff { colleges, .. } => Some(colleges),
        };
        colleges.into_iter().flatten().copied()
    }

    /// The roles, where it is narrowed to some.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        let roles = match self {
            Self::Public | Self::Students { .. } => None,
            Self::Staff { roles, .. } => Some(roles),
        };
        roles.into_iter().flatten().copied()
    }

    /// The type of student, where it is narrowed to one.
    pub const fn student_type(&self) -> Option<StudentType> {
        match self {
            Self::Students { student_type, .. } => *student_type,
            Self::Public | Self::Staff { .. } => None,
        }
    }

    /// The class year, where it is narrowed to one.
    pub const fn class_year(&self) -> Option<ClassYear> {
        match self {
            Self::Students { class_year, .. } => *class_year,
            Self::Public | Self::Staff { .. } => None,
        }
    }

    /// In words; `name` names a 院.
    pub fn label(&self, name: impl Fn(i64) -> String) -> String {
        let names: Vec<String> = self.colleges().map(name).collect();
        let of = names.join("、");
        match self {
            Self::Public => Audience::Public.label().to_owned(),
            Self::Students {
                student_type,
                class_year,
                ..
            } => {
                let year = class_year.map(|year| format!(" {year} 届")).unwrap_or_default();
                let kind = student_type.map_or("学生", StudentType::label);
                if of.is_empty() {
                    format!("全校{year}{kind}")
                } else {
                    format!("{of}{year}{kind}")
                }
            }
            Self::Staff { roles, .. } => {
                let words: Vec<&str> = roles.iter().map(|role| role.label()).collect();
                let who = if words.is_empty() {
                    "教师".to_owned()
                } else {
                    words.join("、")
                };
                if of.is_empty() {
                    format!("全校{who}")
                } else {
                    format!("{of}{who}")
                }
            }
        }
    }
}

/// What the author writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// 标题.
    pub title: String,
    /// 正文, in Markdown.
    pub body: String,
    /// Whom it is for.
    pub readership: Readership,
    /// 置顶.
    pub pinned: bool,
    /// First day; `None` is the day of publishing.
    pub publish_on: Option<NaiveDate>,
    /// Last day; `None` is no end.
    pub ends_on: Option<NaiveDate>,
}

/// Characters of a title at the most.
pub const TITLE_LENGTH: usize = 100;

/// Characters of a text at the most.
pub const BODY_LENGTH: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_notice_is_published_withdrawn_and_published_again_and_only_a_draft_is_thrown_away() {
        let (first, second, third) = (
            at("2026-09-01T02:00:00Z"),
            at("2026-09-02T02:00:00Z"),
            at("2026-09-03T02:00:00Z"),
        );
        assert_eq!(State::Draft.withdraw(first), Err(NotNow));
        assert_eq!(State::Draft.discard(), Ok(()));
        let published = State::Draft.publish(first).unwrap();
        assert_eq!(published.publish(second), Err(NotNow));
        assert_eq!(published.discard(), Err(NotNow));
        let withdrawn = published.withdraw(second).unwrap();
        assert_eq!(
            (withdrawn.published_at(), withdrawn.withdrawn_at()),
            (Some(first), Some(second))
        );
        assert_eq!(withdrawn.withdraw(third), Err(NotNow));
        assert_eq!(withdrawn.discard(), Err(NotNow));
        assert_eq!(withdrawn.publish(third), Ok(State::Published { at: third }));
    }

    #[test]
    fn both_the_first_day_and_the_last_are_days_on_which_it_can_be_read() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let state = State::Published {
            at: at("2026-09-01T02:00:00Z"),
        };
        let on = |today: &str| Standing::on(state, day("2026-09-05"), day("2026-09-07"), day(today).unwrap());
        assert_eq!(on("2026-09-04"), Standing::Waiting);
        assert_eq!(on("2026-09-05"), Standing::Live);
        assert_eq!(on("2026-09-07"), Standing::Live);
        assert_eq!(on("2026-09-08"), Standing::Over);
    }

    #[test]
    fn a_readership_is_said_in_words() {
        let name = |id: i64| format!("院{id}");
        let students = Readership::Students {
            colleges: BTreeSet::from([1, 2]),
            student_type: Some(StudentType::Undergraduate),
            class_year: ClassYear::new(2027),
        };
        assert_eq!(students.label(name), "院1、院2 2027 届本科生");
        let staff = Readership::Staff {
            colleges: BTreeSet::new(),
            roles: BTreeSet::from([Role::Officer, Role::Head]),
        };
        assert_eq!(staff.label(name), "全校院系教师、院系负责人");
        assert_eq!(Readership::Public.label(name), "所有人（公开）");
    }
}
