//! Writing an import: one transaction with the school locked, after comparing anew.

use std::sync::Arc;

use qihang_db::entity::{import_row, student};
use qihang_db::{Action, AuditEvent, Change, Clock, Db, Lock};
use sea_orm::DbErr;
use serde_json::json;

use super::apply::apply;
use super::file::ImportFile;
use super::survey::survey;
use crate::auth::{Can, policy};
use crate::correction;
use crate::exchange::model::{BatchState, Completeness, Counts, Effect, Plan, PlanRow};
use crate::exchange::queries::{self, NewBatch};
use crate::job::Progress;

/// What to do about rows that are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 先写入正确的行.
    GoodRows,
    /// 全部成功才写入.
    AllOrNothing,
}

/// What to do when more students would change than is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LargeChange {
    /// Stop and ask.
    Stop,
    /// Somebody has looked.
    Accept,
}

/// How an import is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// Whether what the file does not have counts as vanished.
    pub(crate) completeness: Completeness,
    /// What to do about refused rows.
    pub(crate) mode: Mode,
    /// What to do about a large change.
    pub(crate) large_change: LargeChange,
    /// Share of all students, in per mille, above which a change is large.
    pub(crate) permille: u32,
}

/// An import that was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// The import.
    pub(crate) batch_id: i64,
    /// What it did.
    pub(crate) plan: Plan,
}

/// Why an import was not written. Nothing was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// 全部成功才写入, and some rows are refused.
    #[error("some rows are refused")]
    NotAllGood(Box<Plan>),
    /// More students than usual would change or vanish.
    #[error("too many students would change")]
    TooMuchChange(Box<Plan>),
    /// The records are not those of the preview any more.
    #[error("the records have changed since the preview")]
    Outdated(Box<Plan>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// The import that somebody has previewed.
#[derive(Debug)]
pub(crate) struct Previewed {
    /// The import.
    pub(crate) batch_id: i64,
    /// What the person saw.
    pub(crate) rows: Vec<PlanRow>,
}

/// Whether a plan may be written as ordered.
fn check(plan: Plan, order: Order) -> Result<Plan, ImportError> {
    let counts = plan.counts();
    if order.mode == Mode::AllOrNothing && counts.refused > 0 {
        return Err(ImportError::NotAllGood(Box::new(plan)));
    }
    if order.large_change == LargeChange::Stop && plan.exceeds(order.permille) {
        return Err(ImportError::TooMuchChange(Box::new(plan)));
    }
    Ok(plan)
}

impl ImportError {
    /// For the person; [`ImportError::Db`] is not for them.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::NotAllGood(plan) => format!(
                "有 {} 行被拒收，按“全部成功才写入”没有写入任何数据。",
                plan.counts().refused
            ),
            Self::TooMuchChange(_) => {
                "修改和消失的学生超过安全比例，没有写入。核对无误后请勾选确认，再执行导入。".into()
            }
            Self::Outdated(_) => "数据在预览之后发生了变化，没有写入。下面是最新的预览，请重新核对。".into(),
            Self::Db(_) => "写入时系统出现问题，没有写入任何数据，请重试或联系管理员。".into(),
        }
    }
}

/// Writes an import that nobody has previewed, for whoever sits at the console.
///
/// # Errors
///
/// [`ImportError`]; then nothing was written.
pub(crate) async fn write(
    db: &Db,
    can: &Can<policy::ManageExchange>,
    file: Arc<ImportFile>,
    file_name: &str,
    order: &Order,
) -> Result<Written, ImportError> {
    let change = db.change(can.actor()).await?;
    let (written, event) = write_in(&change, file, file_name, order, None, &Progress::default()).await?;
    change.commit(event).await?;
    renew_statistics(db, &written.plan.counts()).await?;
    Ok(written)
}

/// Writes an import inside a change that the caller commits with the event. What it does is worked out anew under the
/// lock; where somebody has seen a preview, it must be what they saw.
///
/// # Errors
///
/// [`ImportError`]; then the change must not be committed.
pub(super) async fn write_in(
    change: &Change,
    file: Arc<ImportFile>,
    file_name: &str,
    order: &Order,
    previewed: Option<Previewed>,
    progress: &Progress,
) -> Result<(Written, AuditEvent), ImportError> {
    progress.stage("正在与现有数据比对", 0);
    change.lock(Lock::School).await?;
    let today = Clock::day_of(change.now());
    let mut survey = survey(change.tx(), Arc::clone(&file), order.completeness, today).await?;
    if let Some(previewed) = &previewed
        && !same(&previewed.rows, &survey.plan.rows)
    {
        return Err(ImportError::Outdated(Box::new(survey.plan)));
    }
    survey.plan = check(survey.plan, *order)?;
    apply(change, &survey, progress).await?;
    progress.stage("正在保存导入记录", 0);
    let plan = survey.plan;
    let counts = plan.counts();
    let batch_id = keep(change, &file, file_name, order, previewed.as_ref(), &plan).await?;
    correction::sync::close_changed(change, batch_id, &plan.changed_values()).await?;
    if !queries::claim(
        change.tx(),
        batch_id,
        BatchState::Committing,
        BatchState::Committed,
    )
    .await?
    {
        // Somebody has taken it out of our hands.
        return Err(ImportError::Outdated(Box::new(plan)));
    }
    let event = AuditEvent::new(Action::ImportCommitted, format!("import/{batch_id}"))
        .after(facts(&file, *order, &counts));
    Ok((Written { batch_id, plan }, event))
}

/// Renews the planner's statistics where an import has changed so much that they are not true any more.
pub(super) async fn renew_statistics(db: &Db, counts: &Counts) -> Result<(), DbErr> {
    if counts.added + counts.changed + counts.vanished > MANY {
        db.analyze::<student::Entity>().await?;
        db.analyze::<import_row::Entity>().await?;
    }
    Ok(())
}

/// So many changed rows that the planner's statistics are not true any more.
const MANY: usize = 1_000;

/// What the audit log keeps of an import: figures, no names.
fn facts(file: &ImportFile, order: Order, counts: &Counts) -> serde_json::Value {
    json!({
        "dataset": file.dataset.code(),
        "file_digest": file.digest,
        "complete": order.completeness == Completeness::Complete,
        "all_or_nothing": order.mode == Mode::AllOrNothing,
        "accept_large_change": order.large_change == LargeChange::Accept,
        "counts": counts,
    })
}

/// Writes the import itself and its rows, which are the history of every record.
async fn keep(
    change: &Change,
    file: &ImportFile,
    file_name: &str,
    order: &Order,
    previewed: Option<&Previewed>,
    plan: &Plan,
) -> Result<i64, DbErr> {
    let batch_id = if let Some(previewed) = previewed {
        previewed.batch_id
    } else {
        let new = NewBatch {
            dataset: file.dataset,
            file_name: file_name.to_owned(),
            file_digest: file.digest.clone(),
            state: BatchState::Committing,
            complete: order.completeness == Completeness::Complete,
            created_by: change.actor().account_id,
        };
        let batch_id = queries::insert_batch(change.tx(), new, change.now()).await?;
        queries::replace_rows(change.tx(), batch_id, &plan.rows).await?;
        batch_id
    };
    let answers = queries::Answers {
        all_or_nothing: order.mode == Mode::AllOrNothing,
        accept_large_change: order.large_change == LargeChange::Accept,
    };
    queries::set_answers(change.tx(), batch_id, &answers, change.now()).await?;
    queries::set_counts(change.tx(), batch_id, &plan.counts()).await?;
    let keys: Vec<&str> = plan
        .rows
        .iter()
        .map(|row| row.key.as_str())
        .chain(plan.unchanged.iter().map(String::as_str))
        .collect();
    queries::settle_refusals(
        change.tx(),
        batch_id,
        file.dataset,
        &file.digest,
        &keys,
        change.now(),
    )
    .await?;
    Ok(batch_id)
}

/// Whether two comparisons came to the same. The rows of a stored preview hold no records, so these are left out.
fn same(one: &[PlanRow], other: &[PlanRow]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            one.number == other.number
                && one.key == other.key
                && one.effect == other.effect
                && one.changes == other.changes
                && (one.effect == Effect::Added || one.reason == other.reason)
        })
}
