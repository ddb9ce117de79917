//! 为什么不在名单里 (R8a): every condition of being on a class year's roster, whether it is met, the value that decided
//! it, and who can mend it. Pure.

use qihang_db::entity::student;
use qihang_db::{ClassYearState, DegreeLevel, How, StudentType, StudyStatus};
use serde::Serialize;

use super::faults;
use super::model::YearRules;
use crate::roster::model::{Expectation, effective_type};

/// A roster entry of the student, of any class year, oldest first.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Class year.
    pub class_year: i32,
    /// How it came about.
    pub how: How,
    /// Who added the student.
    pub added_by: String,
    /// The day in Asia/Shanghai.
    pub added_on: String,
    /// How it stands.
    pub end: EntryEnd,
}

/// How a roster entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryEnd {
    /// On the roster of an open class year.
    Open,
    /// On the roster of a closed class year.
    Closed,
    /// Removed or moved, on a day, for a reason.
    Ended {
        /// The day in Asia/Shanghai.
        on: String,
        /// In the officer's words.
        reason: String,
    },
}

/// What the answer is made from.
#[derive(Clone, Debug)]
pub struct Case {
    /// The record.
    pub student: student::Model,
    /// The day from which the data exchange no longer held the record.
    pub vanished_on: Option<String>,
    /// Length of the major in half years.
    pub major_half_years: Option<i32>,
    /// Name and kind (学院 or 书院) of the 院 that answers for the student.
    pub college: String,
    /// A second 院 that answers too.
    pub second_college: Option<String>,
    /// Whether the first is a 书院.
    pub is_residential: bool,
    /// State of the class year; `None` where it has not been set up.
    pub year_state: Option<ClassYearState>,
    /// All entries, oldest first.
    pub entries: Vec<Entry>,
}

/// Whether a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// ✓
    Met,
    /// ✗
    Unmet,
}

impl Verdict {
    /// Whether it is ✓.
    pub fn is_met(self) -> bool {
        self == Self::Met
    }
}

/// Which condition; its name is its code for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The data exchange holds the record.
    InExchange,
    /// 学籍状态 is 在读.
    Active,
    /// The length of the programme is known.
    Length,
    /// Graduates in the class year.
    ExpectedYear,
    /// The 院 may add the student.
    NotExtended,
    /// A 院 answers for the student.
    College,
    /// The class year is open.
    ClassYearOpen,
    /// Not on the roster of another class year.
    NotElsewhere,
    /// Added.
    OnRoster,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Which.
    pub code: Code,
    /// The condition, in Chinese.
    pub label: String,
    /// Whether it is met.
    pub verdict: Verdict,
    /// The value that decided it.
    pub value: String,
    /// Who can mend it; empty when there is nothing to mend.
    pub mender: String,
}

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// Class year.
    pub class_year: i32,
    /// Whether the student is on its roster.
    pub is_on_roster: bool,
    /// The answer in a sentence.
    pub conclusion: String,
    /// Every condition, in the order in which they are looked at.
    pub conditions: Vec<Condition>,
}

const CENTRE: &str = "学生就业指导中心";

fn condition(
    code: Code,
    label: impl Into<String>,
    is_met: bool,
    value: impl Into<String>,
    mender: &str,
) -> Condition {
    Condition {
        code,
        label: label.into(),
        verdict: if is_met { Verdict::Met } else { Verdict::Unmet },
        value: value.into(),
        mender: if is_met { String::new() } else { mender.to_owned() },
    }
}

/// A length in years: 4 年, 3.5 年.
fn years(half_years: i32) -> String {
    if half_years % 2 == 0 {
        format!("{} 年", half_years / 2)
    } else {
        format!("{}.5 年", half_years / 2)
    }
}

/// Answers for one student and one class year.
pub fn explain(case: &Case, rules: YearRules) -> Explanation {
    let year = rules.year;
    let entry = case
        .entries
        .iter()
        .rfind(|entry| entry.class_year == year && matches!(entry.end, EntryEnd::Open | EntryEnd::Closed));
    let mut conditions = vec![exchange(case), status(case), length(case), expected(case, rules)];
    conditions.push(addable(case));
    conditions.push(college(case, rules));
    conditions.push(year_open(case, year));
    conditions.push(elsewhere(case, year));
    let unmet = conditions
        .iter()
        .filter(|condition| condition.verdict == Verdict::Unmet)
        .count();
    conditions.push(on_roster(case, year, entry));
    // The same judgement as that of 可能误加, so that the two never contradict each other.
    let doubt = entry.and_then(|entry| faults::doubt(&case.student, entry.how, rules));
    let conclusion = match (entry, unmet) {
        (Some(_), _) if let Some((_, reason)) = doubt => {
            format!("该生已在 {year} 届生源信息库中，但{reason}，可能是误加，请核实。")
        }
        (Some(_), 0) => format!("该生已在 {year} 届生源信息库中，各项条件均符合。"),
        (Some(_), _) => format!("该生已在 {year} 届生源信息库中。"),
        (None, 0) => format!(
            "该生符合 {year} 届的全部条件，只是尚未添加：请{}在“名单确认”中添加。",
            case.college
        ),
        (None, unmet) => {
            format!("该生不在 {year} 届生源信息库中：有 {unmet} 项条件不符合，见下表标 ✗ 的各项。")
        }
    };
    Explanation {
        student_no: case.student.student_no.clone(),
        name: case.student.name.clone(),
        class_year: year,
        is_on_roster: entry.is_some(),
        conclusion,
        conditions,
    }
}

pub(super) fn registrar(case: &Case) -> &'static str {
    match effective_type(&case.student.student_type, &case.student.degree_level) {
        StudentType::Undergraduate => "教务处",
        StudentType::Graduate => "学院研究生教务部门",
    }
}

fn exchange(case: &Case) -> Condition {
    let value = match &case.vanished_on {
        None => "有记录".to_owned(),
        Some(day) => format!("{day}起数据交换平台不再提供该生"),
    };
    condition(
        Code::InExchange,
        "数据交换平台有该生的记录",
        case.student.vanished_at.is_none(),
        value,
        registrar(case),
    )
}

fn status(case: &Case) -> Condition {
    let status = StudyStatus::from_code(&case.student.study_status);
    let value = match status {
        Some(status) => status.label().to_owned(),
        None if case.student.study_status.is_empty() => "空".to_owned(),
        None => format!("“{}”，无法识别", case.student.study_status),
    };
    condition(
        Code::Active,
        "学籍状态为在读",
        status == Some(StudyStatus::Active),
        value,
        registrar(case),
    )
}

pub(super) fn is_doctoral(case: &Case) -> bool {
    DegreeLevel::from_code(&case.student.degree_level) == Some(DegreeLevel::Doctor)
}

fn length(case: &Case) -> Condition {
    let label = "学制已知";
    let own = case.student.length_half_years;
    let (is_met, value) = match (own, case.major_half_years) {
        (Some(own), _) => (true, format!("{}（学生记录）", years(own))),
        (None, _) if is_doctoral(case) => (true, "博士生不按学制推算".to_owned()),
        (None, Some(major)) => (true, format!("{}（学生记录为空，按专业学制）", years(major))),
        (None, None) => (false, "学生记录和专业都没有学制".to_owned()),
    };
    condition(Code::Length, label, is_met, value, registrar(case))
}

fn expected(case: &Case, rules: YearRules) -> Condition {
    let (student, year) = (&case.student, rules.year);
    let label = format!("应于 {year} 年毕业");
    if Expectation::from_code(&student.expectation) == Some(Expectation::DoctoralUnlisted) {
        // Until there is a list nobody misses the doctoral student, and the 院 may add them by search (R7).
        let value = if rules.has_doctoral_list {
            format!("没有列入 {year} 届毕业信息采集名单；确于本届毕业的，须由名单提供部门补入")
        } else {
            "博士生以毕业信息采集名单为准，尚未列入名单；确于本届毕业的可由院系查询后添加".to_owned()
        };
        return condition(Code::ExpectedYear, label, false, value, CENTRE);
    }
    let value = match (
        student.nominal_year,
        student.length_half_years.or(case.major_half_years),
    ) {
        (Some(nominal), _) if is_doctoral(case) => format!("列入 {nominal} 届毕业信息采集名单"),
        (Some(nominal), Some(length)) => {
            format!(
                "{} 年入学 + 学制 {} = {nominal} 年毕业",
                student.admission_year,
                years(length)
            )
        }
        (Some(nominal), None) => format!("{nominal} 年毕业"),
        (None, _) => "无法推算".to_owned(),
    };
    let mender = if is_doctoral(case) {
        format!("{CENTRE}（毕业信息采集名单）")
    } else {
        format!("{}（入学年份、学制）", registrar(case))
    };
    condition(
        Code::ExpectedYear,
        label,
        student.nominal_year == Some(year),
        value,
        &mender,
    )
}

fn addable(case: &Case) -> Condition {
    let student = &case.student;
    let is_extended = StudyStatus::from_code(&student.study_status) == Some(StudyStatus::Extended)
        && effective_type(&student.student_type, &student.degree_level) == StudentType::Undergraduate;
    let value = if is_extended {
        "延长学制，院系不能添加，待就业中心按教务处名单统一添加"
    } else {
        "院系可以添加"
    };
    condition(
        Code::NotExtended,
        "不是延长学制的本科生（院系可以添加）",
        !is_extended,
        value,
        CENTRE,
    )
}

fn college(case: &Case, rules: YearRules) -> Condition {
    let student_type = effective_type(&case.student.student_type, &case.student.degree_level);
    let mut value = format!("{}（{}", case.college, student_type.label());
    if case.is_residential {
        value.push_str("，按书院管理");
    } else if student_type == StudentType::Undergraduate && rules.any_residential {
        value.push_str("，没有可识别的书院，归学院管理");
    } else {
        value.push_str("，按学院管理");
    }
    value.push('）');
    if let Some(second) = &case.second_college {
        value.push('；');
        value.push_str(second);
        value.push_str("也可管理");
    }
    condition(Code::College, "有负责的院系", true, value, "")
}

fn year_open(case: &Case, year: i32) -> Condition {
    let value = match case.year_state {
        Some(state) => state.label(),
        None => "尚未设置",
    };
    condition(
        Code::ClassYearOpen,
        format!("{year} 届正在进行"),
        case.year_state == Some(ClassYearState::Open),
        value,
        CENTRE,
    )
}

fn elsewhere(case: &Case, year: i32) -> Condition {
    let other = case
        .entries
        .iter()
        .find(|entry| entry.class_year != year && entry.end == EntryEnd::Open);
    let value = match other {
        None => "没有".to_owned(),
        Some(entry) => format!(
            "在 {} 届，{}由{}添加（{}）",
            entry.class_year,
            entry.added_on,
            entry.added_by,
            entry.how.label()
        ),
    };
    let mender = format!("{CENTRE}（调整届别）");
    condition(
        Code::NotElsewhere,
        "不在其他届别的生源信息库中",
        other.is_none(),
        value,
        &mender,
    )
}

fn on_roster(case: &Case, year: i32, entry: Option<&Entry>) -> Condition {
    let label = format!("已加入 {year} 届生源信息库");
    let value = match entry {
        Some(entry) => format!(
            "{}由{}添加（{}）",
            entry.added_on,
            entry.added_by,
            entry.how.label()
        ),
        None => case
            .entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.end {
                EntryEnd::Ended { on, reason } if entry.class_year == year => {
                    Some(format!("{on}已移出，原因：{reason}"))
                }
                EntryEnd::Open | EntryEnd::Closed | EntryEnd::Ended { .. } => None,
            })
            .unwrap_or_else(|| "尚未添加".to_owned()),
    };
    let mender = format!("{}（名单确认）", case.college);
    condition(Code::OnRoster, label, entry.is_some(), value, &mender)
}
