//! Imports on their way: their state, their progress, their lists.

use chrono::{DateTime, Utc};
use qihang_db::entity::{account, heading_mapping, import_batch, import_row, student};
use qihang_db::{Scope, records};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

use crate::exchange::model::{BatchState, CellChange, Dataset, Effect, PlanRow};
use crate::web::Step;

/// Takes an import from one state to the next; `false` when it is not in that state (any more). Of two who press at the
/// same moment one gets it.
pub(crate) async fn claim(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    from: BatchState,
    to: BatchState,
) -> Result<bool, DbErr> {
    if !from.may_become(to) {
        return Ok(false);
    }
    let result = import_batch::Entity::update_many()
        .col_expr(import_batch::Column::State, Expr::value(to.code()))
        .filter(import_batch::Column::Id.eq(batch_id))
        .filter(import_batch::Column::State.eq(from.code()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// The import with this id.
pub(crate) async fn find_batch(
    connection: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Option<import_batch::Model>, DbErr> {
    records::<import_batch::Entity>()
        .filter(import_batch::Column::Id.eq(batch_id))
        .one(connection)
        .await
}

/// Says what stopped an import, or what is to be known about it.
pub(crate) async fn set_message(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    message: &str,
) -> Result<(), DbErr> {
    import_batch::Entity::update_many()
        .col_expr(import_batch::Column::Message, Expr::value(message))
        .filter(import_batch::Column::Id.eq(batch_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Marks an import as taken back.
pub(crate) async fn set_undone(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    import_batch::Entity::update_many()
        .col_expr(import_batch::Column::UndoneAt, Expr::value(now))
        .filter(import_batch::Column::Id.eq(batch_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes what people said about headings.
pub(crate) async fn save_mappings(
    tx: &impl ConnectionTrait,
    dataset: Dataset,
    mappings: &[(String, String)],
) -> Result<(), DbErr> {
    use heading_mapping::Column;
    for (heading, field) in mappings {
        let row = heading_mapping::ActiveModel {
            dataset: Set(dataset.code().to_owned()),
            heading: Set(heading.clone()),
            field: Set(field.clone()),
        };
        heading_mapping::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([Column::Dataset, Column::Heading])
                    .update_column(Column::Field)
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Whatever has an id to page by.
fn id_of(text: Option<&String>) -> Result<Option<i64>, DbErr> {
    text.map(|text| {
        text.parse()
            .map_err(|_| DbErr::Type("a page begins at an id".into()))
    })
    .transpose()
}

/// An import with the name of whoever began it.
pub(crate) type ListedBatch = (import_batch::Model, Option<account::Model>);

/// A page of all imports, the newest first, one more than the page for the link to the next.
pub(crate) async fn list_batches(
    connection: &impl ConnectionTrait,
    step: &Step,
    page_size: u64,
) -> Result<Vec<ListedBatch>, DbErr> {
    let mut select = records::<import_batch::Entity>();
    // The newest first: what comes after a row in the list has a smaller id.
    if let Some(id) = id_of(step.after.as_ref())? {
        select = select.filter(import_batch::Column::Id.lt(id));
    }
    if let Some(id) = id_of(step.before.as_ref())? {
        select = select.filter(import_batch::Column::Id.gt(id));
    }
    select = if step.is_backwards() {
        select.order_by_asc(import_batch::Column::Id)
    } else {
        select.order_by_desc(import_batch::Column::Id)
    };
    let batches = select.limit(page_size + 1).all(connection).await?;
    let ids = batches.iter().filter_map(|batch| batch.created_by);
    let people = records::<account::Entity>()
        .filter(account::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    Ok(batches
        .into_iter()
        .map(|batch| {
            let by = people.iter().find(|account| Some(account.id) == batch.created_by);
            let by = by.cloned();
            (batch, by)
        })
        .collect())
}

/// How many imports there are.
pub(crate) async fn count_batches(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    records::<import_batch::Entity>().count(connection).await
}

/// A page of what the rows of an import do.
pub(crate) async fn list_rows(
    connection: &impl ConnectionTrait,
    batch_id: i64,
    effect: Effect,
    step: &Step,
    page_size: u64,
) -> Result<Vec<import_row::Model>, DbErr> {
    let mut select = records::<import_row::Entity>()
        .filter(import_row::Column::BatchId.eq(batch_id))
        .filter(import_row::Column::Outcome.eq(effect.code()));
    if let Some(id) = id_of(step.after.as_ref())? {
        select = select.filter(import_row::Column::Id.gt(id));
    }
    if let Some(id) = id_of(step.before.as_ref())? {
        select = select.filter(import_row::Column::Id.lt(id));
    }
    select = if step.is_backwards() {
        select.order_by_desc(import_row::Column::Id)
    } else {
        select.order_by_asc(import_row::Column::Id)
    };
    select.limit(page_size + 1).all(connection).await
}

/// How many rows of an import do what.
pub(crate) async fn count_rows(
    connection: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Vec<(Effect, u64)>, DbErr> {
    let counts: Vec<(String, i64)> = records::<import_row::Entity>()
        .filter(import_row::Column::BatchId.eq(batch_id))
        .select_only()
        .column(import_row::Column::Outcome)
        .column_as(Expr::col(import_row::Column::Id).count(), "count")
        .group_by(import_row::Column::Outcome)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(Effect::ALL
        .iter()
        .map(|effect| {
            let count = counts.iter().find(|(code, _)| code == effect.code());
            (*effect, count.map_or(0, |(_, count)| (*count).unsigned_abs()))
        })
        .collect())
}

/// Everything that an import does, in the order in which it was worked out.
pub(crate) async fn plan_rows(
    connection: &impl ConnectionTrait,
    batch_id: i64,
) -> Result<Vec<PlanRow>, DbErr> {
    let rows = records::<import_row::Entity>()
        .filter(import_row::Column::BatchId.eq(batch_id))
        .order_by_asc(import_row::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PlanRow {
                number: row.row_number.and_then(|number| u32::try_from(number).ok()),
                effect: Effect::from_code(&row.outcome)
                    .ok_or_else(|| DbErr::Type(format!("import_row {} has no known outcome", row.id)))?,
                changes: changes_of(&row)?,
                key: row.key,
                reason: row.reason,
                cells: None,
            })
        })
        .collect()
}

/// What becomes what in a kept row.
pub(crate) fn changes_of(row: &import_row::Model) -> Result<Vec<CellChange>, DbErr> {
    serde_json::from_str(&row.changes).map_err(|error| DbErr::Type(error.to_string()))
}

/// What imports of a dataset have changed in one record since an instant, the oldest first; those that were taken back
/// included.
pub(crate) async fn changes_since(
    connection: &impl ConnectionTrait,
    dataset: Dataset,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Vec<CellChange>, DbErr> {
    let rows = records::<import_row::Entity>()
        .join(JoinType::InnerJoin, import_row::Relation::Batch.def())
        .filter(import_row::Column::Key.eq(key))
        .filter(import_row::Column::Outcome.eq(Effect::Changed.code()))
        .filter(import_batch::Column::Dataset.eq(dataset.code()))
        .filter(import_batch::Column::CommittedAt.gte(since))
        .order_by_asc(import_batch::Column::CommittedAt)
        .order_by_asc(import_row::Column::Id)
        .all(connection)
        .await?;
    let mut changes = Vec::new();
    for row in &rows {
        changes.extend(changes_of(row)?);
    }
    Ok(changes)
}

/// A refused row that nobody has settled, with its import.
pub(crate) type OpenRefusal = (import_row::Model, Option<import_batch::Model>);

/// Refused rows of written imports that wait for their record, or for somebody to settle them.
fn open_refusals() -> sea_orm::Select<import_row::Entity> {
    records::<import_row::Entity>()
        .join(JoinType::InnerJoin, refusal_batch())
        .filter(import_row::Column::Outcome.eq(Effect::Refused.code()))
        .filter(import_row::Column::SettledAt.is_null())
        .filter(import_batch::Column::State.eq(BatchState::Committed.code()))
}

fn refusal_batch() -> sea_orm::RelationDef {
    use sea_orm::RelationTrait;
    import_row::Relation::Batch.def()
}

/// A page of them, the newest first.
pub(crate) async fn list_refusals(
    connection: &impl ConnectionTrait,
    step: &Step,
    page_size: u64,
) -> Result<Vec<OpenRefusal>, DbErr> {
    let mut select = open_refusals();
    if let Some(id) = id_of(step.after.as_ref())? {
        select = select.filter(import_row::Column::Id.lt(id));
    }
    if let Some(id) = id_of(step.before.as_ref())? {
        select = select.filter(import_row::Column::Id.gt(id));
    }
    select = if step.is_backwards() {
        select.order_by_asc(import_row::Column::Id)
    } else {
        select.order_by_desc(import_row::Column::Id)
    };
    let rows = select.limit(page_size + 1).all(connection).await?;
    let batches = records::<import_batch::Entity>()
        .filter(import_batch::Column::Id.is_in(rows.iter().map(|row| row.batch_id)))
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let batch = batches.iter().find(|batch| batch.id == row.batch_id).cloned();
            (row, batch)
        })
        .collect())
}

/// How many of them there are.
pub(crate) async fn count_refusals(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    open_refusals().count(connection).await
}

/// The names of these students, for a page of rows.
pub(crate) async fn names(
    connection: &impl ConnectionTrait,
    student_nos: &[&str],
) -> Result<Vec<(String, String)>, DbErr> {
    Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.is_in(student_nos.iter().copied()))
        .select_only()
        .columns([student::Column::StudentNo, student::Column::Name])
        .into_tuple()
        .all(connection)
        .await
}

/// The name of whoever began an import.
pub(crate) async fn name_of(
    connection: &impl ConnectionTrait,
    account_id: Option<i64>,
) -> Result<String, DbErr> {
    let Some(account_id) = account_id else {
        return Ok("命令行".into());
    };
    let found = records::<account::Entity>()
        .filter(account::Column::Id.eq(account_id))
        .one(connection)
        .await?;
    Ok(found.map_or_else(String::new, |account| account.name))
}

/// Students that the exchange still holds.
pub(crate) async fn count_present_students(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::VanishedAt.is_null())
        .count(connection)
        .await
}

/// Settles one by hand; `false` when it is not open.
pub(crate) async fn settle_refusal(
    tx: &impl ConnectionTrait,
    row_id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let result = import_row::Entity::update_many()
        .col_expr(import_row::Column::SettledAt, Expr::value(now))
        .filter(import_row::Column::Id.eq(row_id))
        .filter(import_row::Column::Outcome.eq(Effect::Refused.code()))
        .filter(import_row::Column::SettledAt.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}
