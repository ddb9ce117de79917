//! The choices of the search form.

use std::collections::BTreeSet;

use qihang_db::entity::college;
use qihang_db::{CollegeKind, DegreeLevel, How, StudentType, StudyStatus};

use super::filter::PAGE_SIZES;
use super::question::Question;
use crate::activation::model::Stage;
use crate::roster::search::years_label;

/// A choice of the search form.
pub(crate) struct Select {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// Whether others hang on it, so that it is sent at once.
    pub(crate) refreshes: bool,
    pub(crate) options: Vec<Choice>,
}

pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

pub(crate) fn choice(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Choice {
    let value = value.into();
    Choice {
        is_chosen: value == chosen.trim(),
        label: label.into(),
        value,
    }
}

/// A choice that need not be made.
pub(crate) fn select(
    name: &'static str,
    label: &'static str,
    chosen: &str,
    options: impl IntoIterator<Item = (String, String)>,
) -> Select {
    let any = choice("", "全部", chosen);
    let options = options
        .into_iter()
        .map(|(value, label)| choice(value, label, chosen));
    Select {
        name,
        label,
        refreshes: false,
        options: std::iter::once(any).chain(options).collect(),
    }
}

/// The values of a closed list.
pub(crate) fn coded<T: Copy>(
    all: &[T],
    code: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<(String, String)> {
    all.iter()
        .map(|value| (code(*value).to_owned(), label(*value).to_owned()))
        .collect()
}

/// The 院 of a kind.
pub(crate) fn of_kind(
    colleges: &[college::Model],
    kind: CollegeKind,
) -> impl Iterator<Item = (String, String)> {
    colleges
        .iter()
        .filter(move |one| one.kind == kind.code())
        .map(|one| (one.code.clone(), one.name.clone()))
}

/// Years before the class year that the choice of 入学年份 reaches back.
const LONGEST_STAY: i32 = 9;

/// The choices of the search form, in the order of the form.
pub(super) fn selects(question: &Question) -> Vec<Select> {
    let mut selects = of_study(question);
    selects.extend(of_roster(question));
    selects
}

/// What a student studies, where and since when.
fn of_study(question: &Question) -> Vec<Select> {
    let (params, school) = (&question.params, &question.school);
    let current = current_year(question);
    let years = [current, current - 1].map(|year| {
        choice(
            year.to_string(),
            format!("{year} 届"),
            &question.year.year.to_string(),
        )
    });
    let types = coded(StudentType::ALL, StudentType::code, StudentType::label);
    let degrees = coded(DegreeLevel::ALL, DegreeLevel::code, DegreeLevel::label);
    let admission_years = (current - LONGEST_STAY..current)
        .rev()
        .map(|year| (year.to_string(), year.to_string()));
    let majors = school
        .majors
        .iter()
        .filter(|one| {
            question
                .filter
                .school_id
                .is_none_or(|school| one.college_id == school)
        })
        .map(|one| (one.code.clone(), format!("{}（{}）", one.name, one.code)));
    // Those of the school's majors: asking the roster itself would read all of it for a few choices.
    let lengths: BTreeSet<i32> = school
        .majors
        .iter()
        .filter_map(|one| one.length_half_years)
        .collect();
    let lengths = lengths
        .iter()
        .map(|half| (years_label(*half), format!("{} 年", years_label(*half))));
    vec![
        Select {
            name: "class_year",
            label: "届别",
            refreshes: false,
            options: years.into(),
        },
        select("type", "类型", &params.student_type, types),
        select("degree", "学历", &params.degree, degrees),
        select(
            "admission_year",
            "入学年份",
            &params.admission_year,
            with_chosen(admission_years, &params.admission_year),
        ),
        Select {
            refreshes: true,
            ..select(
                "school",
                "学院",
                &params.school,
                of_kind(&school.colleges, CollegeKind::School),
            )
        },
        select(
            "residence",
            "书院",
            &params.residence,
            of_kind(&school.colleges, CollegeKind::Residential),
        ),
        select("major", "专业", &params.major, majors),
        select(
            "length",
            "学制",
            &params.length,
            with_chosen(lengths, &params.length),
        ),
    ]
}

/// How a student stands on the roster.
fn of_roster(question: &Question) -> Vec<Select> {
    let params = &question.params;
    let statuses = coded(StudyStatus::ALL, StudyStatus::code, StudyStatus::label);
    let findings = [("yes", "有未处理问题"), ("no", "无未处理问题")];
    let findings = findings.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let sizes = PAGE_SIZES.iter().map(|rows| {
        choice(
            rows.to_string(),
            format!("{rows} 人"),
            &question.page_size.to_string(),
        )
    });
    vec![
        select("status", "学籍状态", &params.status, statuses),
        select("has_finding", "核查问题", &params.has_finding, findings),
        select(
            "how",
            "添加方式",
            &params.how,
            coded(How::ALL, How::code, How::label),
        ),
        select(
            "activation",
            "激活状态",
            &params.activation,
            coded(Stage::ALL, Stage::code, Stage::label),
        ),
        Select {
            name: "size",
            label: "每页",
            refreshes: false,
            options: sizes.collect(),
        },
    ]
}

/// The class year of today, whichever is looked at.
fn current_year(question: &Question) -> i32 {
    let year = question.year.year.year();
    if question.year.is_current { year } else { year + 1 }
}

/// The usual choices, and what is asked for although it is none of them: a form must show what the list was filtered by.
fn with_chosen(
    options: impl Iterator<Item = (String, String)>,
    chosen: &str,
) -> impl Iterator<Item = (String, String)> {
    let chosen = chosen.trim();
    let mut options: Vec<_> = options.collect();
    if !chosen.is_empty() && options.iter().all(|(value, _)| value != chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    options.into_iter()
}
