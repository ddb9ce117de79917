//! The figures as a workbook: all 院 on one sheet.

use std::fs::File;

use chrono::{DateTime, Utc};
use qihang_sheet::{Column, WriteError, write as sheet};

use super::model::{Figures, Modes};
use super::report::{Line, Report};
use crate::web::instant_text;

/// Heading, width and value of each column.
struct Cell {
    heading: String,
    width: f64,
    value: fn(&Line) -> String,
}

/// Columns before the numbers: code, name and kind of the 院.
const NAMES: usize = 3;

fn of(figures: Option<Figures>, value: fn(Figures) -> u64) -> String {
    figures.map_or_else(String::new, |figures| value(figures).to_string())
}

fn cells(report: &Report, as_of: &str) -> Vec<Cell> {
    let roster = report.details.roster_due.format("%-m月%-d日");
    let activation = report.details.activation_due.format("%-m月%-d日");
    let cell = |heading: String, value| Cell {
        width: 16.0,
        heading,
        value,
    };
    vec![
        cell("院系代码".into(), |line| line.code.clone()),
        Cell {
            heading: "院系".into(),
            width: 24.0,
            value: |line| line.name.clone(),
        },
        cell("类别".into(), |line| line.kind.to_owned()),
        cell(format!("{roster}应入库"), |line| {
            of(line.roster, |of| of.expected)
        }),
        cell(format!("{roster}在库"), |line| of(line.roster, |of| of.listed)),
        cell(format!("{roster}入库率"), |line| {
            line.roster.map_or_else(String::new, Figures::roster_share)
        }),
        cell(format!("{roster}遗漏已说明"), |line| {
            of(line.roster, |of| of.settled)
        }),
        cell(format!("{roster}遗漏未处理"), |line| {
            of(line.roster, |of| of.open)
        }),
        cell(format!("{activation}应激活"), |line| {
            of(line.activation, |of| of.to_activate)
        }),
        cell(format!("{activation}已激活"), |line| {
            of(line.activation, |of| of.activated)
        }),
        cell(format!("{activation}激活率"), |line| {
            line.activation
                .map_or_else(String::new, Figures::activation_share)
        }),
        cell(format!("应入库（{as_of}）"), |line| {
            line.then.expected.to_string()
        }),
        cell("在库".into(), |line| line.then.listed.to_string()),
        cell("其中逾期添加".into(), |line| line.then.late.to_string()),
        cell("入库率".into(), |line| line.then.roster_share()),
        cell("遗漏已说明".into(), |line| line.then.settled.to_string()),
        cell("遗漏未处理".into(), |line| line.then.open.to_string()),
        cell("在其他届".into(), |line| line.then.elsewhere().to_string()),
        cell("应激活".into(), |line| line.then.to_activate.to_string()),
        cell("已激活".into(), |line| line.then.activated.to_string()),
        cell("激活率".into(), |line| line.then.activation_share()),
    ]
}

/// What a second sheet says of the first: when, by what rule, frozen with which digest, by whom.
pub(super) fn notes(
    report: &Report,
    modes: &Modes,
    as_of: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Vec<(String, String)> {
    let mut notes = vec![
        ("届别".to_owned(), format!("{} 届", report.details.year)),
        ("数据截至".to_owned(), as_of.to_owned()),
        (
            "激活率口径".to_owned(),
            format!("本科生全部在库学生；研究生只计培养方式为{}的硕士", modes.label()),
        ),
        (
            "不计入".to_owned(),
            "博士生和延长学制学生另有截止日，不计入各项比例".to_owned(),
        ),
    ];
    let standing = report.frozen().map(|freeze| ("", freeze));
    let former = report.former.iter().map(|freeze| ("调整前的", freeze));
    for (which, freeze) in standing.chain(former) {
        notes.push((
            format!(
                "{which}{}截止日（{} 24:00）冻结指纹",
                freeze.part.label(),
                freeze.due
            ),
            freeze.digest.clone(),
        ));
    }
    notes.push(("导出人".to_owned(), by.to_owned()));
    notes.push(("导出时间".to_owned(), instant_text(now)));
    notes
}

/// Writes all lines.
pub(super) fn write(
    file: File,
    report: &Report,
    as_of: &str,
    notes: &[(String, String)],
) -> Result<(), WriteError> {
    let cells = cells(report, as_of);
    let columns: Vec<Column> = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| {
            let column = Column::new(cell.heading.clone(), cell.width);
            if at < NAMES { column } else { column.with_numbers() }
        })
        .collect();
    let mut writer = sheet::xlsx(file, "年度考核", &columns, notes)?;
    for line in report.all() {
        let values: Vec<String> = cells.iter().map(|cell| (cell.value)(line)).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        writer.row(&values)?;
    }
    writer.finish()?;
    Ok(())
}
