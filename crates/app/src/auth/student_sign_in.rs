//! 学生登录. Students have no password here: the university's single sign-on names them. Where none is set up, a demo database
//! lets anybody in as any of its invented students.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use qihang_db::entity::contact_point;
use serde::Deserialize;
use tower_sessions::Session;

use super::handlers::{NextPage, own_page};
use super::{queries, rules, sso};
use crate::app::{App, MISTAKES};
use crate::web::{AppError, Door, Form, Query, client_address, html_with, redirect};
use crate::{home, notice};

#[derive(Template)]
#[template(path = "auth/student_sign_in.html")]
struct StudentSignInPage {
    university: String,
    student_no: String,
    next: String,
    mistake: Option<String>,
    is_demo: bool,
    demo: Vec<home::DemoStudent>,
    /// Whom to ask about a forgotten password.
    help: Vec<contact_point::Model>,
    /// What is said where the centre has named nobody.
    otherwise: &'static str,
}

#[derive(Deserialize)]
pub(super) struct DemoSignInForm {
    student_no: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn form(
    State(app): State<App>,
    session: Session,
    Query(query): Query<NextPage>,
) -> Result<Response, AppError> {
    if let Some(provider) = sso::provider(&app.config)? {
        return sso::begin(&app, &provider, &session, Door::Student, &query.next).await;
    }
    page(&app, StatusCode::OK, String::new(), query.next, None).await
}

async fn page(
    app: &App,
    status: StatusCode,
    student_no: String,
    next: String,
    mistake: Option<String>,
) -> Result<Response, AppError> {
    let is_demo = !home::demo_sign_ins(&app.db).await?.is_empty();
    html_with(
        status,
        &StudentSignInPage {
            university: app.config.university.clone(),
            student_no,
            next,
            mistake,
            is_demo,
            demo: home::demo_students(&app.db).await?,
            help: notice::contacts::for_sign_in(app.db.reader(), Door::Student).await?,
            otherwise: "请询问本院就业专员或学生就业指导中心。",
        },
    )
}

/// Signs in as an invented student; a real database has no such entry, nor one with a single sign-on.
pub(super) async fn sign_in(
    State(app): State<App>,
    session: Session,
    parts: Parts,
    Form(form): Form<DemoSignInForm>,
) -> Result<Response, AppError> {
    let is_demo = !home::demo_sign_ins(&app.db).await?.is_empty();
    if !is_demo || sso::provider(&app.config)?.is_some() {
        return Err(AppError::NotFound);
    }
    let student_no = form.student_no.trim().to_owned();
    let Some(student) = queries::find_student_by_no(app.db.reader(), &student_no).await? else {
        let mistake = "没有这个学号的学生，请检查后重试。".to_owned();
        return page(&app, MISTAKES, student_no, form.next, Some(mistake)).await;
    };
    let address = client_address(&parts, &app.config);
    rules::begin_student_session(&app, &session, student.id, address).await?;
    Ok(redirect(own_page(&form.next, "/student")))
}
