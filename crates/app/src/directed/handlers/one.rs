//! One student: what is missing, what was proposed, and what the officer decides.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::list::{Row, names};
use crate::accounts;
use crate::app::{App, MISTAKES};
use crate::auth::{Action, Can, Staff, policy};
use crate::directed::filter::year_of;
use crate::directed::model::{LONGEST_NOTE, LONGEST_UNIT, Lies, Note, Unit, lacks_unit, seen};
use crate::directed::rules::{self, UnitError};
use crate::directed::{PATH, link, queries};
use crate::home;
use crate::web::{AppError, Flash, Form, Path, Query, Shell, html_with, redirect};

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::directed) struct Typed {
    class_year: String,
    /// What the officer saw.
    seen: String,
    unit: String,
    evidence: String,
    reason: String,
}

/// What is wrong with it.
#[derive(Default)]
struct Mistakes {
    unit: Option<&'static str>,
    evidence: Option<&'static str>,
    reason: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "directed/show.html")]
struct ShowPage {
    shell: Shell,
    row: Row,
    by: Option<String>,
    year: i32,
    seen: String,
    is_lacking: bool,
    typed: Typed,
    mistakes: Mistakes,
    /// What could not be done, and why.
    refused: Option<&'static str>,
    back: String,
    may_remind: bool,
}

impl ShowPage {
    const LONGEST_UNIT: usize = LONGEST_UNIT;
    const LONGEST_NOTE: usize = LONGEST_NOTE;
}

struct Answer {
    typed: Typed,
    mistakes: Mistakes,
    refused: Option<&'static str>,
    status: StatusCode,
}

async fn page(
    app: &App,
    can: &Can<policy::KeepUnits>,
    staff: &Staff,
    student_no: &str,
    answer: Answer,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let year = year_of(&answer.typed.class_year, app.db.clock().today())?;
    let student = queries::find(reader, can.scope(), student_no)
        .await?
        .ok_or(AppError::NotFound)?;
    let directed = queries::students(reader, can.scope(), &[student.id])
        .await?
        .into_iter()
        .next()
        .ok_or(AppError::NotFound)?;
    let seen = seen(&directed.student, directed.unit.as_ref());
    let is_lacking = lacks_unit(&directed.student);
    let row = Row::new(directed, &names(app, staff).await?);
    let by = row.filled.as_ref().and_then(|filled| filled.by);
    let by = accounts::names(reader, by).await?.into_values().next();
    let mut typed = answer.typed;
    if typed.unit.is_empty()
        && answer.mistakes.unit.is_none()
        && let Some((unit, _)) = &row.proposed
    {
        typed.unit.clone_from(unit);
    }
    let page = ShowPage {
        shell: home::shell(app, staff, PATH).await?,
        by,
        row,
        year: year.year.year(),
        seen,
        is_lacking,
        typed,
        mistakes: answer.mistakes,
        refused: answer.refused,
        back: format!("{PATH}?class_year={}", year.year),
        may_remind: staff.officer.may(Action::RemindStudents),
    };
    html_with(answer.status, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::directed) struct Asked {
    class_year: String,
}

pub(in crate::directed) async fn show(
    State(app): State<App>,
    can: Can<policy::KeepUnits>,
    staff: Staff,
    Path(student_no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let answer = Answer {
        typed: Typed {
            class_year: asked.class_year,
            ..Typed::default()
        },
        mistakes: Mistakes::default(),
        refused: None,
        status: StatusCode::OK,
    };
    page(&app, &can, &staff, &student_no, answer).await
}

/// What the next page is: the list where it was done, the same page where it could not be.
async fn answered(
    app: &App,
    can: &Can<policy::KeepUnits>,
    staff: &Staff,
    student_no: &str,
    // The class year read before anything was written.
    (typed, year): (Typed, i32),
    (done, said): (Result<(), UnitError>, &'static str),
) -> Result<Response, AppError> {
    let refused = match done {
        Ok(()) => {
            home::flash(staff, Flash::success(said)).await?;
            return Ok(redirect(&link(student_no, year)));
        }
        Err(UnitError::NotFound) => return Err(AppError::NotFound),
        Err(UnitError::Db(error)) => return Err(error.into()),
        Err(error) => error.message(),
    };
    let answer = Answer {
        typed,
        mistakes: Mistakes::default(),
        refused: Some(refused),
        status: StatusCode::CONFLICT,
    };
    page(app, can, staff, student_no, answer).await
}

/// 填写单位.
pub(in crate::directed) async fn fill(
    State(app): State<App>,
    can: Can<policy::KeepUnits>,
    staff: Staff,
    Path(student_no): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let year = year_of(&typed.class_year, app.db.clock().today())?.year.year();
    match (Unit::parse(&typed.unit), Note::parse(&typed.evidence)) {
        (Ok(unit), Ok(evidence)) => {
            let done = rules::fill(&app.db, &can, &student_no, &typed.seen, (&unit, &evidence)).await;
            let said = "已填写定向委培单位，并已告知学生。";
            answered(&app, &can, &staff, &student_no, (typed, year), (done, said)).await
        }
        (unit, evidence) => {
            let answer = Answer {
                mistakes: Mistakes {
                    unit: unit.err(),
                    evidence: evidence.err(),
                    reason: None,
                },
                typed,
                refused: None,
                status: MISTAKES,
            };
            page(&app, &can, &staff, &student_no, answer).await
        }
    }
}

/// 不采用 what the student proposed.
pub(in crate::directed) async fn decline(
    State(app): State<App>,
    can: Can<policy::KeepUnits>,
    staff: Staff,
    Path(student_no): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let year = year_of(&typed.class_year, app.db.clock().today())?.year.year();
    let Ok(reason) = Note::parse(&typed.reason) else {
        let answer = Answer {
            typed,
            mistakes: Mistakes {
                reason: Some("请写明原因（4 到 300 字），学生会看到。"),
                ..Mistakes::default()
            },
            refused: None,
            status: MISTAKES,
        };
        return page(&app, &can, &staff, &student_no, answer).await;
    };
    let done = rules::decline(&app.db, &can, &student_no, &typed.seen, &reason).await;
    let said = "已退回学生提出的单位，并已告知学生。";
    answered(&app, &can, &staff, &student_no, (typed, year), (done, said)).await
}

/// 撤销填写.
pub(in crate::directed) async fn undo(
    State(app): State<App>,
    can: Can<policy::KeepUnits>,
    staff: Staff,
    Path(student_no): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let year = year_of(&typed.class_year, app.db.clock().today())?.year.year();
    let done = rules::undo(&app.db, &can, &student_no, &typed.seen).await;
    let said = "已撤销，以数据交换平台的值为准，并已告知学生。";
    answered(&app, &can, &staff, &student_no, (typed, year), (done, said)).await
}
