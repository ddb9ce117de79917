//! 核查问题.

use qihang_db::Scope;
use qihang_db::entity::college;

use super::query::{ListQuery, PATH};
use super::settling::{Settling, Template};
use super::sign_offs::SheetView;
use super::{Choice, YearView, day, minute, year_choices};
use crate::directed;
use crate::findings::model::{Counts, Group, Kind};
use crate::findings::queries::{Filter, ListedRow, Sheet, StateFilter};
use crate::findings::rules::REASON_LENGTH;
use crate::preference::unfiltered;
use crate::web::{PageLinks, Shell, Step};

/// Rows of a page.
pub(in crate::findings) const PAGE_SIZE: usize = 50;

/// A tab or a switch.
struct Tab {
    label: &'static str,
    count: Option<u64>,
    badge: &'static str,
    href: String,
    is_here: bool,
}

struct Row {
    id: i64,
    student_no: String,
    name: String,
    college: String,
    major: String,
    label: String,
    badge: &'static str,
    field: String,
    value: String,
    reason: String,
    found_on: String,
    settled: Option<SettledRow>,
    is_picked: bool,
    explanation: String,
    /// Where an officer sees to it: 定向委培.
    directed: Option<String>,
}

struct SettledRow {
    on: String,
    by: String,
    reason: String,
}

const fn badge(group: Group) -> &'static str {
    match group {
        Group::Omissions => "danger",
        Group::WrongAdditions | Group::Faults => "warning",
        Group::Infos => "info",
    }
}

impl Row {
    fn new(row: ListedRow, year: i32, picked: &[i64]) -> Self {
        let finding = row.finding;
        let kind = Kind::from_code(&finding.kind);
        let query = serde_html_form::to_string([
            ("student_no", row.student_no.as_str()),
            ("class_year", &year.to_string()),
        ]);
        let directed = kind.filter(|kind| match kind {
            Kind::DirectedUnitMissing | Kind::DirectedUnitPending | Kind::DirectedUnitConflict => true,
            Kind::OriginMissing => row.is_directed,
            _ => false,
        });
        let settled = finding.settled_at.map(|at| SettledRow {
            on: minute(at),
            by: row.settled_by.unwrap_or_else(|| "系统".into()),
            reason: finding.settled_reason.unwrap_or_default(),
        });
        Self {
            id: finding.id,
            label: kind.map_or(finding.kind, |kind| kind.label().to_owned()),
            badge: kind.map_or("warning", |kind| badge(Group::of(kind))),
            directed: directed.map(|_| directed::link(&row.student_no, year)),
            student_no: row.student_no,
            name: row.name,
            college: row.college,
            major: row.major,
            field: finding.field,
            value: finding.value,
            reason: finding.reason,
            found_on: day(finding.found_at),
            settled,
            is_picked: picked.contains(&finding.id),
            explanation: format!("/manage/explanation?{}", query.unwrap_or_default()),
        }
    }
}

/// 核查问题.
#[derive(askama::Template)]
#[template(path = "findings/index.html")]
pub(in crate::findings) struct FindingsPage {
    shell: Shell,
    year: YearView,
    /// Whether the question is one that comes back the next time.
    is_filtered: bool,
    back: String,
    q: String,
    group: Group,
    tabs: Vec<Tab>,
    states: Vec<Tab>,
    kinds: Vec<Choice>,
    colleges: Vec<Choice>,
    years: Vec<Choice>,
    rows: Vec<Row>,
    links: PageLinks,
    total: u64,
    open: Counts,
    sheet: Option<SheetView>,
    templates: Vec<Choice>,
    note: String,
    error: Option<String>,
    picked: usize,
    may_settle: bool,
    query: ListQuery,
    filter: Filter,
    picked_ids: Vec<i64>,
}

impl FindingsPage {
    pub fn new(shell: Shell, year: YearView, query: ListQuery, filter: Filter, settling: Settling) -> Self {
        let is_filtered = !query.remembered().is_empty();
        // The address always names class year and heap: the default of both may be another one a moment later.
        let query = ListQuery {
            class_year: Some(filter.year.to_string()),
            group: Some(filter.group.code().into()),
            ..query
        };
        Self {
            is_filtered,
            back: query.text(),
            q: filter.text.clone().unwrap_or_default(),
            group: filter.group,
            tabs: Vec::new(),
            states: Vec::new(),
            kinds: Vec::new(),
            colleges: Vec::new(),
            years: year_choices(&year),
            rows: Vec::new(),
            links: PageLinks::default(),
            total: 0,
            open: Counts::default(),
            sheet: None,
            templates: Template::ALL
                .into_iter()
                .map(|template| Choice {
                    value: template.code().into(),
                    label: template.label().into(),
                    is_chosen: template.code() == settling.template,
                })
                .collect(),
            note: settling.note,
            error: settling.error,
            picked: 0,
            picked_ids: settling.picked,
            may_settle: false,
            shell,
            year,
            query,
            filter,
        }
    }

    pub fn with_rows(mut self, mut rows: Vec<ListedRow>, step: &Step) -> Self {
        self.links = PageLinks::cut(&mut rows, PAGE_SIZE, step, ListedRow::key, |step| {
            self.query.at(step).address()
        });
        self.rows = rows
            .into_iter()
            .map(|row| Row::new(row, self.filter.year, &self.picked_ids))
            .collect();
        self.picked = self.rows.iter().filter(|row| row.is_picked).count();
        self
    }

    /// `by_kind` counts what the filter finds, `open` everything that is open in the officer's scope.
    pub fn with_counts(mut self, by_kind: &[(String, i64)], open: Counts) -> Self {
        let counts = Counts::sum(by_kind);
        let first_page = self.query.at(&Step::default());
        self.tabs = Group::ALL
            .iter()
            .map(|group| Tab {
                label: group.label(),
                count: Some(counts.of(*group)),
                badge: if counts.of(*group) == 0 {
                    "muted"
                } else {
                    badge(*group)
                },
                href: ListQuery {
                    group: Some(group.code().into()),
                    kind: None,
                    ..first_page.clone()
                }
                .address(),
                is_here: *group == self.group,
            })
            .collect();
        self.states = [
            ("open", "未处理", StateFilter::Open),
            ("settled", "已处理", StateFilter::Settled),
        ]
        .into_iter()
        .map(|(code, label, state)| Tab {
            label,
            count: None,
            badge: "muted",
            href: ListQuery {
                state: Some(code.into()),
                ..first_page.clone()
            }
            .address(),
            is_here: state == self.filter.state,
        })
        .collect();
        let count_of = |kind: Kind| {
            by_kind
                .iter()
                .find(|(code, _)| code == kind.code())
                .map_or(0, |(_, count)| u64::try_from(*count).unwrap_or_default())
        };
        self.kinds = self
            .group
            .kinds()
            .filter(|kind| count_of(*kind) > 0 || self.filter.kind == Some(*kind))
            .map(|kind| Choice {
                value: kind.code().into(),
                label: format!("{}（{}）", kind.label(), count_of(kind)),
                is_chosen: self.filter.kind == Some(kind),
            })
            .collect();
        self.total = self.filter.kind.map_or_else(|| counts.of(self.group), count_of);
        self.open = open;
        self
    }

    pub fn with_colleges(
        mut self,
        colleges: Vec<college::Model>,
        sheets: Vec<Sheet>,
        signs: Option<&Scope>,
    ) -> Self {
        let named = self.query.college.clone().unwrap_or_default();
        if colleges.len() > 1 {
            self.colleges = colleges
                .into_iter()
                .map(|college| Choice {
                    is_chosen: college.code == named,
                    label: college.name,
                    value: college.code,
                })
                .collect();
        }
        self.sheet = sheets
            .into_iter()
            .next()
            .map(|sheet| SheetView::new(sheet, self.filter.year, signs));
        self
    }

    pub fn may_settle(mut self, may: bool) -> Self {
        self.may_settle = may && self.year.is_open;
        self
    }

    fn is_settled(&self) -> bool {
        self.filter.state == StateFilter::Settled
    }

    fn total_text(&self) -> String {
        format!("共 {} 条", self.total)
    }

    fn all_label(&self) -> String {
        format!("选中本页 {} 条", self.rows.len())
    }

    fn reset(&self) -> String {
        let plain = ListQuery {
            class_year: self.query.class_year.clone(),
            group: self.query.group.clone(),
            ..ListQuery::default()
        };
        plain.address()
    }

    /// The list without any question.
    fn unfiltered(&self) -> String {
        if self.year.is_current {
            return unfiltered(PATH);
        }
        let plain = ListQuery {
            class_year: self.query.class_year.clone(),
            ..ListQuery::default()
        };
        plain.address()
    }

    /// Why there is nothing to see.
    fn empty_text(&self) -> &'static str {
        let is_narrowed =
            self.filter.text.is_some() || self.filter.kind.is_some() || self.query.college.is_some();
        if !self.year.is_open && self.total == 0 {
            "本届未在进行中，没有核查结果。"
        } else if is_narrowed {
            "没有符合查询条件的记录，可放宽条件再查。"
        } else if self.is_settled() {
            "这一类问题还没有处理过的。"
        } else {
            "这一类问题没有未处理的。"
        }
    }
}
