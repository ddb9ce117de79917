//! 提醒 of a list: whoever has not begun, has not submitted, or has the form back.

use axum::extract::State;
use axum::response::Response;
use qihang_db::ReminderAbout;

use super::queue::understand;
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::progress::reminders::model::Wording;
use crate::progress::reminders::rules::{RemindError, Sending, remind};
use crate::progress::reminders::said;
use crate::recommendation::PATH;
use crate::recommendation::filter::Params;
use crate::recommendation::queries::queue;
use crate::web::{AppError, Query, redirect};

/// One press: those of the list who still have to submit are told so.
pub(in crate::recommendation) async fn remind_list(
    State(app): State<App>,
    can: Can<policy::RemindStudents>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let asked = understand(&app, staff.versions, params).await?;
    let sent = if asked.filter.state.is_to_submit() {
        let ids = queue::student_ids(app.db.reader(), can.scope(), &asked.filter).await?;
        let sending = Sending {
            about: ReminderAbout::Recommendation,
            year: asked.filter.year,
            search: &format!("recommendations?{}", asked.params.to_query()),
            wording: &Wording::of_recommendation(),
        };
        remind(&app.db, &can, sending, &ids).await
    } else {
        Err(RemindError::NothingChosen)
    };
    home::flash(&staff, said(sent, "填写并提交推荐表")?).await?;
    Ok(redirect(&asked.params.address(PATH)))
}
