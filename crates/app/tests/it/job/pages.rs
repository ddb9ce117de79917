//! 我的任务.

use qihang::job::{rules, run_waiting};
use qihang_db::Role;
use sea_orm::ConnectionTrait;

use super::jobs;
use crate::exchange::{Exchange, file, row};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn the_owner_is_told_on_whatever_page_until_the_result_was_looked_at() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange
        .browser
        .get("/manage")
        .await
        .assert_does_not_say("个任务");
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;

    exchange
        .browser
        .get("/manage")
        .await
        .assert_says("1 个任务已完成");
    exchange
        .browser
        .get("/manage/class-years")
        .await
        .assert_says("1 个任务已完成");
    exchange.page(batch_id).await;

    exchange
        .browser
        .get("/manage")
        .await
        .assert_does_not_say("个任务");
    let failed = exchange
        .upload("students", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .await;
    exchange
        .browser
        .get("/manage")
        .await
        .assert_says("1 个任务未完成");
    exchange
        .browser
        .get("/manage/jobs")
        .await
        .assert_status(200)
        .assert_says("读取导入文件")
        .assert_says("图片")
        .assert_says(&format!("/manage/imports/{failed}"));
    exchange
        .browser
        .get("/manage")
        .await
        .assert_does_not_say("个任务");
}

#[tokio::test]
async fn everybody_has_the_own_jobs_and_who_oversees_has_all() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange.upload("students", &file(&[row("1", "张三")])).await;
    let address = format!("/manage/jobs/{}", jobs(app.db()).await[0].id);
    exchange
        .browser
        .get(&address)
        .await
        .assert_status(200)
        .assert_says("等待确认")
        .assert_says("新增");

    let officer = app.signed_in(Role::Officer, Some("001")).await;
    officer
        .get("/manage/jobs")
        .await
        .assert_says("没有任务")
        .assert_does_not_say("全部任务");
    officer.get("/manage/jobs?all=1").await.assert_status(403);
    officer.get(&address).await.assert_status(404);
    officer
        .post(&format!("{address}/cancellation"), &[])
        .await
        .assert_status(404);

    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator.get("/manage/jobs").await.assert_says("没有任务");
    let all = administrator.get("/manage/jobs?all=1").await;
    // What the job made is the centre's to see, and no way leads there.
    all.assert_status(200)
        .assert_says("读取导入文件")
        .assert_does_not_say("/manage/imports/");
    administrator
        .get(&address)
        .await
        .assert_status(200)
        .assert_does_not_say("/manage/imports/");
    administrator.get("/manage/jobs?all=2").await.assert_status(400);
    administrator.get("/manage/jobs?after=x").await.assert_status(400);
}

#[tokio::test]
async fn a_job_is_cancelled_on_its_page_once() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;
    exchange
        .post(batch_id, "commitment", &[("mode", "good")])
        .await
        .assert_status(303);
    let address = format!("/manage/jobs/{}", jobs(app.db()).await[1].id);
    exchange
        .browser
        .get(&address)
        .await
        .assert_says("排队等候")
        .assert_says("取消任务");

    let cancellation = format!("{address}/cancellation");
    exchange.browser.post(&cancellation, &[]).await.assert_status(303);

    exchange
        .browser
        .get(&address)
        .await
        .assert_says("已取消")
        .assert_does_not_say("取消任务");
    assert_eq!(app.audit_actions().await.last().unwrap(), "job.cancelled");
    exchange
        .browser
        .post(&cancellation, &[])
        .await
        .assert_status(409)
        .assert_says("已经结束");
    run_waiting(&app.app).await.unwrap();
    assert!(exchange.students().await.is_empty());
}

#[tokio::test]
async fn what_runs_elsewhere_is_shown_as_the_database_knows_it() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;
    exchange
        .post(batch_id, "commitment", &[("mode", "good")])
        .await
        .assert_status(303);
    let claimed = rules::claim(&app.app, &[]).await.unwrap().unwrap();
    let tx = app.db().begin_write().await.unwrap();
    tx.execute_unprepared(&format!(
        "UPDATE job SET message = '正在写入记录', progress_done = 12000, progress_total = 40000, is_finishing = true \
         WHERE id = {}",
        claimed.job_id
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let page = exchange.page(batch_id).await;
    page.assert_says("正在写入记录")
        .assert_says("value=\"12000\" max=\"40000\"")
        .assert_says("12000 / 40000（30%）")
        .assert_does_not_say("取消执行");
    exchange
        .post(batch_id, "cancellation", &[])
        .await
        .assert_status(409)
        .assert_says("正在写入结果，不能取消");
}

#[tokio::test]
async fn with_a_one_time_password_there_are_no_jobs() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("c1", Role::Centre, None).await;
    let tx = app.db().begin_write().await.unwrap();
    tx.execute_unprepared("UPDATE account SET must_change_password = true")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let browser = app.visitor();
    browser.sign_in("c1", PASSWORD).await.assert_status(303);

    let reply = browser.get("/manage/jobs").await;

    reply.assert_status(303);
    assert_eq!(reply.location(), "/manage/account");
}
