//! The list as a workbook. Identity numbers are not in it; who exports is recorded before a byte leaves.

use axum::extract::State;
use axum::response::Response;
use qihang_db::{Action, AuditEvent};
use qihang_sheet::{Column, WriteError, write};
use serde_json::json;

use super::list::{Row, asked_for, names, understand};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::directed::filter::Params;
use crate::directed::model::Lies;
use crate::directed::queries;
use crate::roster::export::model::Format;
use crate::roster::export::queries::{Exported, insert_record};
use crate::web::{AppError, Query, instant_text, xlsx};

/// Heading, width and value of each column.
type Cell = (&'static str, f64, fn(&Row) -> &str);

const CELLS: &[Cell] = &[
    ("学号", 14.0, |row| &row.student_no),
    ("姓名", 12.0, |row| &row.name),
    ("院系", 22.0, |row| &row.college),
    ("专业", 24.0, |row| &row.major),
    ("班级", 14.0, |row| &row.class_name),
    ("培养方式", 10.0, |row| &row.mode),
    ("生源所在地", 24.0, |row| &row.origin),
    ("定向委培单位", 28.0, |row| &row.unit),
    ("单位来源", 16.0, source),
    ("填写依据", 40.0, |row| {
        row.filled.as_ref().map_or("", |filled| &filled.note)
    }),
    ("学生提出的单位", 28.0, |row| {
        row.proposed.as_ref().map_or("", |(unit, _)| unit)
    }),
    ("缺少", 26.0, lacking),
    ("手机", 14.0, |row| &row.mobile),
];

fn source(row: &Row) -> &str {
    match (&row.filled, row.unit.is_empty()) {
        (Some(filled), _) if filled.lies == Lies::Over => "院系填写",
        (Some(_), _) => "数据交换平台（与院系填写不一致）",
        (None, false) => "数据交换平台",
        (None, true) => "",
    }
}

fn lacking(row: &Row) -> &str {
    match (row.origin.is_empty(), row.unit.is_empty()) {
        (true, true) => "生源所在地、定向委培单位",
        (true, false) => "生源所在地",
        (false, true) => "定向委培单位",
        (false, false) => "",
    }
}

pub(in crate::directed) async fn export(
    State(app): State<App>,
    can: Can<policy::KeepUnits>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let (filter, _) = understand(&app, can.scope(), &params).await?;
    let (reader, now) = (app.db.reader(), app.db.clock().now());
    let lines = queries::lines(reader, can.scope(), &filter).await?;
    let ids: Vec<i64> = asked_for(&lines, &filter).map(|line| line.id).collect();
    let names = names(&app, &staff).await?;
    let rows: Vec<Row> = queries::students(reader, can.scope(), &ids)
        .await?
        .into_iter()
        .map(|one| Row::new(one, &names))
        .collect();
    let (address, year) = (params.to_query(), filter.year.year.year());
    let change = app.db.change(can.actor()).await?;
    let export_id = insert_record(
        &change,
        Exported {
            class_year: year,
            view: "directed",
            format: Format::Xlsx,
            filter: &address,
            purpose: None,
            rows: rows.len(),
        },
    )
    .await?;
    let event = AuditEvent::new(Action::DirectedExported, format!("directed/{year}"))
        .after(json!({"export": export_id, "filter": address, "rows": rows.len()}));
    change.commit(event).await?;
    let notes = [
        ("届别", format!("{year} 届")),
        ("范围", filter.shown.label().to_owned()),
        ("人数", rows.len().to_string()),
        ("导出人", staff.officer.name.clone()),
        ("导出时间", instant_text(now)),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let name = format!(
        "{year}届定向委培学生_{}.xlsx",
        app.db.clock().today().format("%Y%m%d")
    );
    xlsx(&name, move |file| workbook(file, &rows, &notes)).await
}

fn workbook(out: std::fs::File, rows: &[Row], notes: &[(String, String)]) -> Result<(), WriteError> {
    let columns: Vec<Column> = CELLS
        .iter()
        .map(|(heading, width, _)| Column::new(*heading, *width))
        .collect();
    let mut writer = write::xlsx(out, "定向委培", &columns, notes)?;
    for row in rows {
        let cells: Vec<&str> = CELLS.iter().map(|(_, _, value)| value(row)).collect();
        writer.row(&cells)?;
    }
    writer.finish()?;
    Ok(())
}
