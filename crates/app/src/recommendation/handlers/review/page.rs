//! The page of one form, put together from its parts.

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::entity::{recommendation_version, student};
use qihang_db::{Reopened, VersionState};

use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::recommendation::PATH;
use crate::recommendation::handlers::queue::{Asked, record_of};
use crate::recommendation::handlers::{Names as Deciders, PaperRow, VersionRow, history, paper};
use crate::recommendation::model::diff::{Piece, pieces};
use crate::recommendation::model::facts::{from_column, seen as digest_of};
use crate::recommendation::model::template::{Kind, fill};
use crate::recommendation::model::warning::{Photo, warnings};
use crate::recommendation::model::{Fact, Stage, Text, Warning, length};
use crate::recommendation::queries::forms::{self, Form as Stored};
use crate::recommendation::queries::queue::{Place, neighbours, photos};
use crate::recommendation::queries::{settings, versions};
use crate::recommendation::rules::facts_of;
use crate::roster::list::columns::Names;
use crate::web::{AppError, Shell, html_with, instant_text, with_query};

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

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn is_reopened(&self, reopened: &Reopened) -> bool {
        self.reopened == *reopened
    }
}

/// What answers a press that was refused, with what was typed.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: Option<StatusCode>,
    pub(super) refusal: Option<String>,
    pub(super) opinion: String,
    pub(super) opinion_error: Option<String>,
    pub(super) reasons: HashMap<String, String>,
    pub(super) errors: HashMap<String, String>,
    pub(super) return_error: Option<String>,
    pub(super) revoke_error: Option<String>,
    pub(super) reopened: Option<Reopened>,
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

/// The page as it is now.
pub(super) async fn page(
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
