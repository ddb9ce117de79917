//! The pages of removing and moving.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::ClassYearState;
use qihang_db::entity::student;
use serde::Deserialize;

use super::model::{Named, Outcome, Reason};
use super::page::{MovePage, OutcomePage, RemovePage};
use super::rules::{self, RemovalError};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::class_year::model::ClassYear;
use crate::roster::list;
use crate::web::{AppError, Flash, Form, Query, html, html_with, redirect};
use crate::{class_year, home};

/// Who is chosen in the list, and what for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    class_year: String,
    pick: Vec<i64>,
    /// Every row of the page, for a browser without script: there the box in the head ticks no others.
    shown: Vec<i64>,
    all: String,
    /// Query string of the list.
    back: String,
    to: String,
    reason: String,
}

impl Choice {
    fn year(&self) -> Result<ClassYear, AppError> {
        parse_year(&self.class_year).ok_or_else(|| AppError::BadRequest("届别无法识别。".into()))
    }

    fn ids(&self) -> &[i64] {
        if self.pick.is_empty() && self.all == "1" {
            &self.shown
        } else {
            &self.pick
        }
    }
}

fn parse_year(text: &str) -> Option<ClassYear> {
    text.trim().parse().ok().and_then(ClassYear::new)
}

impl From<RemovalError> for AppError {
    fn from(error: RemovalError) -> Self {
        let message = error.message();
        match error {
            RemovalError::NothingChosen | RemovalError::TooMany | RemovalError::SameYear => {
                Self::BadRequest(message)
            }
            RemovalError::NotFound => Self::NotFound,
            RemovalError::NotOpen(_) | RemovalError::Overtaken => Self::Conflict(message),
            RemovalError::Db(error) => error.into(),
        }
    }
}

fn named(students: &[student::Model]) -> Vec<(i64, Named)> {
    students
        .iter()
        .map(|one| {
            let named = Named {
                student_no: one.student_no.clone(),
                name: one.name.clone(),
            };
            (one.id, named)
        })
        .collect()
}

/// Asks for the reason, and names who is to be taken off.
pub(super) async fn ask_removal(
    State(app): State<App>,
    can: Can<policy::RemoveFromRoster>,
    staff: Staff,
    Query(choice): Query<Choice>,
) -> Result<Response, AppError> {
    match rules::chosen(app.db.reader(), can.scope(), choice.ids()).await {
        Ok(students) => html(&removal_page(&app, &staff, &choice, &students, None).await?),
        Err(error) => nobody(&staff, &choice, error).await,
    }
}

/// Nobody is ticked: back to the list, which says so.
async fn nobody(staff: &Staff, choice: &Choice, error: RemovalError) -> Result<Response, AppError> {
    if !matches!(error, RemovalError::NothingChosen) {
        return Err(error.into());
    }
    home::flash(staff, Flash::warning(error.message())).await?;
    Ok(redirect(&list::back_to(&choice.back)))
}

async fn removal_page(
    app: &App,
    staff: &Staff,
    choice: &Choice,
    students: &[student::Model],
    mistake: Option<String>,
) -> Result<RemovePage, AppError> {
    Ok(RemovePage {
        shell: home::shell(app, staff, list::PATH).await?,
        year: choice.year()?.year(),
        students: named(students),
        reason: choice.reason.clone(),
        mistake,
        back_href: list::back_to(&choice.back),
        back: choice.back.clone(),
    })
}

/// Takes them off.
pub(super) async fn remove(
    State(app): State<App>,
    can: Can<policy::RemoveFromRoster>,
    staff: Staff,
    Form(choice): Form<Choice>,
) -> Result<Response, AppError> {
    let year = choice.year()?;
    let reason = match Reason::parse(&choice.reason) {
        Ok(reason) => reason,
        Err(mistake) => {
            let students = rules::chosen(app.db.reader(), can.scope(), choice.ids()).await?;
            let page = removal_page(&app, &staff, &choice, &students, Some(mistake)).await?;
            return html_with(MISTAKES, &page);
        }
    };
    let outcome = rules::remove(&app.db, &can, year, choice.ids(), &reason).await?;
    let verb = format!("移出 {year} 届生源库");
    finish(&app, &staff, &choice, "移出生源库", verb, outcome).await
}

/// A message on the list when all is done; a page that names who is not otherwise.
async fn finish(
    app: &App,
    staff: &Staff,
    choice: &Choice,
    title: &'static str,
    verb: String,
    outcome: Outcome,
) -> Result<Response, AppError> {
    if outcome.left.is_empty() {
        let text = format!("已把 {} 人{verb}。", outcome.done.len());
        home::flash(staff, Flash::success(text)).await?;
        return Ok(redirect(&list::back_to(&choice.back)));
    }
    let status = if outcome.done.is_empty() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let page = OutcomePage {
        shell: home::shell(app, staff, list::PATH).await?,
        title,
        verb,
        outcome,
        back_href: list::back_to(&choice.back),
    };
    html_with(status, &page)
}

/// Asks where to and why, and names who is to be moved.
pub(super) async fn ask_move(
    State(app): State<App>,
    can: Can<policy::MoveClassYear>,
    staff: Staff,
    Query(choice): Query<Choice>,
) -> Result<Response, AppError> {
    match rules::chosen(app.db.reader(), can.scope(), choice.ids()).await {
        Ok(students) => html(&move_page(&app, &staff, &choice, &students, (None, None)).await?),
        Err(error) => nobody(&staff, &choice, error).await,
    }
}

async fn move_page(
    app: &App,
    staff: &Staff,
    choice: &Choice,
    students: &[student::Model],
    (target_mistake, mistake): (Option<String>, Option<String>),
) -> Result<MovePage, AppError> {
    let year = choice.year()?;
    let years = class_year::queries::list(app.db.reader()).await?;
    let chosen = parse_year(&choice.to);
    Ok(MovePage {
        shell: home::shell(app, staff, list::PATH).await?,
        year: year.year(),
        students: named(students),
        targets: years
            .iter()
            .filter(|one| one.state == ClassYearState::Open && one.year != year)
            .map(|one| (one.year.year(), Some(one.year) == chosen))
            .collect(),
        target_mistake,
        reason: choice.reason.clone(),
        mistake,
        back_href: list::back_to(&choice.back),
        back: choice.back.clone(),
    })
}

/// Moves them.
pub(super) async fn move_students(
    State(app): State<App>,
    can: Can<policy::MoveClassYear>,
    staff: Staff,
    Form(choice): Form<Choice>,
) -> Result<Response, AppError> {
    let from = choice.year()?;
    let to = parse_year(&choice.to).ok_or_else(|| "请选择届别。".to_owned());
    let (to, reason) = match (to, Reason::parse(&choice.reason)) {
        (Ok(to), Ok(reason)) => (to, reason),
        (to, reason) => {
            let students = rules::chosen(app.db.reader(), can.scope(), choice.ids()).await?;
            let mistakes = (to.err(), reason.err());
            return html_with(
                MISTAKES,
                &move_page(&app, &staff, &choice, &students, mistakes).await?,
            );
        }
    };
    let outcome = rules::move_to(&app.db, &can, (from, to), choice.ids(), &reason).await?;
    let verb = format!("从 {from} 届调整到 {to} 届");
    finish(&app, &staff, &choice, "调整届别", verb, outcome).await
}
