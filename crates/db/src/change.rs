//! A change commits with its audit event, or not at all.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use crate::audit::{self, AuditEvent};
use crate::version;
use crate::writing::Writing;

/// Who does something, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account; `None` for the command line and the system itself.
    pub account_id: Option<i64>,
    /// The login, or `cli`, or `system`, or `exchange`, or `student/` and the row id.
    pub label: String,
    /// The network address of the request.
    pub address: Option<String>,
}

impl Actor {
    /// Whoever runs `qihang` on the server.
    pub fn command_line() -> Self {
        Self {
            account_id: None,
            label: "cli".into(),
            address: None,
        }
    }

    /// A student, by row id: the log holds ids, not names.
    pub fn student(student_id: i64, address: Option<String>) -> Self {
        Self {
            account_id: None,
            label: format!("student/{student_id}"),
            address,
        }
    }

    /// The data exchange, as a program that asks.
    pub fn exchange(address: Option<String>) -> Self {
        Self {
            account_id: None,
            label: "exchange".into(),
            address,
        }
    }

    /// The system itself: schedules, repairs.
    pub fn system() -> Self {
        Self {
            account_id: None,
            label: "system".into(),
            address: None,
        }
    }
}

/// What two changes must not do at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Rewrites the school or the students: waits for, and keeps off, every roster change and every other sync.
    School,
    /// Works on rosters: may run beside other roster changes, not beside a sync.
    Roster,
}

/// A database transaction that can only be saved together with its audit event. Dropping it rolls it back.
#[derive(Debug)]
pub struct Change {
    tx: Writing,
    actor: Actor,
    now: DateTime<Utc>,
}

/// Number of the advisory lock on PostgreSQL ("qihang" on a telephone's keys).
const ADVISORY_LOCK: i64 = 744_264;

impl Change {
    pub(crate) fn begin(tx: Writing, actor: Actor, now: DateTime<Utc>) -> Self {
        Self { tx, actor, now }
    }

    /// The transaction, for queries and writes.
    pub fn tx(&self) -> &DatabaseTransaction {
        self.tx.tx()
    }

    /// Who makes the change.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The instant of the change.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Waits until nothing runs that this change must not run beside; held until it ends.
    ///
    /// SQLite has one writer at a time, so there is nothing to wait for.
    pub async fn lock(&self, lock: Lock) -> Result<(), DbErr> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            let function = match lock {
                Lock::School => "pg_advisory_xact_lock",
                Lock::Roster => "pg_advisory_xact_lock_shared",
            };
            self.tx
                .execute_unprepared(&format!("SELECT {function}({ADVISORY_LOCK})"))
                .await?;
        }
        Ok(())
    }

    /// Saves the change with what it was.
    pub async fn commit(self, event: AuditEvent) -> Result<(), DbErr> {
        let action = event.action();
        audit::append(self.tx(), &self.actor, self.now, event).await?;
        version::raise(self.tx(), action).await?;
        self.tx.commit().await
    }

    /// Saves what is no change of a record (a failed sign-in that has to be counted) without an event.
    pub async fn keep_without_event(self) -> Result<(), DbErr> {
        self.tx.commit().await
    }

    /// Leaves everything as it was. Dropping does the same; this says so.
    pub async fn abandon(self) -> Result<(), DbErr> {
        self.tx.rollback().await
    }
}
