//! What the data exchange does to reports: an import that brings another value closes them, its undo opens them again.

use std::collections::HashSet;

use qihang_db::{Change, CorrectionEnd, CorrectionState, MessageKind};
use sea_orm::DbErr;

use super::model::end_by_import;
use super::queries::{self, Reported, closed_by_import};
use crate::activation::fields::Field;
use crate::message::rules::{NewMessage, send_all};
use crate::roster::list::columns::{Identity, Names};
use crate::school::queries as school;

/// Closes the reports about these values (学号 and name of the field), which an import has just changed, and tells the
/// students: whether it is the value that they claimed. A handful of statements, however many there are.
///
/// # Errors
///
/// When the database does not answer.
#[expect(
    clippy::implicit_hasher,
    reason = "made by the plan of an import, which has the usual one"
)]
pub async fn close_changed(
    change: &Change,
    batch_id: i64,
    changed: &HashSet<(&str, &str)>,
) -> Result<(), DbErr> {
    if changed.is_empty() {
        return Ok(());
    }
    let tx = change.tx();
    let reports: Vec<Reported> = queries::all_open(tx)
        .await?
        .into_iter()
        .filter(|(report, student)| changed.contains(&(student.student_no.as_str(), report.field.as_str())))
        .collect();
    if reports.is_empty() {
        return Ok(());
    }
    let names = Names::new(&school::colleges(tx).await?, &school::majors(tx).await?);
    let mut messages = Vec::with_capacity(reports.len());
    let (mut mended, mut other) = (Vec::new(), Vec::new());
    for reported in &reports {
        let Some(field) = Field::from_code(&reported.0.field) else {
            continue;
        };
        let how = end_by_import(field, &reported.0.claimed, &reported.1, &names);
        match how {
            CorrectionEnd::Mended => mended.push(reported.0.id),
            CorrectionEnd::OtherValue | CorrectionEnd::Answered => other.push(reported.0.id),
        }
        messages.push(told_of_change(field, reported, how, &names));
    }
    for (ids, how) in [
        (mended, CorrectionEnd::Mended),
        (other, CorrectionEnd::OtherValue),
    ] {
        let columns = closed_by_import(how, batch_id);
        queries::end(tx, &ids, CorrectionState::Closed, change.now(), &columns).await?;
    }
    send_all(change, messages).await
}

fn told_of_change(
    field: Field,
    (report, student): &Reported,
    how: CorrectionEnd,
    names: &Names,
) -> NewMessage {
    let heading = field.heading();
    let (title, body) = match how {
        CorrectionEnd::Mended => (
            format!("“{heading}”已更正"),
            format!("数据交换平台已更新你的{heading}，与你报告的一致，请核对。"),
        ),
        CorrectionEnd::OtherValue | CorrectionEnd::Answered => {
            let now = field.shown(student, names, Identity::Masked);
            let now = if now.is_empty() { "（空）" } else { &*now };
            (
                format!("“{heading}”已更改，与你报告的不同"),
                format!(
                    "数据交换平台已更新你的{heading}，现在是：{now}\n这与你报告的不同。如果仍有误，可以再次报告。"
                ),
            )
        }
    };
    NewMessage {
        student_id: report.student_id,
        kind: MessageKind::Correction,
        title,
        body,
        href: Some(format!("/student/record/{}", field.code())),
    }
}

/// Opens again what an import has closed that is now taken back. `kept` names the values (学号 and heading) that somebody
/// has changed since and that stay as they are: of these the report stays closed, and so it does where the student has
/// reported the field anew.
///
/// # Errors
///
/// When the database does not answer.
pub async fn reopen(change: &Change, batch_id: i64, kept: &[(String, &'static str)]) -> Result<(), DbErr> {
    let is_kept = |field: Field, student_no: &str| {
        kept.iter()
            .any(|(key, heading)| key == student_no && *heading == field.heading())
    };
    let reports: Vec<(Field, Reported)> = queries::closed_by(change.tx(), batch_id)
        .await?
        .into_iter()
        .filter_map(|reported| Some((Field::from_code(&reported.0.field)?, reported)))
        .filter(|(field, (_, student))| !is_kept(*field, &student.student_no))
        .collect();
    let ids: Vec<i64> = reports.iter().map(|(_, (report, _))| report.id).collect();
    queries::reopen(change.tx(), &ids).await?;
    let messages = reports.iter().map(|(field, (report, _))| NewMessage {
        student_id: report.student_id,
        kind: MessageKind::Correction,
        title: format!("“{}”的更改已撤销，你的报告继续处理", field.heading()),
        body: format!(
            "数据交换平台对你的{}所作的更改已被撤销，恢复为原来的值。你报告的信息有误重新变为处理中，不需要再次报告。",
            field.heading()
        ),
        href: Some(format!("/student/record/{}", field.code())),
    });
    send_all(change, messages.collect()).await
}
