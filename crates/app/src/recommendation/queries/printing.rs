//! What can be printed: versions that count, with their forms and students.

use chrono::{DateTime, Utc};
use qihang_db::entity::{
    recommendation_form, recommendation_print, recommendation_version, roster_entry, student,
};
use qihang_db::{Change, EntryState, Scope, Validity, records};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
};

use super::BATCH;
use super::queue::narrowed;
use crate::class_year::model::ClassYear;
use crate::recommendation::filter::{Filter, Params};

/// A version that counts, with its form.
pub(in crate::recommendation) type Printable = (recommendation_version::Model, recommendation_form::Model);

fn valid(scope: &Scope) -> Select<recommendation_version::Entity> {
    scope
        .select::<recommendation_version::Entity>()
        .join(JoinType::InnerJoin, recommendation_version::Relation::Form.def())
        .join(JoinType::InnerJoin, recommendation_form::Relation::Entry.def())
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .filter(recommendation_version::Column::Validity.eq(Validity::Valid.code()))
}

fn asked_for(scope: &Scope, filter: &Filter) -> Select<recommendation_version::Entity> {
    valid(scope)
        .filter(recommendation_form::Column::ClassYear.eq(filter.year.year()))
        .filter(narrowed(filter))
}

/// How many of the filter's students have a version that counts, whatever became of the form since.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(in crate::recommendation) async fn count(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
) -> Result<u64, DbErr> {
    asked_for(scope, filter).count(connection).await
}

/// How many versions that count were printed, by the 院 that answers for the students.
pub(super) async fn printed(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<Vec<(i64, i64)>, DbErr> {
    valid(scope)
        .filter(recommendation_form::Column::ClassYear.eq(year.year()))
        .filter(recommendation_version::Column::PrintedAt.is_not_null())
        .select_only()
        .column(student::Column::CollegeId)
        .column_as(recommendation_version::Column::Id.count(), "printed")
        .group_by(student::Column::CollegeId)
        .into_tuple()
        .all(connection)
        .await
}

async fn read(
    select: Select<recommendation_version::Entity>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Printable>, DbErr> {
    let rows = select
        .select_also(recommendation_form::Entity)
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(version, form)| Some((version, form?)))
        .collect())
}

/// Those versions, by class and 学号: as the papers are handed out.
pub(in crate::recommendation) async fn all(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<Printable>, DbErr> {
    let select = asked_for(scope, filter)
        .order_by_asc(student::Column::ClassName)
        .order_by_asc(student::Column::StudentNo);
    read(select, connection).await
}

/// The version of a form that counts; `None` where there is none in the scope.
pub(in crate::recommendation) async fn of_form(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    form_id: i64,
) -> Result<Option<Printable>, DbErr> {
    let select = valid(scope).filter(recommendation_form::Column::Id.eq(form_id));
    Ok(read(select, connection).await?.pop())
}

/// Notes when versions were printed.
pub(in crate::recommendation) async fn mark(
    tx: &impl ConnectionTrait,
    version_ids: &[i64],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use recommendation_version::Column;
    for ids in version_ids.chunks(BATCH) {
        recommendation_version::Entity::update_many()
            .col_expr(Column::PrintedAt, Expr::value(now))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Keeps what somebody has ordered; answers its id.
pub(in crate::recommendation) async fn insert_order(
    change: &Change,
    account_id: i64,
    filter: String,
) -> Result<i64, DbErr> {
    let row = recommendation_print::ActiveModel {
        account_id: Set(account_id),
        filter: Set(filter),
        ordered_at: Set(change.now()),
        ..Default::default()
    };
    Ok(row.insert(change.tx()).await?.id)
}

/// What was ordered under this id.
pub(in crate::recommendation) async fn find_order(
    connection: &impl ConnectionTrait,
    order_id: i64,
) -> Result<Params, DbErr> {
    let row = records::<recommendation_print::Entity>()
        .filter(recommendation_print::Column::Id.eq(order_id))
        .one(connection)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(format!("print order {order_id}")))?;
    serde_html_form::from_str(&row.filter)
        .map_err(|error| DbErr::Type(format!("a print order cannot be read: {error}")))
}
