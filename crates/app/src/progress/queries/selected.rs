//! Whom a selection holds, and who of them still has something to do.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use qihang_db::entity::{message, roster_entry, student};
use qihang_db::{EntryState, MessageKind, Scope};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::{Rows, found};
use crate::activation::queries::{confirm_again, not_activated};
use crate::class_year::model::ClassYear;
use crate::roster::selection::Selection;

/// Ids in one `IN` list: below every engine's limit of parameters.
const CHUNK: usize = 5_000;

/// Who can be reminded: not activated, or to confirm again, on the roster of an open class year.
fn to_do() -> Condition {
    Condition::all()
        .add(roster_entry::Column::State.eq(EntryState::Open.code()))
        .add(Condition::any().add(not_activated()).add(confirm_again()))
}

/// How many of the found can be reminded.
pub async fn count_selectable(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<u64, DbErr> {
    found(rows).filter(to_do()).count(connection).await
}

/// How many are selected. `selectable` is what [`count_selectable`] answered: most pages select all of them or nobody.
pub async fn count_selected(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    selection: &Selection,
    selectable: u64,
) -> Result<u64, DbErr> {
    match selection {
        Selection::AllExcept(except) if except.is_empty() => Ok(selectable),
        Selection::Only(chosen) if chosen.is_empty() => Ok(0),
        Selection::AllExcept(_) | Selection::Only(_) => selected(rows, selection).count(connection).await,
    }
}

fn selected(rows: Rows<'_>, selection: &Selection) -> Select<roster_entry::Entity> {
    let singles = student::Column::Id.is_in(selection.singles().iter().copied());
    let held = match selection {
        Selection::AllExcept(except) if except.is_empty() => Condition::all(),
        Selection::AllExcept(_) => Condition::all().add(singles.not()),
        Selection::Only(chosen) if chosen.is_empty() => Condition::all().add(student::Column::Id.is_null()),
        Selection::Only(_) => Condition::all().add(singles),
    };
    found(rows).filter(to_do()).filter(held)
}

/// The row ids of the selected students, in order of 学号.
pub async fn selected_ids(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    selection: &Selection,
) -> Result<Vec<i64>, DbErr> {
    selected(rows, selection)
        .order_by_asc(student::Column::StudentNo)
        .select_only()
        .column(student::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// Those of these students who are on the roster and still have something to do, with what `columns` adds to the query.
pub(in crate::progress) fn still_to_do(
    scope: &Scope,
    year: ClassYear,
    ids: &[i64],
) -> Select<roster_entry::Entity> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(to_do())
        .filter(student::Column::Id.is_in(ids.iter().copied()))
}

/// Those of these students who were reminded on this day.
pub(in crate::progress) async fn reminded_on(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
    day: NaiveDate,
) -> Result<BTreeSet<i64>, DbErr> {
    let mut reminded = BTreeSet::new();
    for some in ids.chunks(CHUNK) {
        let found: Vec<i64> = scope
            .select::<message::Entity>()
            .filter(message::Column::Kind.eq(MessageKind::Reminder.code()))
            .filter(message::Column::SentOn.eq(day))
            .filter(message::Column::StudentId.is_in(some.iter().copied()))
            .select_only()
            .column(message::Column::StudentId)
            .into_tuple()
            .all(connection)
            .await?;
        reminded.extend(found);
    }
    Ok(reminded)
}
