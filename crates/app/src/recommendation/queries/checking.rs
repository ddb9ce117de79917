//! The public check. Whoever asks has no account and no scope: what is found is a form by its number, and what is shown of it is
//! decided by the rule.

use chrono::{DateTime, TimeDelta, Utc};
use qihang_db::Scope;
use qihang_db::entity::{check_attempt, recommendation_form, recommendation_version};
use qihang_db::records;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr,
    EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

/// The approved versions of the form with this number, the oldest first.
pub(in crate::recommendation) async fn approved(
    connection: &impl ConnectionTrait,
    form_no: &str,
) -> Result<Vec<recommendation_version::Model>, DbErr> {
    Scope::Everyone
        .select::<recommendation_version::Entity>()
        .join(JoinType::InnerJoin, recommendation_version::Relation::Form.def())
        .filter(recommendation_form::Column::FormNo.eq(form_no))
        .filter(recommendation_version::Column::CheckDigest.is_not_null())
        .order_by_asc(recommendation_version::Column::Number)
        .all(connection)
        .await
}

/// Wrong tries from an address since then.
pub(in crate::recommendation) async fn failures_from(
    connection: &impl ConnectionTrait,
    address: &str,
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    records::<check_attempt::Entity>()
        .filter(check_attempt::Column::Address.eq(address))
        .filter(check_attempt::Column::TriedAt.gt(since))
        .count(connection)
        .await
}

/// How long wrong tries are kept.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Notes a wrong try, and forgets those that are of no use any more.
pub(in crate::recommendation) async fn insert_failure(
    tx: &impl ConnectionTrait,
    address: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    check_attempt::Entity::delete_many()
        .filter(check_attempt::Column::TriedAt.lt(now - KEPT))
        .exec(tx)
        .await?;
    let row = check_attempt::ActiveModel {
        id: NotSet,
        address: Set(address.to_owned()),
        tried_at: Set(now),
    };
    row.insert(tx).await?;
    Ok(())
}

/// Counts that a version was looked up.
pub(in crate::recommendation) async fn count_check(
    tx: &impl ConnectionTrait,
    version_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use recommendation_version::Column;
    recommendation_version::Entity::update_many()
        .col_expr(Column::Checks, Expr::col(Column::Checks).add(1))
        .col_expr(Column::CheckedAt, Expr::value(now))
        .filter(Column::Id.eq(version_id))
        .exec(tx)
        .await?;
    Ok(())
}
