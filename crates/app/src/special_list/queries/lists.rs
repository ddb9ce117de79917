//! The versions of lists.

use chrono::{DateTime, Utc};
use qihang_db::entity::{account, class_year, special_list};
use qihang_db::{ListKind, ListState, records};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::class_year::model::ClassYear;
use crate::web::Step;

/// The version in force: the newest that was committed and not taken back.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn current(
    connection: &impl ConnectionTrait,
    kind: ListKind,
    year: i32,
) -> Result<Option<special_list::Model>, DbErr> {
    records::<special_list::Entity>()
        .filter(special_list::Column::Kind.eq(kind.code()))
        .filter(special_list::Column::ClassYear.eq(year))
        .filter(special_list::Column::State.eq(ListState::Committed.code()))
        .order_by_desc(special_list::Column::Version)
        .one(connection)
        .await
}

/// The list with this id.
pub async fn find(connection: &impl ConnectionTrait, id: i64) -> Result<Option<special_list::Model>, DbErr> {
    records::<special_list::Entity>()
        .filter(special_list::Column::Id.eq(id))
        .one(connection)
        .await
}

/// A list with the name of whoever uploaded it; `None` from the command line.
#[derive(Clone, Debug)]
pub struct ListedList {
    /// The list.
    pub list: special_list::Model,
    /// 姓名.
    pub by: Option<String>,
}

/// A page of all lists, the newest first, one longer than the page where there are more.
pub async fn list_lists(
    connection: &impl ConnectionTrait,
    step: &Step,
    page_size: u64,
) -> Result<Vec<ListedList>, DbErr> {
    let position = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i64>().ok());
    let mut query = records::<special_list::Entity>().limit(page_size + 1);
    if let Some(after) = position(&step.after) {
        query = query.filter(special_list::Column::Id.lt(after));
    }
    if let Some(before) = position(&step.before) {
        query = query.filter(special_list::Column::Id.gt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_asc(special_list::Column::Id)
    } else {
        query.order_by_desc(special_list::Column::Id)
    };
    let lists = query.all(connection).await?;
    let names: Vec<(i64, String)> = records::<account::Entity>()
        .filter(account::Column::Id.is_in(lists.iter().filter_map(|list| list.uploaded_by)))
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(lists
        .into_iter()
        .map(|list| ListedList {
            by: list
                .uploaded_by
                .and_then(|by| names.iter().find(|(id, _)| *id == by))
                .map(|(_, name)| name.clone()),
            list,
        })
        .collect())
}

/// 姓名 of whoever uploaded a list; `None` from the command line.
pub async fn uploader(
    connection: &impl ConnectionTrait,
    list: &special_list::Model,
) -> Result<Option<String>, DbErr> {
    let Some(by) = list.uploaded_by else {
        return Ok(None);
    };
    let account = records::<account::Entity>()
        .filter(account::Column::Id.eq(by))
        .one(connection)
        .await?;
    Ok(account.map(|account| account.name))
}

/// How many lists there are.
pub async fn count_lists(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    records::<special_list::Entity>().count(connection).await
}

/// Keeps every other change of lists of this class year off until the change ends, so that each upload has a number of its
/// own and what a list was compared with stays in force.
pub(in crate::special_list) async fn lock_class_year(
    tx: &impl ConnectionTrait,
    year: ClassYear,
) -> Result<(), DbErr> {
    records::<class_year::Entity>()
        .filter(class_year::Column::Year.eq(year.year()))
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(())
}

/// The number that the next upload gets.
pub(in crate::special_list) async fn next_version(
    tx: &impl ConnectionTrait,
    kind: ListKind,
    year: ClassYear,
) -> Result<i32, DbErr> {
    let last: Option<Option<i32>> = records::<special_list::Entity>()
        .filter(special_list::Column::Kind.eq(kind.code()))
        .filter(special_list::Column::ClassYear.eq(year.year()))
        .select_only()
        .column_as(special_list::Column::Version.max(), "version")
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or_default() + 1)
}

/// A list that arrives.
pub(in crate::special_list) struct NewList<'a> {
    pub(in crate::special_list) kind: ListKind,
    pub(in crate::special_list) year: ClassYear,
    pub(in crate::special_list) version: i32,
    pub(in crate::special_list) base_id: Option<i64>,
    pub(in crate::special_list) file_name: &'a str,
    pub(in crate::special_list) file_digest: &'a str,
    pub(in crate::special_list) file_key: &'a str,
    pub(in crate::special_list) by: Option<i64>,
}

/// Writes a list as it arrives; answers its id.
pub(in crate::special_list) async fn insert(
    tx: &impl ConnectionTrait,
    new: NewList<'_>,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = special_list::ActiveModel {
        kind: Set(new.kind.code().to_owned()),
        class_year: Set(new.year.year()),
        version: Set(new.version),
        base_id: Set(new.base_id),
        file_name: Set(new.file_name.to_owned()),
        file_digest: Set(new.file_digest.to_owned()),
        file_key: Set(new.file_key.to_owned()),
        state: Set(ListState::Previewed.code().to_owned()),
        uploaded_by: Set(new.by),
        uploaded_at: Set(now),
        committed_by: Set(None),
        committed_at: Set(None),
        undone_at: Set(None),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// Takes a list from one state to another; of two who want that, one does. Whoever commits it is `by`.
pub(in crate::special_list) async fn claim(
    tx: &impl ConnectionTrait,
    id: i64,
    (from, to): (ListState, ListState),
    by: Option<i64>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let mut update = special_list::Entity::update_many()
        .col_expr(special_list::Column::State, Expr::value(to.code()))
        .filter(special_list::Column::Id.eq(id))
        .filter(special_list::Column::State.eq(from.code()));
    match to {
        ListState::Committed => {
            update = update
                .col_expr(special_list::Column::CommittedAt, Expr::value(now))
                .col_expr(special_list::Column::CommittedBy, Expr::value(by));
        }
        ListState::Undone => update = update.col_expr(special_list::Column::UndoneAt, Expr::value(now)),
        ListState::Previewed | ListState::Cancelled => {}
    }
    Ok(update.exec(tx).await?.rows_affected == 1)
}
