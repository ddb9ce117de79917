//! What can be done with one import.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_sheet::heading_key;
use serde::Deserialize;

use super::batch::{Look, show_page};
use super::{MayImport, address};
use crate::app::{App, MISTAKES};
use crate::auth::Staff;
use crate::exchange::model::{Columns, Dataset};
use crate::exchange::rules::{self, Answers, RunError, UndoError};
use crate::home;
use crate::web::{AppError, Flash, Form, Path, html_with, redirect};

pub(in crate::exchange) async fn read_again(
    State(app): State<App>,
    can: MayImport,
    Path(batch_id): Path<i64>,
) -> Result<Response, AppError> {
    rules::read_again(&app, &can, batch_id).await?;
    Ok(redirect(&address(batch_id)))
}

pub(in crate::exchange) async fn cancel(
    State(app): State<App>,
    can: MayImport,
    staff: Staff,
    Path(batch_id): Path<i64>,
) -> Result<Response, AppError> {
    let cancelled = rules::cancel(&app, &can, batch_id).await?;
    home::flash(&staff, Flash::success(cancelled.message())).await?;
    Ok(redirect(&address(batch_id)))
}

/// What the mapping form posts: headings and fields in the same order.
#[derive(Debug, Deserialize)]
pub(in crate::exchange) struct MappingForm {
    #[serde(default)]
    heading: Vec<String>,
    #[serde(default)]
    field: Vec<String>,
}

pub(in crate::exchange) async fn map_headings(
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
pub(in crate::exchange) struct CommitForm {
    mode: String,
    #[serde(default)]
    accept: Option<u8>,
}

pub(in crate::exchange) async fn commit(
    State(app): State<App>,
    can: MayImport,
    Path(batch_id): Path<i64>,
    Form(form): Form<CommitForm>,
) -> Result<Response, AppError> {
    let answers = Answers {
        all_or_nothing: match form.mode.as_str() {
            "good" => false,
            "all" => true,
            _ => return Err(AppError::BadRequest("没有这种写入方式。".into())),
        },
        accept_large_change: form.accept.is_some(),
    };
    rules::commit(&app, &can, batch_id, answers).await?;
    Ok(redirect(&address(batch_id)))
}

pub(in crate::exchange) async fn undo(
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
