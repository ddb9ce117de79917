//! 后台导出 (R10, R40): the same file as a job, for whoever ordered it.

use axum::http::header;
use chrono::TimeDelta;
use qihang::job::files::{KEPT, sweep};
use qihang::job::run_waiting;
use qihang_db::entity::{account, export_record, export_subject, job_file};
use qihang_db::{Role, Scope, records};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, PaginatorTrait};

use super::export::{grid, university};
use crate::support::{Browser, TestApp};

/// Orders an export; answers the address of its job.
async fn order(browser: &Browser, query: &str, fields: &[(&str, &str)]) -> String {
    let reply = browser
        .post(&format!("/manage/roster/exports?{query}"), fields)
        .await;
    reply.assert_status(303);
    reply.location()
}

async fn recorded(app: &TestApp) -> u64 {
    records::<export_record::Entity>()
        .count(app.db().reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_ordered_is_the_file_of_the_list_for_whoever_ordered_it_and_as_often_as_they_like() {
    let app = university(70).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let query = "class_name=%E6%9C%BA%E6%A2%B01&sort=student_no&dir=desc";

    let job = order(&officer, query, &[]).await;
    officer
        .get(&job)
        .await
        .assert_says("排队等候")
        .assert_does_not_say("下载");
    officer.get(&format!("{job}/file")).await.assert_status(404);
    run_waiting(&app.app).await.unwrap();

    officer
        .get(&job)
        .await
        .assert_says("共 12 人，文件已生成，请下载。")
        .assert_says("2027届生源信息_彭康书院_20260910.xlsx");
    let file = officer.get(&format!("{job}/file")).await;
    let disposition = file.assert_status(200).headers[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    let at_once = officer.get(&format!("/manage/roster.xlsx?{query}")).await;
    assert_eq!(grid(&file), grid(&at_once));
    assert_eq!(grid(&file).len(), 1 + 12);
    assert_eq!(grid(&officer.get(&format!("{job}/file")).await), grid(&file));
    assert_eq!(recorded(&app).await, 2, "the one and the other, each once");

    let colleague = app.signed_in(Role::Officer, Some("S02")).await;
    colleague.get(&job).await.assert_status(404);
    colleague.get(&format!("{job}/file")).await.assert_status(404);
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator
        .get(&job)
        .await
        .assert_status(200)
        .assert_does_not_say("/file\"");
    administrator.get(&format!("{job}/file")).await.assert_status(404);
}

#[tokio::test]
async fn numbers_in_full_need_a_purpose_and_are_recorded_when_the_file_is_there() {
    let app = university(4).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let subjects = async || {
        let found = Scope::Everyone.select::<export_subject::Entity>();
        found.all(app.db().reader()).await.unwrap().len()
    };

    let empty = officer
        .post("/manage/roster/exports?sort=student_no", &[("purpose", " ")])
        .await;
    empty.assert_status(422).assert_says("请填写用途");
    let job = order(&officer, "sort=student_no", &[("purpose", "上报省教育厅")]).await;
    assert_eq!((recorded(&app).await, subjects().await), (0, 0));
    run_waiting(&app.app).await.unwrap();

    assert_eq!((recorded(&app).await, subjects().await), (1, 2));
    let rows = grid(&officer.get(&format!("{job}/file")).await);
    let at = rows[0].iter().position(|heading| heading == "证件号").unwrap();
    assert!(!rows[1][at].contains('*'));
    assert_eq!(
        app.audit_actions().await.last().map(String::as_str),
        Some("roster.exported")
    );
}

#[tokio::test]
async fn whoever_lost_the_permission_before_it_ran_gets_no_file() {
    let app = university(4).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    order(&officer, "", &[]).await;
    let tx = app.db().begin_write().await.unwrap();
    account::Entity::update_many()
        .col_expr(account::Column::DisabledAt, Expr::value(app.db().clock().now()))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    run_waiting(&app.app).await.unwrap();

    assert_eq!(recorded(&app).await, 0);
    assert!(app.app.files.keys("job").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_is_thrown_away_when_its_time_is_over_and_what_broke_off_leaves_nothing() {
    let app = university(4).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let job = order(&officer, "", &[]).await;
    run_waiting(&app.app).await.unwrap();
    let waiting = order(&officer, "", &[]).await;
    let waiting = format!("job/{}/begun", waiting.rsplit('/').next().unwrap());
    app.app.files.put(&waiting, b"half".to_vec()).await.unwrap();
    app.app
        .files
        .put("job/987654/died", b"half".to_vec())
        .await
        .unwrap();

    assert_eq!(sweep(&app.app).await.unwrap(), 1, "what a dead job has left");
    officer.get(&format!("{job}/file")).await.assert_status(200);
    let tx = app.db().begin_write().await.unwrap();
    let over = app.db().clock().now() - TimeDelta::seconds(1);
    job_file::Entity::update_many()
        .col_expr(job_file::Column::KeptUntil, Expr::value(over))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    officer.get(&format!("{job}/file")).await.assert_status(404);
    let days = format!("文件只保留 {} 天", KEPT.num_days());
    officer.get(&job).await.assert_says(&days);
    assert_eq!(sweep(&app.app).await.unwrap(), 1);
    assert_eq!(app.app.files.keys("job").await.unwrap(), [waiting]);
}

#[tokio::test]
async fn a_cancelled_order_leaves_nothing() {
    let app = university(4).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let job = order(&officer, "", &[]).await;

    officer
        .post(&format!("{job}/cancellation"), &[])
        .await
        .assert_status(303);
    run_waiting(&app.app).await.unwrap();

    officer.get(&job).await.assert_says("已取消，没有导出任何数据。");
    assert_eq!(recorded(&app).await, 0);
}
