//! One list, and every step on it.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::Here;
use super::page::{Answer, MemberForm, answered, changed, page};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::leadership::edit::Edit;
use crate::leadership::model::{Member, Typed};
use crate::leadership::queries;
use crate::leadership::rules::{self, Seen};
use crate::web::{AppError, Form, Path, Query};

pub(in crate::leadership) async fn show(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    page(&app, &staff, &here, Answer::plain()).await
}

/// What a form of this page carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::leadership) struct Posted {
    /// What was seen.
    seen: String,
    /// The name that the member had.
    was: String,
    /// `up` or `down`.
    direction: String,
    #[serde(flatten)]
    typed: Typed,
}

impl Posted {
    fn seen(&self) -> Option<Seen> {
        Seen::from_text(&self.seen)
    }
}

pub(in crate::leadership) async fn add(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    save(&app, &can, &staff, &here, None, posted).await
}

pub(in crate::leadership) async fn change(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code, place)): Path<(i32, String, usize)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    save(&app, &can, &staff, &here, Some(place), posted).await
}

async fn save(
    app: &App,
    can: &Can<policy::ReportLeadership>,
    staff: &Staff,
    here: &Here,
    place: Option<usize>,
    posted: Posted,
) -> Result<Response, AppError> {
    let seen = posted.seen();
    let parsed = Member::parse(&posted.typed);
    let form = |mistakes| MemberForm {
        place,
        was: posted.was,
        typed: posted.typed,
        mistakes,
    };
    match parsed {
        Ok(member) => {
            let (step, said) = match place {
                None => (Edit::Add(member), "已添加成员，报送后生效。"),
                Some(place) => (Edit::Change(place, member), "已保存，报送后生效。"),
            };
            let done = rules::edit(&app.db, can, here.place, seen, step).await;
            answered(app, staff, here, (done, said), form(Vec::new())).await
        }
        Err(mistakes) => {
            let current = queries::current(app.db.reader(), here.place).await?;
            let answer = if seen == Some(Seen::of(current.as_ref().map(|report| &report.row))) {
                Answer {
                    form: form(mistakes),
                    refused: None,
                    status: MISTAKES,
                }
            } else {
                Answer {
                    form: form(mistakes),
                    ..Answer::refused(changed(app, here, current.as_ref()).await?)
                }
            };
            page(app, staff, here, answer).await
        }
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::leadership) struct Look {
    #[serde(default)]
    seen: String,
}

/// The form of a member who is there.
pub(in crate::leadership) async fn member(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code, place)): Path<(i32, String, usize)>,
    Query(look): Query<Look>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let current = queries::current(app.db.reader(), here.place).await?;
    let is_as_seen =
        Seen::from_text(&look.seen) == Some(Seen::of(current.as_ref().map(|report| &report.row)));
    // Somebody else stands at this place by now, perhaps.
    if !look.seen.is_empty() && !is_as_seen {
        let refused = changed(&app, &here, current.as_ref()).await?;
        return page(&app, &staff, &here, Answer::refused(refused)).await;
    }
    let found = current.and_then(|report| report.members.into_iter().nth(place));
    let member = found.ok_or(AppError::NotFound)?;
    let form = MemberForm {
        place: Some(place),
        was: member.name.clone(),
        typed: member.typed(),
        mistakes: Vec::new(),
    };
    let answer = Answer {
        form,
        ..Answer::plain()
    };
    page(&app, &staff, &here, answer).await
}

pub(in crate::leadership) async fn remove(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code, place)): Path<(i32, String, usize)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let done = rules::edit(&app.db, &can, here.place, posted.seen(), Edit::Remove(place)).await;
    answered(
        &app,
        &staff,
        &here,
        (done, "已删除成员，报送后生效。"),
        MemberForm::blank(),
    )
    .await
}

pub(in crate::leadership) async fn shift(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code, place)): Path<(i32, String, usize)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let step = match posted.direction.as_str() {
        "up" => Edit::Up(place),
        "down" => Edit::Down(place),
        _ => return Err(AppError::BadRequest("只能上移或下移。".into())),
    };
    let done = rules::edit(&app.db, &can, here.place, posted.seen(), step).await;
    answered(
        &app,
        &staff,
        &here,
        (done, "已调整顺序，报送后生效。"),
        MemberForm::blank(),
    )
    .await
}

pub(in crate::leadership) async fn take_over(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let done = rules::take_over(&app.db, &can, here.place, posted.seen()).await;
    answered(
        &app,
        &staff,
        &here,
        (done, "已沿用上一届名单作为草稿，请核对后报送。"),
        MemberForm::blank(),
    )
    .await
}

pub(in crate::leadership) async fn discard(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let done = rules::discard(&app.db, &can, here.place, posted.seen()).await;
    answered(&app, &staff, &here, (done, "已放弃草稿。"), MemberForm::blank()).await
}

pub(in crate::leadership) async fn submit(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let done = rules::submit(&app.db, &can, here.place, posted.seen()).await;
    answered(&app, &staff, &here, (done, "已报送。"), MemberForm::blank()).await
}
