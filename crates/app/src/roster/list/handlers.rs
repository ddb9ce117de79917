//! The pages of the list.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use qihang_db::Versions;
use serde::Deserialize;

use super::columns::{Column, Names};
use super::filter::{ListParams, View};
use super::key::Key;
use super::page::{IndexPage, Shown};
use super::queries::{self, Rows};
use super::question::{Question, preference_key};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::preference::{self, List};
use crate::web::{AppError, Form, PageLinks, Query, Step, html, redirect, window};

/// The list, or why there is none.
pub(super) async fn list(
    State(app): State<App>,
    can: Can<policy::ViewRoster>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Query(step): Query<Step>,
    RawQuery(asked): RawQuery,
) -> Result<Response, AppError> {
    if let Some(address) = last(&app, &staff, asked.as_deref()).await {
        return Ok(redirect(&address));
    }
    let question = Question::understand(&app, staff.versions, params).await?;
    let remembered = question.params.remembered();
    app.last_filters
        .keep(&app.db, &staff.officer, List::Roster, remembered);
    let shown = read_page(&app, &can, staff.versions, &question, &step).await?;
    let columns = question.columns(&staff.officer);
    let shell = home::shell(&app, &staff, super::PATH).await?;
    html(&IndexPage::new(shell, &staff.officer, &question, &columns, shown))
}

/// Where the plain address leads: to the last filter, where there was one and it still means something.
async fn last(app: &App, staff: &Staff, asked: Option<&str>) -> Option<String> {
    let query = staff.officer.filter_to_restore(List::Roster, asked)?;
    let params: ListParams = serde_html_form::from_str(&query).ok()?;
    Question::understand(app, staff.versions, params).await.ok()?;
    Some(super::back_to(&query))
}

async fn read_page(
    app: &App,
    can: &Can<policy::ViewRoster>,
    versions: Versions,
    question: &Question,
    step: &Step,
) -> Result<Shown, AppError> {
    let reader = app.db.reader();
    let rows = Rows {
        scope: can.scope(),
        year: question.year.year,
        filter: &question.filter,
    };
    let sort = question.filter.sort;
    let key = step
        .after
        .as_deref()
        .or(step.before.as_deref())
        .map(|text| Key::decode(text, sort).ok_or_else(|| AppError::BadRequest("页码无法识别。".into())))
        .transpose()?;
    let mut asked = format!("roster {} {:?}", rows.year, question.filter);
    if question.filter.activation.is_some() {
        // Only then does it matter to which rows there are.
        asked = format!("{asked} {}", versions.activations);
    }
    let all = app
        .cache
        .list(versions, rows.scope, &asked, queries::entry_ids(reader, rows))
        .await?;
    let ids = page_ids(app, rows, &all, step, key.as_ref(), question.page_size).await?;
    let mut listed = queries::by_ids(reader, rows.scope, &ids).await?;
    let names = Names::new(&question.school.colleges, &question.school.majors);
    let links = PageLinks::cut(
        &mut listed,
        usize::try_from(question.page_size).unwrap_or(usize::MAX),
        step,
        |row| Key::of(row, &names, sort).encode(),
        |step| question.params.page_address(step),
    );
    let total = all.len() as u64;
    let on_roster = if total > 0 {
        total
    } else {
        queries::count_all(reader, can.scope(), question.year.year).await?
    };
    let state = question
        .school
        .class_year(question.year.year)
        .map(|details| details.state);
    Ok(Shown {
        listed,
        names,
        links,
        total,
        on_roster,
        state,
    })
}

/// The entries of the page, in reading order.
async fn page_ids(
    app: &App,
    rows: Rows<'_>,
    all: &[i64],
    step: &Step,
    key: Option<&Key>,
    page_size: u64,
) -> Result<Vec<i64>, AppError> {
    let reader = app.db.reader();
    let size = usize::try_from(page_size).unwrap_or(usize::MAX);
    let Some(key) = key else {
        return Ok(window(all, step, None, size));
    };
    let at = queries::entry_of(reader, rows, &key.student_no)
        .await?
        .and_then(|id| all.iter().position(|one| *one == id));
    match at {
        Some(at) => Ok(window(all, step, Some(at), size)),
        // Whoever the page began at has left the list meanwhile.
        None => Ok(queries::page_ids(reader, rows, step, key, page_size).await?),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ColumnsForm {
    view: String,
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    back: String,
    /// Present when 恢复默认 was pressed.
    reset: Option<String>,
}

/// Remembers which columns somebody wants to see.
pub(super) async fn choose_columns(
    State(app): State<App>,
    _can: Can<policy::ViewRoster>,
    staff: Staff,
    Form(form): Form<ColumnsForm>,
) -> Result<Response, AppError> {
    let unknown = || AppError::BadRequest("列设置无法识别。".into());
    let view = View::from_code(&form.view).ok_or_else(unknown)?;
    let is_of_view = |code: &String| view.columns().iter().any(|column: &Column| column.code() == code);
    if !form.column.iter().all(is_of_view) {
        return Err(unknown());
    }
    let chosen = match form.reset {
        Some(_) => serde_json::Value::Null,
        None => form.column.into(),
    };
    preference::remember(
        &app.db,
        staff.officer.account_id,
        &preference_key(view),
        chosen.to_string(),
    )
    .await?;
    Ok(redirect(&super::back_to(&form.back)))
}
