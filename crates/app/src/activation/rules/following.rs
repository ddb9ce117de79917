//! What follows when records change after activation.

use qihang_db::Change;
use sea_orm::{ConnectionTrait, DbErr};

use crate::activation::model::Confirmed;
use crate::activation::queries::{self, Whose};
use crate::findings::rules::Touched;

/// Notes which activations have to be confirmed again after `change` has written records. Every rule that writes a student's
/// record calls it before it commits, and writes `updated_at` of what it changes as the instant of the change.
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
    let (mut appeared, mut gone) = (Vec::new(), Vec::new());
    loop {
        let rows = queries::activations(change.tx(), whose, after).await?;
        let Some((last, _)) = rows.last() else { break };
        after = last.id;
        for (activation, student) in &rows {
            let has_changed = !Confirmed::from_column(&activation.confirmed)
                .changed(student)
                .is_empty();
            match (has_changed, activation.changed_at.is_some()) {
                (true, false) => appeared.push(activation.id),
                (false, true) => gone.push(activation.id),
                (true, true) | (false, false) => {}
            }
        }
    }
    queries::mark_changed(change.tx(), &appeared, Some(change.now())).await?;
    queries::mark_changed(change.tx(), &gone, None).await
}

/// Row ids of the activations whose note does not say what their record says; for `qihang verify`.
///
/// # Errors
///
/// When the database does not answer.
pub async fn verify(connection: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let mut wrong = Vec::new();
    let mut after = 0;
    loop {
        let rows = queries::activations(connection, Whose::Everyone, after).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(wrong);
        };
        after = last.id;
        wrong.extend(rows.iter().filter_map(|(activation, student)| {
            let changed = Confirmed::from_column(&activation.confirmed).changed(student);
            (changed.is_empty() == activation.changed_at.is_some()).then_some(activation.id)
        }));
    }
}
