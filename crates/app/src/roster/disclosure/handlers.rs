//! The small pages around one identity number.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::entity::student;
use qihang_standards::identity;
use serde::Deserialize;

use super::rules::{self, DiscloseError, Purpose};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::roster::list;
use crate::web::{AppError, Form, Query, Shell, html, html_with};

#[derive(Template)]
#[template(path = "roster/disclosure.html")]
struct DisclosurePage {
    shell: Shell,
    student_id: i64,
    student_no: String,
    name: String,
    /// Masked until it is disclosed.
    number: String,
    is_disclosed: bool,
    purpose: String,
    mistake: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    student: i64,
    #[serde(default)]
    purpose: String,
}

/// Under which key the session keeps the purpose last given: who looks up ten numbers for one task says so once.
const PURPOSE_KEY: &str = "disclosure.purpose";

/// Asks what the number is needed for.
pub(super) async fn ask(
    State(app): State<App>,
    can: Can<policy::RevealIdentity>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let student = rules::find(app.db.reader(), can.scope(), asked.student)
        .await?
        .ok_or(AppError::NotFound)?;
    let purpose = staff
        .session
        .get::<String>(PURPOSE_KEY)
        .await?
        .unwrap_or_default();
    html(&page(&app, &staff, &student, purpose, None).await?)
}

async fn page(
    app: &App,
    staff: &Staff,
    student: &student::Model,
    purpose: String,
    mistake: Option<String>,
) -> Result<DisclosurePage, AppError> {
    Ok(DisclosurePage {
        shell: home::shell(app, staff, list::PATH).await?,
        student_id: student.id,
        student_no: student.student_no.clone(),
        name: student.name.clone(),
        number: identity::mask(&student.document_no),
        is_disclosed: false,
        purpose,
        mistake,
    })
}

/// Records the purpose and shows the number.
pub(super) async fn disclose(
    State(app): State<App>,
    can: Can<policy::RevealIdentity>,
    staff: Staff,
    Form(asked): Form<Asked>,
) -> Result<Response, AppError> {
    let purpose = match Purpose::parse(&asked.purpose) {
        Ok(purpose) => purpose,
        Err(mistake) => {
            let student = rules::find(app.db.reader(), can.scope(), asked.student)
                .await?
                .ok_or(AppError::NotFound)?;
            let page = page(&app, &staff, &student, asked.purpose, Some(mistake)).await?;
            return html_with(MISTAKES, &page);
        }
    };
    let student = rules::disclose(&app.db, &can, asked.student, &purpose)
        .await
        .map_err(|error| match error {
            DiscloseError::NotFound => AppError::NotFound,
            DiscloseError::NoAccount => AppError::Forbidden,
            DiscloseError::Db(error) => error.into(),
        })?;
    staff.session.insert(PURPOSE_KEY, purpose.as_str()).await?;
    let masked = page(&app, &staff, &student, purpose.as_str().to_owned(), None).await?;
    html(&DisclosurePage {
        number: student.document_no,
        is_disclosed: true,
        ..masked
    })
}
