//! The papers: the student's own, one of a student of the 院, a class as a job.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::queue::understand;
use crate::activation::gate::{Passed, step};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::recommendation::filter::{Params, State as Wanted};
use crate::recommendation::queries::printing;
use crate::recommendation::rules::{self, MOST_IN_ONE_FILE, Printed, PrintingError};
use crate::recommendation::{PATH, ordered};
use crate::web::{AppError, Flash, Path, Query, content_disposition, redirect};

impl From<PrintingError> for AppError {
    fn from(error: PrintingError) -> Self {
        match error {
            PrintingError::NothingValid => {
                Self::Conflict("没有现行有效的推荐表：审核通过之后才能打印，撤销之后须重新提交。".into())
            }
            PrintingError::Unprintable(why) => Self::Conflict(format!("{why}。")),
            PrintingError::Db(error) => error.into(),
            PrintingError::Key(_) | PrintingError::Print(_) | PrintingError::File(_) => Self::internal(error),
        }
    }
}

fn send(Printed { name, pdf }: Printed) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name)),
    ];
    (headers, pdf).into_response()
}

/// The own approved form.
pub(in crate::recommendation) async fn own(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
) -> Result<Response, AppError> {
    Ok(send(rules::own(&app, &passed).await?))
}

/// What would be submitted now, with 草稿 across it.
pub(in crate::recommendation) async fn draft(
    State(app): State<App>,
    passed: Passed<step::Recommendation>,
) -> Result<Response, AppError> {
    let pdf = rules::draft(&app, &passed).await?;
    let name = "推荐表草稿.pdf".to_owned();
    Ok(send(Printed { name, pdf }))
}

/// The approved form of a student.
pub(in crate::recommendation) async fn of_student(
    State(app): State<App>,
    can: Can<policy::ViewRecommendations>,
    Path(form_id): Path<i64>,
) -> Result<Response, AppError> {
    match rules::of_student(&app, &can, form_id).await {
        Ok(printed) => Ok(send(printed)),
        // Whether there is a form that the officer may not see is not said.
        Err(PrintingError::NothingValid) => Err(AppError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// 成批打印: all that count of those on the list, as a job.
pub(in crate::recommendation) async fn order(
    State(app): State<App>,
    can: Can<policy::ViewRecommendations>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let asked = understand(&app, staff.versions, params).await?;
    let count = printing::count(app.db.reader(), can.scope(), &asked.filter).await?;
    let refusal = match count {
        0 => Some("没有现行有效的推荐表可以打印。".to_owned()),
        count if count > MOST_IN_ONE_FILE => Some(ordered::too_many(count)),
        _ => None,
    };
    if let Some(refusal) = refusal {
        home::flash(&staff, Flash::warning(refusal)).await?;
        return Ok(redirect(&asked.params.in_state(Wanted::Approved).address(PATH)));
    }
    let job_id = ordered::order(&app, &can, &staff.officer, &asked).await?;
    Ok(redirect(&format!("/manage/jobs/{job_id}")))
}
