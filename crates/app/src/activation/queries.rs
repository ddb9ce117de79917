//! Everything here that speaks to the database: how far a student is, and conditions for lists.

use chrono::{DateTime, Utc};
use qihang_db::entity::{activation, roster_entry, student};
use qihang_db::{EntryState, Scope, has_activation};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait,
};

use super::gate::{Entry, Standing};
use super::model::Confirmed;

/// How far a student is, by the record as it is given.
///
/// # Errors
///
/// When the database does not answer.
pub async fn standing(
    connection: &impl ConnectionTrait,
    student: &student::Model,
) -> Result<Standing, DbErr> {
    type Row = (i64, i32, String, Option<DateTime<Utc>>, Option<String>);
    let rows: Vec<Row> = Scope::Student(student.id)
        .select::<roster_entry::Entity>()
        .join(JoinType::LeftJoin, activation::Relation::Entry.def().rev())
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .order_by_desc(roster_entry::Column::Id)
        .select_only()
        .columns([
            roster_entry::Column::Id,
            roster_entry::Column::ClassYear,
            roster_entry::Column::State,
        ])
        .columns([activation::Column::ActivatedAt, activation::Column::Confirmed])
        .into_tuple()
        .all(connection)
        .await?;
    // The open entry; where there is none, the newest of a closed class year.
    let is_open = |row: &&Row| row.2 == EntryState::Open.code();
    let Some((entry_id, class_year, state, activated_at, confirmed)) =
        rows.iter().find(is_open).or_else(|| rows.first()).cloned()
    else {
        return Ok(Standing::NotListed);
    };
    let entry = Entry { entry_id, class_year };
    Ok(match (activated_at, confirmed) {
        (Some(activated_at), Some(confirmed)) => {
            let changed = Confirmed::from_column(&confirmed).changed(student);
            if changed.is_empty() {
                Standing::Activated { entry, activated_at }
            } else {
                Standing::ConfirmAgain {
                    entry,
                    activated_at,
                    changed,
                }
            }
        }
        _ if state == EntryState::Open.code() => Standing::Listed(entry),
        _ => Standing::Lapsed(entry),
    })
}

/// Whether the roster entry of the surrounding query is activated, with whatever has changed since. For filters.
pub fn activated() -> Expr {
    has_activation(Condition::all())
}

/// Whether it is not activated. For filters.
pub fn not_activated() -> Expr {
    activated().not()
}

/// Whether it is activated, and something has to be confirmed again. For filters.
pub fn confirm_again() -> Expr {
    has_activation(
        Condition::all().add(Expr::col((activation::Entity, activation::Column::ChangedAt)).is_not_null()),
    )
}
