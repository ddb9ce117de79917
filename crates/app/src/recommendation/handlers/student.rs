//! The student's pages: writing, handing in, what became of it.

use std::collections::HashMap;

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Names, PaperRow, VersionRow, history, paper};
use crate::activation::gate::{Passed, step};
use crate::app::{App, MISTAKES};
use crate::home;
use crate::recommendation::OWN_PATH;
use crate::recommendation::model::{Fact, Mistake, Opened, Refused, Stage, length, tidy};
use crate::recommendation::queries::{forms, versions};
use crate::recommendation::rules::{self, SaveError, StepError, SubmitError, Typed, facts_of};
use crate::web::{AppError, Flash, Form, Path, StudentShell, clock_text, html, html_with, redirect};

/// A section on the student's page.
struct SectionRow {
    code: String,
    heading: String,
    hint: String,
    most: usize,
    is_required: bool,
    is_open: bool,
    body: String,
    revision: i32,
    length: usize,
    saved: Option<String>,
    /// What the officer objected to.
    objection: Option<String>,
    error: Option<String>,
    /// What another window has saved, where the two differ.
    other: Option<String>,
}

impl SectionRow {
    fn rows(&self) -> usize {
        (self.most / 24 + 1).clamp(2, 10)
    }

    fn is_over(&self) -> bool {
        self.length > self.most
    }
}

#[derive(Template)]
#[template(path = "recommendation/own.html")]
struct OwnPage {
    shell: StudentShell,
    class_year: i32,
    entry_id: i64,
    stage: Stage,
    revision: i32,
    facts: Vec<Fact>,
    /// Characters of the record that cannot be printed.
    unprintable: Option<String>,
    sections: Vec<SectionRow>,
    paper: Option<PaperRow>,
    history: Vec<VersionRow>,
    /// Why the press did nothing, or not everything.
    refusal: Option<String>,
    /// What was typed and is kept nowhere else, by heading.
    unsaved: Vec<(String, String)>,
}

impl OwnPage {
    fn badge(&self) -> &'static str {
        match self.stage {
            Stage::NotBegun | Stage::Draft => "muted",
            Stage::Submitted { .. } => "info",
            Stage::Returned(_) => "warning",
            Stage::Approved => "success",
        }
    }

    fn is_in_hand(&self) -> bool {
        self.stage.is_in_hand()
    }

    fn may_recall(&self) -> bool {
        matches!(
            self.stage,
            Stage::Submitted {
                opened: Opened::No,
                ..
            }
        )
    }
}

/// What answers a press that was refused, or not wholly done.
#[derive(Default)]
struct Answer {
    status: Option<StatusCode>,
    refusal: Option<String>,
    unsaved: Vec<(String, String)>,
    typed: HashMap<String, Typed>,
    errors: HashMap<String, String>,
    /// What another window has saved, with its revision.
    others: HashMap<String, (String, i32)>,
}

impl Answer {
    fn refused(refused: Refused) -> Self {
        Self {
            status: Some(StatusCode::CONFLICT),
            refusal: Some(refused.message().into()),
            ..Self::default()
        }
    }

    /// Sections that were not saved keep what was typed, with why.
    fn not_saved(typed: Vec<Typed>, failed: Vec<(String, SaveError)>) -> Self {
        let mut answer = Self {
            status: Some(StatusCode::CONFLICT),
            refusal: Some("有内容没有保存，见下面各项；没有列出的已保存。".into()),
            ..Self::default()
        };
        let mut typed: HashMap<String, Typed> =
            typed.into_iter().map(|one| (one.section.clone(), one)).collect();
        for (section, error) in failed {
            if matches!(error, SaveError::TooLong) {
                answer.status = Some(MISTAKES);
            }
            answer.errors.insert(section.clone(), error.message());
            if let SaveError::Conflict { body, revision } = error {
                answer.others.insert(section.clone(), (body, revision));
            }
            if let Some(one) = typed.remove(&section) {
                answer.typed.insert(section, one);
            }
        }
        answer
    }
}

async fn page(
    app: &App,
    passed: &Passed<step::Recommendation>,
    mut answer: Answer,
) -> Result<Response, AppError> {
    let (reader, student, entry) = (app.db.reader(), passed.student(), passed.entry());
    let form = forms::of_entry(reader, student.id(), entry).await?;
    let desk = rules::desk(reader, entry.class_year, form.as_ref()).await?;
    let scope = student.scope();
    let all = match &form {
        Some(form) => versions::of_form(reader, &scope, form.row.id).await?,
        None => Vec::new(),
    };
    let sections = desk
        .sections
        .iter()
        .map(|section| {
            let code = &section.code;
            let draft = desk.drafts.get(code);
            let other = answer.others.remove(code);
            let kept = answer.typed.remove(code);
            let body = kept.map_or_else(|| desk.body(code).to_owned(), |typed| typed.body);
            SectionRow {
                length: length(&tidy(&body)),
                // Whoever saves again after having seen both texts means it.
                revision: other
                    .as_ref()
                    .map(|(_, revision)| *revision)
                    .or(draft.map(|draft| draft.revision))
                    .unwrap_or(0),
                saved: draft.map(|draft| clock_text(draft.saved_at)),
                objection: desk.objections.get(code).cloned(),
                error: answer.errors.remove(code),
                other: other.map(|(body, _)| body),
                is_open: desk.open.contains(code),
                code: code.clone(),
                heading: section.heading.clone(),
                hint: section.hint.clone(),
                most: section.most,
                is_required: section.is_required,
                body,
            }
        })
        .collect();
    let form_no = form.as_ref().and_then(|form| form.row.form_no.clone());
    let facts = facts_of(reader, student.record()).await?;
    let press = app.printing.press().await.map_err(AppError::internal)?;
    let page = OwnPage {
        unprintable: rules::unprintable(press, facts.iter().map(|fact| fact.value.as_str())),
        shell: home::student_shell(app, student).await?,
        class_year: entry.class_year,
        entry_id: entry.entry_id,
        stage: form.as_ref().map_or(Stage::NotBegun, |form| form.stage),
        revision: form.as_ref().map_or(0, |form| form.row.revision),
        facts,
        sections,
        paper: paper(&all, form_no.as_deref()),
        history: history(reader, &scope, &all, Names::Unsaid).await?,
        refusal: answer.refusal,
        unsaved: answer.unsaved,
    };
    html_with(answer.status.unwrap_or(StatusCode::OK), &page)
}

pub(in crate::recommendation) async fn show(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
) -> Result<Response, AppError> {
    page(&app, &passed, Answer::default()).await
}

/// What the whole form sends: `text.CODE`, `revision.CODE`, and the revision of the form itself.
fn read(form: Vec<(String, String)>) -> Result<(i32, Vec<Typed>), AppError> {
    let number = |text: &str| {
        text.parse::<i32>()
            .map_err(|_| AppError::BadRequest("表单中有无法识别的内容。".into()))
    };
    let mut revision = 0;
    let mut typed: Vec<Typed> = Vec::new();
    for (name, value) in form {
        let (part, section) = match name.split_once('.') {
            Some(parts) => parts,
            None if name == "revision" => {
                revision = number(&value)?;
                continue;
            }
            None => return Err(AppError::BadRequest("表单中有无法识别的内容。".into())),
        };
        let at = typed
            .iter()
            .position(|one| one.section == section)
            .unwrap_or_else(|| {
                typed.push(Typed {
                    section: section.to_owned(),
                    ..Typed::default()
                });
                typed.len() - 1
            });
        match part {
            "text" => typed[at].body = value,
            "revision" => typed[at].revision = number(&value)?,
            _ => return Err(AppError::BadRequest("表单中有无法识别的内容。".into())),
        }
    }
    Ok((revision, typed))
}

/// 保存: the button, for a browser without script and for whoever wants to be sure.
pub(in crate::recommendation) async fn save(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (_, typed) = read(form)?;
    let outcome = rules::save_all(&app.db, &passed, &typed).await?;
    let failed: Vec<(String, SaveError)> = outcome
        .into_iter()
        .filter_map(|(section, saved)| Some((section, saved.err()?)))
        .collect();
    if failed.is_empty() {
        home::leave_flash(passed.student().session(), Flash::success("已保存。")).await?;
        return Ok(redirect(OWN_PATH));
    }
    page(&app, &passed, Answer::not_saved(typed, failed)).await
}

#[derive(Deserialize)]
pub(in crate::recommendation) struct SectionForm {
    text: String,
    revision: i32,
    sent: Option<String>,
}

/// Saves one section as it is typed; answers the script of the page.
pub(in crate::recommendation) async fn save_section(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
    Path(section): Path<String>,
    Form(form): Form<SectionForm>,
) -> Result<Response, AppError> {
    let typed = Typed {
        section,
        revision: form.revision,
        body: form.text,
        sent: form.sent,
    };
    let (status, body) = match rules::save(&app.db, &passed, &typed).await {
        Ok(saved) => {
            let at = saved.at.map(clock_text);
            // Said while it is written: a telephone offers emoji before letters.
            let press = app.printing.press().await.map_err(AppError::internal)?;
            let notice = rules::unprintable(press, [typed.body.as_str()])
                .map(|characters| Mistake::Unprintable(characters).message());
            (
                StatusCode::OK,
                json!({"revision": saved.revision, "at": at, "notice": notice}),
            )
        }
        Err(SaveError::Db(error)) => return Err(error.into()),
        Err(error) => {
            let message = error.message();
            match error {
                SaveError::Conflict { body, revision } => (
                    StatusCode::CONFLICT,
                    json!({"message": message, "other": {"text": body, "revision": revision}}),
                ),
                SaveError::UnknownSection => (StatusCode::NOT_FOUND, json!({"message": message})),
                SaveError::TooLong | SaveError::Closed | SaveError::Refused(_) | SaveError::Db(_) => {
                    (MISTAKES, json!({"message": message}))
                }
            }
        }
    };
    Ok((status, Json(body)).into_response())
}

/// 提交.
pub(in crate::recommendation) async fn submit(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (revision, typed) = read(form)?;
    let answer = match rules::submit(&app, &passed, revision, &typed).await {
        Ok(()) => {
            let flash = Flash::success("推荐表已提交，等待院系审核。");
            home::leave_flash(passed.student().session(), flash).await?;
            return Ok(redirect(OWN_PATH));
        }
        Err(SubmitError::Db(error)) => return Err(error.into()),
        Err(SubmitError::Press(error)) => return Err(AppError::internal(error)),
        Err(SubmitError::NotSaved(failed)) => Answer::not_saved(typed, failed),
        Err(SubmitError::Mistakes(mistakes)) => Answer {
            status: Some(MISTAKES),
            refusal: Some(format!(
                "还不能提交：有 {} 项需要修改，填写的内容已保存。",
                mistakes.len()
            )),
            errors: mistakes
                .into_iter()
                .map(|(section, mistake)| (section, mistake.message()))
                .collect(),
            ..Answer::default()
        },
        Err(SubmitError::UnderReview(unsaved)) => Answer {
            unsaved,
            ..Answer::refused(Refused::UnderReview)
        },
        Err(SubmitError::Stale) => Answer {
            status: Some(StatusCode::CONFLICT),
            refusal: Some("推荐表在打开本页之后有变化，没有提交；填写的内容已保存。请核对后再提交。".into()),
            ..Answer::default()
        },
        Err(SubmitError::Refused(refused)) => Answer::refused(refused),
    };
    page(&app, &passed, answer).await
}

async fn after_step(
    app: &App,
    passed: &Passed<step::Recommendation>,
    done: Result<(), StepError>,
    words: &str,
) -> Result<Response, AppError> {
    match done {
        Ok(()) => {
            home::leave_flash(passed.student().session(), Flash::success(words)).await?;
            Ok(redirect(OWN_PATH))
        }
        Err(StepError::Refused(refused)) => page(app, passed, Answer::refused(refused)).await,
        Err(StepError::Db(error)) => Err(error.into()),
    }
}

/// 撤回.
pub(in crate::recommendation) async fn recall(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
) -> Result<Response, AppError> {
    let done = rules::recall(&app.db, &passed).await;
    after_step(&app, &passed, done, "推荐表已撤回，可以继续修改。").await
}

/// 修改推荐表.
pub(in crate::recommendation) async fn revise(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
) -> Result<Response, AppError> {
    let done = rules::revise(&app.db, &passed).await;
    after_step(
        &app,
        &passed,
        done,
        "可以修改了。新版本通过之前，原来通过的推荐表仍然有效。",
    )
    .await
}

#[derive(Template)]
#[template(path = "recommendation/preview.html")]
struct PreviewPage {
    shell: StudentShell,
    university: String,
    class_year: i32,
    facts: Vec<Fact>,
    has_photo: bool,
    /// Heading and text, as they would be submitted.
    sections: Vec<(String, String)>,
}

/// What the form would say if it were submitted now.
pub(in crate::recommendation) async fn preview(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
) -> Result<Response, AppError> {
    let (reader, student, entry) = (app.db.reader(), passed.student(), passed.entry());
    let form = forms::of_entry(reader, student.id(), entry).await?;
    let desk = rules::desk(reader, entry.class_year, form.as_ref()).await?;
    let photo = crate::portal::photo::queries::find(reader, &student.scope()).await?;
    html(&PreviewPage {
        shell: home::student_shell(&app, student).await?,
        university: app.config.university.clone(),
        class_year: entry.class_year,
        facts: facts_of(reader, student.record()).await?,
        has_photo: photo.is_some(),
        sections: desk
            .sections
            .iter()
            .map(|section| (section.heading.clone(), tidy(desk.body(&section.code))))
            .collect(),
    })
}
