//! The one-page PDF of a 院 (R24): what was frozen at the due days, and how it stands as of a moment.

use chrono::{DateTime, Utc};
use qihang_paper::AssessmentSheet;

use super::model::{Figures, Modes, share};
use super::report::{Line, Report};
use crate::web::instant_text;

/// What the paper says of one line of the report.
pub(super) fn sheet(
    report: &Report,
    line: &Line,
    modes: &Modes,
    as_of: &str,
    (by, now): (&str, DateTime<Utc>),
) -> AssessmentSheet {
    let details = &report.details;
    let mut rows = Vec::new();
    let mut row = |item: String, numerator: u64, denominator: u64, share: String| {
        rows.push([item, numerator.to_string(), denominator.to_string(), share]);
    };
    if let Some(due) = line.roster {
        let day = details.roster_due.format("%-m月%-d日");
        row(
            format!("名单：{day} 24:00 在库 / 应入库"),
            due.listed,
            due.expected,
            due.roster_share(),
        );
    }
    if let Some(due) = line.activation {
        let day = details.activation_due.format("%-m月%-d日");
        row(
            format!("激活：{day} 24:00 已激活 / 应激活"),
            due.activated,
            due.to_activate,
            due.activation_share(),
        );
    }
    let then: Figures = line.then;
    row(
        "名单：目前在库 / 应入库".into(),
        then.listed,
        then.expected,
        then.roster_share(),
    );
    let part = |count: u64| share(count, then.expected);
    row("其中逾期添加".into(), then.late, then.expected, part(then.late));
    row(
        "遗漏，已说明原因".into(),
        then.settled,
        then.expected,
        part(then.settled),
    );
    row("遗漏，未处理".into(), then.open, then.expected, part(then.open));
    row(
        "激活：目前已激活 / 应激活".into(),
        then.activated,
        then.to_activate,
        then.activation_share(),
    );
    let mut notes = vec![
        format!(
            "激活率口径：本科生全部在库学生；研究生只计培养方式为{}的硕士。",
            modes.label()
        ),
        "博士生和延长学制学生另有截止日，不计入以上各项。".to_owned(),
    ];
    notes.extend(report.frozen().map(|freeze| {
        format!(
            "{}截止日（{} 24:00）的数据冻结于 {}，指纹 {}。",
            freeze.part.label(),
            freeze.due,
            instant_text(freeze.frozen_at),
            freeze.digest
        )
    }));
    notes.push(format!("{by} 于 {} 导出。", instant_text(now)));
    AssessmentSheet {
        title: format!("{} 届就业工作年度考核", details.year),
        college: line.name.clone(),
        as_of: as_of.to_owned(),
        rows,
        notes,
    }
}
