//! Writing a plan into the records.

use qihang_db::entity::student;
use qihang_db::{Change, bulk};
use sea_orm::DbErr;

use super::survey::Survey;
use crate::activation;
use crate::exchange::model::{Cells, Dataset, Effect, PlanRow, row_of};
use crate::exchange::queries;
use crate::findings::rules::{Touched, refresh};
use crate::job::Progress;
use crate::{directed, portal, recommendation, school, special_list};

/// Above so many students the findings of everybody are worked out anew: that is quicker then.
const FEW: usize = 2_000;

/// Students written before it is said how many there are.
const SAID_EVERY: usize = 4_000;

/// Writes what a plan does, and what follows from it.
pub(super) async fn apply(change: &Change, survey: &Survey, progress: &Progress) -> Result<(), DbErr> {
    let plan = &survey.plan;
    let today = qihang_db::Clock::day_of(change.now());
    let written = plan
        .rows
        .iter()
        .filter_map(|row| Some((row, row.cells.as_ref()?)));
    let counts = plan.counts();
    progress.stage("正在写入记录", counts.added + counts.changed + counts.vanished);
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
        Dataset::Students => save_students(change, survey, progress).await?,
        Dataset::Officers => {
            for (_, cells) in written {
                queries::save_officer(change.tx(), &survey.catalogue, cells, today, change.now()).await?;
            }
            for cells in vanished(survey) {
                queries::end_role(change.tx(), &survey.catalogue, cells, today).await?;
            }
        }
    }
    progress.stage("正在更新核查问题", 0);
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

async fn save_students(change: &Change, survey: &Survey, progress: &Progress) -> Result<(), DbErr> {
    let duties = school::queries::duties(change.tx()).await?;
    let years = special_list::queries::doctoral_years(change.tx()).await?;
    let now = change.now();
    let present = survey
        .plan
        .rows
        .iter()
        .filter_map(|row| row_of(row.cells.as_ref()?, &survey.catalogue, &duties, &years, None, now));
    let gone = vanished(survey)
        .filter_map(|cells| row_of(cells, &survey.catalogue, &duties, &years, Some(now), now));
    let rows = present.chain(gone);
    let tx = change.tx();
    // The first load of a school: nobody looks at the students yet, whom the indexes' absence keeps from being read.
    if survey.plan.counts().added > survey.records.len().max(FEW) {
        let indexes = bulk::take_indexes_away::<student::Entity>(tx).await?;
        save_in_parts(change, rows, progress).await?;
        return indexes.put_back(tx).await;
    }
    save_in_parts(change, rows, progress).await
}

async fn save_in_parts(
    change: &Change,
    mut rows: impl Iterator<Item = student::Model>,
    progress: &Progress,
) -> Result<(), DbErr> {
    let mut done = 0;
    loop {
        let mut some: Vec<student::Model> = rows.by_ref().take(SAID_EVERY).collect();
        if some.is_empty() {
            return Ok(());
        }
        done += some.len();
        portal::rules::lay_over(change, &mut some, None).await?;
        directed::rules::lay_over(change, &mut some, None).await?;
        school::queries::save_students(change.tx(), some).await?;
        progress.reached(done);
    }
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
    activation::rules::follow(change, touched).await?;
    recommendation::rules::follow(change, touched).await
}
