//! `kill -9` in the middle of a commit: the import is done once and whole, by the server that is started again, or by
//! another that runs already.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use qihang_db::entity::{import_batch, import_row};
use qihang_db::records;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::jobs;
use crate::exchange::{Exchange, HEADINGS, row};
use crate::support::TestApp;

/// Enough that writing them takes longer than it takes to see that it has begun.
const ROWS: usize = 4_000;

/// The real program, serving the database and the files of a test.
struct Server(Child);

impl Server {
    fn start(app: &TestApp) -> Self {
        let config = &app.app.config;
        // A port that is free now; nobody asks for a page of this server but the test.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_qihang"))
            .args([
                "--config",
                "/nowhere/qihang.toml",
                "serve",
                "--listen",
                &free.to_string(),
            ])
            .env("DATABASE_URL", app.database_url())
            .env("QIHANG_DATA_DIR", &config.data_dir)
            .env("QIHANG_TODAY", "2026-09-10")
            .env("QIHANG_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// SIGTERM, as when the system is updated; answers when the server has ended.
    fn ask_to_stop(mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status();
        assert!(asked.unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }

    /// SIGKILL, as when the power fails.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until the import is in this state.
async fn until(exchange: &Exchange<'_>, batch_id: i64, state: &str) -> import_batch::Model {
    for _ in 0..1_200 {
        let batch = exchange.batch(batch_id).await;
        if batch.state == state {
            return batch;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "the import does not become {state} within two minutes: {:?}",
        exchange.batch(batch_id).await
    );
}

/// Waits until the writing has passed the point of no return.
async fn until_it_writes(app: &TestApp) {
    for _ in 0..12_000 {
        let writing = jobs(app.db()).await.pop().unwrap();
        assert!(
            writing.finished_at.is_none(),
            "the writing was over before it could be killed: {writing:?}"
        );
        if writing.is_finishing {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the writing does not begin within a minute");
}

/// A previewed import of many students whose writing has been asked for; `server` runs.
async fn ask_to_write(exchange: &Exchange<'_>) -> i64 {
    let rows = (0..ROWS).map(|number| row(&format!("{number:08}"), "张三"));
    let content = format!("{HEADINGS}\n{}\n", rows.collect::<Vec<_>>().join("\n"));
    let reply = exchange
        .browser
        .upload(
            "/manage/imports",
            &[("dataset", "students")],
            ("file", "名单.csv", content.as_bytes()),
        )
        .await;
    reply.assert_status(303);
    let batch_id = reply.location().rsplit('/').next().unwrap().parse().unwrap();
    until(exchange, batch_id, "previewed").await;
    exchange
        .post(batch_id, "commitment", &[("mode", "good")])
        .await
        .assert_status(303);
    batch_id
}

/// The import was written once and whole, at this attempt.
async fn assert_once_and_whole(exchange: &Exchange<'_>, batch_id: i64, attempt: i32) {
    let app = exchange.app;
    let batch = until(exchange, batch_id, "committed").await;
    assert_eq!(usize::try_from(batch.rows_added).unwrap(), ROWS);
    assert_eq!(exchange.students().await.len(), ROWS);
    let kept = records::<import_row::Entity>()
        .filter(import_row::Column::BatchId.eq(batch_id))
        .count(app.db().reader())
        .await
        .unwrap();
    assert_eq!(usize::try_from(kept).unwrap(), ROWS);
    let events = app.audit_actions().await;
    let committed = events.iter().filter(|action| *action == "import.committed");
    assert_eq!(committed.count(), 1, "{events:?}");
    let all = jobs(app.db()).await;
    let attempts: Vec<(&str, i32)> = all.iter().map(|job| (job.state.as_str(), job.attempts)).collect();
    assert_eq!(attempts, [("done", 1), ("done", attempt)]);
}

#[tokio::test]
async fn a_server_killed_while_it_writes_an_import_writes_it_after_its_restart() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let server = Server::start(&app);
    let batch_id = ask_to_write(&exchange).await;
    until_it_writes(&app).await;

    server.kill();

    assert_eq!(exchange.batch(batch_id).await.state, "committing");
    assert!(exchange.students().await.is_empty(), "nothing half done");
    let _restarted = Server::start(&app);
    assert_once_and_whole(&exchange, batch_id, 2).await;
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_gives_its_job_back_at_once() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let server = Server::start(&app);
    let batch_id = ask_to_write(&exchange).await;
    until_it_writes(&app).await;

    server.ask_to_stop();

    let given_back = jobs(app.db()).await.pop().unwrap();
    assert_eq!((given_back.state.as_str(), given_back.attempts), ("queued", 0));
    assert!(exchange.students().await.is_empty(), "nothing half done");
    let _restarted = Server::start(&app);
    assert_once_and_whole(&exchange, batch_id, 1).await;
}

#[tokio::test]
async fn what_a_killed_server_was_writing_is_written_by_another_that_runs_already() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let servers = [Server::start(&app), Server::start(&app)];
    let batch_id = ask_to_write(&exchange).await;
    until_it_writes(&app).await;

    // The lease names the process that holds it.
    let holder = jobs(app.db()).await.pop().unwrap().lease_owner.unwrap();
    let (killed, _other): (Vec<Server>, Vec<Server>) = servers
        .into_iter()
        .partition(|server| holder.starts_with(&format!("{}-", server.0.id())));
    assert_eq!(killed.len(), 1, "{holder}");
    killed.into_iter().for_each(Server::kill);

    assert_eq!(exchange.batch(batch_id).await.state, "committing");
    assert!(exchange.students().await.is_empty(), "nothing half done");
    assert_once_and_whole(&exchange, batch_id, 2).await;
}
