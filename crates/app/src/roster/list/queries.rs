//! Reading the roster: the same rows, in the same order, for a page of the screen and for a whole file.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use qihang_db::entity::{activation, college, finding, major, roster_entry, student};
use qihang_db::{EntryState, Scope};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, JoinType, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};

use super::columns::{Listed, Names};
use super::filter::{Direction, Has, ListFilter, Sort};
use super::key::{Key, KeyValue};
use crate::activation::model::Stage;
use crate::activation::queries::in_stage;
use crate::class_year::model::ClassYear;
use crate::roster::candidates::queries::matches_words;
use crate::web::Step;

/// Which rows: the class year, who may be seen, and what is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Who may be seen.
    pub scope: &'a Scope,
    /// The roster.
    pub year: ClassYear,
    /// What is asked for.
    pub filter: &'a ListFilter,
}

/// Students of the scope with an open fault in this class year.
fn with_fault(scope: &Scope, year: ClassYear) -> SimpleExpr {
    let faulty = scope
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(year.year()))
        .filter(finding::Column::Severity.eq("fault"))
        .filter(finding::Column::SettledAt.is_null())
        .select_only()
        .column(finding::Column::StudentId)
        .into_query();
    Expr::col((roster_entry::Entity, roster_entry::Column::StudentId)).in_subquery(faulty)
}

fn on_roster(scope: &Scope, year: ClassYear) -> Select<roster_entry::Entity> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
}

fn found(rows: Rows<'_>) -> Select<roster_entry::Entity> {
    let filter = rows.filter;
    let condition = Condition::all()
        .add_option(
            filter
                .student_type
                .map(|value| student::Column::StudentType.eq(value.code())),
        )
        .add_option(
            filter
                .degree
                .map(|value| student::Column::DegreeLevel.eq(value.code())),
        )
        .add_option(
            filter
                .admission_year
                .map(|value| student::Column::AdmissionYear.eq(value)),
        )
        .add_option(filter.school_id.map(|value| student::Column::SchoolId.eq(value)))
        .add_option(
            filter
                .residence_id
                .map(|value| student::Column::ResidenceId.eq(value)),
        )
        .add_option(filter.major_id.map(|value| student::Column::MajorId.eq(value)))
        .add_option(
            filter
                .length_half_years
                .map(|value| student::Column::LengthHalfYears.eq(value)),
        )
        .add_option(
            filter
                .class_name
                .as_ref()
                .map(|value| student::Column::ClassName.eq(value)),
        )
        .add_option(filter.words.as_deref().map(matches_words))
        .add_option(
            filter
                .status
                .map(|value| student::Column::StudyStatus.eq(value.code())),
        )
        .add_option(filter.has_finding.map(|has| match has {
            Has::Yes => with_fault(rows.scope, rows.year),
            Has::No => with_fault(rows.scope, rows.year).not(),
        }))
        .add_option(filter.how.map(|value| roster_entry::Column::How.eq(value.code())))
        .add_option(filter.activation.map(in_stage));
    on_roster(rows.scope, rows.year).filter(condition)
}

/// The column that the order begins with.
fn sort_column(sort: Sort) -> SimpleExpr {
    match sort {
        Sort::College => Expr::col((college::Entity, college::Column::Code)),
        Sort::StudentNo => Expr::col((student::Entity, student::Column::StudentNo)),
        Sort::Name => Expr::col((student::Entity, student::Column::Pinyin)),
        Sort::Major => Expr::col((major::Entity, major::Column::Name)),
        Sort::ClassName => Expr::col((student::Entity, student::Column::ClassName)),
        Sort::AdmissionYear => Expr::col((student::Entity, student::Column::AdmissionYear)),
        Sort::AddedAt => Expr::col((roster_entry::Entity, roster_entry::Column::AddedAt)),
    }
}

fn ordered(rows: Rows<'_>, direction: Direction) -> Select<roster_entry::Entity> {
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    let joined = match rows.filter.sort {
        Sort::College => found(rows).join(JoinType::InnerJoin, student::Relation::Managing.def()),
        Sort::Major => found(rows).join(JoinType::InnerJoin, student::Relation::Major.def()),
        Sort::StudentNo | Sort::Name | Sort::ClassName | Sort::AdmissionYear | Sort::AddedAt => found(rows),
    };
    let by_value = match rows.filter.sort {
        Sort::StudentNo => joined,
        other => joined.order_by(sort_column(other), order.clone()),
    };
    by_value.order_by(student::Column::StudentNo, order)
}

/// Rows strictly beyond `key`, in the direction of reading.
fn beyond(sort: Sort, key: &Key, direction: Direction) -> Condition {
    let past = |column: SimpleExpr, value: sea_orm::Value| match direction {
        Direction::Ascending => column.gt(value),
        Direction::Descending => column.lt(value),
    };
    let number = past(
        Expr::col((student::Entity, student::Column::StudentNo)),
        key.student_no.clone().into(),
    );
    let value: sea_orm::Value = match &key.value {
        KeyValue::None => return Condition::all().add(number),
        KeyValue::Text(text) => text.clone().into(),
        KeyValue::Number(number) => (*number).into(),
        KeyValue::Instant(instant) => (*instant).into(),
    };
    Condition::any()
        .add(past(sort_column(sort), value.clone()))
        .add(Condition::all().add(sort_column(sort).eq(value)).add(number))
}

/// An entry with what the activation says.
#[derive(FromQueryResult)]
struct EntryRow {
    #[sea_orm(nested)]
    entry: roster_entry::Model,
    activated_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
}

fn listed((row, student): (EntryRow, Option<student::Model>)) -> Result<Listed, DbErr> {
    let student = student.ok_or_else(|| DbErr::RecordNotFound("student of a roster entry".into()))?;
    Ok(Listed {
        activation: Stage::of(row.activated_at, row.changed_at),
        entry: row.entry,
        student,
    })
}

/// How many rows are asked for.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn count(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<u64, DbErr> {
    found(rows).count(connection).await
}

/// How many of the scope are on the roster at all.
pub async fn count_all(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<u64, DbErr> {
    on_roster(scope, year).count(connection).await
}

/// The entries on a page in reading order, as row ids, one longer than the page where there are more: for a page whose key
/// is no longer in the list.
pub async fn page_ids(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    step: &Step,
    key: &Key,
    size: u64,
) -> Result<Vec<i64>, DbErr> {
    let direction = if step.is_backwards() {
        rows.filter.direction.reversed()
    } else {
        rows.filter.direction
    };
    ordered(rows, direction)
        .filter(beyond(rows.filter.sort, key, direction))
        .limit(size + 1)
        .select_only()
        .column(roster_entry::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// All entries in order, as row ids.
pub async fn entry_ids(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<Vec<i64>, DbErr> {
    let found = ids(connection, rows).await?;
    Ok(found.into_iter().map(|one| one.entry_id).collect())
}

/// The entry of this class year's roster that belongs to a 学号, where the scope holds it.
pub async fn entry_of(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    student_no: &str,
) -> Result<Option<i64>, DbErr> {
    on_roster(rows.scope, rows.year)
        .filter(student::Column::StudentNo.eq(student_no))
        .select_only()
        .column(roster_entry::Column::Id)
        .into_tuple()
        .one(connection)
        .await
}

/// A row by its ids: of the entry, and of the student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowIds {
    /// Of the entry.
    pub entry_id: i64,
    /// Of the student.
    pub student_id: i64,
}

/// All rows in order, as ids: what an export goes by. Sorting whole rows would hold all of them in memory at once.
pub async fn ids(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<Vec<RowIds>, DbErr> {
    let found: Vec<(i64, i64)> = ordered(rows, rows.filter.direction)
        .select_only()
        .column(roster_entry::Column::Id)
        .column(roster_entry::Column::StudentId)
        .into_tuple()
        .all(connection)
        .await?;
    let ids = found
        .into_iter()
        .map(|(entry_id, student_id)| RowIds { entry_id, student_id });
    Ok(ids.collect())
}

/// Rows that are read at once.
const CHUNK: usize = 500;

/// The rows with these ids, in this order, some at a time.
pub fn in_chunks<'a>(
    tx: &'a DatabaseTransaction,
    scope: &'a Scope,
    ids: &'a [RowIds],
) -> impl Stream<Item = Result<Vec<Listed>, DbErr>> + Send + 'a {
    futures::stream::iter(ids.chunks(CHUNK)).then(move |some| async move {
        let entries: Vec<i64> = some.iter().map(|one| one.entry_id).collect();
        by_ids(tx, scope, &entries).await
    })
}

/// The entries with these row ids, in this order.
pub async fn by_ids(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
) -> Result<Vec<Listed>, DbErr> {
    if ids.is_empty() {
        // SQLite would go through the table to find that nothing is asked for.
        return Ok(Vec::new());
    }
    let found = scope
        .select::<roster_entry::Entity>()
        .join(JoinType::LeftJoin, activation::Relation::Entry.def().rev())
        .filter(roster_entry::Column::Id.is_in(ids.iter().copied()))
        .columns([activation::Column::ActivatedAt, activation::Column::ChangedAt])
        .select_also(student::Entity)
        .into_model::<EntryRow, student::Model>()
        .all(connection)
        .await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in found {
        let listed = listed(row)?;
        rows.insert(listed.entry.id, listed);
    }
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// The names that rows refer to.
pub async fn names(connection: &impl ConnectionTrait) -> Result<Names, DbErr> {
    let colleges = crate::school::queries::colleges(connection).await?;
    let majors = crate::school::queries::majors(connection).await?;
    Ok(Names::new(&colleges, &majors))
}
