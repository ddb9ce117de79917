//! Where sessions live: the database, so that any server can answer. Only a digest of the id is kept, so that a copied
//! table lets nobody in.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{ExpiredDeletion, SessionStore};

use crate::entity::session;
use crate::{Clock, Db, records};

/// Key in a session's content under which the account stands, copied to its own column.
pub const ACCOUNT_KEY: &str = "account_id";

/// Key under which the student stands, copied to its own column. A session belongs to an account or to a student, never to
/// both.
pub const STUDENT_KEY: &str = "student_id";

/// The session store on our own database.
#[derive(Clone, Debug)]
pub struct DbSessions(Db);

impl DbSessions {
    /// A store in this database.
    pub fn new(db: Db) -> Self {
        Self(db)
    }
}

/// What is kept of a text that lets somebody in: the id of a session, a ticket of the single sign-on.
pub fn digest(secret: &str) -> String {
    crate::audit::hex(Sha256::new_with_prefix(secret.as_bytes()))
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

/// The session layer counts by the machine's clock; a row expires by ours, which may be a pretended day.
fn by_our_clock(clock: &Clock, expiry_date: OffsetDateTime) -> Result<DateTime<Utc>> {
    let left = (expiry_date - OffsetDateTime::now_utc()).whole_seconds();
    TimeDelta::try_seconds(left)
        .and_then(|left| clock.now().checked_add_signed(left))
        .ok_or_else(|| backend("expiry out of range"))
}

fn by_the_machines_clock(clock: &Clock, expires_at: DateTime<Utc>) -> Result<OffsetDateTime> {
    let left = (expires_at - clock.now()).num_seconds();
    OffsetDateTime::now_utc()
        .checked_add(time::Duration::seconds(left))
        .ok_or_else(|| backend("expiry out of range"))
}

fn row(clock: &Clock, record: &Record) -> Result<session::ActiveModel> {
    let id_under = |key| record.data.get(key).and_then(serde_json::Value::as_i64);
    let expires_at = by_our_clock(clock, record.expiry_date)?;
    Ok(session::ActiveModel {
        id_digest: Set(digest(&record.id.to_string())),
        account_id: Set(id_under(ACCOUNT_KEY)),
        student_id: Set(id_under(STUDENT_KEY)),
        content: Set(serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?),
        expires_at: Set(expires_at),
    })
}

#[async_trait]
impl SessionStore for DbSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let tx = self.0.begin_write().await.map_err(backend)?;
            match session::Entity::insert(row(self.0.clock(), record)?)
                .exec(&tx)
                .await
            {
                Ok(_) => return tx.commit().await.map_err(backend),
                // 128 random bits do not collide; if they did, another id is drawn rather than a session taken over.
                Err(error)
                    if matches!(
                        error.sql_err(),
                        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
                    ) =>
                {
                    record.id = Id::default();
                }
                Err(error) => return Err(backend(error)),
            }
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let tx = self.0.begin_write().await.map_err(backend)?;
        let update = OnConflict::column(session::Column::IdDigest)
            .update_columns([
                session::Column::AccountId,
                session::Column::StudentId,
                session::Column::Content,
                session::Column::ExpiresAt,
            ])
            .to_owned();
        session::Entity::insert(row(self.0.clock(), record)?)
            .on_conflict(update)
            .exec(&tx)
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = records::<session::Entity>()
            .filter(session::Column::IdDigest.eq(digest(&id.to_string())))
            .filter(session::Column::ExpiresAt.gt(self.0.clock().now()))
            .one(self.0.reader())
            .await
            .map_err(backend)?;
        let Some(found) = found else { return Ok(None) };
        let expiry_date = by_the_machines_clock(self.0.clock(), found.expires_at)?;
        let data = serde_json::from_str(&found.content).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let tx = self.0.begin_write().await.map_err(backend)?;
        session::Entity::delete_by_id(digest(&id.to_string()))
            .exec(&tx)
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

#[async_trait]
impl ExpiredDeletion for DbSessions {
    async fn delete_expired(&self) -> Result<()> {
        let tx = self.0.begin_write().await.map_err(backend)?;
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(self.0.clock().now()))
            .exec(&tx)
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
