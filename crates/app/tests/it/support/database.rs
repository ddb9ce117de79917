//! A database for one test: a copy of one that was migrated once for the whole run.

use std::sync::atomic::{AtomicU32, Ordering};

use qihang_db::{Clock, Db};
use sea_orm::{ConnectionTrait, Database};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);
/// Two copies at once are refused while one of them still holds the template; so they wait for one another.
static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

pub struct Scratch {
    pub url: String,
    _kept: Kept,
}

/// What goes with the test: hundreds of databases would otherwise fill the disk before the run ends.
enum Kept {
    /// The folder of the SQLite file.
    Folder { _folder: tempfile::TempDir },
    /// A database on the server.
    Database { server: String, name: String },
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else {
            return;
        };
        let (server, statement) = (
            format!("{server}/postgres"),
            format!("DROP DATABASE {name} WITH (FORCE)"),
        );
        // A thread of its own, because the test's runtime may be ending and cannot be waited in.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let admin = Database::connect(server).await?;
                admin.execute_unprepared(&statement).await?;
                admin.close().await
            })
        });
        let dropped = dropped.join();
        if !std::thread::panicking() {
            let answer = dropped.expect("the thread ends");
            answer.expect("the database of the test is dropped");
        }
    }
}

impl Scratch {
    pub async fn create() -> Self {
        match std::env::var("QIHANG_TEST_POSTGRES") {
            Ok(server) => Self::on_postgres(&server).await,
            Err(_) => Self::on_sqlite().await,
        }
    }

    /// The template is a file; copying it is quicker than migrating.
    async fn on_sqlite() -> Self {
        let template = TEMPLATE
            .get_or_init(|| async {
                let folder = tempfile::tempdir().expect("a folder").keep();
                let file = folder.join("template.sqlite");
                let url = format!("sqlite://{}", file.display());
                let db = Db::open(&url, Clock::machine()).await.expect("SQLite opens");
                db.migrate().await.expect("the schema is created");
                let copy = folder.join("copy.sqlite");
                let tx = db.begin_write().await.expect("a transaction");
                tx.commit().await.expect("an empty commit");
                db.copy_to(&copy)
                    .await
                    .expect("the template is written in one piece");
                copy.display().to_string()
            })
            .await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("test.sqlite");
        std::fs::copy(template, &file).expect("the template is copied");
        Self {
            url: format!("sqlite://{}", file.display()),
            _kept: Kept::Folder { _folder: folder },
        }
    }

    /// The template is a database; PostgreSQL copies it.
    async fn on_postgres(server: &str) -> Self {
        let admin = Database::connect(format!("{server}/postgres"))
            .await
            .expect("the test server answers");
        let process = std::process::id();
        let template = TEMPLATE
            .get_or_init(|| async {
                let name = format!("template_{process}");
                admin
                    .execute_unprepared(&format!("CREATE DATABASE {name}"))
                    .await
                    .expect("a template is created");
                let db = Db::open(&format!("{server}/{name}"), Clock::machine())
                    .await
                    .expect("it opens");
                db.migrate().await.expect("the schema is created");
                db.close()
                    .await
                    .expect("it is released, so that it can be copied");
                name
            })
            .await;
        let name = format!("test_{process}_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let copying = COPYING.lock().await;
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("the template is copied");
        drop(copying);
        admin.close().await.expect("the connection closes");
        Self {
            url: format!("{server}/{name}"),
            _kept: Kept::Database {
                server: server.to_owned(),
                name,
            },
        }
    }
}
