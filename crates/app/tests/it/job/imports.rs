//! Imports as jobs.

use std::fmt::Write;

use qihang::job::model::LEASE;
use qihang::job::{rules, run_waiting};
use qihang_db::Role;
use qihang_db::entity::{account, job};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{jobs, request_cancel};
use crate::exchange::{Exchange, HEADINGS, file, row};
use crate::support::TestApp;

/// A file that takes a while to read.
fn large_file(rows: usize) -> Vec<u8> {
    let mut text = format!("{HEADINGS}\n");
    for number in 0..rows {
        writeln!(text, "{}", row(&format!("{number:08}"), "张三")).unwrap();
    }
    text.into_bytes()
}

impl Exchange<'_> {
    /// Uploads a file; nobody reads it yet.
    async fn upload_only(&self, content: &[u8]) -> i64 {
        let reply = self
            .browser
            .upload(
                "/manage/imports",
                &[("dataset", "students")],
                ("file", "名单.csv", content),
            )
            .await;
        reply.assert_status(303);
        reply.location().rsplit('/').next().unwrap().parse().unwrap()
    }

    fn original(&self, batch_id: i64) -> std::path::PathBuf {
        let folder = &self.app.app.config.data_dir;
        folder.join("imports").join(batch_id.to_string()).join("original")
    }
}

#[tokio::test]
async fn an_upload_waits_as_a_job_until_a_server_takes_it() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;

    let batch_id = exchange.upload_only(&file(&[row("1", "张三")])).await;

    assert_eq!(exchange.batch(batch_id).await.state, "reading");
    exchange
        .page(batch_id)
        .await
        .assert_says("排队等候")
        .assert_says("<noscript><meta http-equiv=\"refresh\"")
        .assert_does_not_say("1 个任务进行中");
    exchange
        .browser
        .get("/manage")
        .await
        .assert_says("1 个任务进行中");
    run_waiting(&app.app).await.unwrap();
    let all = jobs(app.db()).await;
    assert_eq!(
        (all.len(), all[0].state.as_str(), all[0].subject.as_str()),
        (1, "done", format!("import/{batch_id}").as_str())
    );
    assert_eq!(exchange.batch(batch_id).await.state, "previewed");
    assert_eq!(
        all[0].result,
        r#"[["新增",1],["修改",0],["消失",0],["无变化",0],["重复",0],["拒收",0]]"#
    );
}

#[tokio::test]
async fn a_reading_that_waits_is_cancelled_at_once() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload_only(&file(&[row("1", "张三")])).await;

    exchange
        .post(batch_id, "cancellation", &[])
        .await
        .assert_status(303);

    assert_eq!(exchange.batch(batch_id).await.state, "cancelled");
    assert_eq!(jobs(app.db()).await[0].state, "cancelled");
    assert!(
        !exchange.original(batch_id).exists(),
        "the file holds personal data"
    );
    assert_eq!(app.audit_actions().await.last().unwrap(), "import.cancelled");
    run_waiting(&app.app).await.unwrap();
    assert_eq!(exchange.batch(batch_id).await.state, "cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_that_runs_is_cancelled_in_the_middle() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload_only(&large_file(60_000)).await;
    let running = tokio::spawn({
        let app = app.app.clone();
        async move { run_waiting(&app).await }
    });
    // Rows are being read: the page says how many.
    let mut read = false;
    while !read {
        assert_eq!(
            exchange.batch(batch_id).await.state,
            "reading",
            "it was read before it could be cancelled"
        );
        read = exchange.page(batch_id).await.text().contains("正在读取文件");
    }

    exchange
        .post(batch_id, "cancellation", &[])
        .await
        .assert_status(303);
    running.await.unwrap().unwrap();

    assert_eq!(exchange.batch(batch_id).await.state, "cancelled");
    assert!(exchange.students().await.is_empty());
    assert!(exchange.reasons(batch_id).await.is_empty());
    assert!(!exchange.original(batch_id).exists());
    let events = app.audit_actions().await;
    assert_eq!(events[events.len() - 2..], ["job.cancelled", "import.cancelled"]);
    assert_eq!(jobs(app.db()).await[0].state, "cancelled");
    exchange.page(batch_id).await.assert_says("已取消");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_asked_for_on_another_server_reaches_the_one_that_reads() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload_only(&large_file(120_000)).await;
    let running = tokio::spawn({
        let app = app.app.clone();
        async move { run_waiting(&app).await }
    });
    while jobs(app.db()).await[0].state != "running" {
        tokio::task::yield_now().await;
    }

    request_cancel(app.db(), jobs(app.db()).await[0].id).await;
    running.await.unwrap().unwrap();

    assert_eq!(exchange.batch(batch_id).await.state, "cancelled");
    assert_eq!(jobs(app.db()).await[0].state, "cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lost_the_lease_gives_the_work_up() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload_only(&large_file(120_000)).await;
    let running = tokio::spawn({
        let app = app.app.clone();
        async move { run_waiting(&app).await }
    });
    while jobs(app.db()).await[0].state != "running" {
        tokio::task::yield_now().await;
    }

    // Another server takes a lease for lapsed that is not, because its clock is ahead.
    app.clock.set(app.clock.now() + LEASE);
    let taken = rules::claim(&app.app, &[]).await.unwrap().unwrap();
    running.await.unwrap().unwrap();

    let row = &jobs(app.db()).await[0];
    assert_eq!((row.state.as_str(), row.attempts), ("running", 2));
    assert_eq!(row.lease_owner.as_ref(), Some(&taken.lease_owner));
    assert_eq!(exchange.batch(batch_id).await.state, "reading");
    assert!(exchange.original(batch_id).exists());
}

#[tokio::test]
async fn a_writing_that_waits_is_cancelled_and_can_be_asked_for_again() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;
    exchange
        .post(batch_id, "commitment", &[("mode", "good")])
        .await
        .assert_status(303);
    exchange.page(batch_id).await.assert_says("取消执行");

    exchange
        .post(batch_id, "cancellation", &[])
        .await
        .assert_status(303);

    assert_eq!(exchange.batch(batch_id).await.state, "previewed");
    exchange.page(batch_id).await.assert_says("已取消执行");
    assert!(exchange.original(batch_id).exists());
    run_waiting(&app.app).await.unwrap();
    assert!(exchange.students().await.is_empty());
    assert_eq!(exchange.commit(batch_id, "good", false).await.state, "committed");
}

#[tokio::test]
async fn whoever_lost_the_permission_meanwhile_writes_nothing() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;
    exchange
        .post(batch_id, "commitment", &[("mode", "good")])
        .await
        .assert_status(303);
    let tx = app.db().begin_write().await.unwrap();
    account::Entity::update_many()
        .col_expr(account::Column::DisabledAt, Expr::value(app.clock.now()))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    run_waiting(&app.app).await.unwrap();

    let batch = exchange.batch(batch_id).await;
    assert_eq!(batch.state, "previewed");
    assert!(batch.message.contains("没有此项操作的权限"), "{}", batch.message);
    assert!(exchange.students().await.is_empty());
    assert_eq!(jobs(app.db()).await[1].state, "failed");
}

#[tokio::test]
async fn a_reading_that_was_given_up_can_be_continued() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload_only(&file(&[row("1", "张三")])).await;
    let away = exchange.original(batch_id).with_file_name("away");
    // What breaks every time, and is no fault of the file: its folder of the server is gone.
    std::fs::rename(exchange.original(batch_id), &away).unwrap();
    let worn = job::Entity::update_many()
        .col_expr(job::Column::Attempts, Expr::value(3))
        .filter(job::Column::Subject.eq(format!("import/{batch_id}")));
    let tx = app.db().begin_write().await.unwrap();
    worn.exec(&tx).await.unwrap();
    tx.commit().await.unwrap();

    run_waiting(&app.app).await.unwrap();

    let batch = exchange.batch(batch_id).await;
    assert_eq!(batch.state, "uploaded");
    exchange
        .page(batch_id)
        .await
        .assert_says("连续 3 次没有完成")
        .assert_says("继续");
    std::fs::rename(&away, exchange.original(batch_id)).unwrap();
    exchange.post(batch_id, "reading", &[]).await.assert_status(303);
    assert_eq!(exchange.settled(batch_id).await.state, "previewed");
    assert_eq!(exchange.commit(batch_id, "good", false).await.state, "committed");
}

#[tokio::test]
async fn a_colleague_of_the_centre_may_cancel_an_import() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload_only(&file(&[row("1", "张三")])).await;
    app.fixture().account("c2", Role::Centre, None).await;
    let colleague = app.visitor();
    colleague
        .sign_in("c2", crate::support::PASSWORD)
        .await
        .assert_status(303);

    colleague
        .post(&format!("/manage/imports/{batch_id}/cancellation"), &[])
        .await
        .assert_status(303);

    assert_eq!(exchange.batch(batch_id).await.state, "cancelled");
}
