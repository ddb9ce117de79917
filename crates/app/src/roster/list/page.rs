//! What the page of the list shows: display values only.

use askama::Template;
use qihang_db::ClassYearState;

use super::columns::{Column, Identity, Listed, Names};
use super::filter::{Direction, ListParams, View};
use super::form::{Select, selects};
use super::question::Question;
use crate::auth::{Action, Officer};
use crate::roster::export::ordered::OFFERED_FROM;
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
    /// Where nothing narrows the list, while something does.
    clear_href: Option<String>,
    query: String,
    headings: Vec<Heading>,
    rows: Vec<Row>,
    total: u64,
    links: PageLinks,
    column_choices: Vec<ColumnChoice>,
    nothing: Option<Nothing>,
    may: May,
}

/// What the officer may do with the rows.
#[expect(clippy::struct_excessive_bools, reason = "one answer for each button")]
struct May {
    remove: bool,
    move_years: bool,
    export: bool,
    reveal: bool,
}

impl IndexPage {
    pub(super) fn new(
        shell: Shell,
        officer: &Officer,
        question: &Question,
        columns: &[Column],
        shown: Shown,
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
            selects: selects(question),
            class_name: params.class_name.clone(),
            q: params.q.clone(),
            sort: params.sort.clone(),
            dir: params.dir.clone(),
            reset_href: super::unfiltered(&params.reset()),
            clear_href: params.is_narrowed().then(|| super::unfiltered(&params.reset())),
            query: params.to_query(),
            headings: headings(question, columns),
            rows: rows(columns, &shown.listed, &shown.names),
            total: shown.total,
            links: shown.links,
            column_choices: column_choices(question.view, columns),
            nothing,
            may: May {
                remove: can_change && officer.may(Action::RemoveFromRoster),
                move_years: can_change && officer.may(Action::MoveClassYear),
                export: officer.may(Action::ExportRoster),
                reveal: officer.may(Action::RevealIdentity),
            },
        }
    }

    /// Whether an export is worth a job.
    fn may_order(&self) -> bool {
        self.total >= OFFERED_FROM
    }

    fn total_text(&self) -> String {
        format!("共 {} 人", self.total)
    }

    fn may_pick(&self) -> bool {
        self.may.remove || self.may.move_years
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
            link: Some((super::unfiltered(&question.params.reset()), "重置")),
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
