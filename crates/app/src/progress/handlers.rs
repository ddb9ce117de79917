//! The list of 激活进度. Search and selection stand in the address, as in 名单确认.

use axum::extract::{RawQuery, State as Extracted};
use axum::response::Response;
use qihang_db::entity::student;
use serde::{Deserialize, Serialize};

use super::filter::{Block, ProgressParams, State};
use super::page::{Facts, Head, IndexPage, Row, selects, views};
use super::queries;
use super::question::Asked;
use crate::activation::rules::obstacles;
use crate::app::App;
use crate::auth::{Action, Can, Staff, policy};
use crate::home;
use crate::preference::{List, unfiltered};
use crate::roster::list::columns::Names;
use crate::roster::selection::{Boxes, Selection, SelectionParams};
use crate::web::{AppError, PageLinks, Query, Step, html, joined, redirect};

const PAGE_SIZE: usize = 25;

/// Where a press of the form leads, besides the search itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Press {
    /// A pager button: see [`Step::button`].
    go: Option<String>,
}

fn query(part: &impl Serialize) -> String {
    serde_html_form::to_string(part).unwrap_or_default()
}

/// Search, selection and step as a query string.
pub(super) fn query_of(params: &ProgressParams, selection: &SelectionParams, step: &Step) -> String {
    joined([params.to_query(), query(selection), query(step)])
}

/// The address of the list with this search, selection and step.
pub(super) fn address(params: &ProgressParams, selection: &SelectionParams, step: &Step) -> String {
    match query_of(params, selection, step) {
        query if query.is_empty() => super::PATH.to_owned(),
        query => format!("{}?{query}", super::PATH),
    }
}

/// The selection after the boxes of a page were sent along.
pub(super) fn selection_of(params: &SelectionParams, boxes: &Boxes) -> Result<Selection, AppError> {
    params
        .with(boxes)
        .map_err(|bad| AppError::BadRequest(bad.message()))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the address has four parts that other pages share, each with its type"
)]
pub(super) async fn index(
    Extracted(app): Extracted<App>,
    can: Can<policy::ViewActivation>,
    staff: Staff,
    Query(params): Query<ProgressParams>,
    Query(selection_params): Query<SelectionParams>,
    Query(boxes): Query<Boxes>,
    Query(step): Query<Step>,
    Query(press): Query<Press>,
    RawQuery(raw): RawQuery,
) -> Result<Response, AppError> {
    if let Some(address) = last(&app, &staff, raw.as_deref()).await {
        return Ok(redirect(&address));
    }
    let selection = selection_of(&selection_params, &boxes)?;
    if press.go.is_some() || !boxes.shown.is_empty() {
        let step = press.go.as_deref().map_or(step, Step::of_button);
        return Ok(redirect(&address(&params, &selection.to_params(), &step)));
    }
    let asked = Asked::understand(&app, staff.versions, params).await?;
    let remembered = asked.params.remembered();
    app.last_filters
        .keep(&app.db, &staff.officer, List::Activation, remembered);
    html(&page(&app, &can, &staff, asked, &selection, &step).await?)
}

/// Where the plain address leads: to the last filter, where there was one and it still means something.
async fn last(app: &App, staff: &Staff, asked: Option<&str>) -> Option<String> {
    let query = staff.officer.filter_to_restore(List::Activation, asked)?;
    let params: ProgressParams = serde_html_form::from_str(&query).ok()?;
    let params = Asked::understand(app, staff.versions, params).await.ok()?.params;
    Some(params.address(super::PATH))
}

async fn page(
    app: &App,
    can: &Can<policy::ViewActivation>,
    staff: &Staff,
    asked: Asked,
    selection: &Selection,
    step: &Step,
) -> Result<IndexPage, AppError> {
    let (reader, scope) = (app.db.reader(), can.scope());
    let rows = asked.rows(scope);
    let figures = queries::figures(reader, rows).await?;
    let mut listed = queries::page(reader, rows, step, PAGE_SIZE as u64).await?;
    let links = PageLinks::cut(
        &mut listed,
        PAGE_SIZE,
        step,
        |(_, student)| student.student_no.clone(),
        Step::button,
    );
    let entry_ids = listed.iter().map(|(entry, _)| entry.id);
    let activations = queries::activations(reader, scope, entry_ids).await?;
    let student_ids: Vec<i64> = listed.iter().map(|(_, student)| student.id).collect();
    let students: Vec<student::Model> = listed.iter().map(|(_, student)| student.clone()).collect();
    let mut blocks = obstacles(reader, scope, asked.year.year.year(), &students).await?;
    let reminded = queries::reminded(reader, scope, student_ids.iter().copied()).await?;
    let numbers = listed.iter().map(|(_, student)| student.counsellor.as_str());
    let counsellors = queries::counsellor_names(reader, numbers).await?;
    let names = Names::new(&asked.school.colleges, &asked.school.majors);
    let shown = listed
        .into_iter()
        .map(|(entry, student)| {
            let facts = Facts {
                activation: activations.get(&entry.id),
                blocks: blocks.remove(&student.id).unwrap_or_default(),
                reminded: reminded.get(&student.id).copied(),
            };
            Row::new((entry, student), &names, &counsellors, facts, selection)
        })
        .collect();
    let selectable = if asked.is_open() {
        queries::count_selectable(reader, rows).await?
    } else {
        0
    };
    let blocking = queries::blocking(reader, rows).await?;
    let all = SelectionParams {
        mode: "all".into(),
        ..SelectionParams::default()
    };
    let (none, first) = (SelectionParams::default(), Step::default());
    Ok(IndexPage {
        shell: home::shell(app, staff, super::PATH).await?,
        head: Head::new(&asked, scope, figures, app.db.clock().today()),
        views: views(&asked.params, None),
        selects: selects(&asked, scope, true),
        reset: match asked.params.reset() {
            all if all.to_query().is_empty() => unfiltered(super::PATH),
            all => all.address(super::PATH),
        },
        is_filtered: !asked.params.remembered().is_empty(),
        blocking: blocking
            .into_iter()
            .map(|(field, students)| {
                let those = asked.params.blocked(State::Pending, Block::Field(field));
                (field.heading(), students, those.address(super::PATH))
            })
            .collect(),
        rows: shown,
        shows_college: scope.only_college().is_none(),
        found: queries::count(reader, rows).await?,
        selected: queries::count_selected(reader, rows, selection, selectable).await?,
        selectable,
        selection: selection.to_params(),
        links,
        select_all: address(&asked.params, &all, &first),
        clear_selection: address(&asked.params, &none, step),
        may_view_as_student: staff.officer.may(Action::ViewAsStudent),
        may_remind: staff.officer.may(Action::RemindStudents) && asked.is_open(),
        params: asked.params,
    })
}
