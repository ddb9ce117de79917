//! Keeping the stored findings equal to what judging finds.

use std::collections::HashMap;

use qihang_db::entity::finding;
use qihang_db::{Change, Clock, Scope};
use sea_orm::DbErr;

use crate::assessment;
use crate::findings::model::{Found, YearRules};
use crate::findings::{faults, queries};

/// Whose findings may have changed.
#[derive(Clone, Copy, Debug)]
pub enum Touched<'a> {
    /// These students (row ids).
    Students(&'a [i64]),
    /// Everybody: after a large import, when a class year opens or its rules change.
    Everyone,
}

/// From so many students on, judging everybody of a class year is cheaper than picking them out.
const MANY: usize = 2_000;

/// Brings the stored findings of all open class years up to date with the records and rosters as `change` leaves them.
/// Every rule that changes a student, a roster or a class year calls it before it commits. What assessments of
/// the past are counted from is kept here, too.
///
/// What is still found with the same values keeps its settlement; with other values it is open again. A 院 that signed
/// 核对无遗漏 and has an open fault afterwards is not signed any more. Closed class years are left as they were.
///
/// # Errors
///
/// When the database does not answer.
pub async fn refresh(change: &Change, touched: Touched<'_>) -> Result<(), DbErr> {
    let tx = change.tx();
    assessment::rules::remember_students(change, touched).await?;
    let years = queries::open_years(tx).await?;
    if years.is_empty() {
        return Ok(());
    }
    let ids = match touched {
        Touched::Students([]) => return Ok(()),
        Touched::Students(ids) if ids.len() < MANY => {
            Some(queries::touched_with_partners(tx, &years, ids).await?)
        }
        Touched::Students(_) | Touched::Everyone => None,
    };
    for year in years {
        let rules = queries::year_rules(tx, year, Clock::day_of(change.now())).await?;
        match &ids {
            None => bring_up_to_date(change, rules, None).await?,
            Some(ids) => {
                for some in ids.chunks(MANY) {
                    bring_up_to_date(change, rules, Some(some)).await?;
                }
            }
        }
        queries::reopen_broken_sign_offs(tx, year, change.now()).await?;
    }
    let judged = ids.as_deref().map_or(Touched::Everyone, Touched::Students);
    assessment::rules::remember_omissions(change, judged).await
}

async fn bring_up_to_date(change: &Change, rules: YearRules, only: Option<&[i64]>) -> Result<(), DbErr> {
    let tx = change.tx();
    let facts = queries::facts(tx, &Scope::Everyone, rules.year, only).await?;
    let stored = queries::stored_of(tx, &Scope::Everyone, rules.year, only).await?;
    let found = facts.subjects().flat_map(|subject| {
        let student_id = subject.student.id;
        faults::of(&subject, rules)
            .into_iter()
            .map(move |found| (student_id, found))
    });
    let plan = Plan::new(stored, found);
    queries::apply(tx, rules.year, change.now(), &plan).await
}

/// A stored finding whose words or values are to be rewritten.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::findings) struct Renewed {
    pub id: i64,
    pub found: Found,
    /// Whether the values are others than those that a settlement was about.
    pub is_new_case: bool,
}

/// What a refresh writes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::findings) struct Plan {
    pub appeared: Vec<(i64, Found)>,
    pub renewed: Vec<Renewed>,
    pub gone: Vec<i64>,
}

impl Plan {
    /// From what is stored to what is found.
    pub(super) fn new(stored: Vec<finding::Model>, found: impl Iterator<Item = (i64, Found)>) -> Self {
        let mut stored: HashMap<(i64, String), finding::Model> = stored
            .into_iter()
            .map(|row| ((row.student_id, row.kind.clone()), row))
            .collect();
        let mut plan = Self::default();
        for (student_id, found) in found {
            match stored.remove(&(student_id, found.kind.code().to_owned())) {
                None => plan.appeared.push((student_id, found)),
                Some(row) if row.value_digest != found.value_digest => plan.renewed.push(Renewed {
                    id: row.id,
                    found,
                    is_new_case: true,
                }),
                Some(row) if row.reason != found.reason || row.value != found.value => {
                    plan.renewed.push(Renewed {
                        id: row.id,
                        found,
                        is_new_case: false,
                    });
                }
                Some(_) => {}
            }
        }
        plan.gone = stored.into_values().map(|row| row.id).collect();
        // Always in one order, so that two changes at once cannot wait for one another in a circle.
        plan.gone.sort_unstable();
        plan.renewed.sort_by_key(|renewed| renewed.id);
        plan.appeared
            .sort_by_key(|(student_id, found)| (*student_id, found.kind));
        plan
    }
}
