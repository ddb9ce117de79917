//! What a student proposes as the own 定向委培单位 (R15).

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::UnitState;
use qihang_standards::codes::needs_unit;
use serde::Deserialize;

use crate::activation::fields::UNIT;
use crate::app::{App, MISTAKES};
use crate::auth::Student;
use crate::directed::model::{LONGEST_UNIT, Unit, lacks_unit};
use crate::directed::queries;
use crate::directed::rules::{self, UnitError};
use crate::home;
use crate::web::{AppError, Flash, Form, StudentShell, html_with, instant_text, redirect};

#[derive(Template)]
#[template(path = "directed/own.html")]
struct OwnPage {
    shell: StudentShell,
    /// The unit that counts; empty where there is none.
    unit: String,
    is_lacking: bool,
    /// What was proposed and is not decided: the unit and when.
    proposed: Option<(String, String)>,
    /// What was not confirmed, and why.
    declined: Option<(String, String)>,
    /// Whether an officer has filled in the unit that counts.
    is_filled: bool,
    typed: String,
    mistake: Option<&'static str>,
}

impl OwnPage {
    const LONGEST_UNIT: usize = LONGEST_UNIT;
}

async fn page(
    app: &App,
    student: &Student,
    (typed, mistake): (Option<String>, Option<&'static str>),
    status: StatusCode,
) -> Result<Response, AppError> {
    let record = student.record();
    // Who is neither 定向 nor 委培 has no such thing.
    if !needs_unit(&record.training_mode) {
        return Err(AppError::NotFound);
    }
    let row = queries::of_student(app.db.reader(), student.id()).await?;
    let state = row.as_ref().and_then(|row| UnitState::from_code(&row.state));
    let of = |wanted: UnitState| row.as_ref().filter(|_| state == Some(wanted));
    let proposed = of(UnitState::Proposed);
    let page = OwnPage {
        shell: home::student_shell(app, student).await?,
        unit: record.directed_unit.clone(),
        is_lacking: lacks_unit(record),
        typed: typed
            .or_else(|| proposed.map(|row| row.unit.clone()))
            .unwrap_or_default(),
        proposed: proposed.map(|row| {
            let at = row.proposed_at.map_or_else(String::new, instant_text);
            (row.unit.clone(), at)
        }),
        declined: of(UnitState::Declined).map(|row| (row.unit.clone(), row.note.clone())),
        is_filled: of(UnitState::Standing).is_some_and(|row| row.unit == record.directed_unit),
        mistake,
    };
    html_with(status, &page)
}

pub(in crate::directed) async fn own(State(app): State<App>, student: Student) -> Result<Response, AppError> {
    page(&app, &student, (None, None), StatusCode::OK).await
}

#[derive(Debug, Deserialize)]
pub(in crate::directed) struct Proposal {
    #[serde(default)]
    unit: String,
}

async fn answered(
    student: &Student,
    done: Result<(), UnitError>,
    said: &'static str,
) -> Result<Response, AppError> {
    let flash = match done {
        Ok(()) => Flash::success(said),
        Err(UnitError::NotFound) => return Err(AppError::NotFound),
        Err(UnitError::NotLacking) => Flash::warning("你的定向委培单位已经有了，不需要再提出。"),
        Err(UnitError::Changed | UnitError::Nothing) => Flash::warning("院系刚刚处理过，请看现在的结果。"),
        Err(UnitError::Db(error)) => return Err(error.into()),
    };
    home::leave_flash(student.session(), flash).await?;
    Ok(redirect(UNIT))
}

pub(in crate::directed) async fn propose(
    State(app): State<App>,
    student: Student,
    Form(proposal): Form<Proposal>,
) -> Result<Response, AppError> {
    match Unit::parse(&proposal.unit) {
        Ok(unit) => {
            let done = rules::propose(&app.db, &student, &unit).await;
            answered(
                &student,
                done,
                "已提交，由本院就业专员核实。核实后会在消息中通知你。",
            )
            .await
        }
        Err(mistake) => page(&app, &student, (Some(proposal.unit), Some(mistake)), MISTAKES).await,
    }
}

pub(in crate::directed) async fn withdraw(
    State(app): State<App>,
    student: Student,
) -> Result<Response, AppError> {
    let done = rules::withdraw(&app.db, &student).await;
    answered(&student, done, "已撤回。").await
}
