//! What follows for forms when records change after approval, and when students leave a roster.

use std::collections::BTreeSet;

use qihang_db::{Change, MessageKind, Validity};
use sea_orm::{ConnectionTrait, DbErr};

use crate::activation::fields::Field;
use crate::activation::model::Confirmed;
use crate::findings::rules::Touched;
use crate::message::rules::{NewMessage, send_all};
use crate::recommendation::OWN_PATH;
use crate::recommendation::model::Act;
use crate::recommendation::queries::forms;
use crate::recommendation::queries::versions::{self, Whose};

/// Notes which approved forms no longer say what the record says, after `change` has written records, and asks their students for a
/// new version. They stay valid until it is approved. Every rule that writes a student's record calls it before it commits, and
/// writes `updated_at` of what it changes as the instant of the change.
///
/// # Errors
///
/// When the database does not answer.
pub async fn follow(change: &Change, touched: Touched<'_>) -> Result<(), DbErr> {
    /// Values in one `IN (…)`, well below what SQLite can bind.
    const CHUNK: usize = 5_000;
    match touched {
        Touched::Everyone => mark(change, Whose::WrittenAt(change.now())).await,
        Touched::Students(ids) => {
            for ids in ids.chunks(CHUNK) {
                mark(change, Whose::Students(ids)).await?;
            }
            Ok(())
        }
    }
}

async fn mark(change: &Change, whose: Whose<'_>) -> Result<(), DbErr> {
    let mut after = 0;
    let (mut appeared, mut gone, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let rows = versions::valid(change.tx(), whose, after).await?;
        let Some((last, _)) = rows.last() else { break };
        after = last.id;
        for (version, student) in &rows {
            let changed = Confirmed::from_column(&version.confirmed).changed(student);
            match (changed.is_empty(), version.changed_at.is_some()) {
                (false, false) => {
                    appeared.push(version.id);
                    messages.push(new_version_wanted(student.id, &changed));
                }
                (true, true) => gone.push(version.id),
                (true, false) | (false, true) => {}
            }
        }
    }
    versions::mark_changed(change.tx(), &appeared, Some(change.now())).await?;
    versions::mark_changed(change.tx(), &gone, None).await?;
    send_all(change, messages).await
}

fn new_version_wanted(student_id: i64, changed: &[Field]) -> NewMessage {
    let headings: Vec<&str> = changed.iter().map(|field| field.heading()).collect();
    NewMessage {
        student_id,
        kind: MessageKind::Recommendation,
        title: "推荐表上的信息有变化，请更新".into(),
        body: format!(
            "推荐表通过之后，你的{}有更改。已通过的推荐表仍然有效；请修改推荐表并重新提交，使表上信息与学籍一致。",
            headings.join("、")
        ),
        href: Some(OWN_PATH.into()),
    }
}

/// Row ids of the valid versions whose note does not say what their record says; for `qihang verify`.
///
/// # Errors
///
/// When the database does not answer.
pub async fn verify(connection: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let mut wrong = Vec::new();
    let mut after = 0;
    loop {
        let rows = versions::valid(connection, Whose::Everyone, after).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(wrong);
        };
        after = last.id;
        wrong.extend(rows.iter().filter_map(|(version, student)| {
            let changed = Confirmed::from_column(&version.confirmed).changed(student);
            (changed.is_empty() == version.changed_at.is_some()).then_some(version.id)
        }));
    }
}

/// Holds the forms of roster entries, so that none is approved while their students are taken off. Answers the entries whose form
/// is approved and counts: those stay (R9).
///
/// # Errors
///
/// When the database does not answer.
pub async fn hold_entries(change: &Change, entry_ids: &[i64]) -> Result<BTreeSet<i64>, DbErr> {
    forms::lock_of_entries(change.tx(), entry_ids).await?;
    let found = versions::entries_with_valid(change.tx(), entry_ids).await?;
    Ok(found.into_iter().collect())
}

/// What becomes of the forms of students who leave a roster: what counted is revoked, what is under review goes back.
///
/// # Errors
///
/// When the database does not answer.
pub async fn leave(change: &Change, entry_ids: &[i64], reason: &str) -> Result<(), DbErr> {
    let (tx, now) = (change.tx(), change.now());
    let valid = hold_entries(change, entry_ids).await?;
    let left = forms::lock_of_entries(tx, entry_ids).await?;
    let revoked: Vec<&forms::Form> = left
        .iter()
        .filter(|form| valid.contains(&form.row.entry_id))
        .collect();
    let ids: Vec<i64> = revoked.iter().map(|form| form.row.id).collect();
    versions::end_valid(tx, &ids, (Validity::Revoked, Some(reason)), now).await?;
    let messages = revoked.iter().map(|form| NewMessage {
        student_id: form.row.student_id,
        kind: MessageKind::Recommendation,
        title: "推荐表已被撤销".into(),
        body: format!("已通过的推荐表不再有效。原因：{reason}"),
        href: Some(OWN_PATH.into()),
    });
    send_all(change, messages.collect()).await?;
    for form in &left {
        // Nobody reviews it any more, whether it was opened or not.
        let unopened = form.stage.unopened();
        if let Ok(before) = unopened.after(Act::Recall) {
            versions::recall(tx, form).await?;
            forms::advance(tx, form, before, now, |_| {}).await?;
        }
    }
    Ok(())
}
