//! One import.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::{HERE, MayImport, address, checked};
use crate::app::App;
use crate::auth::Staff;
use crate::exchange::model::{BatchState, Dataset, Effect, is_large};
use crate::exchange::pages::{PAGE_SIZE, ShowPage, ShownRow, Tab};
use crate::exchange::{queries, rules, upload};
use crate::home;
use crate::job;
use crate::web::{AppError, PageLinks, Path, Query, Step, html, is_fragment};

/// What of an import is looked at.
#[derive(Debug, Default, Deserialize)]
pub(in crate::exchange) struct Look {
    rows: Option<String>,
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

pub(in crate::exchange) async fn show(
    State(app): State<App>,
    _can: MayImport,
    staff: Staff,
    Path(batch_id): Path<i64>,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let page = show_page(&app, &staff, batch_id, look).await?;
    if is_fragment(&headers) {
        html(&page.as_work())
    } else {
        html(&page)
    }
}

pub(super) async fn show_page(
    app: &App,
    staff: &Staff,
    batch_id: i64,
    look: Look,
) -> Result<ShowPage, AppError> {
    let reader = app.db.reader();
    let batch = queries::find_batch(reader, batch_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let by = queries::name_of(reader, batch.created_by).await?;
    // Whoever sees the import sees how its jobs ended.
    job::rules::seen_of_import(&app.db, staff.officer.account_id, batch_id).await?;
    let shell = home::shell(app, staff, HERE).await?;
    let mut page = ShowPage::new(shell, &batch, by).ok_or(AppError::NotFound)?;
    if page.state.is_running() {
        page.progress = job::rules::about_import(app, batch_id).await?;
        // The page itself says how far it is, and goes on saying it.
        page.shell.jobs = None;
    }
    page.has_file = rules::file_of(app, batch_id).exists();
    if page.state == BatchState::Mapping {
        page.ask_about(&rules::open_headings(app, batch_id).await?, &[]);
    }
    if page.has_rows() {
        with_rows(app, &mut page, look).await?;
    }
    if page.state == BatchState::Previewed {
        page.large_change = large_change(app, &page).await?;
    }
    Ok(page)
}

/// What a person has to look at first, where an import would change more students than is usual.
async fn large_change(app: &App, page: &ShowPage) -> Result<Option<String>, AppError> {
    let existing = queries::count_present_students(app.db.reader()).await?;
    let existing = usize::try_from(existing).unwrap_or(usize::MAX);
    let (changed, vanished) = (page.counts[1].2, page.counts[2].2);
    let touched = usize::try_from(changed + vanished).unwrap_or_default();
    let permille = app.config.safety_stop_permille;
    let is_large = page.dataset == Dataset::Students && is_large(touched, existing, permille);
    Ok(is_large.then(|| {
        format!(
            "现有学生 {existing} 人，本次将修改 {changed} 人、消失 {vanished} 人，超过安全比例（{}%）。请确认文件完整、来源正确。",
            permille / 10
        )
    }))
}

async fn with_rows(app: &App, page: &mut ShowPage, look: Look) -> Result<(), AppError> {
    let reader = app.db.reader();
    let step = checked(Step {
        after: look.after,
        before: look.before,
        last: look.last,
    })?;
    let counts = queries::count_rows(reader, page.id).await?;
    let effect = match look.rows.as_deref() {
        Some(code) => Effect::from_code(code).ok_or_else(|| AppError::BadRequest("没有这种结果。".into()))?,
        None => counts
            .iter()
            .find(|(_, count)| *count > 0)
            .map_or(Effect::Added, |(effect, _)| *effect),
    };
    let here = address(page.id);
    let mut rows = queries::list_rows(reader, page.id, effect, &step, PAGE_SIZE).await?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    page.links = PageLinks::cut(
        &mut rows,
        size,
        &step,
        |row| row.id.to_string(),
        |step| {
            let query = serde_html_form::to_string(step).unwrap_or_default();
            format!(
                "{here}?rows={}{}{query}",
                effect.code(),
                if query.is_empty() { "" } else { "&" }
            )
        },
    );
    let catalogue = queries::catalogue(reader).await?;
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let names = match page.dataset {
        Dataset::Students => queries::names(reader, &keys).await?,
        Dataset::Units | Dataset::Majors | Dataset::Officers => Vec::new(),
    };
    let shown: Result<Vec<ShownRow>, _> = rows
        .iter()
        .map(|row| ShownRow::new(page.dataset, row, &catalogue, &names))
        .collect();
    page.rows = shown?;
    page.total = counts
        .iter()
        .find(|(one, _)| *one == effect)
        .map_or_else(String::new, |(effect, count)| {
            format!("{} {count} 条", effect.label())
        });
    page.tabs = counts
        .into_iter()
        .map(|(one, count)| Tab {
            effect: one,
            count: count.to_string(),
            href: format!("{here}?rows={}", one.code()),
            is_here: one == effect,
        })
        .collect();
    Ok(())
}

pub(in crate::exchange) async fn answer(
    State(app): State<App>,
    _can: MayImport,
    Path(batch_id): Path<i64>,
) -> Result<Response, AppError> {
    let batch = queries::find_batch(app.db.reader(), batch_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let rows = queries::plan_rows(app.db.reader(), batch_id).await?;
    upload::answer_file(&app, &batch, rules::reasons(&rows)).await
}
