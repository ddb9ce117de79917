//! Writing transactions. On SQLite those that wait for one another become durable together: writers take turns inside one
//! transaction of the engine, each in a savepoint of its own, and one write to the disk answers for all of them (group
//! commit). A disk that can be made to keep a hundred times a second then keeps a thousand changes a second; a writer that is
//! alone waits for nobody. PostgreSQL does this by itself.
//!
//! Nobody is answered before the disk is, and a change that is given up takes nobody along: its savepoint is rolled back. What
//! fails for all (the disk is full) is told to all.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

/// The one writer of a SQLite file.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    writer: DatabaseConnection,
    /// Whoever holds it writes. First come, first served.
    batch: Arc<Mutex<Option<Batch>>>,
}

/// Writers whose changes become durable together.
#[derive(Debug)]
struct Batch {
    tx: DatabaseTransaction,
    /// Those who wait for it.
    waiting: Vec<oneshot::Sender<Result<(), Arc<str>>>>,
    /// How many have had their turn.
    writers: u32,
    /// Whether somebody is on the way to end it.
    is_ending: bool,
}

/// Writers in a batch at the most, so that the first does not wait for all who are yet to come.
const MOST_WRITERS: u32 = 64;

impl Batch {
    /// Makes the batch durable and tells whoever waits.
    async fn end(self) {
        let result = self
            .tx
            .commit()
            .await
            .map_err(|error| Arc::from(error.to_string()));
        for waiting in self.waiting {
            // Whoever has gone away in the meantime need not know.
            let _ = waiting.send(result.clone());
        }
    }
}

impl Group {
    pub(crate) fn new(writer: DatabaseConnection) -> Self {
        Self {
            writer,
            batch: Arc::default(),
        }
    }

    /// Waits for the turn and begins.
    ///
    /// Everything here that takes or gives back a savepoint runs in a task of its own: a request whose browser goes away is
    /// dropped in the middle, and half a savepoint would take the others along.
    pub(crate) async fn begin(&self) -> Result<Writing, DbErr> {
        let group = self.clone();
        let begun = tokio::spawn(async move { group.take_turn().await });
        begun.await.map_err(lost)?
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that begins a writing transaction on SQLite"
    )]
    async fn take_turn(&self) -> Result<Writing, DbErr> {
        let mut turn = Turn(
            Some(Arc::clone(&self.batch).lock_owned().await),
            Arc::clone(&self.batch),
        );
        let batch = turn.batch();
        if batch.as_ref().is_some_and(|batch| batch.writers >= MOST_WRITERS)
            && let Some(full) = batch.take()
        {
            full.end().await;
        }
        // The lock is taken at the beginning: a transaction that reads first and writes later would fail when another has
        // written in between.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        if batch.is_none() {
            *batch = Some(Batch {
                tx: self.writer.begin_with_options(options).await?,
                waiting: Vec::new(),
                writers: 0,
                is_ending: false,
            });
        }
        let batch = batch
            .as_mut()
            .ok_or_else(|| lost("a batch that was just begun"))?;
        batch.writers += 1;
        let tx = batch.tx.begin().await?;
        Ok(Writing {
            tx: Some(tx),
            turn: Some(turn),
        })
    }
}

fn lost(what: impl std::fmt::Display) -> DbErr {
    DbErr::Custom(format!("the writing transaction was lost: {what}"))
}

/// The turn of a writer. Giving it back sees to it that the batch comes to an end: behind those who wait by now.
#[derive(Debug)]
struct Turn(Option<OwnedMutexGuard<Option<Batch>>>, Arc<Mutex<Option<Batch>>>);

impl Turn {
    fn batch(&mut self) -> &mut Option<Batch> {
        self.0.as_mut().expect("the turn is held until it is dropped")
    }

    /// Waits until what was written so far is durable; gives the turn back first.
    async fn outcome(mut self) -> Result<(), DbErr> {
        let (tell, told) = oneshot::channel();
        if let Some(batch) = self.batch() {
            batch.waiting.push(tell);
        }
        drop(self);
        let result = told.await.map_err(lost)?;
        result.map_err(|error| DbErr::Custom(error.to_string()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut batch) = self.0.take() else { return };
        let Some(open) = batch.as_mut().filter(|batch| !batch.is_ending) else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        open.is_ending = true;
        let next = Arc::clone(&self.1);
        // It stands in the queue behind whoever waits now: they still belong to this batch, who comes later does not.
        runtime.spawn(async move {
            let ended = next.lock_owned().await.take_if(|batch| batch.is_ending);
            if let Some(batch) = ended {
                batch.end().await;
            }
        });
    }
}

/// A transaction that writes. Dropping it leaves everything as it was.
#[derive(Debug)]
pub struct Writing {
    /// Taken when it ends.
    tx: Option<DatabaseTransaction>,
    /// On SQLite. Given back after the transaction has ended.
    turn: Option<Turn>,
}

impl Writing {
    /// One that stands alone.
    pub(crate) fn alone(tx: DatabaseTransaction) -> Self {
        Self {
            tx: Some(tx),
            turn: None,
        }
    }

    /// For queries and writes.
    #[expect(
        clippy::missing_panics_doc,
        reason = "it is taken only by what consumes or drops the whole"
    )]
    pub fn tx(&self) -> &DatabaseTransaction {
        self.tx.as_ref().expect("it is taken only when it ends")
    }

    /// Keeps what was written; answers when it is durable.
    ///
    /// # Errors
    ///
    /// When the database could not keep it; then nothing was written.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.finish(End::Keep).await
    }

    /// Leaves everything as it was; answers when whatever could be seen from here is durable.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.finish(End::GiveUp).await
    }

    async fn finish(mut self, end: End) -> Result<(), DbErr> {
        let (Some(tx), turn) = (self.tx.take(), self.turn.take()) else {
            return Err(lost("it has ended"));
        };
        let Some(turn) = turn else {
            return end.of(tx).await;
        };
        let ended = tokio::spawn(async move {
            let result = end.of(tx).await;
            turn.outcome().await.and(result)
        });
        ended.await.map_err(lost)?
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // In this order: the savepoint is rolled back before the next writer has its turn.
        drop(self.tx.take());
        drop(self.turn.take());
    }
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Keep,
    GiveUp,
}

impl End {
    async fn of(self, tx: DatabaseTransaction) -> Result<(), DbErr> {
        match self {
            Self::Keep => tx.commit().await,
            Self::GiveUp => tx.rollback().await,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Writing {
    fn get_database_backend(&self) -> DbBackend {
        self.tx().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.tx().execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.tx().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.tx().query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tx().query_all_raw(statement).await
    }
}
