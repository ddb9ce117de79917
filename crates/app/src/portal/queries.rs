//! What students mended, as it is stored.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{class_year, own_value, roster_entry, student};
use qihang_db::{EntryState, OwnField, Scope, records};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QuerySelect,
};

use super::model::own_value as value_of;
use crate::class_year::model::OriginDepth;

/// Values in one `IN (…)`, well below what SQLite can bind.
const CHUNK: usize = 10_000;

/// What students of a scope mended and lies over the data exchange, by row id of the student; `only` of these students
/// where it is given.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn standing(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    only: Option<&[i64]>,
) -> Result<HashMap<i64, Vec<own_value::Model>>, DbErr> {
    let mut rows = scope
        .select::<own_value::Entity>()
        .filter(own_value::Column::AdoptedAt.is_null());
    if let Some(ids) = only {
        rows = rows.filter(own_value::Column::StudentId.is_in(ids.iter().copied()));
    }
    let mut by_student = HashMap::<i64, Vec<own_value::Model>>::new();
    for row in rows.all(connection).await? {
        by_student.entry(row.student_id).or_default().push(row);
    }
    Ok(by_student)
}

/// Everything that the students of a scope mended, adopted or not.
pub async fn all(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<own_value::Model>, DbErr> {
    scope.select::<own_value::Entity>().all(connection).await
}

/// What lies over the data exchange, with the record it lies over; and what an import that was written at `undone`
/// ended, where the record still has it.
pub(super) async fn overlays(
    tx: &impl ConnectionTrait,
    undone: Option<DateTime<Utc>>,
) -> Result<Vec<(own_value::Model, student::Model)>, DbErr> {
    let mut which = Condition::any().add(own_value::Column::AdoptedAt.is_null());
    if let Some(instant) = undone {
        which = which.add(own_value::Column::AdoptedAt.eq(instant));
    }
    let rows = Scope::Everyone
        .select::<own_value::Entity>()
        .filter(which)
        .select_also(student::Entity)
        .all(tx)
        .await?;
    let with_record = rows
        .into_iter()
        .filter_map(|(own, student)| Some((own, student?)));
    Ok(with_record
        .filter(|(own, student)| {
            own.adopted_at.is_none()
                || OwnField::from_code(&own.field).is_some_and(|field| value_of(student, field) == own.value)
        })
        .collect())
}

/// The data exchange has brought the students' values: nothing lies over it any more.
pub(super) async fn adopt(tx: &impl ConnectionTrait, ids: &[i64], now: DateTime<Utc>) -> Result<(), DbErr> {
    for ids in ids.chunks(CHUNK) {
        own_value::Entity::update_many()
            .col_expr(own_value::Column::AdoptedAt, Expr::value(now))
            .col_expr(
                own_value::Column::ExchangeValue,
                Expr::col(own_value::Column::Value),
            )
            .filter(own_value::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The data exchange has this value; the students' lie over it.
pub(super) async fn keep(tx: &impl ConnectionTrait, ids: &[i64], brought: &str) -> Result<(), DbErr> {
    for ids in ids.chunks(CHUNK) {
        own_value::Entity::update_many()
            .col_expr(own_value::Column::AdoptedAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(own_value::Column::ExchangeValue, Expr::value(brought))
            .filter(own_value::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The record of one student, held until the change ends: of two changes by the same student one waits for the other.
pub(super) async fn hold(
    tx: &impl ConnectionTrait,
    student_id: i64,
) -> Result<Option<student::Model>, DbErr> {
    Scope::Student(student_id)
        .select::<student::Entity>()
        .lock_exclusive()
        .one(tx)
        .await
}

/// Writes what a student chose over what the data exchange has; nothing remains where these are the same. The row gets a
/// new id, so that row ids are an order of changes.
pub(super) async fn put(
    tx: &impl ConnectionTrait,
    student_id: i64,
    field: OwnField,
    (value, exchange_value): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    own_value::Entity::delete_many()
        .filter(own_value::Column::StudentId.eq(student_id))
        .filter(own_value::Column::Field.eq(field.code()))
        .exec(tx)
        .await?;
    if value != exchange_value {
        own_value::ActiveModel {
            student_id: Set(student_id),
            field: Set(field.code().to_owned()),
            value: Set(value.to_owned()),
            exchange_value: Set(exchange_value.to_owned()),
            replaced_value: Set(exchange_value.to_owned()),
            set_at: Set(now),
            adopted_at: Set(None),
            ..Default::default()
        }
        .insert(tx)
        .await?;
    }
    Ok(())
}

/// Writes the three values that count.
pub(super) async fn save(
    tx: &impl ConnectionTrait,
    student: &student::Model,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    student::Entity::update_many()
        .col_expr(student::Column::Origin, Expr::value(student.origin.as_str()))
        .col_expr(
            student::Column::MaritalStatus,
            Expr::value(student.marital_status.as_str()),
        )
        .col_expr(
            student::Column::PoliticalStatus,
            Expr::value(student.political_status.as_str()),
        )
        .col_expr(student::Column::UpdatedAt, Expr::value(now))
        .filter(student::Column::Id.eq(student.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How deep the place of origin of a student must be: as the class year asks on whose roster the student is or in which
/// the student is expected; where these are two, as the stricter asks.
pub async fn depth(
    connection: &impl ConnectionTrait,
    student: &student::Model,
) -> Result<OriginDepth, DbErr> {
    let mut years: Vec<i32> = Scope::Student(student.id)
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .select_only()
        .column(roster_entry::Column::ClassYear)
        .into_tuple()
        .all(connection)
        .await?;
    years.extend(student.expected_year);
    let depths = records::<class_year::Entity>()
        .filter(class_year::Column::Year.is_in(years))
        .all(connection)
        .await?;
    let asks_for_county =
        |year: &class_year::Model| OriginDepth::from_code(&year.origin_depth) == Some(OriginDepth::County);
    Ok(if depths.iter().any(asks_for_county) {
        OriginDepth::County
    } else {
        OriginDepth::City
    })
}
