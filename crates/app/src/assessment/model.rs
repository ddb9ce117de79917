//! What is counted, and for whom. Pure: from who was where at a moment to the figures of every 院.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use qihang_db::{AssessmentPart, Clock, DegreeLevel, How, StudentType, StudyStatus};
use qihang_standards::codes::TRAINING_MODE;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::roster::model::effective_type;

/// A moment of the past: the state that everything left which had happened before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// When a day ends: 24:00 in Asia/Shanghai.
    pub fn end_of(day: NaiveDate) -> Self {
        Self(Clock::end_of(day))
    }

    /// Right after an instant, with everything that happened at it.
    pub fn after(instant: DateTime<Utc>) -> Self {
        // Both engines keep whole microseconds.
        Self(instant + TimeDelta::microseconds(1))
    }

    /// Everything that counts happened before this instant.
    pub const fn bound(self) -> DateTime<Utc> {
        self.0
    }

    /// Whether what was so from `since` until `until` was so at this moment.
    pub fn is_within(self, since: DateTime<Utc>, until: Option<DateTime<Utc>>) -> bool {
        since < self.0 && until.is_none_or(|until| until >= self.0)
    }
}

/// Which 培养方式 of masters count in the activation figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modes(BTreeSet<String>);

/// A code that stands for no 培养方式.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadModes {
    /// Nobody would count.
    #[error("no training mode is chosen")]
    None,
    /// Not in the table.
    #[error("unknown training mode {0}")]
    Unknown(String),
}

impl Default for Modes {
    /// 非定向 alone, as the notice has it.
    fn default() -> Self {
        Self(BTreeSet::from(["1".to_owned()]))
    }
}

impl Modes {
    /// These codes.
    ///
    /// # Errors
    ///
    /// [`BadModes`] when there are none, or one is no code.
    pub fn new(codes: impl IntoIterator<Item = String>) -> Result<Self, BadModes> {
        let codes: BTreeSet<String> = codes.into_iter().collect();
        if let Some(unknown) = codes.iter().find(|code| TRAINING_MODE.by_code(code).is_none()) {
            return Err(BadModes::Unknown(unknown.clone()));
        }
        if codes.is_empty() {
            return Err(BadModes::None);
        }
        Ok(Self(codes))
    }

    /// As the column has it.
    pub fn to_column(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    /// As the column has it; what cannot be read is the default.
    pub fn from_column(text: &str) -> Self {
        serde_json::from_str(text).ok().map_or_else(Self::default, Self)
    }

    /// Whether a master of this 培养方式 counts.
    pub fn contains(&self, code: &str) -> bool {
        self.0.contains(code)
    }

    /// On screen: 非定向、在职.
    pub fn label(&self) -> String {
        let names: Vec<&str> = self
            .0
            .iter()
            .map(|code| {
                TRAINING_MODE
                    .by_code(code)
                    .map_or(code.as_str(), |line| line.name)
            })
            .collect();
        names.join("、")
    }
}

/// Somebody as the records had them at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Row id.
    pub student_id: i64,
    /// The 院 that answered for the student.
    pub college_id: i64,
    /// A second 院 that did.
    pub second_college_id: Option<i64>,
    /// As in `student`, like the three that follow.
    pub student_type: String,
    /// 学历.
    pub degree_level: String,
    /// 培养方式.
    pub training_mode: String,
    /// 学籍状态.
    pub study_status: String,
    /// Whether the class year was the expected one.
    pub is_expected: bool,
}

impl Person {
    /// Doctoral and extended students have due days of their own (R12): they stay out of these figures.
    fn has_own_due_day(&self, how: Option<How>) -> bool {
        DegreeLevel::from_code(&self.degree_level) == Some(DegreeLevel::Doctor)
            || StudyStatus::from_code(&self.study_status) == Some(StudyStatus::Extended)
            || how == Some(How::Extended)
    }

    /// Whether the student, on the roster, counts in the activation figures: all undergraduates, of graduates the masters
    /// of these 培养方式.
    fn is_to_activate(&self, how: How, modes: &Modes) -> bool {
        if self.has_own_due_day(Some(how)) {
            return false;
        }
        match effective_type(&self.student_type, &self.degree_level) {
            StudentType::Undergraduate => true,
            StudentType::Graduate => {
                DegreeLevel::from_code(&self.degree_level) == Some(DegreeLevel::Master)
                    && modes.contains(&self.training_mode)
            }
        }
    }

    fn colleges(&self) -> impl Iterator<Item = i64> {
        [Some(self.college_id), self.second_college_id]
            .into_iter()
            .flatten()
    }
}

/// A stay on the roster of the class year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Whose.
    pub student_id: i64,
    /// How it began.
    pub how: How,
    /// From then on.
    pub added_at: DateTime<Utc>,
    /// Until then.
    pub ended_at: Option<DateTime<Utc>>,
    /// When the student activated on it.
    pub activated_at: Option<DateTime<Utc>>,
}

/// What figures are counted from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Everybody who was expected or on the roster at the moment, once each.
    pub people: Vec<Person>,
    /// All stays on the roster, of whatever time.
    pub stays: Vec<Stay>,
    /// Who was a 可能遗漏 at the moment, and whether it was settled.
    pub omissions: Vec<(i64, bool)>,
}

/// The figures of a 院, or of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// 应入库: expected in the class year; doctoral and extended students apart.
    pub expected: u64,
    /// Of these, on the roster.
    pub listed: u64,
    /// Of these, not on the roster yet when the roster was due.
    pub late: u64,
    /// Expected, missing, and settled with a reason.
    pub settled: u64,
    /// Expected, missing, and nobody has said why.
    pub open: u64,
    /// 应激活: on the roster and in the scope of the activation figures.
    pub to_activate: u64,
    /// Of these, activated.
    pub activated: u64,
}

impl Figures {
    /// Expected and neither here nor missing: on the roster of another class year.
    pub const fn elsewhere(self) -> u64 {
        self.expected
            .saturating_sub(self.listed + self.settled + self.open)
    }

    /// Expected and on the roster when it was due.
    pub const fn in_time(self) -> u64 {
        self.listed.saturating_sub(self.late)
    }

    /// Not activated.
    pub const fn pending(self) -> u64 {
        self.to_activate.saturating_sub(self.activated)
    }

    /// Share of the expected who are on the roster.
    pub fn roster_share(self) -> String {
        share(self.listed, self.expected)
    }

    /// 激活率.
    pub fn activation_share(self) -> String {
        share(self.activated, self.to_activate)
    }

    /// The part of the figures that one due day is about; the other part is nought.
    #[must_use]
    pub const fn part(self, part: AssessmentPart) -> Self {
        match part {
            AssessmentPart::Roster => Self {
                to_activate: 0,
                activated: 0,
                ..self
            },
            AssessmentPart::Activation => Self {
                expected: 0,
                listed: 0,
                late: 0,
                settled: 0,
                open: 0,
                ..self
            },
        }
    }
}

/// A share in percent with one decimal, rounded down: 100% means everybody. A dash where there is nobody.
pub fn share(some: u64, all: u64) -> String {
    match some.saturating_mul(1000).checked_div(all) {
        Some(permille) => format!("{}.{}%", permille / 10, permille % 10),
        None => "—".into(),
    }
}

/// The figures of every 院 and of all together. Whoever has two 院 counts in both, and once in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// By row id of the 院.
    pub colleges: BTreeMap<i64, Figures>,
    /// Everybody.
    pub total: Figures,
}

impl Counted {
    /// The part that one due day is about.
    #[must_use]
    pub fn part(&self, part: AssessmentPart) -> Self {
        Self {
            colleges: self
                .colleges
                .iter()
                .map(|(id, figures)| (*id, figures.part(part)))
                .filter(|(_, figures)| *figures != Figures::default())
                .collect(),
            total: self.total.part(part),
        }
    }
}

/// Counts what was so at `moment`; `due` is when the roster is due, after which an addition is late.
pub fn count(facts: &Facts, moment: Moment, due: Moment, modes: &Modes) -> Counted {
    let mut now = HashMap::new();
    let mut in_time = BTreeSet::new();
    for stay in &facts.stays {
        if moment.is_within(stay.added_at, stay.ended_at) {
            now.insert(stay.student_id, stay);
        }
        if due.is_within(stay.added_at, stay.ended_at) {
            in_time.insert(stay.student_id);
        }
    }
    let omissions: HashMap<i64, bool> = facts.omissions.iter().copied().collect();
    let mut counted = Counted::default();
    for person in &facts.people {
        let stay = now.get(&person.student_id).copied();
        let mut one = Figures::default();
        if person.is_expected && !person.has_own_due_day(stay.map(|stay| stay.how)) {
            one.expected = 1;
            match (stay, omissions.get(&person.student_id)) {
                (Some(_), _) => {
                    one.listed = 1;
                    one.late = u64::from(due < moment && !in_time.contains(&person.student_id));
                }
                (None, Some(true)) => one.settled = 1,
                (None, Some(false)) => one.open = 1,
                (None, None) => {}
            }
        }
        if let Some(stay) = stay
            && person.is_to_activate(stay.how, modes)
        {
            one.to_activate = 1;
            one.activated = u64::from(stay.activated_at.is_some_and(|at| at < moment.bound()));
        }
        for id in person.colleges() {
            add(counted.colleges.entry(id).or_default(), one);
        }
        add(&mut counted.total, one);
    }
    counted
}

const fn add(to: &mut Figures, one: Figures) {
    to.expected += one.expected;
    to.listed += one.listed;
    to.late += one.late;
    to.settled += one.settled;
    to.open += one.open;
    to.to_activate += one.to_activate;
    to.activated += one.activated;
}

/// A 院 in frozen figures, with the name that it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRow {
    /// Row id of the 院.
    pub college_id: i64,
    /// 院系代码.
    pub code: String,
    /// 院系名称.
    pub name: String,
    /// Its figures.
    pub figures: Figures,
}

/// What is frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Which 培养方式 counted: codes.
    pub training_modes: String,
    /// Every 院, in order of code.
    pub rows: Vec<FrozenRow>,
    /// All together.
    pub total: Figures,
}

impl Frozen {
    /// The figures alone, to be compared with what is counted anew.
    pub fn counted(&self) -> Counted {
        Counted {
            colleges: self
                .rows
                .iter()
                .map(|row| (row.college_id, row.figures))
                .collect(),
            total: self.total,
        }
    }
}

/// SHA-256 over what is frozen and of what, hex.
pub fn digest(class_year: i32, part: AssessmentPart, due: NaiveDate, figures: &str) -> String {
    let text = format!("{class_year}\n{}\n{due}\n{figures}", part.code());
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            text
        })
}
