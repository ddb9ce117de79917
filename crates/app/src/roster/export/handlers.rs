//! The file, and the page that asks what identity numbers are needed in full for.

use std::io;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::TryFutureExt;
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use super::model::{Format, Order, file_name};
use super::rules::Export;
use super::{ordered, whose};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::roster::disclosure::rules::Purpose;
use crate::roster::list::columns::local_minute;
use crate::roster::list::filter::ListParams;
use crate::roster::list::queries::{self, Rows};
use crate::roster::list::question::Question;
use crate::roster::list::{self};
use crate::web::{AppError, Form, Query, Shell, content_disposition, html, html_with, redirect};

#[derive(Template)]
#[template(path = "roster/export/form.html")]
struct FormPage {
    shell: Shell,
    year: i32,
    view: &'static str,
    total: u64,
    /// Whether it is worth a job.
    may_order: bool,
    query: String,
    /// The question, to be posted with the purpose.
    fields: Vec<(String, String)>,
    purpose: String,
    mistake: Option<String>,
    back_href: String,
}

/// The question of the list, with the purpose.
#[derive(Debug, Deserialize)]
pub(super) struct InFull {
    #[serde(flatten)]
    params: ListParams,
    #[serde(default)]
    purpose: String,
}

/// Asks for the purpose.
pub(super) async fn form(
    State(app): State<App>,
    can: Can<policy::ExportRoster>,
    staff: Staff,
    Query(params): Query<ListParams>,
) -> Result<Response, AppError> {
    html(&form_page(&app, &can, &staff, params, (String::new(), None)).await?)
}

async fn form_page(
    app: &App,
    can: &Can<policy::ExportRoster>,
    staff: &Staff,
    params: ListParams,
    (purpose, mistake): (String, Option<String>),
) -> Result<FormPage, AppError> {
    let question = Question::understand(app, staff.versions, params).await?;
    let rows = Rows {
        scope: can.scope(),
        year: question.year.year,
        filter: &question.filter,
    };
    let query = question.params.to_query();
    let total = queries::count(app.db.reader(), rows).await?;
    Ok(FormPage {
        shell: home::shell(app, staff, list::PATH).await?,
        year: question.year.year.year(),
        view: question.view.label(),
        total,
        may_order: total >= ordered::OFFERED_FROM,
        fields: serde_html_form::from_str(&query).map_err(AppError::internal)?,
        purpose,
        mistake,
        back_href: list::back_to(&query),
        query,
    })
}

/// The workbook with identity numbers masked.
pub(super) async fn masked(
    State(app): State<App>,
    can: Can<policy::ExportRoster>,
    staff: Staff,
    Query(asked): Query<InFull>,
) -> Result<Response, AppError> {
    if !asked.purpose.is_empty() {
        // An address can be bookmarked and sent on; a purpose is given each time.
        return Err(AppError::BadRequest(
            "导出完整证件号须在“导出完整证件号”页面填写用途后提交。".into(),
        ));
    }
    send(app, can, &staff, asked.params, None).await
}

/// The workbook with identity numbers in full, for a purpose.
pub(super) async fn in_full(
    State(app): State<App>,
    can: Can<policy::ExportRoster>,
    staff: Staff,
    Form(asked): Form<InFull>,
) -> Result<Response, AppError> {
    match Purpose::parse(&asked.purpose) {
        Ok(purpose) => send(app, can, &staff, asked.params, Some(purpose)).await,
        Err(mistake) => {
            let again = (asked.purpose, Some(mistake));
            html_with(
                MISTAKES,
                &form_page(&app, &can, &staff, asked.params, again).await?,
            )
        }
    }
}

/// What the export as a job is wanted for; asked for where identity numbers are to be in full.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    purpose: Option<String>,
}

/// 后台导出: the same as a job. Identity numbers are masked unless a purpose is given.
pub(super) async fn ordered(
    State(app): State<App>,
    can: Can<policy::ExportRoster>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, AppError> {
    let purpose = match wanted.purpose.as_deref().map(Purpose::parse).transpose() {
        Ok(purpose) => purpose,
        Err(mistake) => {
            let again = (wanted.purpose.unwrap_or_default(), Some(mistake));
            return html_with(MISTAKES, &form_page(&app, &can, &staff, params, again).await?);
        }
    };
    let question = Question::understand(&app, staff.versions, params).await?;
    let job_id = ordered::order(&app, &can, &staff.officer, question, purpose).await?;
    Ok(redirect(&format!("/manage/jobs/{job_id}")))
}

async fn send(
    app: App,
    can: Can<policy::ExportRoster>,
    staff: &Staff,
    params: ListParams,
    purpose: Option<Purpose>,
) -> Result<Response, AppError> {
    let question = Question::understand(&app, staff.versions, params).await?;
    let whose = whose(can.scope(), &staff.officer.name, &question.school.colleges);
    let columns = question.columns(&staff.officer);
    let order = Order::of(question, columns, purpose);
    let name = file_name(&order, &whose, app.db.clock().today());
    let export = Export::open(&app.db, can, order).await?;
    export.record(&app.db).await?;
    let notes = export.notes(&staff.officer.name, &local_minute(app.db.clock().now()));
    let headers = [
        (header::CONTENT_TYPE, Format::Xlsx.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name)),
    ];
    Ok((headers, workbook(export, notes)).into_response())
}

/// The body: begins to work when it is asked for, so that the head of the answer leaves at once. What fails after that
/// breaks the transfer off, which a browser reports as a failed download: there is never half a file.
fn workbook(export: Export, notes: Vec<(String, String)>) -> Body {
    let written = async move {
        let mut file = tempfile::tempfile()?;
        let copy = file.try_clone()?;
        export.write(copy, notes, |_| {}).await.map_err(|error| {
            tracing::error!(%error, "An export could not be written.");
            io::Error::other(error)
        })?;
        io::Seek::rewind(&mut file)?;
        Ok::<_, io::Error>(ReaderStream::with_capacity(
            tokio::fs::File::from_std(file),
            1 << 16,
        ))
    };
    Body::from_stream(written.try_flatten_stream())
}
