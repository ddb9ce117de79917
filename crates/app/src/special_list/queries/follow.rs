//! What students and rosters get from lists.

use std::collections::{BTreeMap, HashMap};

use qihang_db::entity::{activation, roster_entry, special_list, special_list_row, student};
use qihang_db::{Change, DegreeLevel, EntryState, ListKind, ListState, Scope, records};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::CHUNK;
use super::rows::NAMES_NOBODY;
use crate::class_year::model::ClassYear;
use crate::roster::model::Expected;
use crate::school::model::expectation_of;
use crate::special_list::model::DoctoralYears;

/// Which class year the doctoral lists in force name each 学号 for.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn doctoral_years(connection: &impl ConnectionTrait) -> Result<DoctoralYears, DbErr> {
    let committed: Vec<(i64, i32)> = records::<special_list::Entity>()
        .filter(special_list::Column::Kind.eq(ListKind::Doctoral.code()))
        .filter(special_list::Column::State.eq(ListState::Committed.code()))
        .order_by_asc(special_list::Column::Version)
        .select_only()
        .columns([special_list::Column::Id, special_list::Column::ClassYear])
        .into_tuple()
        .all(connection)
        .await?;
    // Of each class year the last stays.
    let in_force: HashMap<i32, i64> = committed.into_iter().map(|(id, year)| (year, id)).collect();
    let years: HashMap<i64, i32> = in_force.into_iter().map(|(year, id)| (id, year)).collect();
    if years.is_empty() {
        return Ok(DoctoralYears::default());
    }
    // Lists say when somebody is expected, whoever asks; nothing of a student is shown by it.
    let rows: Vec<(String, i64)> = Scope::Everyone
        .list_rows()
        .filter(special_list_row::Column::ListId.is_in(years.keys().copied()))
        .filter(special_list_row::Column::Outcome.is_not_in(NAMES_NOBODY))
        .select_only()
        .columns([
            special_list_row::Column::StudentNo,
            special_list_row::Column::ListId,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(DoctoralYears::new(rows.into_iter().filter_map(
        |(student_no, list_id)| Some((student_no, *years.get(&list_id)?)),
    )))
}

/// Doctoral students whose stored expectation is not what the lists say, with what they say.
pub async fn at_odds(connection: &impl ConnectionTrait) -> Result<Vec<(i64, Expected)>, DbErr> {
    let years = doctoral_years(connection).await?;
    let doctors = Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::DegreeLevel.eq(DegreeLevel::Doctor.code()))
        .all(connection)
        .await?;
    Ok(doctors
        .iter()
        .filter_map(|student| {
            let expected = expectation_of(student, None, years.of(&student.student_no));
            let stored = (student.nominal_year, student.expected_year, &*student.expectation);
            (stored != (expected.nominal_year, expected.year, expected.why.code()))
                .then_some((student.id, expected))
        })
        .collect())
}

/// Makes the stored expectation of every doctoral student what the lists say; answers whose was another. When a record was
/// written last stays as it is: the lists are no part of it.
pub(in crate::special_list) async fn rewrite_expectations(change: &Change) -> Result<Vec<i64>, DbErr> {
    let mut groups = BTreeMap::<(Option<i32>, Option<i32>, &str), Vec<i64>>::new();
    for (id, expected) in at_odds(change.tx()).await? {
        let group = (expected.nominal_year, expected.year, expected.why.code());
        groups.entry(group).or_default().push(id);
    }
    for ((nominal_year, year, why), ids) in &groups {
        for some in ids.chunks(CHUNK) {
            student::Entity::update_many()
                .col_expr(student::Column::NominalYear, Expr::value(*nominal_year))
                .col_expr(student::Column::ExpectedYear, Expr::value(*year))
                .col_expr(student::Column::Expectation, Expr::value(*why))
                .filter(student::Column::Id.is_in(some.iter().copied()))
                .exec(change.tx())
                .await?;
        }
    }
    Ok(groups.into_values().flatten().collect())
}

/// Doctoral students on the roster of a class year: whether they belong there depends on its list.
pub(in crate::special_list) async fn doctors_on_roster(
    tx: &impl ConnectionTrait,
    year: ClassYear,
) -> Result<Vec<i64>, DbErr> {
    Scope::Everyone
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .filter(student::Column::DegreeLevel.eq(DegreeLevel::Doctor.code()))
        .select_only()
        .column(roster_entry::Column::StudentId)
        .into_tuple()
        .all(tx)
        .await
}

/// An entry that a list made.
pub(in crate::special_list) struct Made {
    pub(in crate::special_list) entry: roster_entry::Model,
    pub(in crate::special_list) student_no: String,
    pub(in crate::special_list) name: String,
    pub(in crate::special_list) is_activated: bool,
}

/// The entries that a list made, locked until the change ends, in order of their ids so that two changes never wait for each
/// other.
pub(in crate::special_list) async fn made_entries(
    change: &Change,
    scope: &Scope,
    list_id: i64,
) -> Result<Vec<Made>, DbErr> {
    let tx = change.tx();
    let made = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .filter(special_list_row::Column::EntryId.is_not_null())
        .select_only()
        .column(special_list_row::Column::EntryId)
        .into_query();
    let mut query = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::Id.in_subquery(made))
        .order_by_asc(roster_entry::Column::Id)
        .select_also(student::Entity);
    QueryTrait::query(&mut query).lock_with_tables(LockType::Update, [roster_entry::Entity]);
    let rows = query.all(tx).await?;
    let ids: Vec<i64> = rows.iter().map(|(entry, _)| entry.id).collect();
    let mut activated = std::collections::HashSet::new();
    for some in ids.chunks(CHUNK) {
        let found: Vec<i64> = scope
            .select::<activation::Entity>()
            .filter(activation::Column::EntryId.is_in(some.iter().copied()))
            .select_only()
            .column(activation::Column::EntryId)
            .into_tuple()
            .all(tx)
            .await?;
        activated.extend(found);
    }
    Ok(rows
        .into_iter()
        .filter_map(|(entry, student)| {
            let student = student?;
            Some(Made {
                is_activated: activated.contains(&entry.id),
                entry,
                student_no: student.student_no,
                name: student.name,
            })
        })
        .collect())
}
