//! The list: who lacks an origin or a unit, with the students' proposals first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::entity::college;
use qihang_db::{ReminderAbout, UnitState};
use serde::Deserialize;

use crate::app::App;
use crate::auth::{Action, Can, Staff, policy};
use crate::directed::filter::{DirectedFilter, Missing, Params, Shown};
use crate::directed::model::{Lies, Line};
use crate::directed::queries::{self, Directed};
use crate::directed::{PATH, link};
use crate::home;
use crate::progress::reminders::model::Wording;
use crate::progress::reminders::rules::{self as reminding, Sending};
use crate::progress::reminders::said;
use crate::roster::list::columns::{Column, Identity, Names};
use crate::school;
use crate::web::{
    AppError, Form, PageLinks, Query, Shell, Step, html, instant_text, page_address, redirect, window,
};

/// Students on a page.
const PAGE_SIZE: usize = 25;

/// A student as staff see it.
pub(super) struct Row {
    pub(super) student_no: String,
    pub(super) name: String,
    pub(super) college: String,
    pub(super) major: String,
    pub(super) class_name: String,
    pub(super) mode: String,
    /// Empty where there is none.
    pub(super) origin: String,
    /// Empty where there is none.
    pub(super) unit: String,
    /// What the student proposed and nobody has decided.
    pub(super) proposed: Option<(String, String)>,
    /// What was declined last, and why.
    pub(super) declined: Option<(String, String)>,
    /// What an officer filled in, and how it lies to the data exchange.
    pub(super) filled: Option<Filled>,
    pub(super) mobile: String,
}

/// A unit that an officer filled in.
pub(super) struct Filled {
    pub(super) unit: String,
    pub(super) note: String,
    pub(super) at: String,
    pub(super) by: Option<i64>,
    pub(super) lies: Lies,
}

impl Row {
    pub(super) fn new(directed: Directed, names: &Names) -> Self {
        let Directed {
            student,
            unit,
            mobile,
        } = directed;
        let text = |column: Column| column.of_student(&student, names, Identity::Masked).into_owned();
        let state = unit.as_ref().and_then(|row| UnitState::from_code(&row.state));
        let when = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or_else(String::new, instant_text);
        let is_lacking = student.directed_unit.is_empty();
        let of = |wanted: UnitState| unit.as_ref().filter(|_| state == Some(wanted));
        Self {
            college: names.college(student.college_id).to_owned(),
            major: text(Column::Major),
            class_name: student.class_name.clone(),
            mode: text(Column::TrainingMode),
            origin: text(Column::Origin),
            unit: student.directed_unit.clone(),
            proposed: of(UnitState::Proposed)
                .filter(|_| is_lacking)
                .map(|row| (row.unit.clone(), when(row.proposed_at))),
            declined: of(UnitState::Declined)
                .filter(|_| is_lacking)
                .map(|row| (row.unit.clone(), row.note.clone())),
            filled: unit.as_ref().and_then(|row| {
                Some(Filled {
                    lies: Lies::of(row)?,
                    unit: row.unit.clone(),
                    note: row.note.clone(),
                    at: when(row.decided_at),
                    by: row.decided_by,
                })
            }),
            mobile,
            student_no: student.student_no,
            name: student.name,
        }
    }
}

/// A choice of a select: code, words, whether it is chosen.
type Choice = (String, String, bool);

/// A tab: address, words, how many, whether it is here.
type Tab = (String, &'static str, usize, bool);

#[derive(Template)]
#[template(path = "directed/index.html")]
struct IndexPage {
    shell: Shell,
    params: Params,
    year: i32,
    is_current: bool,
    rows: Vec<Row>,
    total: String,
    links: PageLinks,
    tabs: Vec<Tab>,
    years: Vec<Choice>,
    missing: Vec<Choice>,
    colleges: Vec<Choice>,
    export: String,
    proposals: (usize, String),
    without_origin: usize,
    without_unit: usize,
    may_remind: bool,
}

impl IndexPage {
    fn link(&self, student_no: &str) -> String {
        link(student_no, self.year)
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::directed) struct Asked {
    #[serde(flatten)]
    params: Params,
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

/// The names that students refer to.
pub(super) async fn names(app: &App, staff: &Staff) -> Result<Names, AppError> {
    let school = app.cache.school(&app.db, staff.versions).await?;
    Ok(Names::new(&school.colleges, &school.majors))
}

/// The filter that an address asks for, and the 院 that may be asked for.
pub(super) async fn understand(
    app: &App,
    scope: &qihang_db::Scope,
    params: &Params,
) -> Result<(DirectedFilter, Vec<college::Model>), AppError> {
    let colleges = school::queries::colleges_in(app.db.reader(), scope).await?;
    let known: Vec<(String, i64)> = colleges
        .iter()
        .map(|college| (college.code.clone(), college.id))
        .collect();
    let filter = DirectedFilter::read(params, &known, app.db.clock().today())?;
    Ok((filter, colleges))
}

/// Of these lines those that the filter asks for.
pub(super) fn asked_for<'a>(lines: &'a [Line], filter: &DirectedFilter) -> impl Iterator<Item = &'a Line> {
    lines.iter().filter(move |line| is_asked_for(line, filter))
}

fn is_asked_for(line: &Line, filter: &DirectedFilter) -> bool {
    line.is_in(filter.shown) && filter.missing.is_none_or(|missing| line.lacks(missing))
}

fn choices<T>(
    all: impl IntoIterator<Item = T>,
    words: impl Fn(T) -> (String, String),
    chosen: &str,
) -> Vec<Choice> {
    all.into_iter()
        .map(|one| {
            let (code, words) = words(one);
            let is_chosen = code == chosen;
            (code, words, is_chosen)
        })
        .collect()
}

pub(in crate::directed) async fn index(
    State(app): State<App>,
    can: Can<policy::KeepUnits>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let params = asked.params;
    let step = Step {
        after: asked.after,
        before: asked.before,
        last: asked.last,
    };
    let (filter, colleges) = understand(&app, can.scope(), &params).await?;
    let year = filter.year.year.year();
    let reader = app.db.reader();
    let lines = queries::lines(reader, can.scope(), &filter).await?;
    let total = asked_for(&lines, &filter).count();
    let key = step.after.as_deref().or(step.before.as_deref());
    let key: Option<i64> = key
        .map(|text| {
            text.parse()
                .map_err(|_| AppError::BadRequest("页码无法识别。".into()))
        })
        .transpose()?;
    // Whoever the page began at keeps the place there, even who has left the list meanwhile; a page never shows its key.
    let all: Vec<i64> = lines
        .iter()
        .filter(|line| is_asked_for(line, &filter) || key == Some(line.id))
        .map(|line| line.id)
        .collect();
    let at = key.and_then(|key| all.iter().position(|id| *id == key));
    let step = if key.is_some() && at.is_none() {
        Step::default()
    } else {
        step
    };
    let mut page = window(&all, &step, at, PAGE_SIZE);
    let pager = PageLinks::cut(&mut page, PAGE_SIZE, &step, ToString::to_string, |step| {
        page_address(PATH, &params, step)
    });
    let names = names(&app, &staff).await?;
    let rows = queries::students(reader, can.scope(), &page).await?;
    let count = |shown: Shown, missing: Option<Missing>| {
        let lacks = |line: &&Line| missing.is_none_or(|missing| line.lacks(missing));
        lines
            .iter()
            .filter(|line| line.is_in(shown))
            .filter(lacks)
            .count()
    };
    let of = |missing: Missing| count(Shown::Open, Some(missing));
    let tabs = Shown::ALL.map(|shown| {
        let params = Params {
            show: shown.code().to_owned(),
            missing: String::new(),
            ..params.clone()
        };
        let href = page_address(PATH, &params, &Step::default());
        (href, shown.label(), count(shown, None), shown == filter.shown)
    });
    let proposals = Params {
        show: String::new(),
        missing: Missing::Proposed.code().to_owned(),
        ..params.clone()
    };
    let current = if filter.year.is_current { year } else { year + 1 };
    html(&IndexPage {
        shell: home::shell(&app, &staff, PATH).await?,
        year,
        is_current: filter.year.is_current,
        rows: rows.into_iter().map(|one| Row::new(one, &names)).collect(),
        total: format!("共 {total} 人"),
        links: pager,
        tabs: tabs.into(),
        years: choices(
            [current, current - 1],
            |year| (year.to_string(), format!("{year} 届")),
            &year.to_string(),
        ),
        missing: choices(
            Missing::ALL,
            |one| (one.code().to_owned(), one.label().to_owned()),
            &params.missing,
        ),
        colleges: choices(colleges, |college| (college.code, college.name), &params.college),
        export: match params.to_query() {
            query if query.is_empty() => "/manage/directed.xlsx".to_owned(),
            query => format!("/manage/directed.xlsx?{query}"),
        },
        proposals: (
            of(Missing::Proposed),
            page_address(PATH, &proposals, &Step::default()),
        ),
        without_origin: of(Missing::Origin),
        without_unit: of(Missing::Unit),
        may_remind: staff.officer.may(Action::RemindStudents),
        params,
    })
}

#[derive(Debug, Deserialize)]
pub(in crate::directed) struct Remind {
    #[serde(flatten)]
    params: Params,
    /// Only this one, by 学号.
    #[serde(default)]
    student: String,
}

/// One press: those of the list without 生源所在地 are told where to mend it.
pub(in crate::directed) async fn remind(
    State(app): State<App>,
    can: Can<policy::RemindStudents>,
    staff: Staff,
    Form(form): Form<Remind>,
) -> Result<Response, AppError> {
    let (filter, _) = understand(&app, can.scope(), &form.params).await?;
    let reader = app.db.reader();
    let (ids, back) = if form.student.is_empty() {
        let lines = queries::lines(reader, can.scope(), &filter).await?;
        let ids = asked_for(&lines, &filter).filter(|line| !line.has_origin);
        let ids: Vec<i64> = ids.map(|line| line.id).collect();
        (ids, page_address(PATH, &form.params, &Step::default()))
    } else {
        let one = queries::find(reader, can.scope(), &form.student)
            .await?
            .ok_or(AppError::NotFound)?;
        (vec![one.id], link(&one.student_no, filter.year.year.year()))
    };
    let search = format!("directed?{}", form.params.to_query());
    let sending = Sending {
        about: ReminderAbout::Origin,
        year: filter.year.year,
        search: &search,
        wording: &Wording::of_origin(),
    };
    let sent = reminding::remind(&app.db, &can, sending, &ids).await;
    let flash = said(sent, "到门户补充生源所在地")?;
    home::flash(&staff, flash).await?;
    Ok(redirect(&back))
}
