//! The pages of 名单确认. The search and the selection stand in the address; sending the form anywhere but to 添加 ends in a
//! redirect to the address that says the same.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use qihang_db::{ClassYearState, ListKind, Scope, Versions};
use serde::Deserialize;

use super::counts::Counts;
use super::page::{CandidatesPage, Choices, OutcomePage, QuestionPage, Row, YearFacts};
use super::queries;
use crate::app::App;
use crate::auth::{Action, Can, Staff, policy};
use crate::cache::School;
use crate::class_year::model::{ClassYear, DaysLeft, choose};
use crate::home;
use crate::preference::{List, unfiltered};
use crate::roster::model::Expectation;
use crate::roster::rules::{self, AddError, WhyNot};
use crate::roster::search::{Search, SearchParams};
use crate::roster::selection::{Boxes, Selection, SelectionParams};
use crate::special_list;
use crate::web::{AppError, Flash, Form, PageLinks, Path, Query, Step, html, joined, redirect, window};

const HERE: &str = "/manage/roster/candidates";
const PAGE_SIZE: usize = 25;

/// Where a press of the form leads, besides the search itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Press {
    /// A pager button: see [`Step::button`].
    go: Option<String>,
    /// 学院 was changed: its 专业 are to be listed, the chosen one is gone.
    refresh: Option<String>,
    /// The id of the question that is answered with yes.
    question: Option<i64>,
}

/// The address of the page with this search, selection and step.
fn address(params: &SearchParams, selection: &SelectionParams, step: &Step) -> String {
    match query_of(params, selection, step) {
        query if query.is_empty() => HERE.to_owned(),
        query => format!("{HERE}?{query}"),
    }
}

/// The same without the path.
fn query_of(params: &SearchParams, selection: &SelectionParams, step: &Step) -> String {
    joined([params.to_query(), query(selection), query(step)])
}

fn query(part: &impl serde::Serialize) -> String {
    serde_html_form::to_string(part).unwrap_or_default()
}

/// The class year and the search that a request is about, checked.
struct Asked {
    params: SearchParams,
    year: ClassYear,
    is_current: bool,
    search: Search,
    school: Arc<School>,
}

async fn understand(app: &App, versions: Versions, params: SearchParams) -> Result<Asked, AppError> {
    let today = app.db.clock().today();
    let chosen = choose(params.class_year, today)
        .ok_or_else(|| AppError::BadRequest("只能选择当前届或上一届，请重新选择毕业年份。".into()))?;
    let school = app.cache.school(&app.db, versions).await?;
    let search = params
        .understand(&school.colleges, &school.majors)
        .map_err(|unknown| AppError::BadRequest(unknown.message()))?;
    Ok(Asked {
        params,
        year: chosen.year,
        is_current: chosen.is_current,
        search,
        school,
    })
}

fn selection_of(params: &SelectionParams, boxes: &Boxes) -> Result<Selection, AppError> {
    params
        .with(boxes)
        .map_err(|bad| AppError::BadRequest(bad.message()))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the address has four parts that other pages share, each with its type"
)]
pub(super) async fn index(
    State(app): State<App>,
    can: Can<policy::ViewRoster>,
    staff: Staff,
    Query(mut params): Query<SearchParams>,
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
    if press.refresh.is_some() {
        params.major.clear();
        return Ok(redirect(&address(
            &params,
            &SelectionParams::default(),
            &Step::default(),
        )));
    }
    if press.go.is_some() || !boxes.shown.is_empty() {
        return Ok(redirect(&address(
            &params,
            &selection.to_params(),
            &press.go.as_deref().map_or(step, Step::of_button),
        )));
    }
    let asked = understand(&app, staff.versions, params).await?;
    let remembered = asked.params.remembered();
    app.last_filters
        .keep(&app.db, &staff.officer, List::Candidates, remembered);
    html(&candidates_page(&app, &can, &staff, asked, &selection, &step).await?)
}

/// Where the plain address leads: to the last filter, where there was one and it still means something.
async fn last(app: &App, staff: &Staff, asked: Option<&str>) -> Option<String> {
    let query = staff.officer.filter_to_restore(List::Candidates, asked)?;
    let params: SearchParams = serde_html_form::from_str(&query).ok()?;
    let params = understand(app, staff.versions, params).await.ok()?.params;
    Some(address(&params, &SelectionParams::default(), &Step::default()))
}

async fn candidates_page(
    app: &App,
    can: &Can<policy::ViewRoster>,
    staff: &Staff,
    asked: Asked,
    selection: &Selection,
    step: &Step,
) -> Result<CandidatesPage, AppError> {
    let (reader, scope, year, today) = (app.db.reader(), can.scope(), asked.year, app.db.clock().today());
    let counts = Counts {
        app,
        versions: staff.versions,
        scope,
        year,
    };
    let found = counts.found(&asked.search).await?;
    let ids = page_ids(&counts, &asked.search, &found, step).await?;
    let mut rows = queries::by_ids(reader, scope, year, &ids).await?;
    if step.is_backwards() {
        rows.reverse();
    }
    let links = PageLinks::cut(
        &mut rows,
        PAGE_SIZE,
        step,
        |row| row.student_no.clone(),
        Step::button,
    );
    let selectable = counts.selectable(&asked.search).await?;
    let class_year = asked.school.class_year(year).cloned();
    let state = class_year.as_ref().map(|found| found.state);
    let unlisted = Expectation::DoctoralUnlisted.code();
    let about = YearFacts {
        extended_due: class_year.as_ref().and_then(|found| found.extended_due),
        // Asked only where it decides anything: most pages show no such student.
        has_doctoral_list: rows.iter().any(|row| row.expectation == unlisted)
            && special_list::queries::current(reader, ListKind::Doctoral, year.year())
                .await?
                .is_some(),
    };
    let extended_note = extended_note(&counts, about).await?;
    let with = |expected: &str, mode: &str| {
        let params = SearchParams {
            class_year: asked.params.class_year,
            expected: Some(expected.into()),
            ..Default::default()
        };
        address(
            &params,
            &SelectionParams {
                mode: mode.into(),
                ..Default::default()
            },
            &Step::default(),
        )
    };
    Ok(CandidatesPage {
        shell: home::shell(app, staff, HERE).await?,
        year,
        is_current: asked.is_current,
        is_open: state == Some(ClassYearState::Open),
        closed_note: closed_note(year, state),
        roster_due: class_year.map(|found| {
            (
                found.roster_due.format("%-m月%-d日").to_string(),
                DaysLeft::until(found.roster_due, today),
            )
        }),
        summary: counts.summary().await?,
        extended_note,
        whose: if *scope == Scope::Everyone {
            "全校"
        } else {
            "本院"
        },
        may_confirm: staff.officer.may(Action::ConfirmRoster),
        choices: Choices::new(
            &asked.params,
            ClassYear::of_day(today),
            scope,
            &asked.school.colleges,
            &asked.school.majors,
        ),
        rows: rows
            .into_iter()
            .map(|row| Row::new(row, year, scope, &asked.school.colleges, selection, about))
            .collect(),
        found: found.len() as u64,
        selectable,
        selected: queries::count_selected(reader, scope, &asked.search, year, selection, selectable).await?,
        selection: selection.to_params(),
        links,
        select_ready: with("ready", "all"),
        show_doubtful: with("doubtful", ""),
        clear_selection: address(&asked.params, &SelectionParams::default(), step),
        reset: if asked.is_current {
            unfiltered(HERE)
        } else {
            format!("{HERE}?class_year={year}")
        },
        is_filtered: !asked.params.remembered().is_empty(),
        params: asked.params,
    })
}

/// What a 院 is told of its 延长学制 students, whom only the centre adds (R6).
async fn extended_note(counts: &Counts<'_>, about: YearFacts) -> Result<Option<String>, AppError> {
    if *counts.scope == Scope::Everyone {
        return Ok(None);
    }
    let extended = counts.extended().await?;
    Ok((extended > 0).then(|| {
        let when = WhyNot::Extended(about.extended_due).message();
        format!("本院有 {extended} 名延长学制本科生不能在此添加：{when}。")
    }))
}

/// The rows of a page, in reading order.
async fn page_ids(
    counts: &Counts<'_>,
    search: &Search,
    found: &[i64],
    step: &Step,
) -> Result<Vec<i64>, AppError> {
    let reader = counts.app.db.reader();
    let Some(key) = step.after.as_deref().or(step.before.as_deref()) else {
        return Ok(window(found, step, None, PAGE_SIZE));
    };
    let at = queries::id_of(reader, counts.scope, key)
        .await?
        .and_then(|id| found.iter().position(|one| *one == id));
    if at.is_some() {
        return Ok(window(found, step, at, PAGE_SIZE));
    }
    // Whoever the page began at has been added or has changed meanwhile.
    let (scope, year) = (counts.scope, counts.year);
    Ok(queries::page_ids(reader, scope, search, year, step, PAGE_SIZE as u64).await?)
}

fn closed_note(year: ClassYear, state: Option<ClassYearState>) -> String {
    match state {
        Some(ClassYearState::Open) => String::new(),
        Some(ClassYearState::Closed) => {
            format!("{year} 届已关闭，不能再添加。如确需补充，请联系就业中心重新开启。")
        }
        Some(ClassYearState::Planned) | None => format!("{year} 届尚未开启，由就业中心开启后即可添加。"),
    }
}

pub(super) async fn add(
    State(app): State<App>,
    can: Can<policy::ConfirmRoster>,
    staff: Staff,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    // The form carries what the address carries, so it is read the same way.
    let text = query(&form);
    let part = || AppError::BadRequest("提交的内容无法识别，请返回重新选择。".into());
    let press: Press = serde_html_form::from_str(&text).map_err(|_| part())?;
    if let Some(id) = press.question {
        return answer(&app, &can, &staff, id).await;
    }
    let params: SearchParams = serde_html_form::from_str(&text).map_err(|_| part())?;
    let selection: SelectionParams = serde_html_form::from_str(&text).map_err(|_| part())?;
    let boxes: Boxes = serde_html_form::from_str(&text).map_err(|_| part())?;
    let selection = selection_of(&selection, &boxes)?;
    let asked = understand(&app, staff.versions, params).await?;
    // With the selection, so that 取消 leads back to it as it was.
    let search = (
        &asked.search,
        query_of(&asked.params, &selection.to_params(), &Step::default()),
    );
    match rules::ask(&app.db, &can, asked.year, search, &selection).await {
        Ok((id, _)) => Ok(redirect(&format!("/manage/roster/selections/{id}"))),
        Err(AddError::NothingChosen) => {
            home::flash(&staff, Flash::warning("请先勾选要添加的学生。")).await?;
            Ok(redirect(&address(
                &asked.params,
                &SelectionParams::default(),
                &Step::default(),
            )))
        }
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: AddError) -> AppError {
    match error {
        AddError::NothingChosen => AppError::BadRequest("请先勾选要添加的学生。".into()),
        AddError::NotOpen(year) => AppError::Conflict(closed_note(year, Some(ClassYearState::Closed))),
        AddError::NoSuchQuestion => {
            AppError::Conflict("这次添加已经完成，或确认已过期。请回到名单确认查看最新情况。".into())
        }
        AddError::Db(error) => error.into(),
    }
}

pub(super) async fn question(
    State(app): State<App>,
    can: Can<policy::ConfirmRoster>,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let now = app.db.clock().now();
    let question = match rules::question(app.db.reader(), &can, id, now).await {
        Ok(question) => question,
        Err(AddError::NoSuchQuestion) => return Err(AppError::NotFound),
        Err(error) => return Err(refused(error)),
    };
    let doubts =
        queries::doubts_among(app.db.reader(), can.scope(), question.year, &question.students).await?;
    html(&QuestionPage {
        shell: home::shell(&app, &staff, HERE).await?,
        id,
        is_current: question.year == ClassYear::of_day(app.db.clock().today()),
        year: question.year,
        number: question.students.len(),
        doubts: doubts
            .into_iter()
            .map(|(why, year, number)| (doubt_label(why, year), number))
            .collect(),
        back: format!("{HERE}?{}", question.address),
    })
}

fn doubt_label(why: Expectation, year: Option<i32>) -> String {
    match (why, year) {
        (Expectation::Expected, Some(year)) => format!("预计 {year} 届毕业"),
        (why, _) => why.label(),
    }
}

/// 确认添加.
async fn answer(
    app: &App,
    can: &Can<policy::ConfirmRoster>,
    staff: &Staff,
    id: i64,
) -> Result<Response, AppError> {
    let question = rules::question(app.db.reader(), can, id, app.db.clock().now())
        .await
        .map_err(refused)?;
    let params: SearchParams = serde_html_form::from_str(&question.address).map_err(AppError::internal)?;
    let asked = understand(app, staff.versions, params).await?;
    let outcome = rules::confirm(&app.db, can, &question, &asked.search)
        .await
        .map_err(refused)?;
    let (year, added) = (question.year, outcome.added.len());
    let back = address(&asked.params, &SelectionParams::default(), &Step::default());
    if outcome.left_out.is_empty() {
        home::flash(
            staff,
            Flash::success(format!("{added} 人已添加到 {year} 届生源库。")),
        )
        .await?;
        return Ok(redirect(&back));
    }
    html(&OutcomePage {
        shell: home::shell(app, staff, HERE).await?,
        year,
        added,
        left_out: outcome
            .left_out
            .into_iter()
            .map(|(row, why)| [row.student_no, row.name, row.major, why.message()])
            .collect(),
        back,
    })
}
