//! The sentences of a 院: for opinions, and for reasons of a return.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::entity::college;
use serde::Deserialize;

use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::recommendation::PATH;
use crate::recommendation::model::template::{FIELDS, Kind, MOST_CHARS, read};
use crate::recommendation::queries::settings;
use crate::recommendation::rules::{self, SetError};
use crate::school;
use crate::web::{AppError, Flash, Form, Query, Shell, html_with, redirect};

const HERE: &str = "/manage/recommendations/templates";

#[derive(Template)]
#[template(path = "recommendation/templates.html")]
struct TemplatesPage {
    shell: Shell,
    college: college::Model,
    /// The other 院 that the officer works for.
    others: Vec<college::Model>,
    opinions: String,
    reasons: String,
    opinion_error: Option<String>,
    reason_error: Option<String>,
    fields: String,
    most: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::recommendation) struct Asked {
    college: String,
}

/// The 院 that is asked for, or the first that the officer works for; and the others.
async fn chosen(
    app: &App,
    can: &Can<policy::ReviewRecommendations>,
    code: &str,
) -> Result<(college::Model, Vec<college::Model>), AppError> {
    let mut colleges = school::queries::colleges_in(app.db.reader(), can.scope()).await?;
    let at = if code.is_empty() {
        0
    } else {
        colleges
            .iter()
            .position(|college| college.code == code)
            .ok_or(AppError::NotFound)?
    };
    if colleges.is_empty() {
        return Err(AppError::NotFound);
    }
    Ok((colleges.remove(at), colleges))
}

pub(in crate::recommendation) async fn show(
    State(app): State<App>,
    can: Can<policy::ReviewRecommendations>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let (college, others) = chosen(&app, &can, &asked.college).await?;
    let reader = app.db.reader();
    let opinions = settings::templates(reader, college.id, Kind::Opinion)
        .await?
        .join("\n");
    let reasons = settings::templates(reader, college.id, Kind::Reason)
        .await?
        .join("\n");
    let page = TemplatesPage {
        shell: home::shell(&app, &staff, PATH).await?,
        college,
        others,
        opinions,
        reasons,
        opinion_error: None,
        reason_error: None,
        fields: FIELDS.map(|field| format!("{{{field}}}")).join("、"),
        most: MOST_CHARS,
    };
    html_with(StatusCode::OK, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::recommendation) struct Lines {
    college: String,
    opinions: String,
    reasons: String,
}

pub(in crate::recommendation) async fn change(
    State(app): State<App>,
    can: Can<policy::ReviewRecommendations>,
    staff: Staff,
    Form(form): Form<Lines>,
) -> Result<Response, AppError> {
    let (college, others) = chosen(&app, &can, &form.college).await?;
    let (opinions, reasons) = match (
        read(Kind::Opinion, &form.opinions),
        read(Kind::Reason, &form.reasons),
    ) {
        (Ok(opinions), Ok(reasons)) => (opinions, reasons),
        (opinions, reasons) => {
            let page = TemplatesPage {
                shell: home::shell(&app, &staff, PATH).await?,
                college,
                others,
                opinions: form.opinions,
                reasons: form.reasons,
                opinion_error: opinions.err(),
                reason_error: reasons.err(),
                fields: FIELDS.map(|field| format!("{{{field}}}")).join("、"),
                most: MOST_CHARS,
            };
            return html_with(MISTAKES, &page);
        }
    };
    for (kind, sentences) in [(Kind::Opinion, &opinions), (Kind::Reason, &reasons)] {
        match rules::set_templates(&app.db, &can, college.id, (kind, sentences)).await {
            Ok(_) => {}
            Err(SetError::Unknown | SetError::Closed) => return Err(AppError::NotFound),
            Err(SetError::Db(error)) => return Err(error.into()),
        }
    }
    home::flash(&staff, Flash::success("模板已保存。")).await?;
    let query = serde_html_form::to_string([("college", &college.code)]).unwrap_or_default();
    Ok(redirect(&format!("{HERE}?{query}")))
}
