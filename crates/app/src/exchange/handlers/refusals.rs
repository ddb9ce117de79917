//! Refused rows that wait for their record.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{HERE, MayImport, at, checked};
use crate::app::{App, MISTAKES};
use crate::auth::Staff;
use crate::exchange::pages::{PAGE_SIZE, RefusalRow, RefusalsPage};
use crate::exchange::{queries, rules};
use crate::home;
use crate::web::{AppError, Flash, Form, PageLinks, Path, Query, Step, html, html_with, redirect};

pub(in crate::exchange) async fn refusals(
    State(app): State<App>,
    _can: MayImport,
    staff: Staff,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    html(&refusals_page(&app, &staff, checked(step)?).await?)
}

async fn refusals_page(app: &App, staff: &Staff, step: Step) -> Result<RefusalsPage, AppError> {
    let reader = app.db.reader();
    let path = format!("{HERE}/refusals");
    let mut rows: Vec<RefusalRow> = queries::list_refusals(reader, &step, PAGE_SIZE)
        .await?
        .into_iter()
        .map(RefusalRow::new)
        .collect();
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let links = PageLinks::cut(
        &mut rows,
        size,
        &step,
        |row| row.id.to_string(),
        |step| at(&path, step),
    );
    Ok(RefusalsPage {
        shell: home::shell(app, staff, HERE).await?,
        rows,
        total: format!("共 {} 条", queries::count_refusals(reader).await?),
        links,
        error: None,
    })
}

/// Why a refused row needs no more work.
#[derive(Debug, Deserialize)]
pub(in crate::exchange) struct SettleForm {
    reason: String,
}

pub(in crate::exchange) async fn settle(
    State(app): State<App>,
    can: MayImport,
    staff: Staff,
    Path(row_id): Path<i64>,
    Form(form): Form<SettleForm>,
) -> Result<Response, AppError> {
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        let mut page = refusals_page(&app, &staff, Step::default()).await?;
        page.error = Some("请填写处理说明（最多 200 字）。".into());
        return html_with(MISTAKES, &page);
    }
    rules::settle_refusal(&app.db, &can, row_id, reason).await?;
    home::flash(&staff, Flash::success("已处理。")).await?;
    Ok(redirect("/manage/imports/refusals"))
}
