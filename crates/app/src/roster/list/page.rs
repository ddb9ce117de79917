//! What the page of the list shows: display values only.

use askama::Template;
use qihang_db::entity::college;
use qihang_db::{ClassYearState, CollegeKind, DegreeLevel, How, StudentType, StudyStatus};

use super::columns::{Column, Identity, Listed, Names};
use super::filter::{Direction, ListParams, PAGE_SIZES, View};
use super::handlers::OnRoster;
use super::question::Question;
use crate::auth::{Action, Officer};
use crate::roster::search::years_label;
use crate::web::{PageLinks, Shell};

/// A page of rows as it was read.
pub(super) struct Shown {
    pub(super) listed: Vec<Listed>,
    pub(super) names: Names,
    pub(super) links: PageLinks,
    /// Rows that are asked for, on all pages.
    pub(super) total: u64,
    /// Rows without any filter; only counted when nothing is found.
    pub(super) on_roster: u64,
    /// Of the class year; `None` when it is not set up.
    pub(super) state: Option<ClassYearState>,
}

/// A choice of the search form.
struct Select {
    name: &'static str,
    label: &'static str,
    /// Whether others hang on it, so that it is sent at once.
    refreshes: bool,
    options: Vec<Choice>,
}

struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

struct Heading {
    text: &'static str,
    /// Where a press leads; `None` where the list cannot be ordered by it.
    href: Option<String>,
    /// `ascending` or `descending` when the list is ordered by it.
    sorted: Option<&'static str>,
}

struct Row {
    id: i64,
    student_no: String,
    name: String,
    cells: Vec<Cell>,
}

struct Cell {
    text: String,
    /// Whether it is the identity number, which can be shown in full.
    is_identity: bool,
    /// Whether it names the row.
    is_name: bool,
}

struct ColumnChoice {
    code: &'static str,
    heading: &'static str,
    is_shown: bool,
    is_fixed: bool,
}

/// Why there is nothing, and what to do.
struct Nothing {
    title: String,
    text: String,
    link: Option<(String, &'static str)>,
}

struct ViewLink {
    label: String,
    href: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "roster/list/index.html")]
pub(super) struct IndexPage {
    shell: Shell,
    warning: Option<String>,
    views: Vec<ViewLink>,
    view_code: &'static str,
    year: i32,
    selects: Vec<Select>,
    class_name: String,
    q: String,
    sort: String,
    dir: String,
    reset_href: String,
    query: String,
    headings: Vec<Heading>,
    rows: Vec<Row>,
    total: u64,
    links: PageLinks,
    column_choices: Vec<ColumnChoice>,
    nothing: Option<Nothing>,
    may_remove: bool,
    may_move: bool,
    may_export: bool,
    may_reveal: bool,
}

impl IndexPage {
    pub(super) fn new(
        shell: Shell,
        officer: &Officer,
        question: &Question,
        columns: &[Column],
        shown: Shown,
        choices: OnRoster,
    ) -> Self {
        let params = &question.params;
        let can_change = shown.state == Some(ClassYearState::Open);
        let nothing = nothing(question, &shown, officer.may(Action::ConfirmRoster));
        Self {
            shell,
            warning: warning(question, shown.state),
            views: views(params, question.view),
            view_code: question.view.code(),
            year: question.year.year.year(),
            selects: selects(question, &choices),
            class_name: params.class_name.clone(),
            q: params.q.clone(),
            sort: params.sort.clone(),
            dir: params.dir.clone(),
            reset_href: super::back_to(&params.reset().to_query()),
            query: params.to_query(),
            headings: headings(question, columns),
            rows: rows(columns, &shown.listed, &shown.names),
            total: shown.total,
            links: shown.links,
            column_choices: column_choices(question.view, columns),
            nothing,
            may_remove: can_change && officer.may(Action::RemoveFromRoster),
            may_move: can_change && officer.may(Action::MoveClassYear),
            may_export: officer.may(Action::ExportRoster),
            may_reveal: officer.may(Action::RevealIdentity),
        }
    }

    fn total_text(&self) -> String {
        format!("共 {} 人", self.total)
    }

    fn may_pick(&self) -> bool {
        self.may_remove || self.may_move
    }
}

fn warning(question: &Question, state: Option<ClassYearState>) -> Option<String> {
    let year = question.year.year;
    let closed = match state {
        Some(ClassYearState::Closed) => format!("{year} 届已关闭，名单只能查看和导出。"),
        _ => String::new(),
    };
    if question.year.is_current {
        (!closed.is_empty()).then_some(closed)
    } else {
        let next = year.year() + 1;
        Some(format!("当前查看的是 {year} 届，不是本届（{next} 届）。{closed}"))
    }
}

fn views(params: &ListParams, current: View) -> Vec<ViewLink> {
    View::ALL
        .into_iter()
        .map(|view| ViewLink {
            label: format!("学生用户列表（{}）", view.label()),
            href: super::back_to(&params.in_view(view).to_query()),
            is_current: view == current,
        })
        .collect()
}

fn choice(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Choice {
    let value = value.into();
    Choice {
        is_chosen: value == chosen.trim(),
        label: label.into(),
        value,
    }
}

fn select(
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

fn coded<T: Copy>(
    all: &[T],
    code: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<(String, String)> {
    all.iter()
        .map(|value| (code(*value).to_owned(), label(*value).to_owned()))
        .collect()
}

fn of_kind(colleges: &[college::Model], kind: CollegeKind) -> impl Iterator<Item = (String, String)> {
    colleges
        .iter()
        .filter(move |one| one.kind == kind.code())
        .map(|one| (one.code.clone(), one.name.clone()))
}

/// The choices of the search form, in the order of the form.
fn selects(question: &Question, on_roster: &OnRoster) -> Vec<Select> {
    let (params, school) = (&question.params, &question.school);
    let current = if question.year.is_current {
        question.year.year.year()
    } else {
        question.year.year.year() + 1
    };
    let chosen_year = question.year.year.to_string();
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
    let yes_no = [("yes", "有未处理问题"), ("no", "无未处理问题")];
    let size = params.size.trim();
    vec![
        Select {
            name: "class_year",
            label: "届别",
            refreshes: false,
            options: [current, current - 1]
                .map(|year| choice(year.to_string(), format!("{year} 届"), &chosen_year))
                .into(),
        },
        select(
            "type",
            "类型",
            &params.student_type,
            coded(StudentType::ALL, StudentType::code, StudentType::label),
        ),
        select(
            "degree",
            "学历",
            &params.degree,
            coded(DegreeLevel::ALL, DegreeLevel::code, DegreeLevel::label),
        ),
        select(
            "admission_year",
            "入学年份",
            &params.admission_year,
            with_chosen(
                on_roster
                    .admission_years
                    .iter()
                    .map(|year| (year.to_string(), year.to_string())),
                &params.admission_year,
            ),
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
            with_chosen(
                on_roster
                    .lengths
                    .iter()
                    .map(|half| (years_label(*half), format!("{} 年", years_label(*half)))),
                &params.length,
            ),
        ),
        select(
            "status",
            "学籍状态",
            &params.status,
            coded(StudyStatus::ALL, StudyStatus::code, StudyStatus::label),
        ),
        select(
            "has_finding",
            "核查问题",
            &params.has_finding,
            yes_no.map(|(value, label)| (value.to_owned(), label.to_owned())),
        ),
        select(
            "how",
            "添加方式",
            &params.how,
            coded(How::ALL, How::code, How::label),
        ),
        Select {
            name: "size",
            label: "每页",
            refreshes: false,
            options: PAGE_SIZES
                .iter()
                .map(|rows| choice(rows.to_string(), format!("{rows} 人"), size))
                .collect(),
        },
    ]
}

/// What is on the roster, and what is asked for although it is not: a form must show what the list was filtered by.
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

fn headings(question: &Question, columns: &[Column]) -> Vec<Heading> {
    let (sort, direction) = (question.filter.sort, question.filter.direction);
    columns
        .iter()
        .map(|column| {
            let is_sorted = column.sort() == Some(sort);
            let next = if is_sorted {
                direction.reversed()
            } else {
                Direction::Ascending
            };
            Heading {
                text: column.heading(),
                href: column
                    .sort()
                    .map(|sort| super::back_to(&question.params.sorted(sort, next).to_query())),
                sorted: is_sorted.then_some(match direction {
                    Direction::Ascending => "ascending",
                    Direction::Descending => "descending",
                }),
            }
        })
        .collect()
}

fn rows(columns: &[Column], listed: &[Listed], names: &Names) -> Vec<Row> {
    let cell = |row: &Listed, column: Column| Cell {
        text: column.value(row, names, Identity::Masked).into_owned(),
        is_identity: column == Column::DocumentNo && !row.student.document_no.is_empty(),
        is_name: column == Column::Name,
    };
    listed
        .iter()
        .map(|row| Row {
            id: row.student.id,
            student_no: row.student.student_no.clone(),
            name: row.student.name.clone(),
            cells: columns.iter().map(|column| cell(row, *column)).collect(),
        })
        .collect()
}

fn column_choices(view: View, shown: &[Column]) -> Vec<ColumnChoice> {
    view.columns()
        .iter()
        .map(|column| ColumnChoice {
            code: column.code(),
            heading: column.heading(),
            is_shown: shown.contains(column),
            is_fixed: column.is_fixed(),
        })
        .collect()
}

fn nothing(question: &Question, shown: &Shown, may_add: bool) -> Option<Nothing> {
    let year = question.year.year;
    let contact = "届别由就业中心在“届别管理”中开启。";
    if shown.total > 0 {
        // A page behind the last row: the rows were there when the link was made.
        return shown.listed.is_empty().then(|| Nothing {
            title: "这一页已没有数据".into(),
            text: "名单刚有变化，请从首页重新查看。".into(),
            link: Some((super::back_to(&question.params.to_query()), "回到首页")),
        });
    }
    Some(match shown.state {
        None => Nothing {
            title: format!("{year} 届尚未设置"),
            text: contact.into(),
            link: None,
        },
        Some(ClassYearState::Planned) => Nothing {
            title: format!("{year} 届尚未开启"),
            text: contact.into(),
            link: None,
        },
        Some(_) if shown.on_roster > 0 => Nothing {
            title: "没有符合条件的学生".into(),
            text: format!(
                "{year} 届生源库中有 {} 人，但都不符合当前的查询条件。",
                shown.on_roster
            ),
            link: Some((super::back_to(&question.params.reset().to_query()), "重置")),
        },
        Some(ClassYearState::Open) => Nothing {
            title: format!("{year} 届生源库还没有学生"),
            text: "在您的管理范围内还没有添加毕业生。请先到“名单确认”添加。".into(),
            link: may_add.then(|| {
                (
                    format!("/manage/roster/candidates?class_year={year}"),
                    "去名单确认",
                )
            }),
        },
        Some(ClassYearState::Closed) => Nothing {
            title: format!("{year} 届生源库没有学生"),
            text: "在您的管理范围内，这一届没有添加过毕业生，届别已关闭。".into(),
            link: None,
        },
    })
}
