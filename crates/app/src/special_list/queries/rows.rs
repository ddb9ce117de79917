//! The rows of lists, for whoever sees everybody.

use std::collections::HashMap;

use qihang_db::entity::{college, roster_entry, special_list_row, student};
use qihang_db::{EntryState, ListDifference, ListOutcome, Scope, bulk};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};

use super::CHUNK;
use crate::class_year::model::ClassYear;
use crate::special_list::model::{Known, Line, Verdict};
use crate::web::Step;

/// The outcomes that name nobody, as codes.
pub(super) const NAMES_NOBODY: [&str; 2] = [ListOutcome::Repeated.code(), ListOutcome::Unreadable.code()];

/// Rows that name somebody, of a list.
pub(super) fn names_somebody(list_id: i64) -> Condition {
    Condition::all()
        .add(Expr::col((special_list_row::Entity, special_list_row::Column::ListId)).eq(list_id))
        .add(Expr::col((special_list_row::Entity, special_list_row::Column::Outcome)).is_not_in(NAMES_NOBODY))
}

#[derive(FromQueryResult)]
struct KnownRow {
    id: i64,
    student_no: String,
    name: String,
    student_type: String,
    degree_level: String,
    study_status: String,
    nominal_year: Option<i32>,
    school_id: i64,
    school: String,
}

/// The students with these 学号 in the scope.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(in crate::special_list) async fn known(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    lines: &[Line],
) -> Result<HashMap<String, Known>, DbErr> {
    let numbers: Vec<&str> = lines
        .iter()
        .filter(|line| line.broken.is_none())
        .map(|line| line.student_no.as_str())
        .collect();
    let mut found = HashMap::new();
    for some in numbers.chunks(CHUNK) {
        let rows: Vec<KnownRow> = scope
            .select::<student::Entity>()
            .join(JoinType::InnerJoin, student::Relation::School.def())
            .filter(student::Column::StudentNo.is_in(some.iter().copied()))
            .select_only()
            .columns([
                student::Column::Id,
                student::Column::StudentNo,
                student::Column::Name,
                student::Column::StudentType,
                student::Column::DegreeLevel,
                student::Column::StudyStatus,
                student::Column::NominalYear,
                student::Column::SchoolId,
            ])
            .column_as(college::Column::Name, "school")
            .into_model()
            .all(connection)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let years = roster_years(connection, scope, year, &ids).await?;
        found.extend(rows.into_iter().map(|row| {
            let known = Known {
                id: row.id,
                name: row.name,
                student_type: row.student_type,
                degree_level: row.degree_level,
                study_status: row.study_status,
                nominal_year: row.nominal_year,
                school_id: row.school_id,
                school: row.school,
                roster_year: years.get(&row.id).copied(),
            };
            (row.student_no, known)
        }));
    }
    Ok(found)
}

/// Whose roster holds these students: an open one, or the list's own where it is closed.
pub(super) async fn roster_years(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    ids: &[i64],
) -> Result<HashMap<i64, i32>, DbErr> {
    let stands = Condition::any()
        .add(roster_entry::Column::State.eq(EntryState::Open.code()))
        .add(
            Condition::all()
                .add(roster_entry::Column::State.eq(EntryState::Closed.code()))
                .add(roster_entry::Column::ClassYear.eq(year.year())),
        );
    let entries: Vec<(i64, i32)> = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::StudentId.is_in(ids.iter().copied()))
        .filter(stands)
        .select_only()
        .columns([roster_entry::Column::StudentId, roster_entry::Column::ClassYear])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(entries.into_iter().collect())
}

/// 学号 of a list with the 姓名 and 学院 that it has for each.
pub(in crate::special_list) async fn before(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
) -> Result<HashMap<String, (String, String)>, DbErr> {
    let rows: Vec<(String, String, String)> = scope
        .list_rows()
        .filter(names_somebody(list_id))
        .select_only()
        .columns([
            special_list_row::Column::StudentNo,
            special_list_row::Column::Name,
            special_list_row::Column::CollegeFound,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(student_no, name, college)| (student_no, (name, college)))
        .collect())
}

/// Writes the rows of a list that arrives.
pub(in crate::special_list) async fn insert_rows(
    tx: &impl ConnectionTrait,
    list_id: i64,
    lines: Vec<Line>,
    verdicts: Vec<Verdict>,
    differences: Vec<Option<ListDifference>>,
) -> Result<(), DbErr> {
    let rows = lines
        .into_iter()
        .zip(verdicts)
        .zip(differences)
        .map(|((line, verdict), difference)| special_list_row::ActiveModel {
            list_id: Set(list_id),
            line: Set(line.number),
            student_no: Set(line.student_no),
            name: Set(line.name),
            college_found: Set(line.college_found),
            college_id: Set(line.college_id),
            outcome: Set(verdict.outcome.code().to_owned()),
            difference: Set(difference.map(|one| one.code().to_owned())),
            reason: Set(verdict.reason),
            entry_id: Set(None),
            ..Default::default()
        })
        .collect();
    bulk::insert(tx, rows, None).await?;
    Ok(())
}

/// All rows of a list, in order.
pub(in crate::special_list) async fn rows_of(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
) -> Result<Vec<special_list_row::Model>, DbErr> {
    scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .order_by_asc(special_list_row::Column::Line)
        .all(connection)
        .await
}

/// Throws the rows of a list away: they hold personal data.
pub(in crate::special_list) async fn delete_rows(
    tx: &impl ConnectionTrait,
    list_id: i64,
) -> Result<(), DbErr> {
    special_list_row::Entity::delete_many()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives rows the verdict that holds now.
pub(in crate::special_list) async fn rewrite(
    tx: &impl ConnectionTrait,
    verdict: &Verdict,
    row_ids: &[i64],
) -> Result<(), DbErr> {
    for some in row_ids.chunks(CHUNK) {
        special_list_row::Entity::update_many()
            .col_expr(
                special_list_row::Column::Outcome,
                Expr::value(verdict.outcome.code()),
            )
            .col_expr(special_list_row::Column::Reason, Expr::value(&*verdict.reason))
            .filter(special_list_row::Column::Id.is_in(some.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Marks the rows of a list whose students it has just put on a roster, with the entries it made.
#[expect(
    clippy::disallowed_methods,
    reason = "correlated: the entries are those that this change has made of this list's own rows"
)]
pub(in crate::special_list) async fn set_added(
    tx: &impl ConnectionTrait,
    year: ClassYear,
    list_id: i64,
    row_ids: &[i64],
) -> Result<(), DbErr> {
    let entry = Query::select()
        .column((roster_entry::Entity, roster_entry::Column::Id))
        .from(roster_entry::Entity)
        .inner_join(
            student::Entity,
            Expr::col((student::Entity, student::Column::Id))
                .equals((roster_entry::Entity, roster_entry::Column::StudentId)),
        )
        .and_where(
            Expr::col((student::Entity, student::Column::StudentNo))
                .equals((special_list_row::Entity, special_list_row::Column::StudentNo)),
        )
        .and_where(Expr::col((roster_entry::Entity, roster_entry::Column::ClassYear)).eq(year.year()))
        .and_where(Expr::col((roster_entry::Entity, roster_entry::Column::State)).eq(EntryState::Open.code()))
        .to_owned();
    for some in row_ids.chunks(CHUNK) {
        special_list_row::Entity::update_many()
            .col_expr(
                special_list_row::Column::Outcome,
                Expr::value(ListOutcome::Added.code()),
            )
            .col_expr(special_list_row::Column::Reason, Expr::value(""))
            .col_expr(
                special_list_row::Column::EntryId,
                Expr::SubQuery(None, Box::new(entry.clone().into())),
            )
            .filter(special_list_row::Column::ListId.eq(list_id))
            .filter(special_list_row::Column::Id.is_in(some.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// How many rows a list has of each outcome, and of each difference.
#[derive(Clone, Debug, Default)]
pub struct RowCounts {
    /// Outcomes that occur, in the order of their definition.
    pub outcomes: Vec<(ListOutcome, u64)>,
    /// Differences that occur, in the order of their definition.
    pub differences: Vec<(ListDifference, u64)>,
}

impl RowCounts {
    /// Rows of this outcome.
    pub fn of(&self, outcome: ListOutcome) -> u64 {
        let found = self.outcomes.iter().find(|(one, _)| *one == outcome);
        found.map_or(0, |(_, count)| *count)
    }

    /// Rows with this difference.
    pub fn different(&self, difference: ListDifference) -> u64 {
        let found = self.differences.iter().find(|(one, _)| *one == difference);
        found.map_or(0, |(_, count)| *count)
    }

    /// All rows.
    pub fn total(&self) -> u64 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }
}

/// Counts the rows of a list.
pub async fn counts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
) -> Result<RowCounts, DbErr> {
    let rows: Vec<(String, Option<String>, i64)> = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .select_only()
        .columns([
            special_list_row::Column::Outcome,
            special_list_row::Column::Difference,
        ])
        .column_as(special_list_row::Column::Id.count(), "number")
        .group_by(special_list_row::Column::Outcome)
        .group_by(special_list_row::Column::Difference)
        .into_tuple()
        .all(connection)
        .await?;
    let sum = |holds: &dyn Fn(&(String, Option<String>, i64)) -> bool| {
        let sum: i64 = rows.iter().filter(|row| holds(row)).map(|row| row.2).sum();
        u64::try_from(sum).unwrap_or_default()
    };
    let outcomes = ListOutcome::ALL
        .iter()
        .map(|one| (*one, sum(&|row| row.0 == one.code())));
    let differences = ListDifference::ALL
        .iter()
        .map(|one| (*one, sum(&|row| row.1.as_deref() == Some(one.code()))));
    Ok(RowCounts {
        outcomes: outcomes.filter(|(_, count)| *count > 0).collect(),
        differences: differences.filter(|(_, count)| *count > 0).collect(),
    })
}

/// A page of the rows of a list that meet `which`, by line, one longer than the page where there are more.
pub async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    which: Condition,
    step: &Step,
    page_size: u64,
) -> Result<Vec<special_list_row::Model>, DbErr> {
    let position = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i32>().ok());
    let mut query = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .filter(which)
        .limit(page_size + 1);
    if let Some(after) = position(&step.after) {
        query = query.filter(special_list_row::Column::Line.gt(after));
    }
    if let Some(before) = position(&step.before) {
        query = query.filter(special_list_row::Column::Line.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(special_list_row::Column::Line)
    } else {
        query.order_by_asc(special_list_row::Column::Line)
    };
    query.all(connection).await
}

/// Somebody whom the version before names and this one does not.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Went {
    /// 学号.
    pub student_no: String,
    /// 姓名, as the version before has it.
    pub name: String,
    /// 学院, as the version before has it.
    pub college_found: String,
}

fn gone(scope: &Scope, base_id: i64, list_id: i64) -> Select<special_list_row::Entity> {
    let here = scope
        .list_rows()
        .filter(names_somebody(list_id))
        .select_only()
        .column(special_list_row::Column::StudentNo)
        .into_query();
    scope
        .list_rows()
        .filter(names_somebody(base_id))
        .filter(special_list_row::Column::StudentNo.not_in_subquery(here))
}

/// Whom the version before names and this one does not: in order of 学号, from `after` on, one more than `limit` where there
/// are more.
pub async fn went(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (base_id, list_id): (i64, i64),
    step: &Step,
    page_size: u64,
) -> Result<Vec<Went>, DbErr> {
    let mut query = gone(scope, base_id, list_id).limit(page_size + 1);
    if let Some(after) = &step.after {
        query = query.filter(special_list_row::Column::StudentNo.gt(after));
    }
    if let Some(before) = &step.before {
        query = query.filter(special_list_row::Column::StudentNo.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(special_list_row::Column::StudentNo)
    } else {
        query.order_by_asc(special_list_row::Column::StudentNo)
    };
    query
        .select_only()
        .columns([
            special_list_row::Column::StudentNo,
            special_list_row::Column::Name,
            special_list_row::Column::CollegeFound,
        ])
        .into_model()
        .all(connection)
        .await
}

/// How many the version before names and this one does not.
pub async fn went_count(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (base_id, list_id): (i64, i64),
) -> Result<u64, DbErr> {
    gone(scope, base_id, list_id).count(connection).await
}

/// What is to be said of each row, by line: for the person's own file.
pub async fn reasons(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
) -> Result<HashMap<u32, String>, DbErr> {
    let rows: Vec<(i32, String, String)> = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .select_only()
        .columns([
            special_list_row::Column::Line,
            special_list_row::Column::Outcome,
            special_list_row::Column::Reason,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(line, outcome, reason)| {
            let label = ListOutcome::from_code(&outcome)?.label();
            let words = if reason.is_empty() {
                label.to_owned()
            } else {
                format!("{label}：{reason}")
            };
            Some((u32::try_from(line).ok()?, words))
        })
        .collect())
}
