//! The list as a workbook for the registrar. Identity numbers are masked; who exports is recorded before a byte leaves.

use std::fs::File;

use axum::extract::State;
use axum::response::Response;
use qihang_db::{Action, AuditEvent};
use qihang_sheet::{Column, WriteError, write};
use serde_json::json;

use super::staff::{Row, names, understand, year_of};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::correction::filter::Params;
use crate::correction::queries;
use crate::roster::export::model::Format;
use crate::roster::export::queries::{Exported, insert_record};
use crate::web::{AppError, Query, instant_text, xlsx};

/// Heading, width and value of each column.
type Cell = (&'static str, f64, fn(&Row) -> &str);

const CELLS: &[Cell] = &[
    ("学号", 14.0, |row| &row.student_no),
    ("姓名", 12.0, |row| &row.name),
    ("院系", 22.0, |row| &row.college),
    ("届别", 8.0, |row| &row.class_year),
    ("字段", 12.0, |row| row.field),
    ("现在的值", 24.0, |row| &row.value),
    ("学生报告的值", 24.0, |row| &row.claimed),
    ("说明", 40.0, |row| &row.note),
    ("更正单位", 18.0, |row| row.office),
    ("报告时间", 17.0, |row| &row.filed),
    ("状态", 16.0, |row| row.outcome()),
    ("办结时间", 17.0, |row| {
        row.closed.as_deref().unwrap_or_default()
    }),
    ("答复", 40.0, |row| &row.answer),
];

pub(in crate::correction) async fn export(
    State(app): State<App>,
    can: Can<policy::AnswerCorrections>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let (filter, _) = understand(&app, &can, &params).await?;
    let (reader, now) = (app.db.reader(), app.db.clock().now());
    let names = names(&app, &staff).await?;
    let rows: Vec<Row> = queries::all(reader, can.scope(), &filter, now)
        .await?
        .into_iter()
        .map(|reported| Row::new(reported, &names, now))
        .collect();
    let address = params.to_query();
    let change = app.db.change(can.actor()).await?;
    let export_id = insert_record(
        &change,
        Exported {
            class_year: year_of(&filter, now),
            view: "corrections",
            format: Format::Xlsx,
            filter: &address,
            purpose: None,
            rows: rows.len(),
        },
    )
    .await?;
    let event = AuditEvent::new(Action::CorrectionsExported, "correction")
        .after(json!({"export": export_id, "filter": address, "rows": rows.len()}));
    change.commit(event).await?;
    let notes = [
        ("条数", rows.len().to_string()),
        (
            "筛选条件",
            if address.is_empty() {
                "无".to_owned()
            } else {
                address
            },
        ),
        ("证件号", "部分隐藏".to_owned()),
        ("导出人", staff.officer.name.clone()),
        ("导出时间", instant_text(now)),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let name = format!("信息有误_{}.xlsx", app.db.clock().today().format("%Y%m%d"));
    xlsx(&name, move |file| workbook(file, &rows, &notes)).await
}

fn workbook(file: File, rows: &[Row], notes: &[(String, String)]) -> Result<(), WriteError> {
    let columns: Vec<Column> = CELLS
        .iter()
        .map(|(heading, width, _)| Column::new(*heading, *width))
        .collect();
    let mut writer = write::xlsx(file, "信息有误", &columns, notes)?;
    for row in rows {
        let cells: Vec<&str> = CELLS.iter().map(|(_, _, value)| value(row)).collect();
        writer.row(&cells)?;
    }
    writer.finish()?;
    Ok(())
}
