//! Which photo a student has.

use chrono::{DateTime, Utc};
use qihang_db::Scope;
use qihang_db::entity::photo;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

/// The photo of the only student of a scope.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn find(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Option<photo::Model>, DbErr> {
    scope.select::<photo::Entity>().one(connection).await
}

/// The photo of a student inside a scope.
pub(super) async fn find_of(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_id: i64,
) -> Result<Option<photo::Model>, DbErr> {
    use sea_orm::{ColumnTrait, QueryFilter};
    scope
        .select::<photo::Entity>()
        .filter(photo::Column::StudentId.eq(student_id))
        .one(connection)
        .await
}

/// Writes which photo a student has, in place of an earlier one.
pub(super) async fn put(
    tx: &impl ConnectionTrait,
    (student_id, file_key, digest): (i64, &str, &str),
    size_bytes: usize,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = photo::ActiveModel {
        student_id: Set(student_id),
        file_key: Set(file_key.to_owned()),
        digest: Set(digest.to_owned()),
        size_bytes: Set(i32::try_from(size_bytes).unwrap_or(i32::MAX)),
        uploaded_at: Set(now),
    };
    let rewritten = [
        photo::Column::FileKey,
        photo::Column::Digest,
        photo::Column::SizeBytes,
        photo::Column::UploadedAt,
    ];
    photo::Entity::insert(row)
        .on_conflict(
            OnConflict::column(photo::Column::StudentId)
                .update_columns(rewritten)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
