//! Taking a list back as a whole.

use qihang_db::entity::special_list;
use qihang_db::{Action, AuditEvent, Change, Db, EntryState, ListKind, ListState, Lock};
use serde_json::json;

use super::commit::follow;
use super::upload::is_open;
use super::{Facts, ListError, MayManage, subject};
use crate::findings::rules::{Touched, refresh};
use crate::roster::removal::model::blocks_removal;
use crate::roster::removal::rules::take_off;
use crate::special_list::queries;

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// 延长学制.
    Extended {
        /// So many were taken off the roster.
        removed: usize,
        /// Who stays as somebody has made them since: 学号, 姓名, why.
        kept: Vec<(String, String, &'static str)>,
    },
    /// 博士: whose expected class year is another now.
    Doctoral {
        /// So many.
        changed: usize,
    },
}

/// Takes a list back. Whom 延长学制名单 put on the roster goes, unless somebody has changed that since; without a doctoral
/// list the version before it is in force again.
///
/// # Errors
///
/// [`ListError`]; then nothing was written.
pub async fn undo(db: &Db, can: &MayManage, id: i64) -> Result<Undone, ListError> {
    let list = queries::find(db.reader(), id).await?.ok_or(ListError::Unknown)?;
    let facts = Facts::of(&list)?;
    let change = db.change(can.actor()).await?;
    change
        .lock(match facts.kind {
            ListKind::Extended => Lock::Roster,
            ListKind::Doctoral => Lock::School,
        })
        .await?;
    queries::lock_class_year(change.tx(), facts.year).await?;
    if !is_open(change.tx(), facts.year).await? {
        return Err(ListError::NotOpen(facts.year));
    }
    if facts.kind == ListKind::Doctoral {
        let current = queries::current(change.tx(), facts.kind, facts.year.year()).await?;
        if current.is_some_and(|current| current.version > list.version) {
            return Err(ListError::NotLatest);
        }
    }
    let step = (ListState::Committed, ListState::Undone);
    if !queries::claim(change.tx(), id, step, None, change.now()).await? {
        return Err(ListError::WrongState);
    }
    match facts.kind {
        ListKind::Extended => extended(change, can, &list, facts).await,
        ListKind::Doctoral => {
            let changed = follow(&change, facts).await?;
            let event = AuditEvent::new(Action::ListUndone, subject(id)).before(json!({
                "kind": facts.kind.code(), "class_year": facts.year.year(), "version": list.version,
                "changed": changed.len(), "students": changed,
            }));
            change.commit(event).await?;
            Ok(Undone::Doctoral {
                changed: changed.len(),
            })
        }
    }
}

async fn extended(
    change: Change,
    can: &MayManage,
    list: &special_list::Model,
    facts: Facts,
) -> Result<Undone, ListError> {
    let (mut going, mut students, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for made in queries::made_entries(&change, can.scope(), list.id).await? {
        let blocked = blocks_removal(EntryState::from_code(&made.entry.state));
        match (blocked, made.is_activated) {
            (None, false) => {
                going.push(made.entry.id);
                students.push(made.entry.student_id);
            }
            (None, true) => kept.push((made.student_no, made.name, "学生已激活账户，保留在库")),
            (Some(_), _) => kept.push((made.student_no, made.name, "添加之后已被移出或调整届别，保持不变")),
        }
    }
    let reason = format!("撤销延长学制名单（{} 届第 {} 版）", facts.year, list.version);
    take_off(&change, &going, &reason).await?;
    refresh(&change, Touched::Students(&students)).await?;
    let event = AuditEvent::new(Action::ListUndone, subject(list.id)).before(json!({
        "kind": facts.kind.code(), "class_year": facts.year.year(), "version": list.version,
        "removed": students.len(), "kept": kept.len(), "students": students,
    }));
    change.commit(event).await?;
    Ok(Undone::Extended {
        removed: students.len(),
        kept,
    })
}
