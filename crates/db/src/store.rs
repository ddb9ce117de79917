//! The connections: one writer and many readers on SQLite, two pools on PostgreSQL.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::migration::Migrator;
use crate::writing::{Group, Writing};
use crate::{Actor, Change, Clock};

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is neither `sqlite://…` nor `postgres://…`.
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    UnknownEngine,
    /// The folder of the SQLite file could not be made.
    #[error("cannot make the folder {0}: {1}")]
    Folder(String, std::io::Error),
    /// The database itself.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// The writers' turns, on SQLite.
    group: Option<Group>,
    clock: Clock,
}

/// Readers of a SQLite file; more than the two cores can use, fewer than would starve them.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL for reading, and for writing.
const POSTGRES_CONNECTIONS: u32 = 8;

impl Db {
    /// Opens the database at `url`, making the SQLite file when there is none. Does not migrate.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the address is not understood or the database does not answer.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let path = path.split('?').next().unwrap_or(path);
            if let Some(folder) = Path::new(path)
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                std::fs::create_dir_all(folder)
                    .map_err(|error| StoreError::Folder(folder.display().to_string(), error))?;
            }
            let writer = Database::connect(sqlite_options(path, 1, false)).await?;
            let reader = Database::connect(sqlite_options(path, SQLITE_READERS, true)).await?;
            Ok(Self {
                group: Some(Group::new(writer.clone())),
                writer,
                reader,
                clock,
            })
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let writer = Database::connect(postgres_options(url, false)).await?;
            let reader = Database::connect(postgres_options(url, true)).await?;
            Ok(Self {
                writer,
                reader,
                group: None,
                clock,
            })
        } else {
            Err(StoreError::UnknownEngine)
        }
    }

    /// For reading only: a write through it fails on both engines.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Calls `watch` with every statement that is read by [`Self::reader`] from now on: for counting them.
    pub fn watch_reads(&mut self, watch: impl Fn(&sea_orm::metric::Info<'_>) + Send + Sync + 'static) {
        self.reader.set_metric_callback(watch);
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The engine below.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Begins a change by `actor`.
    pub async fn change(&self, actor: &Actor) -> Result<Change, DbErr> {
        let tx = self.begin_write().await?;
        Ok(Change::begin(tx, actor.clone(), self.clock.now()))
    }

    /// A write that is no change of a record: sessions, the rate limit, progress, seals. Everything else is a [`Change`].
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that begins a writing transaction on PostgreSQL"
    )]
    pub async fn begin_write(&self) -> Result<Writing, DbErr> {
        match &self.group {
            Some(group) => group.begin().await,
            None => Ok(Writing::alone(self.writer.begin().await?)),
        }
    }

    /// Begins a transaction in which all reads see the same moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the reader cannot write, so no lock is needed"
    )]
    pub async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        // A reader of a SQLite file in WAL mode sees one moment anyway.
        if self.backend() == DbBackend::Sqlite {
            return self.reader.begin().await;
        }
        self.reader
            .begin_with_config(Some(sea_orm::IsolationLevel::RepeatableRead), None)
            .await
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(&self.writer, None).await
    }

    /// Takes the whole schema down again. For the tests of the migrations.
    pub async fn migrate_down(&self) -> Result<(), DbErr> {
        Migrator::down(&self.writer, None).await
    }

    /// Migrations that have not been applied.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        Ok(Migrator::get_pending_migrations(&self.writer).await?.len())
    }

    /// Writes a SQLite database to a new file, in one piece, while it is in use.
    pub async fn copy_to(&self, file: &Path) -> Result<(), DbErr> {
        let statement = sea_orm::Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "VACUUM INTO ?",
            [file.display().to_string().into()],
        );
        self.writer.execute_raw(statement).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(self) -> Result<(), DbErr> {
        self.reader.close().await?;
        self.writer.close().await
    }

    /// Renews the planner's statistics of a table after much of it has changed.
    pub async fn analyze<E: EntityTrait>(&self) -> Result<(), DbErr> {
        let table = E::default().table_name().to_owned();
        self.writer
            .execute_unprepared(&format!("ANALYZE \"{table}\""))
            .await?;
        Ok(())
    }
}

fn sqlite_options(path: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options
        .max_connections(connections)
        .sqlx_logging(false)
        .acquire_timeout(Duration::from_secs(30));
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-16000");
        // Not the open flag: WAL wants to write its index even for readers.
        if read_only {
            sqlite.pragma("query_only", "1")
        } else {
            sqlite
        }
    });
    options
}

fn postgres_options(url: &str, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_CONNECTIONS)
        .sqlx_logging(false)
        .acquire_timeout(Duration::from_secs(30));
    if read_only {
        options
            .map_sqlx_postgres_opts(|postgres| postgres.options([("default_transaction_read_only", "on")]));
    }
    options
}
