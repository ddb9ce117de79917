//! What findings of a class year are judged by: records, roster entries, who shares a number with whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{class_year, directed_unit, major, own_value, roster_entry, student};
use qihang_db::{ClassYearState, Clock, CollegeKind, EntryState, How, ListKind, Scope, StudyStatus, records};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::CHUNK;
use crate::accounts;
use crate::class_year::model::OriginDepth;
use crate::findings::explain::{Case, Entry, EntryEnd};
use crate::findings::model::{Standing, Subject, YearRules};
use crate::{directed, portal, school, special_list};

/// Everybody in whom findings of a class year are looked for, with what they are judged by.
#[derive(Debug, Default)]
pub(in crate::findings) struct Facts {
    students: Vec<student::Model>,
    standings: HashMap<i64, Standing>,
    holders: HashMap<i64, Vec<String>>,
    doubles: HashMap<i64, Vec<String>>,
    mended: HashMap<i64, Vec<own_value::Model>>,
    units: HashMap<i64, directed_unit::Model>,
}

impl Facts {
    /// One subject a student.
    pub(in crate::findings) fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        self.students.iter().map(|student| Subject {
            student,
            standing: self
                .standings
                .get(&student.id)
                .copied()
                .unwrap_or(Standing::Absent),
            holders: self.holders.get(&student.id).map_or(&[], Vec::as_slice),
            doubles: self.doubles.get(&student.id).map_or(&[], Vec::as_slice),
            mended: self.mended.get(&student.id).map_or(&[], Vec::as_slice),
            unit: self.units.get(&student.id),
        })
    }
}

/// The class years that are open, in order.
pub(in crate::findings) async fn open_years(connection: &impl ConnectionTrait) -> Result<Vec<i32>, DbErr> {
    let years = records::<class_year::Entity>()
        .filter(class_year::Column::State.eq(ClassYearState::Open.code()))
        .order_by_asc(class_year::Column::Year)
        .all(connection)
        .await?;
    Ok(years.into_iter().map(|year| year.year).collect())
}

/// The state of a class year; `None` where it has not been set up.
pub(in crate::findings) async fn state_of(
    connection: &impl ConnectionTrait,
    year: i32,
) -> Result<Option<ClassYearState>, DbErr> {
    let row = year_row(connection, year).await?;
    Ok(row.and_then(|row| ClassYearState::from_code(&row.state)))
}

/// The class year as it was set up.
async fn year_row(connection: &impl ConnectionTrait, year: i32) -> Result<Option<class_year::Model>, DbErr> {
    records::<class_year::Entity>()
        .filter(class_year::Column::Year.eq(year))
        .one(connection)
        .await
}

/// The rules of a class year; for one that has not been set up yet, the usual ones.
pub(in crate::findings) async fn year_rules(
    connection: &impl ConnectionTrait,
    year: i32,
    today: NaiveDate,
) -> Result<YearRules, DbErr> {
    let row = year_row(connection, year).await?;
    let colleges = school::queries::colleges(connection).await?;
    Ok(YearRules {
        year,
        origin_depth: row
            .and_then(|row| OriginDepth::from_code(&row.origin_depth))
            .unwrap_or(OriginDepth::City),
        any_residential: colleges
            .iter()
            .any(|college| college.kind == CollegeKind::Residential.code()),
        graduation_begun: YearRules::graduation_begins(year).is_some_and(|day| today >= day),
        has_doctoral_list: special_list::queries::current(connection, ListKind::Doctoral, year)
            .await?
            .is_some(),
    })
}

/// Whoever is expected in the class year or on its roster, in the scope; `only` of these students where it is given.
pub(in crate::findings) async fn facts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    only: Option<&[i64]>,
) -> Result<Facts, DbErr> {
    let mut facts = Facts::default();
    listed(connection, scope, year, only, &mut facts).await?;
    absent(connection, scope, year, only, &mut facts).await?;
    shared_numbers(connection, year, only.is_some(), &mut facts).await?;
    facts.mended = portal::queries::standing(connection, scope, only).await?;
    facts.units = directed::queries::standing(connection, scope, only).await?;
    Ok(facts)
}

/// Entries of the class year's roster that stand.
fn on_roster(scope: &Scope, year: i32) -> Select<roster_entry::Entity> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
}

async fn listed(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    only: Option<&[i64]>,
    facts: &mut Facts,
) -> Result<(), DbErr> {
    let mut rows = on_roster(scope, year);
    if let Some(ids) = only {
        rows = rows.filter(roster_entry::Column::StudentId.is_in(ids.iter().copied()));
    }
    for (entry, student) in rows.select_also(student::Entity).all(connection).await? {
        let Some(student) = student else { continue };
        let how = How::from_code(&entry.how).unwrap_or(How::Officer);
        facts.standings.insert(student.id, Standing::Listed(how));
        facts.students.push(student);
    }
    Ok(())
}

async fn absent(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    only: Option<&[i64]>,
    facts: &mut Facts,
) -> Result<(), DbErr> {
    let listed = on_roster(&Scope::Everyone, year)
        .select_only()
        .column(roster_entry::Column::StudentId)
        .into_query();
    let mut rows = scope
        .select::<student::Entity>()
        .filter(student::Column::ExpectedYear.eq(year))
        .filter(student::Column::Id.not_in_subquery(listed));
    let mut elsewhere = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .filter(roster_entry::Column::ClassYear.ne(year))
        .filter(student::Column::ExpectedYear.eq(year));
    if let Some(ids) = only {
        rows = rows.filter(student::Column::Id.is_in(ids.iter().copied()));
        elsewhere = elsewhere.filter(roster_entry::Column::StudentId.is_in(ids.iter().copied()));
    }
    facts.students.extend(rows.all(connection).await?);
    let elsewhere: Vec<(i64, i32)> = elsewhere
        .select_only()
        .column(roster_entry::Column::StudentId)
        .column(roster_entry::Column::ClassYear)
        .into_tuple()
        .all(connection)
        .await?;
    for (student_id, other_year) in elsewhere {
        facts
            .standings
            .entry(student_id)
            .or_insert(Standing::Elsewhere(other_year));
    }
    Ok(())
}

/// A record that shares its number with another.
struct Holder {
    id: i64,
    student_no: String,
    name: String,
    is_here: bool,
}

/// Statuses of people who are not here any more: their old record says nothing against a new one.
const GONE: [StudyStatus; 3] = [
    StudyStatus::Graduated,
    StudyStatus::Withdrawn,
    StudyStatus::Transferred,
];

/// Who shares a number with whom. All students count, whatever the scope: nothing of another 院 is shown by it.
async fn shared_numbers(
    connection: &impl ConnectionTrait,
    year: i32,
    only_of_these: bool,
    facts: &mut Facts,
) -> Result<(), DbErr> {
    let mut numbers = Vec::new();
    if only_of_these {
        let own: Vec<String> = facts
            .students
            .iter()
            .map(|student| student.document_no.clone())
            .collect();
        for chunk in own.chunks(CHUNK) {
            let repeated =
                repeated_numbers().filter(student::Column::DocumentNo.is_in(chunk.iter().cloned()));
            numbers.extend(repeated.into_tuple::<String>().all(connection).await?);
        }
    } else {
        numbers = repeated_numbers().into_tuple().all(connection).await?;
    }
    numbers.sort();
    numbers.dedup();
    for chunk in numbers.chunks(CHUNK) {
        let groups = holders_of(connection, chunk).await?;
        let ids: Vec<i64> = groups.values().flatten().map(|holder| holder.id).collect();
        let listed = listed_among(connection, year, &ids).await?;
        for group in groups.values() {
            relate(group, &listed, facts);
        }
    }
    Ok(())
}

fn repeated_numbers() -> Select<student::Entity> {
    Scope::Everyone
        .select::<student::Entity>()
        .select_only()
        .column(student::Column::DocumentNo)
        .filter(student::Column::DocumentNo.ne(""))
        .group_by(student::Column::DocumentNo)
        .having(Expr::col(student::Column::Id).count().gt(1))
}

async fn holders_of(
    connection: &impl ConnectionTrait,
    numbers: &[String],
) -> Result<BTreeMap<String, Vec<Holder>>, DbErr> {
    type Row = (i64, String, String, String, String, Option<DateTime<Utc>>);
    let rows: Vec<Row> = Scope::Everyone
        .select::<student::Entity>()
        .select_only()
        .columns([
            student::Column::Id,
            student::Column::DocumentNo,
            student::Column::StudentNo,
            student::Column::Name,
            student::Column::StudyStatus,
            student::Column::VanishedAt,
        ])
        .filter(student::Column::DocumentNo.is_in(numbers.iter().cloned()))
        .order_by_asc(student::Column::StudentNo)
        .into_tuple()
        .all(connection)
        .await?;
    let mut groups = BTreeMap::<String, Vec<Holder>>::new();
    for (id, number, student_no, name, status, vanished_at) in rows {
        let is_gone = StudyStatus::from_code(&status).is_some_and(|status| GONE.contains(&status));
        groups.entry(number).or_default().push(Holder {
            id,
            student_no,
            name,
            is_here: !is_gone && vanished_at.is_none(),
        });
    }
    Ok(groups)
}

async fn listed_among(
    connection: &impl ConnectionTrait,
    year: i32,
    ids: &[i64],
) -> Result<HashSet<i64>, DbErr> {
    let mut listed = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<i64> = on_roster(&Scope::Everyone, year)
            .filter(roster_entry::Column::StudentId.is_in(chunk.iter().copied()))
            .select_only()
            .column(roster_entry::Column::StudentId)
            .into_tuple()
            .all(connection)
            .await?;
        listed.extend(found);
    }
    Ok(listed)
}

/// Notes for each of a group the others that count.
fn relate(group: &[Holder], listed: &HashSet<i64>, facts: &mut Facts) {
    let others = |one: &Holder, counts: &dyn Fn(&Holder) -> bool| -> Vec<String> {
        group
            .iter()
            .filter(|other| other.id != one.id && counts(other))
            .map(|other| other.student_no.clone())
            .collect()
    };
    for one in group {
        if one.is_here {
            let holders = others(one, &|other| other.is_here);
            facts.holders.insert(one.id, holders);
        }
        if listed.contains(&one.id) {
            let doubles = others(one, &|other| listed.contains(&other.id) && other.name == one.name);
            facts.doubles.insert(one.id, doubles);
        }
    }
}

/// What 为什么不在名单里 is answered from; `None` when there is no such student in the scope.
pub(in crate::findings) async fn case_of(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_no: &str,
    year: i32,
) -> Result<Option<Case>, DbErr> {
    let found = scope
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.eq(student_no))
        .one(connection)
        .await?;
    let Some(student) = found else { return Ok(None) };
    let entries = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::StudentId.eq(student.id))
        .order_by_asc(roster_entry::Column::Id)
        .all(connection)
        .await?;
    let adders = accounts::names(connection, entries.iter().filter_map(|entry| entry.added_by)).await?;
    let colleges = school::queries::colleges(connection).await?;
    let named = |id: i64| colleges.iter().find(|college| college.id == id);
    let is_residential = |kind: &str| kind == CollegeKind::Residential.code();
    let major = records::<major::Entity>()
        .filter(major::Column::Id.eq(student.major_id))
        .one(connection)
        .await?;
    Ok(Some(Case {
        vanished_on: student.vanished_at.map(day_text),
        major_half_years: major.and_then(|major| major.length_half_years),
        college: named(student.college_id).map_or_else(String::new, |college| college.name.clone()),
        second_college: student
            .second_college_id
            .and_then(named)
            .map(|college| college.name.clone()),
        is_residential: named(student.college_id).is_some_and(|college| is_residential(&college.kind)),
        year_state: state_of(connection, year).await?,
        entries: entries
            .into_iter()
            .map(|entry| entry_of(entry, &adders))
            .collect(),
        student,
    }))
}

fn day_text(instant: DateTime<Utc>) -> String {
    Clock::day_of(instant).format("%Y-%m-%d").to_string()
}

fn entry_of(entry: roster_entry::Model, adders: &HashMap<i64, String>) -> Entry {
    let end = match EntryState::from_code(&entry.state) {
        Some(EntryState::Open) => EntryEnd::Open,
        Some(EntryState::Closed) => EntryEnd::Closed,
        Some(EntryState::Removed | EntryState::Moved) | None => EntryEnd::Ended {
            on: entry.ended_at.map(day_text).unwrap_or_default(),
            reason: entry.ended_reason.unwrap_or_default(),
        },
    };
    Entry {
        class_year: entry.class_year,
        how: How::from_code(&entry.how).unwrap_or(How::Officer),
        added_by: entry
            .added_by
            .and_then(|id| adders.get(&id).cloned())
            .unwrap_or_else(|| "系统".into()),
        added_on: day_text(entry.added_at),
        end,
    }
}
