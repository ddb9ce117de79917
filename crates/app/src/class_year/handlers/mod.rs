//! The pages of class years.

pub(super) mod responsible;

mod form;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use qihang_db::ClassYearState;
use serde::Deserialize;

use self::form::{Mistakes, ScheduleForm};
use super::model::{ClassYear, DaysLeft, Details, OriginDepth, Schedule};
use super::queries::{self, Counts};
use super::rules::{self, ClassYearError};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::web::{AppError, Flash, Form, Path, Query, Shell, html, html_with, redirect};

const HERE: &str = "/manage/class-years";

/// A due day in a list.
struct DueCell {
    label: &'static str,
    day: NaiveDate,
    left: Option<DaysLeft>,
}

struct YearRow {
    year: ClassYear,
    state: ClassYearState,
    dues: Vec<DueCell>,
    counts: Counts,
}

/// The colour of a state's badge.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "templates pass what they show by reference"
)]
fn state_kind(state: &ClassYearState) -> &'static str {
    match state {
        ClassYearState::Planned => "info",
        ClassYearState::Open => "success",
        ClassYearState::Closed => "muted",
    }
}

#[derive(Template)]
#[template(path = "class_year/index.html")]
struct IndexPage {
    shell: Shell,
    rows: Vec<YearRow>,
}

fn row(details: &Details, counts: Counts, today: NaiveDate) -> YearRow {
    let days = [
        ("名单确认", Some(details.roster_due)),
        ("账户激活", Some(details.activation_due)),
        ("博士生", details.doctoral_due),
        ("延长学制", details.extended_due),
    ];
    let is_closed = details.state == ClassYearState::Closed;
    let dues = days.into_iter().filter_map(|(label, day)| {
        day.map(|day| DueCell {
            label,
            day,
            left: (!is_closed).then(|| DaysLeft::until(day, today)),
        })
    });
    YearRow {
        year: details.year,
        state: details.state,
        dues: dues.collect(),
        counts,
    }
}

pub(super) async fn index(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
) -> Result<Response, AppError> {
    let shell = home::shell(&app, &staff, HERE).await?;
    let counts = queries::counts(app.db.reader(), can.scope()).await?;
    let today = app.db.clock().today();
    let years = queries::list(app.db.reader()).await?;
    let rows = years
        .iter()
        .map(|details| {
            row(
                details,
                counts.get(&details.year.year()).copied().unwrap_or_default(),
                today,
            )
        })
        .collect();
    html(&IndexPage { shell, rows })
}

#[derive(Template)]
#[template(path = "class_year/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` while a new one is planned.
    details: Option<Details>,
    counts: Counts,
    form: ScheduleForm,
    mistakes: Mistakes,
}

async fn page(
    app: &App,
    can: &Can<policy::ManageClassYears>,
    staff: &Staff,
    details: Option<Details>,
    form: ScheduleForm,
    mistakes: Mistakes,
) -> Result<Response, AppError> {
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        MISTAKES
    };
    let counts = match &details {
        Some(details) => queries::counts(app.db.reader(), can.scope())
            .await?
            .get(&details.year.year())
            .copied(),
        None => None,
    };
    let page = FormPage {
        shell: home::shell(app, staff, HERE).await?,
        details,
        counts: counts.unwrap_or_default(),
        form,
        mistakes,
    };
    html_with(status, &page)
}

#[derive(Deserialize)]
pub(super) struct NewQuery {
    year: Option<i32>,
}

pub(super) async fn new(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Query(query): Query<NewQuery>,
) -> Result<Response, AppError> {
    let year = match query.year {
        Some(year) => {
            ClassYear::new(year).ok_or_else(|| AppError::BadRequest(format!("没有 {year} 这样的届别。")))?
        }
        None => ClassYear::of_day(app.db.clock().today()),
    };
    let schedule = Schedule::usual(year).ok_or(AppError::NotFound)?;
    let form = ScheduleForm::of(year, &schedule);
    page(&app, &can, &staff, None, form, Mistakes::default()).await
}

/// Plans a new class year, or opens it at once.
pub(super) async fn create(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, AppError> {
    let (year, schedule) = match form.read() {
        Ok(read) => read,
        Err(mistakes) => return page(&app, &can, &staff, None, form, *mistakes).await,
    };
    // Opening an existing one is done on its own page, where its state can be seen.
    if queries::find(app.db.reader(), year).await?.is_some() {
        let mistakes = Mistakes::of(&ClassYearError::Exists, year)?;
        return page(&app, &can, &staff, None, form, mistakes).await;
    }
    let (done, message) = if form.opens_at_once() {
        let done = rules::open(&app.db, &can, year, &schedule).await.map(|_| ());
        (done, format!("{year} 届已开启，各院可以开始名单确认。"))
    } else {
        let done = rules::plan(&app.db, &can, year, &schedule).await;
        (done, format!("{year} 届已保存为筹备中，开启后各院才能添加学生。"))
    };
    match done {
        Ok(()) => done_with(&staff, message).await,
        Err(error) => {
            let mistakes = Mistakes::of(&error, year)?;
            page(&app, &can, &staff, None, form, mistakes).await
        }
    }
}

async fn done_with(staff: &Staff, message: String) -> Result<Response, AppError> {
    home::flash(staff, Flash::success(message)).await?;
    Ok(redirect(HERE))
}

/// The class year of an address.
async fn of_address(app: &App, year: i32) -> Result<Details, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    queries::find(app.db.reader(), year)
        .await?
        .ok_or(AppError::NotFound)
}

pub(super) async fn show(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let details = of_address(&app, year).await?;
    let form = ScheduleForm::of(details.year, &details.schedule());
    page(&app, &can, &staff, Some(details), form, Mistakes::default()).await
}

pub(super) async fn change(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, AppError> {
    let details = of_address(&app, year).await?;
    let form = form.for_year(details.year);
    let (year, schedule) = match form.read() {
        Ok(read) => read,
        Err(mistakes) => return page(&app, &can, &staff, Some(details), form, *mistakes).await,
    };
    match rules::change_schedule(&app.db, &can, year, &schedule).await {
        Ok(()) => done_with(&staff, format!("{year} 届的日期和规则已保存。")).await,
        Err(error) => {
            let mistakes = Mistakes::of(&error, year)?;
            page(&app, &can, &staff, Some(details), form, mistakes).await
        }
    }
}

pub(super) async fn open(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, AppError> {
    let details = of_address(&app, year).await?;
    let form = form.for_year(details.year);
    let (year, schedule) = match form.read() {
        Ok(read) => read,
        Err(mistakes) => return page(&app, &can, &staff, Some(details), form, *mistakes).await,
    };
    match rules::open(&app.db, &can, year, &schedule).await {
        Ok(0) => done_with(&staff, format!("{year} 届已开启，各院可以开始名单确认。")).await,
        Ok(entries) => done_with(&staff, format!("{year} 届已重新开启，{entries} 名学生恢复在库。")).await,
        Err(error) => {
            let mistakes = Mistakes::of(&error, year)?;
            page(&app, &can, &staff, Some(details), form, mistakes).await
        }
    }
}

pub(super) async fn close(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let details = of_address(&app, year).await?;
    let year = details.year;
    match rules::close(&app.db, &can, year).await {
        Ok(entries) => {
            done_with(
                &staff,
                format!("{year} 届已关闭，{entries} 名在库学生已归档，不能再添加学生。"),
            )
            .await
        }
        Err(ClassYearError::Db(error)) => Err(error.into()),
        Err(error) => Err(AppError::Conflict(error.message(year))),
    }
}
