//! One form as an officer reads it: what changed since it was decided on last, side by side; approving, returning, revoking.

mod page;

use std::collections::HashMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::{Reopened, VersionState};
use serde::Deserialize;

use self::page::{Answer, page};
use super::queue::{Asked, understand};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::recommendation::PATH;
use crate::recommendation::filter::Params;
use crate::recommendation::queries::queue::{Neighbours, Place, neighbours};
use crate::recommendation::queries::{forms, versions};
use crate::recommendation::rules::{self, ReviewError, Seen};
use crate::web::{AppError, Flash, Form, Path, Query, instant_text, redirect, with_query};

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
    let asked = understand(&app, staff.versions, params).await?;
    page(&app, &can, &staff, form_id, &asked, Answer::default()).await
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
        ReviewError::Press(error) => return Err(AppError::internal(error)),
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
    let asked = understand(&app, staff.versions, params).await?;
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
    let asked = understand(&app, staff.versions, params).await?;
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
    let asked = understand(&app, staff.versions, params).await?;
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
