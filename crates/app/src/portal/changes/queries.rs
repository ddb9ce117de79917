//! What students mended, as a list.

use qihang_db::Scope;
use qihang_db::entity::{own_value, student};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::model::{Filter, Mended, Which};
use crate::portal::model::Standing;
use crate::web::Step;

/// Rows on a page.
pub(super) const PAGE_SIZE: usize = 50;

fn select(scope: &Scope, filter: Filter) -> Select<own_value::Entity> {
    use own_value::Column;
    let stands = || Column::AdoptedAt.is_null();
    let exchange = || Expr::col((own_value::Entity, Column::ExchangeValue));
    let replaced = || Expr::col((own_value::Entity, Column::ReplacedValue));
    let rows = scope.select::<own_value::Entity>();
    let mut rows = match filter.which {
        Which::All => rows,
        Which::Open => rows.filter(stands()),
        Which::Only(Standing::Adopted) => rows.filter(Column::AdoptedAt.is_not_null()),
        Which::Only(Standing::Pending) => rows.filter(stands()).filter(exchange().eq(replaced())),
        Which::Only(Standing::Conflict) => rows.filter(stands()).filter(exchange().ne(replaced())),
    };
    if let Some(field) = filter.field {
        rows = rows.filter(Column::Field.eq(field.code()));
    }
    if let Some(since) = filter.since {
        rows = rows.filter(Column::SetAt.gte(since));
    }
    rows
}

/// How many there are.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(super) async fn count(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: Filter,
) -> Result<u64, DbErr> {
    select(scope, filter).count(connection).await
}

/// A page, newest first, one row longer than the page; reversed when the step goes backwards.
pub(super) async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: Filter,
    step: &Step,
    (after, before): (Option<i64>, Option<i64>),
) -> Result<Vec<Mended>, DbErr> {
    use own_value::Column;
    let mut rows = select(scope, filter);
    if let Some(after) = after {
        rows = rows.filter(Column::Id.lt(after));
    }
    if let Some(before) = before {
        rows = rows.filter(Column::Id.gt(before));
    }
    let rows = if step.is_backwards() {
        rows.order_by_asc(Column::Id)
    } else {
        rows.order_by_desc(Column::Id)
    };
    read(connection, rows.limit(PAGE_SIZE as u64 + 1)).await
}

/// In the order of the changes, those after a row id, at most so many.
pub(super) async fn in_order(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: Filter,
    after: i64,
    limit: Option<u64>,
) -> Result<Vec<Mended>, DbErr> {
    use own_value::Column;
    let rows = select(scope, filter)
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id);
    read(connection, QuerySelect::limit(rows, limit)).await
}

async fn read(
    connection: &impl ConnectionTrait,
    rows: Select<own_value::Entity>,
) -> Result<Vec<Mended>, DbErr> {
    let rows = rows.select_also(student::Entity).all(connection).await?;
    let mended = rows.into_iter().filter_map(|(own, student)| {
        let student = student?;
        Some(Mended {
            own,
            student_no: student.student_no,
            name: student.name,
        })
    });
    Ok(mended.collect())
}
