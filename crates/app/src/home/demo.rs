//! The demo sign-ins: kept in the database as a setting, so that they are shown exactly as long as it is a demo one.

use qihang_db::entity::setting;
use qihang_db::{Db, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const KEY: &str = "demo_sign_ins";
const STUDENTS_KEY: &str = "demo_students";

/// A student of the demo university as whom it can be tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoStudent {
    /// 身份, in Chinese.
    pub who: String,
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
}

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
    remembered(db, KEY).await
}

/// The students to try a demo database as; empty when the database is a real one.
///
/// # Errors
///
/// When the database does not answer.
pub async fn demo_students(db: &Db) -> Result<Vec<DemoStudent>, DbErr> {
    remembered(db, STUDENTS_KEY).await
}

async fn remembered<T: DeserializeOwned>(db: &Db, key: &str) -> Result<Vec<T>, DbErr> {
    let found = records::<setting::Entity>()
        .filter(setting::Column::Key.eq(key))
        .one(db.reader())
        .await?;
    Ok(found
        .and_then(|row| serde_json::from_str(&row.value).ok())
        .unwrap_or_default())
}

/// Marks the database as a demo one, with these sign-ins and students.
///
/// # Errors
///
/// When the database does not answer.
pub async fn remember_demo(
    tx: &impl ConnectionTrait,
    sign_ins: &[DemoSignIn],
    students: &[DemoStudent],
) -> Result<(), DbErr> {
    remember(tx, KEY, sign_ins).await?;
    remember(tx, STUDENTS_KEY, students).await
}

async fn remember<T: Serialize>(tx: &impl ConnectionTrait, key: &str, what: &[T]) -> Result<(), DbErr> {
    let value = serde_json::to_string(what).map_err(|error| DbErr::Custom(error.to_string()))?;
    setting::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(value),
    }
    .insert(tx)
    .await?;
    Ok(())
}
