//! Pages on which the centre keeps the contacts.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::entity::contact_point;
use qihang_db::{ContactPurpose, StudentType};

use super::model::{ContactForm, ContactMistakes};
use super::queries;
use super::rules::{self, ContactError};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::school;
use crate::web::{AppError, Flash, Form, Path, Shell, html, html_with, redirect};

const HERE: &str = "/manage/contacts";

type May = Can<policy::ManageContacts>;

struct Row {
    contact: contact_point::Model,
    purpose: &'static str,
    /// For whom, in words.
    for_whom: String,
}

impl From<contact_point::Model> for Row {
    fn from(contact: contact_point::Model) -> Self {
        let kind = contact
            .student_type
            .as_deref()
            .and_then(StudentType::from_code)
            .map_or("", StudentType::label);
        let campus = contact.campus.as_deref().unwrap_or("全校");
        Self {
            purpose: ContactPurpose::from_code(&contact.purpose).map_or("", ContactPurpose::label),
            for_whom: format!("{campus}{kind}"),
            contact,
        }
    }
}

#[derive(Template)]
#[template(path = "notice/contacts/index.html")]
struct IndexPage {
    shell: Shell,
    rows: Vec<Row>,
}

pub(in crate::notice) async fn index(
    State(app): State<App>,
    _can: May,
    staff: Staff,
) -> Result<Response, AppError> {
    let contacts = queries::all(app.db.reader()).await?;
    html(&IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        rows: contacts.into_iter().map(Row::from).collect(),
    })
}

#[derive(Template)]
#[template(path = "notice/contacts/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` for a new one.
    id: Option<i64>,
    form: ContactForm,
    mistakes: ContactMistakes,
    /// 校区 that the exchange knows, and the one written here.
    campuses: BTreeSet<String>,
}

async fn page(
    app: &App,
    staff: &Staff,
    id: Option<i64>,
    form: ContactForm,
    mistakes: Option<ContactMistakes>,
) -> Result<Response, AppError> {
    let colleges = school::queries::colleges(app.db.reader()).await?;
    let known = colleges.into_iter().filter_map(|college| college.campus);
    let campuses = known
        .chain([form.campus.clone()])
        .filter(|campus| !campus.is_empty())
        .collect();
    let status = if mistakes.is_some() {
        MISTAKES
    } else {
        StatusCode::OK
    };
    html_with(
        status,
        &FormPage {
            shell: home::shell(app, staff, HERE).await?,
            id,
            form,
            mistakes: mistakes.unwrap_or_default(),
            campuses,
        },
    )
}

pub(in crate::notice) async fn new(
    State(app): State<App>,
    _can: May,
    staff: Staff,
) -> Result<Response, AppError> {
    let form = ContactForm {
        purpose: ContactPurpose::Advice.code().to_owned(),
        ..ContactForm::default()
    };
    page(&app, &staff, None, form, None).await
}

pub(in crate::notice) async fn show(
    State(app): State<App>,
    _can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let found = queries::find(app.db.reader(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    page(&app, &staff, Some(id), ContactForm::of(&found), None).await
}

pub(in crate::notice) async fn create(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Form(form): Form<ContactForm>,
) -> Result<Response, AppError> {
    save(&app, &can, &staff, None, form).await
}

pub(in crate::notice) async fn change(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
    Form(form): Form<ContactForm>,
) -> Result<Response, AppError> {
    save(&app, &can, &staff, Some(id), form).await
}

async fn save(
    app: &App,
    can: &May,
    staff: &Staff,
    id: Option<i64>,
    form: ContactForm,
) -> Result<Response, AppError> {
    match rules::save(&app.db, can, id, &form).await {
        Ok(()) => {
            home::flash(staff, Flash::success("联系方式已保存。")).await?;
            Ok(redirect(HERE))
        }
        Err(ContactError::NotFound) => Err(AppError::NotFound),
        Err(ContactError::Mistakes(mistakes)) => page(app, staff, id, form, Some(*mistakes)).await,
        Err(ContactError::Db(error)) => Err(error.into()),
    }
}

pub(in crate::notice) async fn remove(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    match rules::remove(&app.db, &can, id).await {
        Ok(()) => {
            home::flash(&staff, Flash::success("联系方式已删除。")).await?;
            Ok(redirect(HERE))
        }
        Err(ContactError::Db(error)) => Err(error.into()),
        Err(ContactError::NotFound | ContactError::Mistakes(_)) => Err(AppError::NotFound),
    }
}
