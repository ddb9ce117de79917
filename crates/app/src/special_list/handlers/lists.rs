//! Uploading a list, and all lists.

use axum::extract::multipart::Field;
use axum::extract::{Multipart, State};
use axum::response::Response;
use qihang_db::{ClassYearState, ListKind};
use tokio::io::AsyncWriteExt;

use super::{HERE, MayManage, address, numbered};
use crate::app::{App, MISTAKES};
use crate::auth::Staff;
use crate::class_year::model::ClassYear;
use crate::home;
use crate::special_list::pages::{IndexPage, ListRow, PAGE_SIZE};
use crate::special_list::queries;
use crate::special_list::rules::{self, Upload};
use crate::web::{AppError, PageLinks, Query, Step, html, html_with, page_address, redirect};

pub(in crate::special_list) async fn index(
    State(app): State<App>,
    _can: MayManage,
    staff: Staff,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    html(&index_page(&app, &staff, numbered(step)?).await?)
}

async fn index_page(app: &App, staff: &Staff, step: Step) -> Result<IndexPage, AppError> {
    let reader = app.db.reader();
    let lists = queries::list_lists(reader, &step, PAGE_SIZE as u64).await?;
    let mut lists = lists
        .into_iter()
        .map(ListRow::new)
        .collect::<Result<Vec<_>, _>>()?;
    let links = PageLinks::cut(
        &mut lists,
        PAGE_SIZE,
        &step,
        |row| row.id.to_string(),
        |step| page_address(HERE, &[("", ""); 0], step),
    );
    let school = app.cache.school(&app.db, staff.versions).await?;
    Ok(IndexPage {
        shell: home::shell(app, staff, HERE).await?,
        years: school
            .class_years
            .iter()
            .filter(|details| details.state == ClassYearState::Open)
            .map(|details| details.year)
            .collect(),
        lists,
        total: format!("共 {} 份", queries::count_lists(reader).await?),
        links,
        kind: None,
        year: None,
        error: None,
    })
}

/// What the upload form holds.
#[derive(Default)]
struct Sent {
    kind: Option<ListKind>,
    year: Option<ClassYear>,
    file: Option<(String, tempfile::NamedTempFile)>,
}

/// Receives the form; the file goes to the disk as it arrives.
async fn receive(app: &App, mut multipart: Multipart) -> Result<Sent, AppError> {
    let mut sent = Sent::default();
    while let Some(field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "kind" => {
                let code = field.text().await?;
                if !code.is_empty() {
                    let known = ListKind::from_code(&code);
                    sent.kind = Some(known.ok_or_else(|| AppError::BadRequest("没有这种名单。".into()))?);
                }
            }
            "class_year" => {
                let text = field.text().await?;
                if !text.is_empty() {
                    let year = text.parse().ok().and_then(ClassYear::new);
                    sent.year = Some(year.ok_or_else(|| AppError::BadRequest("没有这一届。".into()))?);
                }
            }
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let kept = keep(app, field).await?;
                sent.file = Some((name, kept)).filter(|(name, _)| !name.is_empty());
            }
            _ => {}
        }
    }
    Ok(sent)
}

async fn keep(app: &App, mut field: Field<'_>) -> Result<tempfile::NamedTempFile, AppError> {
    let file = rules::incoming(app).map_err(AppError::internal)?;
    let mut out = tokio::fs::File::from_std(file.reopen().map_err(AppError::internal)?);
    while let Some(chunk) = field.chunk().await? {
        out.write_all(&chunk).await.map_err(AppError::internal)?;
    }
    out.flush().await.map_err(AppError::internal)?;
    Ok(file)
}

pub(in crate::special_list) async fn create(
    State(app): State<App>,
    can: MayManage,
    staff: Staff,
    multipart: Multipart,
) -> Result<Response, AppError> {
    let sent = receive(&app, multipart).await?;
    let (kind, year) = (sent.kind, sent.year);
    let error = match (kind, year, sent.file) {
        (None, _, _) => "请选择名单种类。".to_owned(),
        (_, None, _) => "请选择届别。".to_owned(),
        (_, _, None) => "请选择文件。".to_owned(),
        (Some(kind), Some(year), Some((file_name, file))) => {
            let upload = Upload {
                kind,
                year,
                file_name: file_name
                    .chars()
                    .filter(|one| !one.is_control())
                    .take(200)
                    .collect(),
                path: file.path().to_owned(),
            };
            match rules::upload(&app, &can, upload).await {
                Ok(list) => return Ok(redirect(&address(list.id))),
                Err(error @ (rules::UploadError::File(_) | rules::UploadError::NotOpen(_))) => {
                    error.message()
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let mut page = index_page(&app, &staff, Step::default()).await?;
    (page.kind, page.year, page.error) = (kind, year, Some(error));
    html_with(MISTAKES, &page)
}
