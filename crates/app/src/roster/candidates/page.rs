//! What the pages of 名单确认 show.

use askama::Template;
use chrono::NaiveDate;
use qihang_db::entity::{college, major};
use qihang_db::{CollegeKind, DegreeLevel, Scope, StudentType, StudyStatus};

use super::queries::{Candidate, Summary};
use crate::class_year::model::{ClassYear, DaysLeft};
use crate::roster::model::Expectation;
use crate::roster::rules::{WhyNot, why_not};
use crate::roster::search::{SearchParams, years_label};
use crate::roster::selection::{Selection, SelectionParams};
use crate::web::{PageLinks, Shell};

/// A choice of a select box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Choice {
    fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self {
            chosen: value == chosen,
            value,
            label: label.into(),
        }
    }
}

/// All choices of the search form.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    pub class_years: Vec<Choice>,
    pub types: Vec<Choice>,
    pub degrees: Vec<Choice>,
    pub admission_years: Vec<Choice>,
    pub schools: Vec<Choice>,
    pub residences: Vec<Choice>,
    /// Empty until a 学院 is chosen: 专业 follows 学院.
    pub majors: Vec<Choice>,
    pub lengths: Vec<Choice>,
    pub expected: Vec<Choice>,
}

/// 学制 on offer, in half years.
const LENGTHS: [i32; 9] = [4, 5, 6, 7, 8, 10, 12, 14, 16];
/// How many entry years back are offered.
const ENTRY_YEARS: i32 = 9;

impl Choices {
    pub(super) fn new(
        params: &SearchParams,
        current: ClassYear,
        scope: &Scope,
        colleges: &[college::Model],
        majors: &[major::Model],
    ) -> Self {
        let of_kind = |kind: CollegeKind| {
            // A 学院 teaches students of every 书院 and the other way round, so only the own kind is cut to the scope.
            let any_in_scope = colleges
                .iter()
                .any(|one| one.kind == kind.code() && scope.covers(one.id));
            colleges
                .iter()
                .filter(move |one| one.kind == kind.code() && (!any_in_scope || scope.covers(one.id)))
        };
        let college = |one: &college::Model, chosen: &str| Choice::new(&one.code, &one.name, chosen);
        let year = params.class_year.unwrap_or(current.year());
        let school_id = colleges
            .iter()
            .find(|one| one.code == params.school)
            .map(|one| one.id);
        Self {
            class_years: [current, current.before()]
                .iter()
                .map(|one| Choice::new(one.to_string(), format!("{one} 届"), &year.to_string()))
                .collect(),
            types: StudentType::ALL
                .iter()
                .map(|one| Choice::new(one.code(), one.label(), &params.student_type))
                .collect(),
            degrees: DegreeLevel::ALL
                .iter()
                .map(|one| Choice::new(one.code(), one.label(), &params.degree))
                .collect(),
            admission_years: (year - ENTRY_YEARS..year)
                .rev()
                .map(|one| Choice::new(one.to_string(), one.to_string(), &params.admission_year))
                .collect(),
            schools: of_kind(CollegeKind::School)
                .map(|one| college(one, &params.school))
                .collect(),
            residences: of_kind(CollegeKind::Residential)
                .map(|one| college(one, &params.residence))
                .collect(),
            majors: majors
                .iter()
                .filter(|one| Some(one.college_id) == school_id)
                .map(|one| {
                    let level = DegreeLevel::from_code(&one.degree_level).map_or("", DegreeLevel::label);
                    Choice::new(&one.code, format!("{}（{level}）", one.name), &params.major)
                })
                .collect(),
            lengths: LENGTHS
                .iter()
                .map(|half| {
                    Choice::new(
                        years_label(*half),
                        format!("{} 年", years_label(*half)),
                        &params.length,
                    )
                })
                .collect(),
            expected: [
                ("ready", "是（可直接添加）"),
                ("doubtful", "需核实"),
                ("any", "不限"),
            ]
            .iter()
            .map(|(value, label)| Choice::new(*value, *label, params.expected.as_deref().unwrap_or("ready")))
            .collect(),
        }
    }
}

/// How a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Kind of the badge.
    pub kind: &'static str,
    /// The word in the badge.
    pub word: &'static str,
    /// Why, where it needs saying.
    pub reason: Option<String>,
}

/// What of the class year decides how a row stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct YearFacts {
    /// The last day for extended students.
    pub extended_due: Option<NaiveDate>,
    /// Whether a 采集名单 says which doctoral students are of the class year.
    pub has_doctoral_list: bool,
}

/// A row of the result.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub id: i64,
    pub student_no: String,
    pub name: String,
    pub student_type: String,
    pub degree: String,
    pub school: String,
    pub residence: String,
    pub major: String,
    pub class_name: String,
    pub admission_year: i32,
    pub length: String,
    pub status: String,
    pub standing: Standing,
    /// Whether it can be selected.
    pub selectable: bool,
    pub selected: bool,
}

impl Row {
    pub(super) fn new(
        candidate: Candidate,
        year: ClassYear,
        scope: &Scope,
        colleges: &[college::Model],
        selection: &Selection,
        about: YearFacts,
    ) -> Self {
        let blocked = why_not(&candidate, year, scope, about.extended_due);
        let label =
            |known: Option<&'static str>, found: &str| known.map_or_else(|| found.to_owned(), str::to_owned);
        let residence = candidate
            .residence_id
            .and_then(|id| colleges.iter().find(|one| one.id == id))
            .map(|one| one.name.clone())
            .unwrap_or_default();
        Self {
            id: candidate.id,
            student_type: label(
                StudentType::from_code(&candidate.student_type).map(StudentType::label),
                &candidate.student_type,
            ),
            degree: label(
                DegreeLevel::from_code(&candidate.degree_level).map(DegreeLevel::label),
                &candidate.degree_level,
            ),
            status: label(
                StudyStatus::from_code(&candidate.study_status).map(StudyStatus::label),
                &candidate.study_status,
            ),
            length: candidate.length_half_years.map(years_label).unwrap_or_default(),
            standing: standing(&candidate, year, blocked, about),
            selectable: blocked.is_none(),
            selected: blocked.is_none() && selection.holds(candidate.id),
            student_no: candidate.student_no,
            name: candidate.name,
            school: candidate.school,
            residence,
            major: candidate.major,
            class_name: candidate.class_name,
            admission_year: candidate.admission_year,
        }
    }
}

fn standing(candidate: &Candidate, year: ClassYear, blocked: Option<WhyNot>, about: YearFacts) -> Standing {
    let expectation = Expectation::from_code(&candidate.expectation).unwrap_or(Expectation::UnknownStatus);
    match (blocked, expectation, candidate.expected_year) {
        (Some(WhyNot::AlreadyAdded), _, _) => Standing {
            kind: "muted",
            word: "已添加",
            reason: None,
        },
        (Some(why), _, _) => Standing {
            kind: "muted",
            word: "不可添加",
            reason: Some(why.message()),
        },
        (None, Expectation::Expected, Some(expected)) if expected == year.year() => Standing {
            kind: "success",
            word: "可直接添加",
            reason: None,
        },
        (None, Expectation::Expected, Some(expected)) => Standing {
            kind: "warning",
            word: "需核实",
            reason: Some(format!("预计 {expected} 届毕业")),
        },
        (None, Expectation::DoctoralUnlisted, _) if about.has_doctoral_list => Standing {
            kind: "warning",
            word: "需核实",
            reason: Some(format!("未列入 {year} 届毕业信息采集名单")),
        },
        (None, Expectation::DoctoralUnlisted, _) => Standing {
            kind: "info",
            word: "博士生",
            reason: Some("采集名单尚未提供，可先行添加".into()),
        },
        (None, other, _) => Standing {
            kind: "warning",
            word: "需核实",
            reason: Some(other.label()),
        },
    }
}

/// 名单确认.
#[derive(Template)]
#[template(path = "roster/candidates/index.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer for each thing that is shown or not"
)]
pub(super) struct CandidatesPage {
    pub shell: Shell,
    pub year: ClassYear,
    pub is_current: bool,
    /// Whether anybody can be added to the class year.
    pub is_open: bool,
    /// What to say when nobody can.
    pub closed_note: String,
    pub roster_due: Option<(String, DaysLeft)>,
    pub summary: Summary,
    /// Why the 院 cannot add its extended students, and when they come; where it has any.
    pub extended_note: Option<String>,
    /// 本院 or 全校.
    pub whose: &'static str,
    pub may_confirm: bool,
    pub params: SearchParams,
    pub choices: Choices,
    pub rows: Vec<Row>,
    pub found: u64,
    pub selectable: u64,
    pub selected: u64,
    pub selection: SelectionParams,
    pub links: PageLinks,
    pub select_ready: String,
    pub show_doubtful: String,
    pub clear_selection: String,
    /// The page without any search.
    pub reset: String,
    /// Whether the search is one that comes back the next time.
    pub is_filtered: bool,
}

impl CandidatesPage {
    /// Rows of the selection that are not on this page: sent along as hidden fields.
    fn elsewhere<'a>(&'a self, ids: &'a [i64]) -> impl Iterator<Item = &'a i64> {
        ids.iter().filter(|id| self.rows.iter().all(|row| row.id != **id))
    }

    /// The buttons under the list: word, and where it leads when there is such a page.
    fn pages(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("首页", self.links.first.as_deref()),
            ("上一页", self.links.previous.as_deref()),
            ("下一页", self.links.next.as_deref()),
            ("末页", self.links.last.as_deref()),
        ]
    }

    fn not_current_note(&self) -> String {
        not_current_note(self.year)
    }

    fn is_over_due(&self) -> bool {
        matches!(self.roster_due, Some((_, DaysLeft::Over(_))))
    }
}

/// The question before adding.
#[derive(Template)]
#[template(path = "roster/candidates/question.html")]
pub(super) struct QuestionPage {
    pub shell: Shell,
    pub id: i64,
    pub year: ClassYear,
    pub is_current: bool,
    pub number: usize,
    /// Doubts among them: reason and number.
    pub doubts: Vec<(String, u64)>,
    pub back: String,
}

/// What became of it, where somebody was left out.
#[derive(Template)]
#[template(path = "roster/candidates/outcome.html")]
pub(super) struct OutcomePage {
    pub shell: Shell,
    pub year: ClassYear,
    pub added: usize,
    /// 学号, 姓名, 专业, reason.
    pub left_out: Vec<[String; 4]>,
    pub back: String,
}

fn not_current_note(year: ClassYear) -> String {
    format!("注意：您正在操作的是 {year} 届，不是当前届。如不是有意补充上一届学生，请改回当前届。")
}

impl QuestionPage {
    fn not_current_note(&self) -> String {
        not_current_note(self.year)
    }
}

impl OutcomePage {
    fn added_text(&self) -> String {
        format!("{} 人已添加到 {} 届生源库。", self.added, self.year)
    }

    fn left_out_text(&self) -> String {
        format!("{} 人情况已变，未处理，原因如下。", self.left_out.len())
    }
}
