//! Who of the invented students is worth being tried as.

use qihang_db::entity::{finding, roster_entry, student};
use qihang_db::{EntryState, Scope, has_entry};
use qihang_standards::codes::{TRAINING_MODE, needs_unit};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::activation::gate::Entry;
use crate::class_year::model::ClassYear;
use crate::findings::model::Kind;

/// Whether the student is to be on the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// On it, without a fault.
    Yes,
    /// On it, with a 生源所在地 that is missing or too coarse, and no other fault.
    OriginIncomplete,
    /// Expected, and not on it yet.
    No,
}

/// The first student of the scope who is expected in the class year and has no fault but the one asked for.
///
/// # Errors
///
/// When the database does not answer.
pub async fn student_to_try(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    listed: Listed,
) -> Result<Option<student::Model>, DbErr> {
    let open = has_entry(
        Condition::all()
            .add(Expr::col((roster_entry::Entity, roster_entry::Column::State)).eq(EntryState::Open.code())),
    );
    let with_fault = |kinds: Condition| {
        scope
            .select::<finding::Entity>()
            .filter(finding::Column::Severity.eq("fault"))
            .filter(kinds)
            .select_only()
            .column(finding::Column::StudentId)
            .into_query()
    };
    let origin = finding::Column::Kind.is_in([
        Kind::OriginMissing.code(),
        Kind::OriginProvinceOnly.code(),
        Kind::OriginDistrictMissing.code(),
    ]);
    let other = Condition::all().add(finding::Column::Kind.ne(Kind::Omission.code()));
    let students = scope
        .select::<student::Entity>()
        .filter(student::Column::ExpectedYear.eq(year.year()))
        .filter(if listed == Listed::No { open.not() } else { open });
    let at_fault = if listed == Listed::OriginIncomplete {
        other.add(origin.clone().not())
    } else {
        other
    };
    let mut students = students.filter(student::Column::Id.in_subquery(with_fault(at_fault)).not());
    if listed == Listed::OriginIncomplete {
        students = students.filter(student::Column::Id.in_subquery(with_fault(Condition::all().add(origin))));
    }
    students
        .order_by_asc(student::Column::StudentNo)
        .one(connection)
        .await
}

/// The first students of the scope on rosters that are open, with their entries, in order of 学号.
///
/// # Errors
///
/// When the database does not answer.
pub async fn on_rosters(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    most: u64,
) -> Result<Vec<(Entry, student::Model)>, DbErr> {
    let rows = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .order_by_asc(student::Column::StudentNo)
        .limit(most)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    let entry = |row: &roster_entry::Model| Entry {
        entry_id: row.id,
        class_year: row.class_year,
    };
    Ok(rows
        .into_iter()
        .filter_map(|(row, student)| Some((entry(&row), student?)))
        .collect())
}

/// Directed students of the scope and the class year without a unit, in order of 学号.
///
/// # Errors
///
/// When the database does not answer.
pub async fn without_unit(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<Vec<student::Model>, DbErr> {
    let needing = TRAINING_MODE
        .iter()
        .map(|line| line.code)
        .filter(|code| needs_unit(code));
    scope
        .select::<student::Entity>()
        .filter(student::Column::ExpectedYear.eq(year.year()))
        .filter(student::Column::TrainingMode.is_in(needing))
        .filter(student::Column::DirectedUnit.eq(""))
        .order_by_asc(student::Column::StudentNo)
        .all(connection)
        .await
}
