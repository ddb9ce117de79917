//! Preferences in the database. Reading them is part of reading the account (`auth`).

use qihang_db::Db;
use qihang_db::entity::account_preference;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};

/// Remembers what somebody chose, as JSON. How a person likes the own screen is no change of a record, so nothing is audited.
///
/// # Errors
///
/// When the database does not answer.
pub async fn remember(db: &Db, account_id: i64, key: &str, value: String) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    let columns = [
        account_preference::Column::AccountId,
        account_preference::Column::Key,
    ];
    account_preference::Entity::insert(account_preference::ActiveModel {
        account_id: Set(account_id),
        key: Set(key.to_owned()),
        value: Set(value),
    })
    .on_conflict(
        OnConflict::columns(columns)
            .update_column(account_preference::Column::Value)
            .to_owned(),
    )
    .exec(&tx)
    .await?;
    tx.commit().await
}
