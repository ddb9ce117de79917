//! One form as an officer reads it: what changed since it was decided on last, side by side; approving, returning, revoking.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::entity::{recommendation_version, student};
use qihang_db::{Reopened, VersionState};
use serde::Deserialize;

use super::queue::{Asked, record_of, understand, with_query};
use super::{Names as Deciders, PaperRow, VersionRow, history, paper};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::recommendation::PATH;
use crate::recommendation::filter::Params;
use crate::recommendation::model::diff::{Piece, pieces};
use crate::recommendation::model::facts::{from_column, seen as digest_of};
use crate::recommendation::model::template::{Kind, fill};
use crate::recommendation::model::warning::{Photo, warnings};
use crate::recommendation::model::{Fact, Stage, Text, Warning, length};
use crate::recommendation::queries::forms::{self, Form as Stored};
use crate::recommendation::queries::queue::{Neighbours, Place, neighbours, photos};
use crate::recommendation::queries::{settings, versions};
use crate::recommendation::rules::{self, ReviewError, Seen, facts_of};
use crate::roster::list::columns::Names;
use crate::web::{AppError, Flash, Form, Path, Query, Shell, html_with, instant_text, redirect};

/// A line of 基本信息, with what it was where it has changed.
struct FactRow {
    heading: String,
    value: String,
    was: Option<String>,
}

/// A section as it is read.
struct SectionRow {
    code: String,
    heading: String,
    body: String,
    /// The text before and now, laid over one another; none where nothing was decided before.
    pieces: Vec<Piece>,
    is_changed: bool,
    /// What was objected to last time.
    objection: Option<String>,
    length: usize,
    most: usize,
    /// The reason as it was typed.
    reason: String,
    error: Option<String>,
}

impl SectionRow {
    fn is_at_limit(&self) -> bool {
        self.length >= self.most
    }
}

#[derive(Template)]
#[template(path = "recommendation/review.html")]
struct ReviewPage {
    shell: Shell,
    form_id: i64,
    /// Question of the list, to go on in it.
    query: String,
    back_href: String,
    previous_href: Option<String>,
    next_href: Option<String>,
    student_id: i64,
    name: String,
    student_no: String,
    college: String,
    class_year: i32,
    stage: Stage,
    version: i32,
    revision: i32,
    /// Digest of 基本信息 as it is shown.
    record: String,
    since: String,
    facts: Vec<FactRow>,
    has_photo: bool,
    sections: Vec<SectionRow>,
    /// What the comparison is with.
    compared_with: Option<String>,
    warnings: Vec<String>,
    opinions: Vec<String>,
    reasons: Vec<String>,
    opinion: String,
    opinion_error: Option<String>,
    return_error: Option<String>,
    revoke_error: Option<String>,
    reopened: Reopened,
    may_decide: bool,
    may_revoke: bool,
    paper: Option<PaperRow>,
    history: Vec<VersionRow>,
    /// Why the press did nothing.
    refusal: Option<String>,
}

impl ReviewPage {
    fn badge(&self) -> &'static str {
        match self.stage {
            Stage::NotBegun | Stage::Draft => "muted",
            Stage::Submitted { .. } => "info",
            Stage::Returned(_) => "warning",
            Stage::Approved => "success",
        }
    }

    fn action(&self, act: &str) -> String {
        with_query(&format!("{PATH}/{}/{act}", self.form_id), &self.query)
    }

    fn is_reopened(&self, reopened: &Reopened) -> bool {
        self.reopened == *reopened
    }
}

/// What answers a press that was refused, with what was typed.
#[derive(Default)]
struct Answer {
    status: Option<StatusCode>,
    refusal: Option<String>,
    opinion: String,
    opinion_error: Option<String>,
    reasons: HashMap<String, String>,
    errors: HashMap<String, String>,
    return_error: Option<String>,
    revoke_error: Option<String>,
    reopened: Option<Reopened>,
}

pub(in crate::recommendation) async fn show(
    State(app): State<App>,
    can: Can<policy::ViewRecommendations>,
    staff: Staff,
    Path(form_id): Path<i64>,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    // Whoever can decide has opened it by looking.
    if let Some(review) = Can::<policy::ReviewRecommendations>::held_by(&staff) {
        rules::open(&app.db, &review, form_id).await?;
    }
    let asked = understand(&app, &staff, params).await?;
    page(&app, &can, &staff, form_id, &asked, Answer::default()).await
}

/// The version under review or decided on last, and what it is compared with: the version that was decided on before it.
fn compared<'a>(
    all: &'a [recommendation_version::Model],
    form: &Stored,
) -> (
    Option<&'a recommendation_version::Model>,
    Option<&'a recommendation_version::Model>,
) {
    let newest = all.iter().find(|version| version.number == form.row.version);
    let decided = [VersionState::Approved, VersionState::Returned];
    let before = all.iter().rev().find(|version| {
        version.number < form.row.version
            && VersionState::from_code(&version.state).is_some_and(|state| decided.contains(&state))
    });
    (newest, before)
}

#[expect(
    clippy::too_many_lines,
    reason = "one page put together from its parts, in the order in which it shows them"
)]
async fn page(
    app: &App,
    can: &Can<policy::ViewRecommendations>,
    staff: &Staff,
    form_id: i64,
    asked: &Asked,
    mut answer: Answer,
) -> Result<Response, AppError> {
    let (reader, scope) = (app.db.reader(), can.scope());
    let (form, student) = forms::find(reader, scope, form_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let all = versions::of_form(reader, scope, form_id).await?;
    let (newest, before) = compared(&all, &form);
    let ids = [newest, before].into_iter().flatten().map(|version| version.id);
    let mut texts = versions::texts(reader, scope, ids).await?;
    let mut take = |version: Option<&recommendation_version::Model>| {
        version
            .and_then(|version| texts.remove(&version.id))
            .unwrap_or_default()
    };
    let (now_texts, before_texts) = (take(newest), take(before));
    let objections = match before {
        Some(before) => versions::objections(reader, scope, before.id).await?,
        None => HashMap::new(),
    };
    let facts = facts_of(reader, &student).await?;
    let has_photo = !photos(reader, scope, [student.id]).await?.is_empty();
    let is_under_review = matches!(form.stage, Stage::Submitted { .. });
    let warnings = newest
        .filter(|_| is_under_review)
        .map_or_else(Vec::new, |version| {
            let photo = if has_photo { Photo::There } else { Photo::Absent };
            warnings(&now_texts, photo, record_of(&version.confirmed, &student))
        });
    let beside = neighbours(reader, scope, &asked.filter, Place::of(&form)).await?;
    let query = asked.params.to_query();
    let href = |id: i64| with_query(&format!("{PATH}/{id}"), &query);
    let names = Names::new(&asked.school.colleges, &asked.school.majors);
    let opinions = settings::templates(reader, student.college_id, Kind::Opinion).await?;
    let may_review =
        Can::<policy::ReviewRecommendations>::held_by(staff).is_some_and(|review| reviews(&review, &student));
    let paper = paper(&all, form.row.form_no.as_deref());
    let page = ReviewPage {
        shell: home::shell(app, staff, PATH).await?,
        form_id,
        back_href: with_query(PATH, &query),
        previous_href: beside.previous.map(href),
        next_href: beside.next.map(href),
        query: query.clone(),
        student_id: student.id,
        name: student.name.clone(),
        student_no: student.student_no.clone(),
        college: names.college(student.college_id).to_owned(),
        class_year: form.row.class_year,
        stage: form.stage,
        version: form.row.version,
        revision: form.row.revision,
        record: digest_of(&facts),
        since: instant_text(form.row.moved_at),
        facts: fact_rows(&facts, newest),
        has_photo,
        sections: section_rows(
            &now_texts,
            before.map(|_| &before_texts[..]),
            &objections,
            &mut answer,
        ),
        compared_with: before.map(|version| {
            let state = VersionState::from_code(&version.state).map_or("", VersionState::label);
            format!("第 {} 版（{state}）", version.number)
        }),
        warnings: warnings.iter().map(Warning::label).collect(),
        opinions: opinions.iter().map(|template| fill(template, &facts)).collect(),
        reasons: settings::templates(reader, student.college_id, Kind::Reason).await?,
        opinion: answer.opinion,
        opinion_error: answer.opinion_error,
        return_error: answer.return_error,
        revoke_error: answer.revoke_error,
        reopened: answer.reopened.unwrap_or(Reopened::Objected),
        may_decide: is_under_review && may_review,
        may_revoke: may_review && paper.as_ref().is_some_and(PaperRow::is_valid),
        paper,
        history: history(reader, scope, &all, Deciders::Said).await?,
        refusal: answer.refusal,
    };
    html_with(answer.status.unwrap_or(StatusCode::OK), &page)
}

/// Whether the permission reaches this student.
fn reviews(can: &Can<policy::ReviewRecommendations>, student: &student::Model) -> bool {
    can.scope().covers(student.college_id)
        || student.second_college_id.is_some_and(|id| can.scope().covers(id))
}

fn fact_rows(facts: &[Fact], version: Option<&recommendation_version::Model>) -> Vec<FactRow> {
    let then = version.map_or_else(Vec::new, |version| from_column(&version.facts));
    facts
        .iter()
        .map(|fact| {
            let was = then.iter().find(|one| one.code == fact.code);
            FactRow {
                was: was
                    .filter(|was| was.value != fact.value)
                    .map(|was| was.value.clone()),
                heading: fact.heading.clone(),
                value: fact.value.clone(),
            }
        })
        .collect()
}

fn section_rows(
    texts: &[Text],
    before: Option<&[Text]>,
    objections: &HashMap<String, String>,
    answer: &mut Answer,
) -> Vec<SectionRow> {
    texts
        .iter()
        .map(|text| {
            let was = before.map(|before| {
                let same = before.iter().find(|one| one.section == text.section);
                same.map_or("", |one| one.body.as_str())
            });
            SectionRow {
                is_changed: was.is_some_and(|was| was != text.body),
                pieces: was.map_or_else(Vec::new, |was| pieces(was, &text.body)),
                objection: objections.get(&text.section).cloned(),
                length: length(&text.body),
                most: text.most,
                reason: answer.reasons.remove(&text.section).unwrap_or_default(),
                error: answer.errors.remove(&text.section),
                code: text.section.clone(),
                heading: text.heading.clone(),
                body: text.body.clone(),
            }
        })
        .collect()
}

/// Where the officer goes on after a decision: to the next form of the list, or back to it.
async fn onward(
    app: &App,
    can: &Can<policy::ReviewRecommendations>,
    form_id: i64,
    asked: &Asked,
) -> Result<String, AppError> {
    let (form, _) = forms::find(app.db.reader(), can.scope(), form_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let Neighbours { next, .. } =
        neighbours(app.db.reader(), can.scope(), &asked.filter, Place::of(&form)).await?;
    let query = asked.params.to_query();
    Ok(match next {
        Some(id) => with_query(&format!("{PATH}/{id}"), &query),
        None => with_query(PATH, &query),
    })
}

/// What was decided meanwhile, by whom: the second of two officers is told.
async fn overtaken(
    app: &App,
    can: &Can<policy::ReviewRecommendations>,
    form_id: i64,
) -> Result<String, AppError> {
    let reader = app.db.reader();
    let all = versions::of_form(reader, can.scope(), form_id).await?;
    let last = all
        .iter()
        .filter(|version| version.decided_at.is_some())
        .max_by_key(|one| one.decided_at);
    let by = versions::names_of(reader, last.and_then(|version| version.decided_by)).await?;
    Ok(match last {
        Some(version) => {
            let state = VersionState::from_code(&version.state).map_or("", VersionState::label);
            let who = version
                .decided_by
                .and_then(|id| by.get(&id))
                .map_or("其他老师", String::as_str);
            let at = version.decided_at.map(instant_text).unwrap_or_default();
            format!(
                "推荐表在您打开之后有变化，本次操作没有执行。最近一次处理：第 {} 版由{who}于 {at} 处理为“{state}”。下面是最新情况。",
                version.number
            )
        }
        None => {
            "推荐表在您打开之后有变化（学生可能已撤回或重新提交），本次操作没有执行。下面是最新情况。".into()
        }
    })
}

async fn refused(
    app: &App,
    staff: &Staff,
    (form_id, can): (i64, &Can<policy::ReviewRecommendations>),
    asked: &Asked,
    (error, mut answer): (ReviewError, Answer),
) -> Result<Response, AppError> {
    match error {
        ReviewError::NotFound => return Err(AppError::NotFound),
        ReviewError::Db(error) => return Err(error.into()),
        ReviewError::Photo(error) => return Err(AppError::internal(error)),
        ReviewError::Overtaken | ReviewError::NothingValid => {
            answer.status = Some(StatusCode::CONFLICT);
            answer.refusal = Some(overtaken(app, can, form_id).await?);
        }
        ReviewError::RecordChanged => {
            answer.status = Some(StatusCode::CONFLICT);
            answer.refusal =
                Some("学生的基本信息在您打开之后有变化，没有通过。请核对下面的最新信息后再通过。".into());
        }
        ReviewError::Mistakes(_) => answer.status = Some(MISTAKES),
    }
    let view = Can::<policy::ViewRecommendations>::held_by(staff).ok_or(AppError::Forbidden)?;
    page(app, &view, staff, form_id, asked, answer).await
}

/// The first mistake that is about no single section.
fn of_whole(error: &ReviewError) -> Option<String> {
    match error {
        ReviewError::Mistakes(mistakes) => mistakes.get("").cloned(),
        _ => None,
    }
}

#[derive(Deserialize)]
pub(in crate::recommendation) struct ApprovalForm {
    version: i32,
    revision: i32,
    record: String,
    /// The sentence that is ticked; empty for the officer's own words.
    #[serde(default)]
    choice: String,
    #[serde(default)]
    opinion: String,
}

/// 通过.
pub(in crate::recommendation) async fn approve(
    State(app): State<App>,
    can: Can<policy::ReviewRecommendations>,
    staff: Staff,
    Path(form_id): Path<i64>,
    Query(params): Query<Params>,
    Form(form): Form<ApprovalForm>,
) -> Result<Response, AppError> {
    let asked = understand(&app, &staff, params).await?;
    let next = onward(&app, &can, form_id, &asked).await?;
    let seen = Seen {
        version: form.version,
        revision: form.revision,
    };
    let opinion = if form.choice.trim().is_empty() {
        &form.opinion
    } else {
        &form.choice
    };
    match rules::approve(&app, &can, form_id, (seen, &form.record), opinion).await {
        Ok(form_no) => {
            home::flash(&staff, Flash::success(format!("已通过，编号 {form_no}。"))).await?;
            Ok(redirect(&next))
        }
        Err(error) => {
            let answer = Answer {
                opinion_error: of_whole(&error),
                opinion: opinion.clone(),
                ..Answer::default()
            };
            refused(&app, &staff, (form_id, &can), &asked, (error, answer)).await
        }
    }
}

/// What the form of returning says: `reason.CODE`, what is opened, and what was seen.
#[derive(Default)]
struct Returning {
    seen: Option<Seen>,
    reopened: Option<Reopened>,
    objections: Vec<(String, String)>,
}

fn read_return(form: Vec<(String, String)>) -> Option<Returning> {
    let (mut version, mut revision) = (None, None);
    let mut returning = Returning::default();
    for (name, value) in form {
        match name.as_str() {
            "version" => version = Some(value.parse().ok()?),
            "revision" => revision = Some(value.parse().ok()?),
            "reopened" => returning.reopened = Some(Reopened::from_code(&value)?),
            other => {
                let section = other.strip_prefix("reason.")?;
                returning.objections.push((section.to_owned(), value));
            }
        }
    }
    returning.seen = Some(Seen {
        version: version?,
        revision: revision?,
    });
    Some(returning)
}

/// 退回.
pub(in crate::recommendation) async fn return_form(
    State(app): State<App>,
    can: Can<policy::ReviewRecommendations>,
    staff: Staff,
    Path(form_id): Path<i64>,
    Query(params): Query<Params>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let asked = understand(&app, &staff, params).await?;
    let next = onward(&app, &can, form_id, &asked).await?;
    let returning = read_return(form).and_then(|returning| {
        let (seen, reopened) = (returning.seen?, returning.reopened.unwrap_or(Reopened::Objected));
        Some((seen, reopened, returning.objections))
    });
    let (seen, reopened, objections) =
        returning.ok_or_else(|| AppError::BadRequest("表单中有无法识别的内容。".into()))?;
    match rules::return_form(&app.db, &can, form_id, seen, (reopened, &objections)).await {
        Ok(()) => {
            home::flash(&staff, Flash::success("已退回，学生会收到消息。")).await?;
            Ok(redirect(&next))
        }
        Err(error) => {
            let answer = Answer {
                return_error: of_whole(&error),
                errors: match &error {
                    ReviewError::Mistakes(mistakes) => mistakes.clone(),
                    _ => HashMap::new(),
                },
                reasons: objections.into_iter().collect(),
                reopened: Some(reopened),
                ..Answer::default()
            };
            refused(&app, &staff, (form_id, &can), &asked, (error, answer)).await
        }
    }
}

#[derive(Deserialize)]
pub(in crate::recommendation) struct RevocationForm {
    version: i32,
    revision: i32,
    #[serde(default)]
    reason: String,
}

/// 撤销.
pub(in crate::recommendation) async fn revoke(
    State(app): State<App>,
    can: Can<policy::ReviewRecommendations>,
    staff: Staff,
    Path(form_id): Path<i64>,
    Query(params): Query<Params>,
    Form(form): Form<RevocationForm>,
) -> Result<Response, AppError> {
    let asked = understand(&app, &staff, params).await?;
    let seen = Seen {
        version: form.version,
        revision: form.revision,
    };
    match rules::revoke(&app.db, &can, form_id, seen, &form.reason).await {
        Ok(()) => {
            home::flash(&staff, Flash::success("推荐表已撤销，学生会收到消息。")).await?;
            Ok(redirect(&with_query(
                &format!("{PATH}/{form_id}"),
                &asked.params.to_query(),
            )))
        }
        Err(error) => {
            let answer = Answer {
                revoke_error: of_whole(&error),
                ..Answer::default()
            };
            refused(&app, &staff, (form_id, &can), &asked, (error, answer)).await
        }
    }
}
