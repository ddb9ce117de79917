//! The rows of lists, for whoever sees everybody.

use std::collections::HashMap;

use qihang_db::entity::{college, roster_entry, special_list_row, student};
use qihang_db::{EntryState, ListDifference, ListOutcome, Scope, bulk};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

use super::CHUNK;
use crate::class_year::model::ClassYear;
use crate::special_list::model::{Known, Line, Verdict};

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
