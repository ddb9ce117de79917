//! Everything here that speaks to the database: how far a student is, what was confirmed and typed, conditions for lists.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use qihang_db::entity::{
    activation, activation_draft, class_year_field, college, correction, major, roster_entry, student,
    student_contact,
};
use qihang_db::{CorrectionState, EntryState, FieldClass, Scope, has_activation, records};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationTrait,
};

use super::contact::{Contact, Typed};
use super::fields::Field;
use super::gate::{Entry, Standing};
use super::model::{Confirmed, FieldRule, FieldRules};
use crate::roster::list::columns::Names;

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

/// How a class year treats the fields.
///
/// # Errors
///
/// When the database does not answer.
pub async fn field_rules(connection: &impl ConnectionTrait, class_year: i32) -> Result<FieldRules, DbErr> {
    let rows = records::<class_year_field::Entity>()
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

/// The contact data of a student; `None` before activation.
///
/// # Errors
///
/// When the database does not answer.
pub async fn contact(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_id: i64,
) -> Result<Option<student_contact::Model>, DbErr> {
    scope
        .select::<student_contact::Entity>()
        .filter(student_contact::Column::StudentId.eq(student_id))
        .one(connection)
        .await
}

/// The fields of these students under 信息有误.
pub(super) async fn open_corrections(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_ids: &[i64],
) -> Result<HashMap<i64, BTreeSet<Field>>, DbErr> {
    let mut fields = HashMap::<i64, BTreeSet<Field>>::new();
    for ids in student_ids.chunks(BATCH) {
        let rows: Vec<(i64, String)> = scope
            .select::<correction::Entity>()
            .filter(correction::Column::StudentId.is_in(ids.iter().copied()))
            .filter(correction::Column::State.eq(CorrectionState::Open.code()))
            .select_only()
            .columns([correction::Column::StudentId, correction::Column::Field])
            .into_tuple()
            .all(connection)
            .await?;
        for (student_id, code) in rows {
            fields
                .entry(student_id)
                .or_default()
                .extend(Field::from_code(&code));
        }
    }
    Ok(fields)
}

/// What a student typed and has not sent yet, and when it was kept.
pub(super) async fn draft(
    connection: &impl ConnectionTrait,
    student_id: i64,
) -> Result<Option<(Typed, DateTime<Utc>)>, DbErr> {
    let row = Scope::Student(student_id)
        .select::<activation_draft::Entity>()
        .one(connection)
        .await?;
    Ok(row.and_then(|row| Some((serde_json::from_str(&row.content).ok()?, row.saved_at))))
}

/// Keeps what a student typed.
pub(super) async fn save_draft(
    tx: &impl ConnectionTrait,
    student_id: i64,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use activation_draft::Column;
    let content = serde_json::to_string(typed).map_err(|error| DbErr::Custom(error.to_string()))?;
    let row = activation_draft::ActiveModel {
        student_id: Set(student_id),
        content: Set(content),
        saved_at: Set(now),
    };
    activation_draft::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::StudentId)
                .update_columns([Column::Content, Column::SavedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Throws the draft away.
pub(super) async fn delete_draft(tx: &impl ConnectionTrait, student_id: i64) -> Result<(), DbErr> {
    activation_draft::Entity::delete_many()
        .filter(activation_draft::Column::StudentId.eq(student_id))
        .exec(tx)
        .await?;
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
    let colleges = records::<college::Entity>()
        .filter(college::Column::Id.is_in(ids.into_iter().flatten()))
        .all(connection)
        .await?;
    let majors = records::<major::Entity>()
        .filter(major::Column::Id.eq(student.major_id))
        .all(connection)
        .await?;
    Ok(Names::new(&colleges, &majors))
}

/// Writes the activation of an entry that is open, of a record that is still as it was judged. Answers whether it did: not
/// when there is one already, or entry or record are not as they were.
pub(super) async fn insert_activation(
    tx: &impl ConnectionTrait,
    entry: Entry,
    student: &student::Model,
    confirmed: &Confirmed,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use activation::Column;
    let entries = Scope::Student(student.id)
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::Id.eq(entry.entry_id))
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .filter(student::Column::UpdatedAt.eq(student.updated_at))
        .select_only()
        .columns([
            roster_entry::Column::Id,
            roster_entry::Column::StudentId,
            roster_entry::Column::ClassYear,
        ])
        .expr(Expr::value(now))
        .expr(Expr::value(confirmed.to_column()))
        .expr(Expr::value(now));
    let mut insert = Query::insert();
    insert
        .into_table(activation::Entity)
        .columns([
            Column::EntryId,
            Column::StudentId,
            Column::ClassYear,
            Column::ActivatedAt,
            Column::Confirmed,
            Column::ConfirmedAt,
        ])
        .select_from(entries.into_query())
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .on_conflict(OnConflict::column(Column::EntryId).do_nothing().to_owned());
    Ok(tx.execute(&insert).await?.rows_affected() == 1)
}

/// What a student confirmed, as it stands.
pub(super) async fn confirmed(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    entry: Entry,
) -> Result<Option<activation::Model>, DbErr> {
    scope
        .select::<activation::Entity>()
        .filter(activation::Column::EntryId.eq(entry.entry_id))
        .one(connection)
        .await
}

/// Writes what was confirmed anew, of a record that is still as it was judged. Answers whether it did: not when another
/// press came first, or the record is not as it was.
pub(super) async fn renew_activation(
    tx: &impl ConnectionTrait,
    before: &activation::Model,
    student: &student::Model,
    confirmed: &Confirmed,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use activation::Column;
    let unchanged = Scope::Student(student.id)
        .select::<student::Entity>()
        .filter(student::Column::UpdatedAt.eq(student.updated_at))
        .select_only()
        .column(student::Column::Id)
        .into_query();
    let written = activation::Entity::update_many()
        .col_expr(Column::Confirmed, Expr::value(confirmed.to_column()))
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .col_expr(Column::ChangedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(before.id))
        .filter(Column::Confirmed.eq(before.confirmed.as_str()))
        .filter(Column::StudentId.in_subquery(unchanged))
        .exec(tx)
        .await?;
    Ok(written.rows_affected == 1)
}

/// Writes the contact data of a student.
pub(super) async fn save_contact(
    tx: &impl ConnectionTrait,
    student_id: i64,
    contact: &Contact,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use student_contact::Column;
    let text = |field| Set(contact.get(field).to_owned());
    let row = student_contact::ActiveModel {
        student_id: Set(student_id),
        mobile: text(Field::Mobile),
        email: text(Field::Email),
        qq: text(Field::Qq),
        address: text(Field::Address),
        postcode: text(Field::Postcode),
        home_phone: text(Field::HomePhone),
        updated_at: Set(now),
    };
    student_contact::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::StudentId)
                .update_columns([
                    Column::Mobile,
                    Column::Email,
                    Column::Qq,
                    Column::Address,
                    Column::Postcode,
                    Column::HomePhone,
                    Column::UpdatedAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whose activations are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose<'a> {
    /// These students'.
    Students(&'a [i64]),
    /// Those of records that were written at this instant.
    WrittenAt(DateTime<Utc>),
    /// Everybody's.
    Everyone,
}

/// Rows read at once.
const BATCH: usize = 5_000;

/// Activations with the records that they are about, from the one after `after` on, by row id; no more than a batch.
pub(super) async fn activations(
    connection: &impl ConnectionTrait,
    whose: Whose<'_>,
    after: i64,
) -> Result<Vec<(activation::Model, student::Model)>, DbErr> {
    let mut rows = Scope::Everyone
        .select::<activation::Entity>()
        .filter(activation::Column::Id.gt(after));
    match whose {
        Whose::Students(ids) => rows = rows.filter(activation::Column::StudentId.is_in(ids.iter().copied())),
        Whose::WrittenAt(instant) => rows = rows.filter(student::Column::UpdatedAt.eq(instant)),
        Whose::Everyone => {}
    }
    let rows = rows
        .order_by_asc(activation::Column::Id)
        .limit(BATCH as u64)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(activation, student)| Some((activation, student?)))
        .collect())
}

/// Notes of these activations since when something has to be confirmed again, or that nothing has.
pub(super) async fn mark_changed(
    tx: &impl ConnectionTrait,
    activation_ids: &[i64],
    since: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    for ids in activation_ids.chunks(BATCH) {
        activation::Entity::update_many()
            .col_expr(activation::Column::ChangedAt, Expr::value(since))
            .filter(activation::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}
