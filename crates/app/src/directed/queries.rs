//! Directed students and their units, as they are stored.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{directed_unit, roster_entry, student, student_contact};
use qihang_db::{EntryState, Scope, UnitState, has_entry};
use qihang_standards::codes::{TRAINING_MODE, needs_unit};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect,
    RelationTrait, Select,
};

use super::filter::DirectedFilter;
use super::model::Line;
use crate::roster::candidates::queries::matches_words;

/// Ids in one `IN (…)`, well below what SQLite can bind.
const CHUNK: usize = 5_000;

/// Units that officers filled in and that the data exchange has not adopted, by row id of the student; `only` of these
/// students where it is given.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn standing(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    only: Option<&[i64]>,
) -> Result<HashMap<i64, directed_unit::Model>, DbErr> {
    let mut rows = scope
        .select::<directed_unit::Entity>()
        .filter(directed_unit::Column::State.eq(UnitState::Standing.code()));
    if let Some(ids) = only {
        rows = rows.filter(directed_unit::Column::StudentId.is_in(ids.iter().copied()));
    }
    let found = rows.all(connection).await?;
    Ok(found.into_iter().map(|row| (row.student_id, row)).collect())
}

/// What was proposed or filled in for one student.
pub async fn of_student(
    connection: &impl ConnectionTrait,
    student_id: i64,
) -> Result<Option<directed_unit::Model>, DbErr> {
    Scope::Student(student_id)
        .select::<directed_unit::Entity>()
        .one(connection)
        .await
}

/// Everything that lies over the data exchange, by 学号; and what an import that was written at `undone` ended, where the
/// record still has it.
pub(super) async fn overlays(
    tx: &impl ConnectionTrait,
    undone: Option<DateTime<Utc>>,
) -> Result<HashMap<String, directed_unit::Model>, DbErr> {
    let mut which = Condition::any().add(directed_unit::Column::State.eq(UnitState::Standing.code()));
    if let Some(instant) = undone {
        which = which.add(directed_unit::Column::AdoptedAt.eq(instant));
    }
    let rows = Scope::Everyone
        .select::<directed_unit::Entity>()
        .filter(which)
        .select_also(student::Entity)
        .all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(row, student)| Some((row, student?)))
        .filter(|(row, student)| row.adopted_at.is_none() || student.directed_unit == row.unit)
        .map(|(row, student)| (student.student_no, row))
        .collect())
}

/// The data exchange has brought these units: nothing lies over it any more.
pub(super) async fn adopt(tx: &impl ConnectionTrait, ids: &[i64], now: DateTime<Utc>) -> Result<(), DbErr> {
    for ids in ids.chunks(CHUNK) {
        directed_unit::Entity::update_many()
            .col_expr(
                directed_unit::Column::State,
                Expr::value(UnitState::Adopted.code()),
            )
            .col_expr(directed_unit::Column::AdoptedAt, Expr::value(now))
            .col_expr(
                directed_unit::Column::ExchangeValue,
                Expr::col(directed_unit::Column::Unit),
            )
            .filter(directed_unit::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The data exchange has this value; the officers' lie over it, or against it.
pub(super) async fn keep(tx: &impl ConnectionTrait, ids: &[i64], brought: &str) -> Result<(), DbErr> {
    for ids in ids.chunks(CHUNK) {
        directed_unit::Entity::update_many()
            .col_expr(
                directed_unit::Column::State,
                Expr::value(UnitState::Standing.code()),
            )
            .col_expr(
                directed_unit::Column::AdoptedAt,
                Expr::value(None::<DateTime<Utc>>),
            )
            .col_expr(directed_unit::Column::ExchangeValue, Expr::value(brought))
            .filter(directed_unit::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// A student of the scope, held until the change ends: of two who decide about one, the second waits for the first.
pub(super) async fn hold(
    tx: &impl ConnectionTrait,
    scope: &Scope,
    student_no: &str,
) -> Result<Option<student::Model>, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.eq(student_no))
        .lock_exclusive()
        .one(tx)
        .await
}

/// A student of the scope.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_no: &str,
) -> Result<Option<student::Model>, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.eq(student_no))
        .one(connection)
        .await
}

/// Writes what is proposed or decided about a student, in place of what was there.
pub(super) async fn put(tx: &impl ConnectionTrait, row: directed_unit::ActiveModel) -> Result<(), DbErr> {
    use directed_unit::Column;
    let columns = [
        Column::State,
        Column::Unit,
        Column::ProposedAt,
        Column::Note,
        Column::DecidedBy,
        Column::DecidedAt,
        Column::ExchangeValue,
        Column::AdoptedAt,
    ];
    directed_unit::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::StudentId)
                .update_columns(columns)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes away what was proposed or filled in.
pub(super) async fn remove(tx: &impl ConnectionTrait, student_id: i64) -> Result<(), DbErr> {
    directed_unit::Entity::delete_many()
        .filter(directed_unit::Column::StudentId.eq(student_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes the unit that counts.
pub(super) async fn save_unit(
    tx: &impl ConnectionTrait,
    student_id: i64,
    unit: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    student::Entity::update_many()
        .col_expr(student::Column::DirectedUnit, Expr::value(unit))
        .col_expr(student::Column::UpdatedAt, Expr::value(now))
        .filter(student::Column::Id.eq(student_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The 培养方式 that ask for a unit.
fn directed_modes() -> impl Iterator<Item = &'static str> {
    TRAINING_MODE
        .iter()
        .map(|line| line.code)
        .filter(|code| needs_unit(code))
}

/// On the roster of the class year; or expected in it, and not on another open one.
fn of_year(year: i32) -> Condition {
    let column = |column: roster_entry::Column| Expr::col((roster_entry::Entity, column));
    let states = [EntryState::Open.code(), EntryState::Closed.code()];
    let listed = Condition::all()
        .add(column(roster_entry::Column::ClassYear).eq(year))
        .add(column(roster_entry::Column::State).is_in(states));
    let elsewhere = Condition::all()
        .add(column(roster_entry::Column::ClassYear).ne(year))
        .add(column(roster_entry::Column::State).eq(EntryState::Open.code()));
    let expected = Condition::all()
        .add(student::Column::ExpectedYear.eq(year))
        .add(has_entry(elsewhere).not());
    Condition::any().add(has_entry(listed)).add(expected)
}

/// Students of the class year, the scope and the search, with what was proposed or filled in for each.
fn found(scope: &Scope, filter: &DirectedFilter) -> Select<student::Entity> {
    let college = filter.college_id.map(|id| {
        Condition::any()
            .add(student::Column::CollegeId.eq(id))
            .add(student::Column::SecondCollegeId.eq(id))
    });
    scope
        .select::<student::Entity>()
        .join(JoinType::LeftJoin, directed_unit::Relation::Student.def().rev())
        .filter(of_year(filter.year.year.year()))
        .filter(
            Condition::all()
                .add_option(college)
                .add_option(filter.words.as_deref().map(matches_words)),
        )
}

/// Everybody who can be on the list, whatever part of it is asked for: 定向 or 委培, or with a unit that an officer filled in.
/// Those with a proposal first, then by 学号.
pub(super) async fn lines(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &DirectedFilter,
) -> Result<Vec<Line>, DbErr> {
    let by_mode = || student::Column::TrainingMode.is_in(directed_modes());
    let standing = directed_unit::Column::State.eq(UnitState::Standing.code());
    // Two questions, because an index answers each of them.
    let directed = found(scope, filter).filter(by_mode());
    let others = found(scope, filter).filter(standing).filter(by_mode().not());
    let mut lines = Vec::new();
    for (students, is_directed) in [(directed, true), (others, false)] {
        type Found = (i64, String, String, String, Option<String>, Option<String>);
        let rows: Vec<Found> = students
            .select_only()
            .columns([
                student::Column::Id,
                student::Column::StudentNo,
                student::Column::Origin,
                student::Column::DirectedUnit,
            ])
            .column(directed_unit::Column::State)
            .column(directed_unit::Column::ExchangeValue)
            .into_tuple()
            .all(connection)
            .await?;
        lines.extend(
            rows.into_iter()
                .map(|(id, student_no, origin, unit, state, exchange)| Line {
                    id,
                    student_no,
                    is_directed,
                    has_origin: !origin.is_empty(),
                    has_unit: !unit.is_empty(),
                    state: state.as_deref().and_then(UnitState::from_code),
                    exchange_has_unit: exchange.is_some_and(|value| !value.is_empty()),
                }),
        );
    }
    lines.sort_by(|one, other| one.place().cmp(&other.place()));
    Ok(lines)
}

/// A student of the list with everything about the unit.
#[derive(Clone, Debug)]
pub(super) struct Directed {
    pub(super) student: student::Model,
    pub(super) unit: Option<directed_unit::Model>,
    /// What the student gave, else what the data exchange has.
    pub(super) mobile: String,
}

/// These students, in the order given.
pub(super) async fn students(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
) -> Result<Vec<Directed>, DbErr> {
    let mut by_id = HashMap::new();
    for some in ids.chunks(CHUNK) {
        let own = |column: student::Column| column.is_in(some.iter().copied());
        let rows = scope
            .select::<student::Entity>()
            .filter(own(student::Column::Id))
            .all(connection)
            .await?;
        let mut units: HashMap<i64, directed_unit::Model> = scope
            .select::<directed_unit::Entity>()
            .filter(own(student::Column::Id))
            .all(connection)
            .await?
            .into_iter()
            .map(|row| (row.student_id, row))
            .collect();
        let mut mobiles: HashMap<i64, String> = scope
            .select::<student_contact::Entity>()
            .filter(own(student::Column::Id))
            .all(connection)
            .await?
            .into_iter()
            .map(|row| (row.student_id, row.mobile))
            .collect();
        by_id.extend(rows.into_iter().map(|student| {
            let given = mobiles.remove(&student.id).filter(|mobile| !mobile.is_empty());
            let one = Directed {
                unit: units.remove(&student.id),
                mobile: given.unwrap_or_else(|| student.mobile.clone()),
                student,
            };
            (one.student.id, one)
        }));
    }
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}
