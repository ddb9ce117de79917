//! The pages of 数据交换: upload, preview, write, undo, refused rows.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use qihang_sheet::heading_key;
use serde::Deserialize;

use super::model::{BatchState, Columns, Completeness, Dataset, Effect};
use super::pages::{BatchRow, IndexPage, PAGE_SIZE, RefusalRow, RefusalsPage, ShowPage, ShownRow, Tab};
use super::rules::{self, LargeChange, Mode, Order, RunError, UndoError};
use super::{queries, upload};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::web::{
    AppError, Flash, Form, PageLinks, Path, Query, Step, html, html_with, is_fragment, redirect,
};

const HERE: &str = "/manage/imports";

type MayImport = Can<policy::ManageExchange>;

impl From<RunError> for AppError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Unknown => Self::NotFound,
            RunError::WrongState => Self::Conflict("该批次的状态已变化，可能已被处理过。".into()),
            RunError::Io(error) => Self::internal(error),
            RunError::Db(error) => error.into(),
        }
    }
}

/// A step whose position is an id.
fn checked(step: Step) -> Result<Step, AppError> {
    let positions = [&step.after, &step.before];
    if positions
        .into_iter()
        .flatten()
        .all(|text| text.parse::<i64>().is_ok())
    {
        Ok(step)
    } else {
        Err(AppError::BadRequest("分页位置无法识别。".into()))
    }
}

fn dataset_of(code: &str) -> Result<Dataset, AppError> {
    Dataset::from_code(code).ok_or(AppError::NotFound)
}

fn address(batch_id: i64) -> String {
    format!("{HERE}/{batch_id}")
}

pub(super) async fn index(
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

/// The address of a step of a list.
fn at(path: &str, step: &Step) -> String {
    let query = serde_html_form::to_string(step).unwrap_or_default();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

pub(super) async fn create(
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

/// What of an import is looked at.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Look {
    rows: Option<String>,
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

pub(super) async fn show(
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

async fn show_page(app: &App, staff: &Staff, batch_id: i64, look: Look) -> Result<ShowPage, AppError> {
    let reader = app.db.reader();
    let batch = queries::find_batch(reader, batch_id)
        .await?
        .ok_or(AppError::NotFound)?;
    let by = queries::name_of(reader, batch.created_by).await?;
    let shell = home::shell(app, staff, HERE).await?;
    let mut page = ShowPage::new(shell, &batch, by).ok_or(AppError::NotFound)?;
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
    let touched = u64::from((page.counts[1].2 + page.counts[2].2).unsigned_abs());
    let is_large = page.dataset == Dataset::Students
        && touched > 0
        && touched * 1000 > existing * u64::from(app.config.safety_stop_permille);
    Ok(is_large.then(|| {
        format!(
            "现有学生 {existing} 人，本次将修改 {} 人、消失 {} 人，超过安全比例（{}%）。请确认文件完整、来源正确。",
            page.counts[1].2,
            page.counts[2].2,
            app.config.safety_stop_permille / 10
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

pub(super) async fn read_again(
    State(app): State<App>,
    can: MayImport,
    Path(batch_id): Path<i64>,
) -> Result<Response, AppError> {
    rules::read_again(&app, &can, batch_id).await?;
    Ok(redirect(&address(batch_id)))
}

pub(super) async fn cancel(
    State(app): State<App>,
    can: MayImport,
    staff: Staff,
    Path(batch_id): Path<i64>,
) -> Result<Response, AppError> {
    rules::cancel(&app, &can, batch_id).await?;
    home::flash(&staff, Flash::success("已取消，没有写入任何数据。")).await?;
    Ok(redirect(&address(batch_id)))
}

/// What the mapping form posts: headings and fields in the same order.
#[derive(Debug, Deserialize)]
pub(super) struct MappingForm {
    #[serde(default)]
    heading: Vec<String>,
    #[serde(default)]
    field: Vec<String>,
}

pub(super) async fn map_headings(
    State(app): State<App>,
    can: MayImport,
    staff: Staff,
    Path(batch_id): Path<i64>,
    Form(form): Form<MappingForm>,
) -> Result<Response, AppError> {
    let mut page = show_page(&app, &staff, batch_id, Look::default()).await?;
    let columns = rules::open_headings(&app, batch_id).await?;
    let chosen: Vec<(String, String)> = form
        .heading
        .iter()
        .map(|heading| heading_key(heading))
        .zip(form.field)
        .collect();
    match mappings(page.dataset, &columns, &chosen)? {
        Ok(mappings) => {
            rules::map_headings(&app, &can, batch_id, mappings).await?;
            Ok(redirect(&address(batch_id)))
        }
        Err(mistake) => {
            page.ask_about(&columns, &chosen);
            page.error = Some(mistake);
            html_with(MISTAKES, &page)
        }
    }
}

/// What was chosen for each open heading: a field, or `none` for 不导入.
fn mappings(
    dataset: Dataset,
    columns: &Columns,
    chosen: &[(String, String)],
) -> Result<Result<Vec<(String, String)>, String>, AppError> {
    let mut mappings = Vec::new();
    for heading in &columns.unknown {
        let key = heading_key(heading);
        let field = chosen
            .iter()
            .find(|(one, _)| *one == key)
            .map_or("", |(_, field)| field.as_str());
        match field {
            "" => return Ok(Err(format!("请为“{heading}”选择对应的字段，或选择不导入。"))),
            "none" => mappings.push((key, String::new())),
            name if dataset.index_of(name).is_some() => mappings.push((key, name.to_owned())),
            _ => return Err(AppError::BadRequest("没有这个字段。".into())),
        }
    }
    let first = &dataset.fields()[0];
    if columns.of(0).is_empty() && !mappings.iter().any(|(_, field)| field == first.name) {
        return Ok(Err(format!(
            "没有任何一列对应“{}”，无法分辨记录，请指定。",
            first.heading
        )));
    }
    Ok(Ok(mappings))
}

/// How an import is to be written.
#[derive(Debug, Deserialize)]
pub(super) struct CommitForm {
    mode: String,
    #[serde(default)]
    accept: Option<u8>,
}

pub(super) async fn commit(
    State(app): State<App>,
    can: MayImport,
    Path(batch_id): Path<i64>,
    Form(form): Form<CommitForm>,
) -> Result<Response, AppError> {
    let mode = match form.mode.as_str() {
        "good" => Mode::GoodRows,
        "all" => Mode::AllOrNothing,
        _ => return Err(AppError::BadRequest("没有这种写入方式。".into())),
    };
    let order = Order {
        // The import knows whether its file is complete.
        completeness: Completeness::Partial,
        mode,
        large_change: if form.accept.is_some() {
            LargeChange::Accept
        } else {
            LargeChange::Stop
        },
        permille: app.config.safety_stop_permille,
    };
    rules::commit(&app, &can, batch_id, order).await?;
    Ok(redirect(&address(batch_id)))
}

pub(super) async fn undo(
    State(app): State<App>,
    can: MayImport,
    staff: Staff,
    Path(batch_id): Path<i64>,
) -> Result<Response, AppError> {
    match rules::undo(&app.db, &can, batch_id).await {
        Ok(undone) => {
            let text = match undone.kept.len() {
                0 => format!("已撤销，{} 条记录已恢复。", undone.reverted),
                kept => format!(
                    "已撤销，{} 条记录已恢复；{kept} 项后来又被修改过，保持不变。",
                    undone.reverted
                ),
            };
            home::flash(&staff, Flash::success(text)).await?;
            Ok(redirect(&address(batch_id)))
        }
        Err(UndoError::Unknown) => Err(AppError::NotFound),
        Err(UndoError::NotCommitted) => Err(RunError::WrongState.into()),
        Err(UndoError::Db(error)) => Err(error.into()),
        Err(UndoError::Built(problems)) => {
            let mut page = show_page(&app, &staff, batch_id, Look::default()).await?;
            page.error = Some(format!(
                "有 {} 条记录已在使用，不能撤销整批导入，没有改动任何数据。",
                problems.len()
            ));
            page.problems = problems;
            html_with(StatusCode::CONFLICT, &page)
        }
    }
}

pub(super) async fn answer(
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

pub(super) async fn template(_can: MayImport, Path(code): Path<String>) -> Result<Response, AppError> {
    upload::template_file(dataset_of(&code)?).await
}

pub(super) async fn refusals(
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
pub(super) struct SettleForm {
    reason: String,
}

pub(super) async fn settle(
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
