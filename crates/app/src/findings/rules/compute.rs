//! Findings as of the call, for the command line and for proving the stored ones.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::student;
use qihang_db::{Db, Scope};
use sea_orm::{ConnectionTrait, DbErr};

use super::refresh::Plan;
use crate::findings::explain::Explanation;
use crate::findings::model::Found;
use crate::findings::own_words::{self, OwnAnswer};
use crate::findings::{explain as answer, faults, queries};
use crate::{class_year, school};

/// A finding as of the call, with the student.
#[derive(Clone, Debug)]
pub struct Computed {
    /// Student row.
    pub student_id: i64,
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// Code of the 院 that answers for the student.
    pub college: String,
    /// What was found.
    pub found: Found,
    /// When and why it was settled, while the values are those that the settlement was about.
    pub settled: Option<(DateTime<Utc>, String)>,
}

/// Computes the findings of a class year as of the call, whether or not it is open yet; in order of 院, 学号, kind.
///
/// # Errors
///
/// When the database does not answer.
pub async fn compute(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    today: NaiveDate,
) -> Result<Vec<Computed>, DbErr> {
    let rules = queries::year_rules(connection, year, today).await?;
    let codes: HashMap<i64, String> = school::queries::colleges(connection)
        .await?
        .into_iter()
        .map(|college| (college.id, college.code))
        .collect();
    let settled = queries::settled_digests(connection, scope, year).await?;
    let facts = queries::facts(connection, scope, year, None).await?;
    let mut computed = Vec::new();
    for subject in facts.subjects() {
        let student = subject.student;
        for found in faults::of(&subject, rules) {
            let settled = settled
                .get(&(student.id, found.kind.code().to_owned()))
                .filter(|settled| settled.value_digest == found.value_digest)
                .map(|settled| (settled.at, settled.reason.clone()));
            computed.push(Computed {
                student_id: student.id,
                student_no: student.student_no.clone(),
                name: student.name.clone(),
                college: codes.get(&student.college_id).cloned().unwrap_or_default(),
                found,
                settled,
            });
        }
    }
    computed.sort_by(|one, other| {
        (&one.college, &one.student_no, one.found.kind.code()).cmp(&(
            &other.college,
            &other.student_no,
            other.found.kind.code(),
        ))
    });
    Ok(computed)
}

/// A finding that is stored and should not be, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Class year.
    pub class_year: i32,
    /// Student row.
    pub student_id: i64,
    /// Kind, as its code.
    pub kind: String,
    /// Whether it is stored (and should not be, or with other values).
    pub is_stored: bool,
}

/// Compares the stored findings of all open class years with those computed anew; for `qihang verify`.
///
/// # Errors
///
/// When the database does not answer.
pub async fn verify(db: &Db) -> Result<Vec<Difference>, DbErr> {
    let reader = db.begin_read().await?;
    let mut differences = Vec::new();
    for year in queries::open_years(&reader).await? {
        let rules = queries::year_rules(&reader, year, db.clock().today()).await?;
        let facts = queries::facts(&reader, &Scope::Everyone, year, None).await?;
        let stored = queries::stored_of(&reader, &Scope::Everyone, year, None).await?;
        let by_id: HashMap<i64, (i64, String)> = stored
            .iter()
            .map(|row| (row.id, (row.student_id, row.kind.clone())))
            .collect();
        let found = facts.subjects().flat_map(|subject| {
            let student_id = subject.student.id;
            faults::of(&subject, rules)
                .into_iter()
                .map(move |found| (student_id, found))
        });
        let plan = Plan::new(stored, found);
        let wrong_rows = plan
            .gone
            .iter()
            .chain(plan.renewed.iter().map(|renewed| &renewed.id));
        differences.extend(
            wrong_rows
                .filter_map(|id| by_id.get(id))
                .map(|(student_id, kind)| Difference {
                    class_year: year,
                    student_id: *student_id,
                    kind: kind.clone(),
                    is_stored: true,
                }),
        );
        differences.extend(plan.appeared.iter().map(|(student_id, found)| Difference {
            class_year: year,
            student_id: *student_id,
            kind: found.kind.code().to_owned(),
            is_stored: false,
        }));
    }
    Ok(differences)
}

/// Answers 为什么不在名单里; `None` when there is no such student in the scope.
///
/// # Errors
///
/// When the database does not answer.
pub async fn explain(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_no: &str,
    year: i32,
    today: NaiveDate,
) -> Result<Option<Explanation>, DbErr> {
    let rules = queries::year_rules(connection, year, today).await?;
    let case = queries::case_of(connection, scope, student_no, year).await?;
    Ok(case.map(|case| answer::explain(&case, rules)))
}

/// Answers the student who asks why the own name is not on a roster: for the class year that the data suggests.
///
/// # Errors
///
/// When the database does not answer.
pub async fn explain_to_student(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    today: NaiveDate,
) -> Result<Option<OwnAnswer>, DbErr> {
    let known: Vec<i32> = class_year::queries::list(connection)
        .await?
        .iter()
        .map(|details| details.year.year())
        .collect();
    let year = own_words::year_to_explain(student, today, &known);
    let rules = queries::year_rules(connection, year, today).await?;
    let scope = Scope::Student(student.id);
    let case = queries::case_of(connection, &scope, &student.student_no, year).await?;
    Ok(case.map(|case| own_words::to_student(&case, &answer::explain(&case, rules))))
}
