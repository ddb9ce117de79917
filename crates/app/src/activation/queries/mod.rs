//! Everything here that speaks to the database: how far a student is, conditions for lists, what a class year asks for; in
//! [`forms`] what a form shows, in [`records`] what was confirmed.

mod forms;
mod records;

pub use forms::contact;
pub(super) use forms::{delete_draft, draft, open_corrections, save_contact, save_draft};
pub(super) use records::{Whose, activations, confirmed, insert_activation, mark_changed, renew_activation};

use chrono::{DateTime, Utc};
use qihang_db::entity::{activation, class_year_field, college, major, roster_entry, student};
use qihang_db::{EntryState, FieldClass, Scope, has_activation, records as unscoped};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationTrait,
};

use super::fields::Field;
use super::gate::{Entry, Standing};
use super::model::{Confirmed, FieldRule, FieldRules, Stage};
use crate::roster::list::columns::Names;

/// Values in one `IN (…)`, and rows read at once.
const BATCH: usize = 5_000;

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

/// Whether it has come exactly so far. For filters.
pub fn in_stage(stage: Stage) -> Expr {
    let changed_at = || Expr::col((activation::Entity, activation::Column::ChangedAt));
    match stage {
        Stage::Pending => not_activated(),
        Stage::Done => has_activation(Condition::all().add(changed_at().is_null())),
        Stage::Again => confirm_again(),
    }
}

/// How a class year treats the fields.
///
/// # Errors
///
/// When the database does not answer.
pub async fn field_rules(connection: &impl ConnectionTrait, class_year: i32) -> Result<FieldRules, DbErr> {
    let rows = unscoped::<class_year_field::Entity>()
        .filter(class_year_field::Column::ClassYear.eq(class_year))
        .all(connection)
        .await?;
    Ok(FieldRules::with(rows.into_iter().filter_map(|row| {
        let rule = FieldRule {
            class: FieldClass::from_code(&row.class)?,
            is_required: row.required,
        };
        Some((Field::from_code(&row.field)?, rule))
    })))
}

/// Replaces what the centre said about the fields of a class year.
pub(super) async fn replace_field_rules(
    tx: &impl ConnectionTrait,
    class_year: i32,
    rules: &FieldRules,
) -> Result<(), DbErr> {
    class_year_field::Entity::delete_many()
        .filter(class_year_field::Column::ClassYear.eq(class_year))
        .exec(tx)
        .await?;
    let rows: Vec<_> = rules
        .changed()
        .map(|(field, rule)| class_year_field::ActiveModel {
            class_year: Set(class_year),
            field: Set(field.code().to_owned()),
            class: Set(rule.class.code().to_owned()),
            required: Set(rule.is_required),
        })
        .collect();
    if !rows.is_empty() {
        class_year_field::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The names that a student's record refers to.
///
/// # Errors
///
/// When the database does not answer.
pub async fn names(connection: &impl ConnectionTrait, student: &student::Model) -> Result<Names, DbErr> {
    let ids = [
        Some(student.school_id),
        student.residence_id,
        Some(student.college_id),
    ];
    let colleges = unscoped::<college::Entity>()
        .filter(college::Column::Id.is_in(ids.into_iter().flatten()))
        .all(connection)
        .await?;
    let majors = unscoped::<major::Entity>()
        .filter(major::Column::Id.eq(student.major_id))
        .all(connection)
        .await?;
    Ok(Names::new(&colleges, &majors))
}
