//! 就业工作年度考核: the page, the workbook, and which masters count.

use std::cmp::Ordering;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Asia::Shanghai;
use qihang_db::{ClassYearState, Clock};
use qihang_standards::codes::TRAINING_MODE;
use serde::Deserialize;

use super::model::{Modes, Moment};
use super::report::{Line, Report};
use super::rules::{self, Freeze, RuleError};
use super::{PATH, paper, queries, workbook};
use crate::app::{App, MISTAKES};
use crate::auth::{Action, Can, Staff, policy};
use crate::class_year::model::{ClassYear, Details};
use crate::home;
use crate::web::{
    AppError, Flash, Form, Path, Query, Shell, content_disposition, html, html_with, instant_text, redirect,
    xlsx,
};

/// The page's address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Params {
    /// 届; the one of today where none is named.
    class_year: String,
    /// A day or a minute in Asia/Shanghai; now where none is named.
    at: String,
}

/// The class year that an address names, of those that are there; the one of today, or the newest, where none is named.
/// `None` when there is none at all.
pub(crate) async fn chosen(
    app: &App,
    staff: &Staff,
    named: &str,
) -> Result<(Vec<YearChoice>, Option<Details>), AppError> {
    let school = app.cache.school(&app.db, staff.versions).await?;
    let year = match named.trim() {
        "" => ClassYear::of_day(app.db.clock().today()),
        text => text
            .parse()
            .ok()
            .and_then(ClassYear::new)
            .filter(|year| school.class_year(*year).is_some())
            .ok_or_else(|| AppError::BadRequest(format!("没有“{text}”这个届别。")))?,
    };
    let details = school.class_year(year).or_else(|| school.class_years.first());
    let years = school.class_years.iter().map(|one| YearChoice {
        year: one.year,
        is_chosen: details.is_some_and(|details| details.year == one.year),
    });
    Ok((years.collect(), details.cloned()))
}

/// A moment that an address names.
fn moment(text: &str, now: DateTime<Utc>) -> Result<(Moment, String), AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok((Moment::after(now), instant_text(now)));
    }
    let bad = || {
        AppError::BadRequest(format!(
            "时间“{text}”无法识别，请用 2026-09-15 或 2026-09-15T18:00。"
        ))
    };
    let future = || AppError::BadRequest("不能查看将来的数据。".into());
    if let Ok(day) = text.parse() {
        return match Clock::day_of(now).cmp(&day) {
            Ordering::Less => Err(future()),
            Ordering::Equal => Ok((Moment::after(now), instant_text(now))),
            Ordering::Greater => Ok((Moment::end_of(day), format!("{day} 24:00"))),
        };
    }
    let minute = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").map_err(|_| bad())?;
    let instant = minute
        .and_local_timezone(Shanghai)
        .earliest()
        .ok_or_else(bad)?
        .with_timezone(&Utc);
    if instant > now {
        return Err(future());
    }
    Ok((Moment::after(instant), instant_text(instant)))
}

/// A class year to choose.
pub(crate) struct YearChoice {
    /// Which.
    pub(crate) year: ClassYear,
    /// Whether it is shown.
    pub(crate) is_chosen: bool,
}

#[derive(Template)]
#[template(path = "assessment/index.html")]
struct IndexPage {
    shell: Shell,
    years: Vec<YearChoice>,
    year: ClassYear,
    report: Report,
    /// As of when, in words.
    as_of: String,
    at: String,
    /// The question, for the papers.
    query: String,
    /// Whether it is now.
    is_now: bool,
    modes: Modes,
    may_set_rule: bool,
    export: String,
}

fn pending(due: NaiveDate) -> String {
    format!("{} 24:00 后自动冻结", due.format("%-m月%-d日"))
}

impl IndexPage {
    /// The words for a roster that is not frozen yet.
    fn roster_pending(&self) -> String {
        pending(self.report.details.roster_due)
    }

    /// The words for an activation that is not frozen yet.
    fn activation_pending(&self) -> String {
        pending(self.report.details.activation_due)
    }

    /// The beginning of a digest: enough to tell two apart.
    #[expect(clippy::unused_self, reason = "called by a template")]
    fn digest<'a>(&self, freeze: &'a Freeze) -> &'a str {
        freeze.digest.get(..16).unwrap_or_default()
    }

    #[expect(clippy::unused_self, reason = "called by a template")]
    fn frozen_at(&self, freeze: &Freeze) -> String {
        instant_text(freeze.frozen_at)
    }

    /// The same page as of the end of a due day.
    fn as_of_due(&self, freeze: &Freeze) -> String {
        format!("{PATH}?class_year={}&at={}", self.year, freeze.due)
    }

    /// 目前, or the moment.
    fn when(&self) -> &str {
        if self.is_now { "目前" } else { "当时" }
    }

    /// The open omissions of a 院, where they are those of now.
    fn omissions(&self, line: &Line, state: &str) -> Option<String> {
        let query = [
            ("class_year", self.year.to_string()),
            ("kind", "omission".into()),
            ("state", state.into()),
            ("college", line.code.clone()),
        ];
        let named = query.iter().filter(|(_, value)| !value.is_empty());
        let query = serde_html_form::to_string(named.collect::<Vec<_>>()).ok()?;
        self.is_now.then(|| format!("/manage/findings?{query}"))
    }
}

#[derive(Template)]
#[template(path = "assessment/none.html")]
struct NonePage {
    shell: Shell,
}

pub(super) async fn index(
    State(app): State<App>,
    can: Can<policy::ViewFigures>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let shell = home::shell(&app, &staff, PATH).await?;
    let (years, Some(details)) = chosen(&app, &staff, &params.class_year).await? else {
        return html(&NonePage { shell });
    };
    let now = app.db.clock().now();
    let (moment, as_of) = moment(&params.at, now)?;
    // One moment of the database for all that stands side by side.
    let read = app.db.begin_read().await?;
    let year = details.year;
    let report = Report::read(&read, can.scope(), details, moment).await?;
    let modes = queries::modes(&read, year.year(), moment).await?;
    read.rollback().await?;
    let query = [("class_year", year.to_string()), ("at", params.at.clone())];
    let query = serde_html_form::to_string(query).unwrap_or_default();
    html(&IndexPage {
        shell,
        years,
        year,
        report,
        as_of,
        is_now: params.at.trim().is_empty(),
        at: params.at,
        modes,
        may_set_rule: staff.officer.may(Action::ManageClassYears),
        export: format!("{PATH}.xlsx?{query}"),
        query,
    })
}

/// Everybody of the scope as one sheet.
pub(super) async fn export(
    State(app): State<App>,
    can: Can<policy::ViewFigures>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let (_, Some(details)) = chosen(&app, &staff, &params.class_year).await? else {
        return Err(AppError::NotFound);
    };
    let (moment, as_of) = moment(&params.at, app.db.clock().now())?;
    let read = app.db.begin_read().await?;
    let year = details.year;
    let report = Report::read(&read, can.scope(), details, moment).await?;
    let modes = queries::modes(&read, year.year(), moment).await?;
    read.rollback().await?;
    let notes = workbook::notes(&report, &modes, &as_of, &staff.officer.name, app.db.clock().now());
    let name = format!(
        "{year}届就业工作年度考核_{}.xlsx",
        app.db.clock().today().format("%Y%m%d")
    );
    xlsx(&name, move |file| workbook::write(file, &report, &as_of, &notes)).await
}

/// Which 院 a paper is asked for, beside the rest of the address.
#[derive(Debug, Deserialize)]
pub(super) struct OneCollege {
    /// 院系代码.
    college: String,
    #[serde(flatten)]
    params: Params,
}

/// One 院 as a page to be printed.
pub(super) async fn print(
    State(app): State<App>,
    can: Can<policy::ViewFigures>,
    staff: Staff,
    Query(asked): Query<OneCollege>,
) -> Result<Response, AppError> {
    let (_, Some(details)) = chosen(&app, &staff, &asked.params.class_year).await? else {
        return Err(AppError::NotFound);
    };
    let now = app.db.clock().now();
    let (moment, as_of) = moment(&asked.params.at, now)?;
    let read = app.db.begin_read().await?;
    let year = details.year;
    let report = Report::read(&read, can.scope(), details, moment).await?;
    let modes = queries::modes(&read, year.year(), moment).await?;
    read.rollback().await?;
    // The report has the 院 of the scope: another one does not exist.
    let line = report.lines.iter().find(|line| line.code == asked.college);
    let line = line.ok_or(AppError::NotFound)?;
    let sheet = paper::sheet(&report, line, &modes, &as_of, (&staff.officer.name, now));
    let printed = app.printing.print(move |press| press.assessment(&sheet)).await;
    let name = format!(
        "{year}届就业工作年度考核_{}_{}.pdf",
        line.name,
        app.db.clock().today().format("%Y%m%d")
    );
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name)),
    ];
    Ok((headers, printed.map_err(AppError::internal)?).into_response())
}

/// A 培养方式 to be ticked.
struct Tick {
    code: &'static str,
    name: &'static str,
    is_chosen: bool,
}

/// Who set the rule when, and to what.
struct Set {
    at: String,
    by: String,
    modes: String,
}

#[derive(Template)]
#[template(path = "assessment/rule.html")]
struct RulePage {
    shell: Shell,
    year: ClassYear,
    is_closed: bool,
    ticks: Vec<Tick>,
    history: Vec<Set>,
    mistake: Option<String>,
}

async fn rule_page(
    app: &App,
    staff: &Staff,
    year: i32,
    said: Option<(Vec<String>, String)>,
) -> Result<Response, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    let school = app.cache.school(&app.db, staff.versions).await?;
    let details = school.class_year(year).ok_or(AppError::NotFound)?;
    let reader = app.db.reader();
    let modes = queries::modes(reader, year.year(), Moment::after(app.db.clock().now())).await?;
    let (typed, mistake) = said.map_or((None, None), |(typed, mistake)| (Some(typed), Some(mistake)));
    let ticks = TRAINING_MODE.iter().map(|line| Tick {
        code: line.code,
        name: line.name,
        is_chosen: typed.as_ref().map_or_else(
            || modes.contains(line.code),
            |typed| typed.iter().any(|code| code == line.code),
        ),
    });
    let history = queries::rule_history(reader, year.year()).await?;
    let status = if mistake.is_some() {
        MISTAKES
    } else {
        StatusCode::OK
    };
    let page = RulePage {
        shell: home::shell(app, staff, PATH).await?,
        year,
        is_closed: details.state == ClassYearState::Closed,
        ticks: ticks.collect(),
        history: history
            .into_iter()
            .map(|(at, by, modes)| Set {
                at: instant_text(at),
                by,
                modes: modes.label(),
            })
            .collect(),
        mistake,
    };
    html_with(status, &page)
}

pub(super) async fn rule(
    State(app): State<App>,
    _can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    rule_page(&app, &staff, year, None).await
}

/// The form.
#[derive(Deserialize)]
pub(super) struct RuleForm {
    #[serde(default)]
    training_mode: Vec<String>,
}

pub(super) async fn set_rule(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
    Form(form): Form<RuleForm>,
) -> Result<Response, AppError> {
    let named = ClassYear::new(year).ok_or(AppError::NotFound)?;
    match rules::set_modes(&app.db, &can, named, form.training_mode.clone()).await {
        Ok(true) => {
            home::flash(
                &staff,
                Flash::success("已保存，从现在起按新口径计算；此前各时刻的数据不变。"),
            )
            .await?;
        }
        Ok(false) => home::flash(&staff, Flash::success("设置没有变化。")).await?,
        Err(RuleError::Unknown) => return Err(AppError::NotFound),
        Err(error @ RuleError::Closed) => return Err(AppError::Conflict(error.message())),
        Err(error @ RuleError::Modes(_)) => {
            return rule_page(&app, &staff, year, Some((form.training_mode, error.message()))).await;
        }
        Err(RuleError::Db(error)) => return Err(error.into()),
    }
    Ok(redirect(&format!("{PATH}/rules/{year}")))
}
