//! What other features ask: the open findings of a student, and whether a 院 has signed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::Scope;
use sea_orm::{ConnectionTrait, DbErr};

use crate::findings::model::Kind;
use crate::findings::queries;

/// The kinds of the open findings of these students of the scope in a class year, as they are stored.
///
/// # Errors
///
/// When the database does not answer.
pub async fn open_kinds(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    student_ids: &[i64],
) -> Result<HashMap<i64, Vec<Kind>>, DbErr> {
    queries::open_kinds(connection, scope, year, student_ids).await
}

/// When a 院 signed 核对无遗漏 for a class year; `None` while no signature stands.
///
/// # Errors
///
/// When the database does not answer.
pub async fn signed_at(
    connection: &impl ConnectionTrait,
    year: i32,
    college_id: i64,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    queries::signed_at(connection, year, college_id).await
}
