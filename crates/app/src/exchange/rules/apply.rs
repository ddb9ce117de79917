//! Writing a plan into the records.

use qihang_db::Change;
use qihang_db::entity::student;
use sea_orm::DbErr;

use super::survey::Survey;
use crate::activation;
use crate::exchange::model::{Cells, Dataset, Effect, PlanRow, row_of};
use crate::exchange::queries;
use crate::findings::rules::{Touched, refresh};
use crate::school;

/// Above so many students the findings of everybody are worked out anew: that is quicker then.
const FEW: usize = 5_000;

/// Writes what a plan does, and what follows from it.
pub(super) async fn apply(change: &Change, survey: &Survey) -> Result<(), DbErr> {
    let plan = &survey.plan;
    let today = qihang_db::Clock::day_of(change.now());
    let written = plan
        .rows
        .iter()
        .filter_map(|row| Some((row, row.cells.as_ref()?)));
    match plan.dataset {
        Dataset::Units => {
            for (_, cells) in written {
                queries::save_unit(change.tx(), cells).await?;
            }
        }
        Dataset::Majors => {
            for (_, cells) in written {
                queries::save_major(change.tx(), &survey.catalogue, cells).await?;
            }
        }
        Dataset::Students => save_students(change, survey).await?,
        Dataset::Officers => {
            for (_, cells) in written {
                queries::save_officer(change.tx(), &survey.catalogue, cells, today, change.now()).await?;
            }
            for cells in vanished(survey) {
                queries::end_role(change.tx(), &survey.catalogue, cells, today).await?;
            }
        }
    }
    follow(change, plan.dataset, &touched_keys(&plan.rows)).await
}

/// Keys of records that are not as they were.
fn touched_keys(rows: &[PlanRow]) -> Vec<&str> {
    rows.iter()
        .filter(|row| matches!(row.effect, Effect::Added | Effect::Changed | Effect::Vanished))
        .map(|row| row.key.as_str())
        .collect()
}

/// The values of the records that vanish.
fn vanished(survey: &Survey) -> impl Iterator<Item = &Cells> {
    survey
        .plan
        .rows
        .iter()
        .filter(|row| row.effect == Effect::Vanished)
        .filter_map(|row| Some(&survey.records.get(&row.key)?.cells))
}

async fn save_students(change: &Change, survey: &Survey) -> Result<(), DbErr> {
    let duties = school::queries::duties(change.tx()).await?;
    let now = change.now();
    let present = survey
        .plan
        .rows
        .iter()
        .filter_map(|row| row_of(row.cells.as_ref()?, &survey.catalogue, &duties, None, now));
    let gone = vanished(survey).filter_map(|cells| row_of(cells, &survey.catalogue, &duties, Some(now), now));
    let rows: Vec<student::Model> = present.chain(gone).collect();
    school::queries::save_students(change.tx(), rows).await
}

/// What follows from changed records: who answers for whom, when students are expected, and the findings.
pub(super) async fn follow(change: &Change, dataset: Dataset, keys: &[&str]) -> Result<(), DbErr> {
    if keys.is_empty() {
        return Ok(());
    }
    match dataset {
        Dataset::Units | Dataset::Majors => {
            if school::rules::rederive(change).await? > 0 {
                refresh(change, Touched::Everyone).await?;
            }
        }
        Dataset::Students if keys.len() > FEW => students_changed(change, Touched::Everyone).await?,
        Dataset::Students => {
            let ids = queries::student_ids(change.tx(), keys).await?;
            students_changed(change, Touched::Students(&ids)).await?;
        }
        Dataset::Officers => {}
    }
    Ok(())
}

/// What follows from changed student records: findings, and what has to be confirmed again.
pub(super) async fn students_changed(change: &Change, touched: Touched<'_>) -> Result<(), DbErr> {
    refresh(change, touched).await?;
    activation::rules::follow(change, touched).await
}
