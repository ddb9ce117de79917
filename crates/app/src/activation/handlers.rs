//! The student's pages of activation.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use qihang_db::entity::student;
use serde::Deserialize;

use super::contact::{Mistake, Typed};
use super::fields::Field;
use super::gate::{Entry, Passed, Standing, step};
use super::model::{Confirmed, due, seen};
use super::pages::{
    ChangeRow, DonePage, DraftState, Due, FormPage, RecordSection, clock_text, contact_rows, obstacles,
    record,
};
use super::queries;
use super::rules::{self, ActivateError, ConfirmError, ContactError, DraftError, Submission};
use crate::app::{App, MISTAKES};
use crate::auth::Student;
use crate::class_year::model::{ClassYear, DaysLeft};
use crate::class_year::queries as class_years;
use crate::exchange::rules::{Former, former_values};
use crate::home;
use crate::roster::list::columns::{Identity, Names};
use crate::web::{AppError, Flash, Form, html, html_with, instant_text, is_fragment, redirect};

const HERE: &str = "/student/activation";

/// What answers a press that was refused.
#[derive(Default)]
struct Answer {
    typed: Option<Typed>,
    mistakes: Vec<Mistake>,
    is_refusal: bool,
    is_unchecked: bool,
    is_stale: bool,
}

impl Answer {
    fn stale() -> Self {
        Self {
            is_stale: true,
            ..Self::default()
        }
    }

    fn status(&self) -> StatusCode {
        if self.is_stale {
            StatusCode::CONFLICT
        } else if self.is_refusal {
            MISTAKES
        } else {
            StatusCode::OK
        }
    }
}

/// 修改激活信息; after activation, what was confirmed.
pub(super) async fn show(
    State(app): State<App>,
    passed: Passed<step::Activation>,
) -> Result<Response, AppError> {
    page(
        &app,
        passed.student(),
        passed.standing(),
        passed.entry(),
        Answer::default(),
    )
    .await
}

async fn page(
    app: &App,
    student: &Student,
    standing: &Standing,
    entry: Entry,
    answer: Answer,
) -> Result<Response, AppError> {
    if standing.activated_at().is_some() {
        done_page(app, student, standing, entry, answer).await
    } else {
        form_page(app, student, entry, answer).await
    }
}

async fn form_page(app: &App, student: &Student, entry: Entry, answer: Answer) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let row = student.record();
    let demand = rules::demand(reader, row, entry).await?;
    let names = queries::names(reader, row).await?;
    let contact = queries::contact(reader, &student.scope(), row.id).await?;
    let draft = queries::draft(reader, row.id).await?;
    let saved_at = draft.as_ref().map(|(_, at)| instant_text(*at));
    let status = answer.status();
    let typed = answer
        .typed
        .or_else(|| draft.map(|(typed, _)| typed))
        .or_else(|| contact.as_ref().map(Typed::of_contact))
        .unwrap_or_else(|| Typed::of_record(row));
    let page = FormPage {
        shell: home::student_shell(app, student).await?,
        class_year: entry.class_year,
        due: due_of(app, entry, row).await?,
        entry_id: entry.entry_id,
        seen: seen(row),
        sections: record(row, &names, &demand, Identity::InFull),
        contact: contact_rows(&typed, &demand, &answer.mistakes),
        obstacles: obstacles(&demand.blocks, &answer.mistakes, answer.is_unchecked),
        is_answer: answer.is_refusal,
        is_unchecked: answer.is_unchecked,
        is_stale: answer.is_stale,
        saved_at,
    };
    html_with(status, &page)
}

/// The record part by part as the form shows it, for whoever else looks at it: the identity number masked.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn record_for_staff(
    app: &App,
    student: &student::Model,
    entry: Entry,
) -> Result<Vec<RecordSection>, AppError> {
    let demand = rules::demand(app.db.reader(), student, entry).await?;
    let names = queries::names(app.db.reader(), student).await?;
    Ok(record(student, &names, &demand, Identity::Masked))
}

async fn due_of(app: &App, entry: Entry, student: &student::Model) -> Result<Option<Due>, AppError> {
    let Some(year) = ClassYear::new(entry.class_year) else {
        return Ok(None);
    };
    let details = class_years::find(app.db.reader(), year).await?;
    let day = details.and_then(|details| due(&details, student));
    Ok(day.map(|day| Due {
        day,
        left: DaysLeft::until(day, app.db.clock().today()),
    }))
}

async fn done_page(
    app: &App,
    student: &Student,
    standing: &Standing,
    entry: Entry,
    answer: Answer,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let row = student.record();
    let demand = rules::demand(reader, row, entry).await?;
    let names = queries::names(reader, row).await?;
    let changed: &[Field] = match standing {
        Standing::ConfirmAgain { changed, .. } => changed,
        Standing::NotListed | Standing::Listed(_) | Standing::Lapsed(_) | Standing::Activated { .. } => &[],
    };
    let kept = queries::contact(reader, &student.scope(), row.id).await?;
    let status = answer.status();
    let typed = answer
        .typed
        .or_else(|| kept.as_ref().map(Typed::of_contact))
        .unwrap_or_default();
    let mut contact = contact_rows(&typed, &demand, &answer.mistakes);
    for row_of_form in &mut contact {
        let Some(field) = Field::from_code(row_of_form.code) else {
            continue;
        };
        let closed = rules::may_change(reader, row, standing, field, &demand.rules)
            .await?
            .err();
        row_of_form.closed = closed.map(rules::Closed::message);
    }
    let sections = record(row, &names, &demand, Identity::InFull);
    let to_confirm = changes(app, student, entry, changed, &sections).await?;
    let page = DonePage {
        shell: home::student_shell(app, student).await?,
        class_year: entry.class_year,
        activated_at: standing.activated_at().map(instant_text).unwrap_or_default(),
        is_blocked: to_confirm.iter().any(|change| !change.blocks.is_empty()),
        changes: to_confirm,
        is_stale: answer.is_stale,
        seen: seen(row),
        sections,
        contact,
        has_mistakes: !answer.mistakes.is_empty(),
    };
    html_with(status, &page)
}

/// What has changed since it was confirmed, with the old value where the imports tell it.
async fn changes(
    app: &App,
    student: &Student,
    entry: Entry,
    changed: &[Field],
    sections: &[RecordSection],
) -> Result<Vec<ChangeRow>, AppError> {
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let reader = app.db.reader();
    let row = student.record();
    let Some(activation) = queries::confirmed(reader, &student.scope(), entry).await? else {
        return Ok(Vec::new());
    };
    let confirmed = Confirmed::from_column(&activation.confirmed);
    let former = former_values(reader, &row.student_no, activation.confirmed_at).await?;
    let names = queries::names(reader, row).await?;
    Ok(changed
        .iter()
        .map(|field| {
            let shown = sections.iter().flat_map(|section| &section.rows);
            let shown = shown.into_iter().find(|shown| shown.code == field.code());
            ChangeRow {
                heading: field.heading(),
                was: former
                    .iter()
                    .filter(|former| former.field == field.code())
                    .find_map(|former| earlier(row, *field, former, &confirmed, &names)),
                becomes: field.shown(row, &names, Identity::InFull).into_owned(),
                blocks: shown.map(|shown| shown.blocks.clone()).unwrap_or_default(),
            }
        })
        .collect())
}

/// The value that was confirmed, in the words in which the page says the new one; `None` when this former value is another.
fn earlier(
    student: &student::Model,
    field: Field,
    former: &Former,
    confirmed: &Confirmed,
    names: &Names,
) -> Option<String> {
    let mut before = student.clone();
    match field.text_mut(&mut before) {
        Some(text) => {
            text.clone_from(&former.stored);
            confirmed
                .holds(field, &former.stored)
                .then(|| field.shown(&before, names, Identity::InFull).into_owned())
        }
        // 院, 专业 and numbers are confirmed as this system keeps them, and stand in imports as they were written.
        None => Some(former.shown.clone()),
    }
}

/// What the form sends. Fields of the record that somebody adds to it are not read.
#[derive(Deserialize)]
pub(super) struct ActivationForm {
    entry: i64,
    seen: String,
    #[serde(default)]
    checked: String,
    #[serde(flatten)]
    typed: Typed,
}

/// Activates.
pub(super) async fn activate(
    State(app): State<App>,
    passed: Passed<step::Activation>,
    Form(form): Form<ActivationForm>,
) -> Result<Response, AppError> {
    let submission = Submission {
        entry_id: form.entry,
        seen: form.seen,
        is_checked: form.checked == "yes",
        typed: form.typed,
    };
    let answer = match rules::activate(&app.db, &passed, &submission).await {
        Ok(()) => return Ok(redirect(HERE)),
        Err(ActivateError::Db(error)) => return Err(error.into()),
        Err(ActivateError::Stale) => Answer {
            typed: Some(submission.typed),
            ..Answer::stale()
        },
        Err(ActivateError::Blocked {
            mistakes, unchecked, ..
        }) => Answer {
            typed: Some(submission.typed),
            mistakes,
            is_refusal: true,
            is_unchecked: unchecked,
            is_stale: false,
        },
    };
    page(&app, passed.student(), passed.standing(), passed.entry(), answer).await
}

/// Keeps a draft: as one types, or by the button 暂存.
pub(super) async fn draft(
    State(app): State<App>,
    passed: Passed<step::Activation>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let kept = rules::save_draft(&app.db, &passed, &typed).await;
    if !is_fragment(&headers) {
        return match kept {
            Ok(_) | Err(DraftError::Activated) => Ok(redirect(HERE)),
            Err(DraftError::TooLong) => Err(AppError::TooLarge("填写的内容过长，没有保存。".into())),
            Err(DraftError::Db(error)) => Err(error.into()),
        };
    }
    let state = |is_saved, text: String| DraftState { is_saved, text };
    match kept {
        Ok(at) => html(&state(true, format!("已保存 {}", clock_text(at)))),
        Err(DraftError::Activated) => html(&state(true, "账户已激活，不必再暂存".into())),
        Err(DraftError::TooLong) => html_with(MISTAKES, &state(false, "内容过长，没有保存".into())),
        Err(DraftError::Db(error)) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    seen: String,
}

/// Confirms what has changed.
pub(super) async fn confirm(
    State(app): State<App>,
    passed: Passed<step::Activation>,
    Form(form): Form<Confirmation>,
) -> Result<Response, AppError> {
    let answer = match rules::confirm_changes(&app.db, &passed, &form.seen).await {
        Ok(()) => return Ok(redirect(HERE)),
        Err(ConfirmError::Db(error)) => return Err(error.into()),
        Err(ConfirmError::Stale) => Answer::stale(),
        Err(ConfirmError::Blocked) => Answer {
            is_refusal: true,
            ..Answer::default()
        },
    };
    page(&app, passed.student(), passed.standing(), passed.entry(), answer).await
}

/// Changes contact data.
pub(super) async fn change_contact(
    State(app): State<App>,
    passed: Passed<step::Contact>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    match rules::change_contact(&app.db, &passed, &typed).await {
        Ok(changed) => {
            let flash = if changed == 0 {
                Flash::success("联系方式没有变化。")
            } else {
                Flash::success("联系方式已保存。")
            };
            home::leave_flash(passed.student().session(), flash).await?;
            Ok(redirect(HERE))
        }
        Err(ContactError::Db(error)) => Err(error.into()),
        Err(ContactError::Mistakes(mistakes)) => {
            let answer = Answer {
                typed: Some(typed),
                mistakes,
                is_refusal: true,
                ..Answer::default()
            };
            page(&app, passed.student(), passed.standing(), passed.entry(), answer).await
        }
    }
}
