//! Taking an import back as a whole, as long as nothing was built on it (R13a). A later change is never taken back.

use chrono::{DateTime, Utc};
use qihang_db::entity::student;
use qihang_db::{Action, AuditEvent, Change, Db, Lock};
use sea_orm::DbErr;
use serde_json::json;

use super::apply::{follow, students_changed};
use crate::auth::{Can, policy};
use crate::exchange::model::{
    BatchState, Catalogue, CellChange, Cells, Dataset, Effect, Existing, PRESENCE, PlanRow, Records, row_of,
};
use crate::exchange::queries;
use crate::findings::rules::Touched;
use crate::{correction, directed, portal, school, special_list};

/// An import that was taken back.
#[derive(Debug)]
pub(crate) struct Undone {
    /// Records taken away, given back or changed back.
    pub(crate) reverted: usize,
    /// Values that have been changed since and stay as they are: key and heading.
    pub(crate) kept: Vec<(String, &'static str)>,
}

/// Why an import was not taken back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UndoError {
    /// There is no such import.
    #[error("no such import")]
    Unknown,
    /// It is not written, or was taken back already.
    #[error("the import is not in the state to be taken back")]
    NotCommitted,
    /// Something was built on it: which records, and what.
    #[error("something was built on the import")]
    Built(Vec<(String, String)>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Takes an import back: what it added goes, what it changed gets its former values where they are still what the import
/// wrote, who vanished is there again.
///
/// # Errors
///
/// [`UndoError`]; then nothing was written.
pub(crate) async fn undo(
    db: &Db,
    can: &Can<policy::ManageExchange>,
    batch_id: i64,
) -> Result<Undone, UndoError> {
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    let batch = queries::find_batch(change.tx(), batch_id)
        .await?
        .ok_or(UndoError::Unknown)?;
    let (Some(dataset), Some(written_at)) = (Dataset::from_code(&batch.dataset), batch.committed_at) else {
        return Err(UndoError::NotCommitted);
    };
    if !queries::claim(change.tx(), batch_id, BatchState::Committed, BatchState::Undone).await? {
        return Err(UndoError::NotCommitted);
    }
    let rows = queries::plan_rows(change.tx(), batch_id).await?;
    let added = keys(&rows, Effect::Added);
    let built = built(&change, dataset, batch_id, &added).await?;
    if !built.is_empty() {
        change.abandon().await?;
        return Err(UndoError::Built(built));
    }
    let kept = revert(&change, dataset, &rows, written_at).await?;
    correction::sync::reopen(&change, batch_id, &kept).await?;
    let touched: Vec<&str> = rows
        .iter()
        .filter(|row| matches!(row.effect, Effect::Changed | Effect::Vanished | Effect::Added))
        .map(|row| row.key.as_str())
        .collect();
    if dataset == Dataset::Students && !added.is_empty() {
        // Whoever shared a number with a student that is gone has a fault less, and cannot be found by it any more.
        students_changed(&change, Touched::Everyone).await?;
    } else {
        follow(&change, dataset, &touched).await?;
    }
    let undone = Undone {
        reverted: touched.len(),
        kept,
    };
    queries::set_undone(change.tx(), batch_id, change.now()).await?;
    queries::set_message(change.tx(), batch_id, &kept_text(&undone.kept)).await?;
    let event = AuditEvent::new(Action::ImportUndone, format!("import/{batch_id}"))
        .after(json!({"dataset": dataset.code(), "reverted": undone.reverted, "kept": undone.kept.len()}));
    change.commit(event).await?;
    Ok(undone)
}

fn keys(rows: &[PlanRow], effect: Effect) -> Vec<&str> {
    rows.iter()
        .filter(|row| row.effect == effect)
        .map(|row| row.key.as_str())
        .collect()
}

/// What is kept as it is, for the page of the import.
fn kept_text(kept: &[(String, &'static str)]) -> String {
    const NAMED: usize = 20;
    if kept.is_empty() {
        return String::new();
    }
    let named: Vec<String> = kept
        .iter()
        .take(NAMED)
        .map(|(key, heading)| format!("{key} 的{heading}"))
        .collect();
    format!(
        "有 {} 项在导入之后又被修改过，撤销时保持不变：{}{}",
        kept.len(),
        named.join("、"),
        if kept.len() > NAMED { " 等。" } else { "。" }
    )
}

/// What was built on the records that the import added.
async fn built(
    change: &Change,
    dataset: Dataset,
    batch_id: i64,
    added: &[&str],
) -> Result<Vec<(String, String)>, DbErr> {
    let tx = change.tx();
    let mut built: Vec<(String, String)> = queries::touched_later(tx, batch_id, dataset, added)
        .await?
        .into_iter()
        .map(|key| (key, "后来的导入又修改过，请先撤销后来的导入".to_owned()))
        .collect();
    let mut add = |key: &str, why: Option<&'static str>| {
        if let Some(why) = why {
            built.push((key.to_owned(), why.to_owned()));
        }
    };
    match dataset {
        Dataset::Students => {
            for (key, why) in queries::built_on_students(tx, added).await? {
                add(&key, Some(why));
            }
        }
        Dataset::Units => {
            for key in added {
                add(key, queries::hangs_on_unit(tx, key).await?);
            }
        }
        Dataset::Majors => {
            for key in added {
                add(key, queries::hangs_on_major(tx, key).await?);
            }
        }
        Dataset::Officers => {
            for key in added {
                let login = key.split(' ').next().unwrap_or_default();
                add(key, queries::hangs_on_account(tx, login).await?);
            }
        }
    }
    Ok(built)
}

/// Gives every record what it had before. Answers what stays because it was changed since.
async fn revert(
    change: &Change,
    dataset: Dataset,
    rows: &[PlanRow],
    written_at: DateTime<Utc>,
) -> Result<Vec<(String, &'static str)>, DbErr> {
    let tx = change.tx();
    let today = qihang_db::Clock::day_of(change.now());
    let catalogue = queries::catalogue(tx).await?;
    let records = queries::existing(tx, dataset, &catalogue, today).await?;
    let mut kept = Vec::new();
    let changed: Vec<(Cells, bool)> = rows
        .iter()
        .filter(|row| matches!(row.effect, Effect::Changed | Effect::Vanished))
        .filter_map(|row| former(dataset, &records, row, &mut kept))
        .collect();
    let added = keys(rows, Effect::Added);
    match dataset {
        Dataset::Students => {
            save_students(change, &catalogue, &changed, written_at).await?;
            queries::delete_students(tx, &added).await?;
        }
        Dataset::Units => {
            for (cells, _) in &changed {
                queries::save_unit(tx, cells).await?;
            }
            for code in added {
                queries::delete_unit(tx, code).await?;
            }
        }
        Dataset::Majors => {
            for (cells, _) in &changed {
                queries::save_major(tx, &catalogue, cells).await?;
            }
            for code in added {
                queries::delete_major(tx, code).await?;
            }
        }
        Dataset::Officers => {
            for (cells, _) in &changed {
                queries::save_officer(tx, &catalogue, cells, today, change.now()).await?;
            }
            give_back_roles(change, rows, &catalogue).await?;
            for key in added {
                let (login, role, unit) = parts(key);
                let college_id = catalogue.college_by_code(unit).map(|college| college.id);
                queries::delete_officer(tx, login, role, college_id, written_at).await?;
            }
        }
    }
    Ok(kept)
}

/// Account, role and 院 of an officer's key.
fn parts(key: &str) -> (&str, &str, &str) {
    let mut parts = key.splitn(3, ' ');
    let mut next = || parts.next().unwrap_or_default();
    (next(), next(), next())
}

/// Roles that ended because a complete file did not have them begin again.
async fn give_back_roles(change: &Change, rows: &[PlanRow], catalogue: &Catalogue) -> Result<(), DbErr> {
    let today = qihang_db::Clock::day_of(change.now());
    for key in keys(rows, Effect::Vanished) {
        let (login, role, unit) = parts(key);
        let Some(account) = queries::find_account(change.tx(), login).await? else {
            continue;
        };
        let cells = Cells::pack([login, &account.name, role, unit, &account.mobile, &account.email]);
        queries::save_officer(change.tx(), catalogue, &cells, today, change.now()).await?;
    }
    Ok(())
}

/// A record with its former values, and whether it is gone. `None` when there is nothing to give back.
fn former(
    dataset: Dataset,
    records: &Records,
    row: &PlanRow,
    kept: &mut Vec<(String, &'static str)>,
) -> Option<(Cells, bool)> {
    let record = records.get(&row.key)?;
    let (cells, has_vanished, later) = before(dataset, record, &row.changes);
    kept.extend(later.into_iter().map(|heading| (row.key.clone(), heading)));
    (cells != record.cells || has_vanished != record.has_vanished).then_some((cells, has_vanished))
}

/// A record as it was before some changes, where its values are still what they wrote; otherwise the headings that are not.
fn before(dataset: Dataset, record: &Existing, changes: &[CellChange]) -> (Cells, bool, Vec<&'static str>) {
    let mut values = record.cells.to_values();
    let mut has_vanished = record.has_vanished;
    let mut later = Vec::new();
    for change in changes {
        if change.field == PRESENCE {
            let wrote = change.after == "gone";
            if has_vanished == wrote {
                has_vanished = !wrote;
            } else {
                later.push("去留");
            }
            continue;
        }
        let Some(index) = dataset.index_of(&change.field) else {
            continue;
        };
        match values.get_mut(index) {
            Some(value) if *value == change.after => value.clone_from(&change.before),
            Some(_) => later.push(dataset.fields()[index].heading),
            None => {}
        }
    }
    (Cells::pack(values), has_vanished, later)
}

async fn save_students(
    change: &Change,
    catalogue: &Catalogue,
    rows: &[(Cells, bool)],
    written_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let duties = school::queries::duties(change.tx()).await?;
    let years = special_list::queries::doctoral_years(change.tx()).await?;
    let now = change.now();
    let mut rows: Vec<student::Model> = rows
        .iter()
        .filter_map(|(cells, has_vanished)| {
            row_of(
                cells,
                catalogue,
                &duties,
                &years,
                has_vanished.then_some(now),
                now,
            )
        })
        .collect();
    portal::rules::lay_over(change, &mut rows, Some(written_at)).await?;
    directed::rules::lay_over(change, &mut rows, Some(written_at)).await?;
    school::queries::save_students(change.tx(), rows).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, before: &str, after: &str) -> CellChange {
        CellChange {
            field: field.into(),
            before: before.into(),
            after: after.into(),
        }
    }

    #[test]
    fn a_value_that_was_changed_since_stays() {
        let record = Existing {
            cells: Cells::pack(["S01", "彭康书院（新）", "residential", "兴庆"]),
            has_vanished: false,
        };
        let changes = [change("name", "彭康", "彭康书院"), change("campus", "", "兴庆")];

        let (cells, _, later) = before(Dataset::Units, &record, &changes);

        assert_eq!(cells, Cells::pack(["S01", "彭康书院（新）", "residential", ""]));
        assert_eq!(later, ["院系名称"]);
    }

    #[test]
    fn who_came_back_is_gone_again_and_who_vanished_is_back() {
        let there = Existing {
            cells: Cells::pack(["1"]),
            has_vanished: false,
        };
        assert!(before(Dataset::Students, &there, &[change(PRESENCE, "gone", "")]).1);
        let gone = Existing {
            has_vanished: true,
            ..there
        };
        assert!(!before(Dataset::Students, &gone, &[change(PRESENCE, "", "gone")]).1);
    }
}
