//! Handing the form in, taking it back, and beginning a new version of an approved one.

use qihang_db::entity::student;
use qihang_db::{Action, Actor, AuditEvent, Change, Db, Scope};
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde_json::json;

use super::writing::{Desk, SaveError, Typed, desk, save_each};
use super::{facts_of, subject, unprintable};
use crate::activation::gate::{Entry, Passed, step};
use crate::app::App;
use crate::press::PrintError;
use crate::recommendation::model::facts::confirmed;
use crate::recommendation::model::section::plain;
use crate::recommendation::model::{Act, Mistake, Refused, Stage, Text, tidy};
use crate::recommendation::queries::forms::Form;
use crate::recommendation::queries::{forms, versions};

/// Why a form was not submitted. What could be saved of what was typed is saved all the same.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Sections that were not saved, each with why.
    #[error("not everything could be saved")]
    NotSaved(Vec<(String, SaveError)>),
    /// Sections that cannot be submitted so.
    #[error("some sections have mistakes")]
    Mistakes(Vec<(String, Mistake)>),
    /// It is under review already, with other texts than these, by heading.
    #[error("the form is under review with other texts")]
    UnderReview(Vec<(String, String)>),
    /// The page was shown before the form went on.
    #[error("the form has gone on since the page was shown")]
    Stale,
    /// It cannot be submitted.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The press, which has to say what it can print.
    #[error(transparent)]
    Press(#[from] PrintError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Submits the form with what stands on the page: once, however often it is pressed. `revision` is that of the form as the page
/// was shown, 0 where there was none.
///
/// # Errors
///
/// [`SubmitError`]; then nothing was submitted.
pub async fn submit(
    app: &App,
    passed: &Passed<step::Recommendation>,
    revision: i32,
    typed: &[Typed],
) -> Result<(), SubmitError> {
    let student = passed.student();
    submit_as(
        app,
        &student.actor(),
        student.id(),
        passed.entry(),
        revision,
        typed,
    )
    .await
}

/// The rule itself. Only the student presses; the demo university, whose students nobody is, calls it for them.
pub(crate) async fn submit_as(
    app: &App,
    actor: &Actor,
    student_id: i64,
    entry: Entry,
    revision: i32,
    typed: &[Typed],
) -> Result<(), SubmitError> {
    let press = app.printing.press().await?;
    let change = app.db.change(actor).await?;
    let form = forms::lock_of_entry(change.tx(), student_id, entry, change.now()).await?;
    if matches!(form.stage, Stage::Submitted { .. }) {
        let desk = desk(change.tx(), entry.class_year, Some(&form)).await?;
        change.abandon().await?;
        let unsaved = others(&desk, typed);
        return if unsaved.is_empty() {
            Ok(())
        } else {
            Err(SubmitError::UnderReview(unsaved))
        };
    }
    form.stage.after(Act::Submit)?;
    let outcome = save_each(change.tx(), &form, entry, typed, change.now()).await?;
    let failed: Vec<(String, SaveError)> = outcome
        .into_iter()
        .filter_map(|(section, saved)| Some((section, saved.err()?)))
        .collect();
    if !failed.is_empty() {
        change.keep_without_event().await?;
        return Err(SubmitError::NotSaved(failed));
    }
    // A page that was shown before anything was written knows of no form; that is no reason to refuse it.
    if revision != form.row.revision && !(revision == 0 && form.row.version == 0) {
        change.keep_without_event().await?;
        return Err(SubmitError::Stale);
    }
    let desk = desk(change.tx(), entry.class_year, Some(&form)).await?;
    let mistakes: Vec<(String, Mistake)> = desk
        .sections
        .iter()
        .filter_map(|section| {
            let body = desk.body(&section.code);
            let missing = || unprintable(press, [body]).map(Mistake::Unprintable);
            Some((section.code.clone(), section.mistake(body).or_else(missing)?))
        })
        .collect();
    if !mistakes.is_empty() {
        change.keep_without_event().await?;
        return Err(SubmitError::Mistakes(mistakes));
    }
    Ok(write(change, &form, &desk).await?)
}

/// What was typed and does not stand in what was submitted, by heading.
fn others(desk: &Desk, typed: &[Typed]) -> Vec<(String, String)> {
    typed
        .iter()
        .filter_map(|one| {
            let section = desk.sections.iter().find(|section| section.code == one.section)?;
            let differs = tidy(desk.body(&one.section)) != tidy(&one.body);
            differs.then(|| (section.heading.clone(), plain(&one.body)))
        })
        .collect()
}

async fn write(change: Change, form: &Form, desk: &Desk) -> Result<(), DbErr> {
    let student = Scope::Student(form.row.student_id)
        .select::<student::Entity>()
        .filter(student::Column::Id.eq(form.row.student_id))
        .one(change.tx())
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the student of a form".into()))?;
    let facts = facts_of(change.tx(), &student).await?;
    let texts: Vec<Text> = desk
        .sections
        .iter()
        .map(|section| Text {
            section: section.code.clone(),
            heading: section.heading.clone(),
            body: tidy(desk.body(&section.code)),
            most: section.most,
        })
        .collect();
    let next = form
        .stage
        .after(Act::Submit)
        .map_err(|refused| DbErr::Custom(refused.to_string()))?;
    let now = change.now();
    versions::insert(change.tx(), form, (&facts, &confirmed(&student)), &texts, now).await?;
    let form = forms::advance(change.tx(), form, next, now, |row| row.version += 1).await?;
    let event = AuditEvent::new(Action::RecommendationSubmitted, subject(form.row.id))
        .after(json!({"version": form.row.version}));
    change.commit(event).await
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// It cannot be taken.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Takes the form back, as long as no officer has opened it. Pressed twice, it is taken back once.
///
/// # Errors
///
/// [`StepError`]; then nothing was written.
pub async fn recall(db: &Db, passed: &Passed<step::Recommendation>) -> Result<(), StepError> {
    let student = passed.student();
    let change = db.change(&student.actor()).await?;
    let form = forms::lock_begun(change.tx(), student.id(), passed.entry())
        .await?
        .ok_or(Refused::NotBegun)?;
    let next = match form.stage.after(Act::Recall) {
        Ok(next) => next,
        Err(Refused::NotSubmitted) if form.stage.is_in_hand() && form.row.version > 0 => return Ok(()),
        Err(refused) => return Err(refused.into()),
    };
    versions::recall(change.tx(), &form).await?;
    let form = forms::advance(change.tx(), &form, next, change.now(), |_| {}).await?;
    let event = AuditEvent::new(Action::RecommendationRecalled, subject(form.row.id))
        .after(json!({"version": form.row.version}));
    Ok(change.commit(event).await?)
}

/// Begins a new version of an approved form; the approved one counts until the new one is approved. Pressed twice, it is begun
/// once.
///
/// # Errors
///
/// [`StepError`]; then nothing was written.
pub async fn revise(db: &Db, passed: &Passed<step::Recommendation>) -> Result<(), StepError> {
    let student = passed.student();
    let change = db.change(&student.actor()).await?;
    let form = forms::lock_begun(change.tx(), student.id(), passed.entry())
        .await?
        .ok_or(Refused::NotBegun)?;
    let next = match form.stage.after(Act::Revise) {
        Ok(next) => next,
        Err(Refused::NotApproved) if form.stage.is_in_hand() => return Ok(()),
        Err(refused) => return Err(refused.into()),
    };
    let form = forms::advance(change.tx(), &form, next, change.now(), |_| {}).await?;
    let event = AuditEvent::new(Action::RecommendationRevised, subject(form.row.id))
        .after(json!({"after_version": form.row.version}));
    Ok(change.commit(event).await?)
}
