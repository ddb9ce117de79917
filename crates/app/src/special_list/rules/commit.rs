//! Putting a list in force.

use std::collections::{BTreeMap, HashSet};

use qihang_db::entity::{special_list, special_list_row};
use qihang_db::{
    Action, AuditEvent, Change, Db, How, ListDifference, ListKind, ListOutcome, ListState, Lock,
};
use sea_orm::DbErr;
use serde_json::json;

use super::upload::{is_open, judged};
use super::{Facts, ListError, MayManage, subject};
use crate::findings::rules::{Touched, refresh};
use crate::roster::rules as roster;
use crate::special_list::model::{Line, Verdict};
use crate::special_list::queries;

/// What a list did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// 延长学制: who was put on the roster, and rows that could be added when the list was uploaded and could not now.
    Extended {
        /// So many were added.
        added: usize,
        /// So many are not as they were.
        overtaken: usize,
    },
    /// 博士: whose expected class year is another now.
    Doctoral {
        /// So many.
        changed: usize,
    },
}

/// Puts a list in force: the students of 延长学制名单 are put on the roster, doctoral students are expected as the list says.
/// Judges anew, by the records of this moment.
///
/// # Errors
///
/// [`ListError`]; then nothing was written.
pub async fn commit(db: &Db, can: &MayManage, id: i64) -> Result<Committed, ListError> {
    let list = queries::find(db.reader(), id).await?.ok_or(ListError::Unknown)?;
    let facts = Facts::of(&list)?;
    let change = db.change(can.actor()).await?;
    change
        .lock(match facts.kind {
            ListKind::Extended => Lock::Roster,
            // Rewrites when students are expected.
            ListKind::Doctoral => Lock::School,
        })
        .await?;
    queries::lock_class_year(change.tx(), facts.year).await?;
    if !is_open(change.tx(), facts.year).await? {
        return Err(ListError::NotOpen(facts.year));
    }
    let base = queries::current(change.tx(), facts.kind, facts.year.year()).await?;
    // The second of two presses finds the list in force.
    let step = (ListState::Previewed, ListState::Committed);
    if !queries::claim(change.tx(), id, step, can.account_id(), change.now()).await? {
        return Err(ListError::WrongState);
    }
    match facts.kind {
        ListKind::Extended => extended(db, change, can, &list, facts).await,
        ListKind::Doctoral if base.as_ref().map(|base| base.id) != list.base_id => Err(ListError::Outdated),
        ListKind::Doctoral => doctoral(change, can, &list, facts).await,
    }
}

fn line(row: &special_list_row::Model) -> Line {
    let is_broken = ListOutcome::from_code(&row.outcome) == Some(ListOutcome::Unreadable);
    Line {
        number: row.line,
        student_no: row.student_no.clone(),
        name: row.name.clone(),
        college_found: row.college_found.clone(),
        college_id: row.college_id,
        broken: is_broken.then(|| row.reason.clone()),
    }
}

async fn extended(
    db: &Db,
    change: Change,
    can: &MayManage,
    list: &special_list::Model,
    facts: Facts,
) -> Result<Committed, ListError> {
    let tx = change.tx();
    let rows = queries::rows_of(tx, can.scope(), list.id).await?;
    let lines: Vec<Line> = rows.iter().map(line).collect();
    let judged = judged(tx, can.scope(), (facts.kind, facts.year), &lines).await?;
    let addable: Vec<(&special_list_row::Model, i64)> = rows
        .iter()
        .zip(&judged.verdicts)
        .filter(|(_, verdict)| verdict.outcome == ListOutcome::Addable)
        .filter_map(|(row, _)| Some((row, judged.known.get(&row.student_no)?.id)))
        .collect();
    let ids: Vec<i64> = addable.iter().map(|(_, id)| *id).collect();
    let added = roster::put(&change, can, facts.year, How::Extended, &ids).await?;
    if added.is_empty() {
        return Err(ListError::NothingToDo);
    }
    let overtaken = bring_up_to_date(&change, &rows, &judged.verdicts).await?;
    let on_roster: HashSet<i64> = added.iter().copied().collect();
    let row_ids: Vec<i64> = addable
        .iter()
        .filter(|(_, id)| on_roster.contains(id))
        .map(|(row, _)| row.id)
        .collect();
    queries::set_added(tx, facts.year, list.id, &row_ids).await?;
    refresh(&change, Touched::Students(&added)).await?;
    let event = AuditEvent::new(Action::ListCommitted, subject(list.id)).after(json!({
        "kind": facts.kind.code(), "class_year": facts.year.year(), "version": list.version,
        "added": added.len(), "students": added,
    }));
    change.commit(event).await?;
    roster::renew_statistics(db, added.len()).await;
    Ok(Committed::Extended {
        added: added.len(),
        overtaken,
    })
}

/// Gives every row the verdict that holds now; answers how many could be added before and cannot now.
async fn bring_up_to_date(
    change: &Change,
    rows: &[special_list_row::Model],
    verdicts: &[Verdict],
) -> Result<usize, DbErr> {
    let mut others = BTreeMap::<(&str, &str), (&Verdict, Vec<i64>)>::new();
    let mut overtaken = 0;
    for (row, verdict) in rows.iter().zip(verdicts) {
        if row.outcome == verdict.outcome.code() && row.reason == verdict.reason {
            continue;
        }
        if row.outcome == ListOutcome::Addable.code() {
            overtaken += 1;
        }
        let others = others.entry((verdict.outcome.code(), &verdict.reason));
        others.or_insert((verdict, Vec::new())).1.push(row.id);
    }
    for (verdict, row_ids) in others.into_values() {
        queries::rewrite(change.tx(), verdict, &row_ids).await?;
    }
    Ok(overtaken)
}

async fn doctoral(
    change: Change,
    can: &MayManage,
    list: &special_list::Model,
    facts: Facts,
) -> Result<Committed, ListError> {
    let tx = change.tx();
    if let Some(base_id) = list.base_id {
        let counts = queries::counts(tx, can.scope(), list.id).await?;
        let went = queries::went_count(tx, can.scope(), (base_id, list.id)).await?;
        let differing =
            counts.different(ListDifference::Came) + counts.different(ListDifference::Changed) + went;
        if differing == 0 {
            return Err(ListError::NothingToDo);
        }
    }
    let changed = follow(&change, facts).await?;
    let event = AuditEvent::new(Action::ListCommitted, subject(list.id)).after(json!({
        "kind": facts.kind.code(), "class_year": facts.year.year(), "version": list.version,
        "changed": changed.len(), "students": changed,
    }));
    change.commit(event).await?;
    Ok(Committed::Doctoral {
        changed: changed.len(),
    })
}

/// Makes everything true that follows from the doctoral lists in force; answers whose expected class year is another now.
pub(super) async fn follow(change: &Change, facts: Facts) -> Result<Vec<i64>, DbErr> {
    let changed = queries::rewrite_expectations(change).await?;
    let mut touched = changed.clone();
    touched.extend(queries::doctors_on_roster(change.tx(), facts.year).await?);
    touched.sort_unstable();
    touched.dedup();
    refresh(change, Touched::Students(&touched)).await?;
    Ok(changed)
}
