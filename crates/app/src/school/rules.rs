//! Keeping what follows from 院, 专业 and duties true in every student record.

use std::collections::HashMap;

use qihang_db::{Change, CollegeKind};
use qihang_sheet::normalise;
use sea_orm::DbErr;

use super::model::derive;
use super::queries;

/// Works out anew for every student which 书院 the record means, who answers for the student and when the student is
/// expected. To be called in every change of 院, 专业 or duties; answers how many records are different now.
///
/// # Errors
///
/// When the database does not answer.
pub async fn rederive(change: &Change) -> Result<usize, DbErr> {
    let colleges = queries::colleges(change.tx()).await?;
    let duties = queries::duties(change.tx()).await?;
    let lengths: HashMap<i64, Option<i32>> = queries::majors(change.tx())
        .await?
        .into_iter()
        .map(|major| (major.id, major.length_half_years))
        .collect();
    let residences: Vec<_> = colleges
        .iter()
        .filter(|college| college.kind == CollegeKind::Residential.code())
        .collect();
    let residence_of = |found: &str| {
        let found = normalise(found);
        let by_code = residences.iter().find(|college| college.code == found);
        let by_name = || {
            let mut named = residences
                .iter()
                .filter(|college| normalise(&college.name) == found);
            named.next().filter(|_| named.next().is_none())
        };
        by_code.or_else(by_name).map(|college| college.id)
    };
    let mut different = Vec::new();
    for before in queries::all_students(change.tx()).await? {
        let mut row = before.clone();
        if !row.residence_found.is_empty() {
            row.residence_id = residence_of(&row.residence_found);
        }
        // The year of a doctoral list is what the record had: lists do not hang on 院 or 专业.
        let listed_year = before
            .nominal_year
            .filter(|_| before.degree_level == qihang_db::DegreeLevel::Doctor.code());
        let major_length = lengths.get(&row.major_id).copied().flatten();
        derive(&mut row, &duties, major_length, listed_year);
        if row != before {
            row.updated_at = change.now();
            different.push(row);
        }
    }
    let count = different.len();
    queries::save_students(change.tx(), different).await?;
    Ok(count)
}
