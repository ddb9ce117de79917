//! What the pages of findings show.

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::college;
use qihang_db::{ClassYearState, Clock, Scope};
use serde::{Deserialize, Serialize};

use super::explain::Explanation;
use super::model::{Group, Kind};
use super::queries::{self, Counts, Filter, ListedRow, Sheet, StateFilter};
use super::rules::REASON_LENGTH;
use crate::class_year::model::{Chosen, DaysLeft, Details};
use crate::web::{AppError, PageLinks, Shell, Step};

/// Rows of a page.
pub(super) const PAGE_SIZE: usize = 50;

/// The list's address, as text; [`ListQuery::filter`] judges it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_year: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub college: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<u8>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl ListQuery {
    /// The query in a posted form.
    pub fn read(text: &str) -> Result<Self, AppError> {
        serde_html_form::from_str(text).map_err(|_| AppError::BadRequest("返回地址无法识别。".into()))
    }

    /// What it asks for.
    ///
    /// # Errors
    ///
    /// [`AppError::BadRequest`] for a value that is none of the choices; it is never read as "all".
    pub fn filter(&self, year: i32) -> Result<Filter, AppError> {
        let unknown = |what: &str| AppError::BadRequest(format!("查询条件“{what}”的值无法识别。"));
        let kind = match given(self.kind.as_ref()) {
            None => None,
            Some(code) => Some(Kind::from_code(code).ok_or_else(|| unknown("问题"))?),
        };
        let group = match (given(self.group.as_ref()), kind) {
            (Some(code), _) => Group::from_code(code).ok_or_else(|| unknown("类别"))?,
            (None, Some(kind)) => Group::of(kind),
            (None, None) => Group::Omissions,
        };
        if kind.is_some_and(|kind| Group::of(kind) != group) {
            return Err(unknown("问题"));
        }
        let state = match given(self.state.as_ref()) {
            None | Some("open") => StateFilter::Open,
            Some("settled") => StateFilter::Settled,
            Some(_) => return Err(unknown("状态")),
        };
        let text = given(self.q.as_ref()).map(str::to_owned);
        Ok(Filter {
            year,
            group,
            kind,
            state,
            text,
        })
    }

    /// Whether it says which heap to show, by itself or by a kind.
    pub fn names_group(&self) -> bool {
        given(self.group.as_ref()).or(given(self.kind.as_ref())).is_some()
    }

    /// Where the page begins.
    pub fn step(&self) -> Step {
        Step {
            after: self.after.clone(),
            before: self.before.clone(),
            last: self.last,
        }
    }

    /// The same list at another step.
    fn at(&self, step: &Step) -> Self {
        Self {
            after: step.after.clone(),
            before: step.before.clone(),
            last: step.last,
            ..self.clone()
        }
    }

    /// The query string.
    fn text(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The whole address.
    pub fn address(&self) -> String {
        format!("/manage/findings?{}", self.text())
    }
}

/// The class year that a page is about.
pub(super) struct YearView {
    pub year: i32,
    pub is_current: bool,
    pub is_open: bool,
    /// Why nothing can be done, where nothing can.
    pub closed_notice: Option<String>,
    /// The due date with the days left.
    pub due: Option<String>,
}

impl YearView {
    pub fn new(chosen: Chosen, details: Option<Details>, today: NaiveDate) -> Self {
        let year = chosen.year.year();
        let state = details.as_ref().map(|details| details.state);
        Self {
            year,
            is_current: chosen.is_current,
            is_open: state == Some(ClassYearState::Open),
            closed_notice: match state {
                Some(ClassYearState::Open) => None,
                Some(ClassYearState::Closed) => Some(format!(
                    "{year} 届已关闭：以下是关闭时的核查结果，不再更新，也不能再处理。"
                )),
                Some(ClassYearState::Planned) | None => Some(format!(
                    "{year} 届尚未开启：就业中心开启后，系统自动核查并在这里列出问题。"
                )),
            },
            due: details
                .filter(|_| state == Some(ClassYearState::Open))
                .map(|details| {
                    let left = DaysLeft::until(details.roster_due, today).label();
                    format!("名单 {} 截止，{left}", details.roster_due.format("%-m月%-d日"))
                }),
        }
    }

    pub fn label(&self) -> String {
        format!("{} 届", self.year)
    }
}

/// Reasons that are given often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    Postponed,
    Checked,
    Other,
}

impl Template {
    const ALL: [Self; 3] = [Self::Postponed, Self::Checked, Self::Other];

    const fn code(self) -> &'static str {
        match self {
            Self::Postponed => "postponed",
            Self::Checked => "checked",
            Self::Other => "other",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Postponed => "申请延期毕业",
            Self::Checked => "已核实无误",
            Self::Other => "其他（须填写说明）",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.code() == code)
    }

    /// The reason with the officer's own words; `None` where these are needed and missing.
    pub fn reason(self, note: &str) -> Option<String> {
        let note = note.trim();
        match (self, note.is_empty()) {
            (Self::Other, true) => None,
            (Self::Other, false) => Some(note.to_owned()),
            (template, true) => Some(template.label().to_owned()),
            (template, false) => Some(format!("{}：{note}", template.label())),
        }
    }
}

/// The settling form as it was sent, when it had a mistake.
#[derive(Default)]
pub(super) struct Settling {
    pub error: Option<String>,
    pub template: String,
    pub note: String,
    pub picked: Vec<i64>,
}

/// A choice of a select.
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

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
}

struct SettledRow {
    on: String,
    by: String,
    reason: String,
}

fn day(instant: DateTime<Utc>) -> String {
    Clock::day_of(instant).format("%Y-%m-%d").to_string()
}

fn minute(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&chrono_tz::Asia::Shanghai)
        .format("%Y-%m-%d %H:%M")
        .to_string()
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
        let settled = finding.settled_at.map(|at| SettledRow {
            on: minute(at),
            by: row.settled_by.unwrap_or_else(|| "系统".into()),
            reason: finding.settled_reason.unwrap_or_default(),
        });
        Self {
            id: finding.id,
            label: kind.map_or(finding.kind, |kind| kind.label().to_owned()),
            badge: kind.map_or("warning", |kind| badge(Group::of(kind))),
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

/// How far a 院 is, on screen.
struct SheetView {
    code: String,
    name: String,
    counts: Counts,
    /// How long the oldest open fault has been waiting.
    age: Option<String>,
    signed: Option<String>,
    reopened: Option<String>,
    may_sign: bool,
    href: String,
}

impl SheetView {
    fn new(sheet: Sheet, year: i32, signs: Option<&Scope>) -> Self {
        let query = serde_html_form::to_string([
            ("class_year", year.to_string().as_str()),
            ("college", &sheet.college.code),
        ]);
        Self {
            href: format!("/manage/findings?{}", query.unwrap_or_default()),
            may_sign: signs.is_some_and(|scope| scope.covers(sheet.college.id)),
            code: sheet.college.code,
            name: sheet.college.name,
            counts: sheet.counts,
            age: sheet.oldest.map(day),
            signed: sheet
                .signed
                .map(|(name, at)| format!("{} 由{name}签署", minute(at))),
            reopened: sheet.reopened_at.map(minute),
        }
    }

    fn may_be_signed(&self) -> bool {
        self.signed.is_none() && self.counts.to_do() == 0
    }
}

/// 核查问题.
#[derive(askama::Template)]
#[template(path = "findings/index.html")]
pub(super) struct FindingsPage {
    shell: Shell,
    year: YearView,
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
        // The address always names class year and heap: the default of both may be another one a moment later.
        let query = ListQuery {
            class_year: Some(filter.year.to_string()),
            group: Some(filter.group.code().into()),
            ..query
        };
        Self {
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
        let counts = queries::sum(by_kind);
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

fn year_choices(view: &YearView) -> Vec<Choice> {
    let current = if view.is_current { view.year } else { view.year + 1 };
    [current, current - 1]
        .into_iter()
        .map(|year| Choice {
            value: year.to_string(),
            label: format!("{year} 届"),
            is_chosen: year == view.year,
        })
        .collect()
}

/// 各院核对情况.
#[derive(askama::Template)]
#[template(path = "findings/sign_offs.html")]
pub(super) struct SheetsPage {
    shell: Shell,
    year: YearView,
    years: Vec<Choice>,
    sheets: Vec<SheetView>,
    signed: usize,
}

impl SheetsPage {
    pub fn new(
        shell: Shell,
        year: YearView,
        sheets: Vec<Sheet>,
        signs: Option<&Scope>,
        today: NaiveDate,
    ) -> Self {
        let sheets: Vec<SheetView> = sheets
            .into_iter()
            .map(|sheet| {
                let oldest = sheet.oldest;
                let mut view = SheetView::new(sheet, year.year, signs);
                view.age = oldest.map(|at| match (today - Clock::day_of(at)).num_days() {
                    0 => "今天".to_owned(),
                    days => format!("{days} 天"),
                });
                view
            })
            .collect();
        Self {
            signed: sheets.iter().filter(|sheet| sheet.signed.is_some()).count(),
            years: year_choices(&year),
            shell,
            year,
            sheets,
        }
    }
}

/// 为什么不在名单里.
#[derive(askama::Template)]
#[template(path = "findings/explanation.html")]
pub(super) struct ExplanationPage {
    shell: Shell,
    year: YearView,
    years: Vec<Choice>,
    student_no: String,
    answer: Option<Explanation>,
}

impl ExplanationPage {
    pub fn new(shell: Shell, year: YearView, student_no: String, answer: Option<Explanation>) -> Self {
        Self {
            years: year_choices(&year),
            shell,
            year,
            student_no,
            answer,
        }
    }

    /// The same words for a number that nobody has and for one of another 院.
    fn not_found(&self) -> String {
        format!(
            "没有找到学号为“{}”的学生，或该生不在您的管理范围内。",
            self.student_no
        )
    }
}
