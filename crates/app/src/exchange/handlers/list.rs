//! Uploading, and all imports.

use axum::extract::State;
use axum::response::Response;

use super::{HERE, MayImport, address, at, checked};
use crate::app::{App, MISTAKES};
use crate::auth::Staff;
use crate::exchange::model::Dataset;
use crate::exchange::pages::{BatchRow, IndexPage, PAGE_SIZE};
use crate::exchange::{queries, rules, upload};
use crate::home;
use crate::web::{AppError, PageLinks, Path, Query, Step, html, html_with, redirect};

pub(in crate::exchange) async fn index(
    State(app): State<App>,
    _can: MayImport,
    staff: Staff,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let page = index_page(&app, &staff, checked(step)?).await?;
    html(&page)
}

async fn index_page(app: &App, staff: &Staff, step: Step) -> Result<IndexPage, AppError> {
    let reader = app.db.reader();
    let mut batches: Vec<BatchRow> = queries::list_batches(reader, &step, PAGE_SIZE)
        .await?
        .into_iter()
        .filter_map(BatchRow::new)
        .collect();
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let links = PageLinks::cut(
        &mut batches,
        size,
        &step,
        |row| row.id.to_string(),
        |step| at(HERE, step),
    );
    Ok(IndexPage {
        shell: home::shell(app, staff, HERE).await?,
        batches,
        total: format!("共 {} 次导入", queries::count_batches(reader).await?),
        links,
        open_refusals: queries::count_refusals(reader).await?,
        chosen: None,
        complete: false,
        error: None,
    })
}

pub(in crate::exchange) async fn create(
    State(app): State<App>,
    can: MayImport,
    staff: Staff,
    multipart: axum::extract::Multipart,
) -> Result<Response, AppError> {
    match upload::receive(&app, multipart).await? {
        Ok(upload) => {
            let batch_id = rules::begin(&app, &can, upload).await?;
            Ok(redirect(&address(batch_id)))
        }
        Err(mistake) => {
            let mut page = index_page(&app, &staff, Step::default()).await?;
            page.chosen = mistake.dataset;
            page.complete = mistake.complete;
            page.error = Some(mistake.message);
            html_with(MISTAKES, &page)
        }
    }
}

pub(in crate::exchange) async fn template(
    _can: MayImport,
    Path(code): Path<String>,
) -> Result<Response, AppError> {
    upload::template_file(Dataset::from_code(&code).ok_or(AppError::NotFound)?).await
}
