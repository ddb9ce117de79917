//! Reading messages.

use qihang_db::Scope;
use qihang_db::entity::message;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::web::Step;

/// Messages on a page.
pub(super) const PAGE_SIZE: usize = 20;

fn unread(scope: &Scope) -> Select<message::Entity> {
    scope
        .select::<message::Entity>()
        .filter(message::Column::ReadAt.is_null())
}

/// How many messages a student has not opened.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn count_unread(connection: &impl ConnectionTrait, scope: &Scope) -> Result<u64, DbErr> {
    unread(scope).count(connection).await
}

pub(super) async fn unread_ids(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<i64>, DbErr> {
    unread(scope)
        .select_only()
        .column(message::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<message::Model>, DbErr> {
    scope
        .select::<message::Entity>()
        .filter(message::Column::Id.eq(id))
        .one(connection)
        .await
}

/// Messages of a page, newest first, one more than fits, in reading order of `step`. `key` is the id it begins beyond.
pub(super) async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    step: &Step,
    key: Option<i64>,
) -> Result<Vec<message::Model>, DbErr> {
    use message::Column;
    let mut select = scope.select::<message::Entity>();
    if let Some(key) = key {
        select = select.filter(if step.is_backwards() {
            Column::Id.gt(key)
        } else {
            Column::Id.lt(key)
        });
    }
    let select = if step.is_backwards() {
        select.order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::Id)
    };
    select.limit(PAGE_SIZE as u64 + 1).all(connection).await
}
