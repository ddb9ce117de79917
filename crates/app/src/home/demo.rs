//! The demo sign-ins: kept in the database as a setting, so that they are shown exactly as long as it is a demo one.

use qihang_db::entity::setting;
use qihang_db::{Db, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};

const KEY: &str = "demo_sign_ins";

/// A sign-in of the demo university.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoSignIn {
    /// 身份, in Chinese.
    pub who: String,
    /// Account.
    pub login: String,
    /// Password, in the clear: everybody in the database is invented.
    pub password: String,
}

/// The demo sign-ins; empty when the database is a real one.
///
/// # Errors
///
/// When the database does not answer.
pub async fn demo_sign_ins(db: &Db) -> Result<Vec<DemoSignIn>, DbErr> {
    let found = records::<setting::Entity>()
        .filter(setting::Column::Key.eq(KEY))
        .one(db.reader())
        .await?;
    Ok(found
        .and_then(|row| serde_json::from_str(&row.value).ok())
        .unwrap_or_default())
}

/// Marks the database as a demo one, with these sign-ins.
///
/// # Errors
///
/// When the database does not answer.
pub async fn remember_demo_sign_ins(tx: &impl ConnectionTrait, sign_ins: &[DemoSignIn]) -> Result<(), DbErr> {
    let value = serde_json::to_string(sign_ins).map_err(|error| DbErr::Custom(error.to_string()))?;
    setting::ActiveModel {
        key: Set(KEY.to_owned()),
        value: Set(value),
    }
    .insert(tx)
    .await?;
    Ok(())
}
