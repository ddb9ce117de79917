//! Taking an import back.

use super::{Exchange, file, row};
use crate::support::TestApp;

#[tokio::test]
async fn an_undo_takes_away_what_was_added_and_gives_back_what_was_changed() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange
        .import("students", &file(&[row("1", "张三"), row("3", "王五")]))
        .await;
    let before = exchange.student("1").await;
    let second = file(&[row("1", "张三丰"), row("2", "李四")]);
    let batch_id = exchange.upload_complete(&second).await;
    exchange.commit(batch_id, "good", true).await;
    assert!(exchange.student("3").await.vanished_at.is_some());

    exchange.post(batch_id, "reversal", &[]).await.assert_status(303);

    let after = exchange.student("1").await;
    assert_eq!((after.name, after.pinyin), (before.name, before.pinyin));
    assert_eq!(exchange.students().await.len(), 2);
    let back = exchange.student("3").await;
    assert_eq!((back.vanished_at, back.expected_year), (None, Some(2027)));
    assert_eq!(exchange.batch(batch_id).await.state, "undone");
    assert_eq!(app.audit_actions().await.last().unwrap(), "import.undone");
    exchange.post(batch_id, "reversal", &[]).await.assert_status(409);
}

#[tokio::test]
async fn an_undo_never_takes_back_a_later_change() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange.import("students", &file(&[row("1", "张三")])).await;
    let change = exchange
        .import("students", &file(&[row("1", "李四").replace("在读", "休学")]))
        .await;
    exchange
        .import("students", "学号,姓名\n1,王五\n".as_bytes())
        .await;

    exchange.post(change.id, "reversal", &[]).await.assert_status(303);

    let student = exchange.student("1").await;
    assert_eq!(
        (student.name.as_str(), student.study_status.as_str()),
        ("王五", "active")
    );
    exchange.page(change.id).await.assert_says("1 的姓名");
}

#[tokio::test]
async fn an_import_on_which_something_was_built_cannot_be_undone() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch = exchange
        .import("students", &file(&[row("1", "张三"), row("2", "李四")]))
        .await;
    app.fixture()
        .on_roster(exchange.student("1").await.id, 2027)
        .await;

    let reply = exchange.post(batch.id, "reversal", &[]).await;

    reply
        .assert_status(409)
        .assert_says("生源信息库")
        .assert_says("没有改动任何数据");
    assert_eq!(exchange.students().await.len(), 2);
    assert_eq!(exchange.batch(batch.id).await.state, "committed");
}

#[tokio::test]
async fn a_student_whom_a_later_import_changed_keeps_the_first_from_being_undone() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let first = exchange.import("students", &file(&[row("1", "张三")])).await;
    let second = exchange.import("students", &file(&[row("1", "李四")])).await;

    exchange
        .post(first.id, "reversal", &[])
        .await
        .assert_status(409)
        .assert_says("请先撤销后来的导入");
    exchange.post(second.id, "reversal", &[]).await.assert_status(303);
    exchange.post(first.id, "reversal", &[]).await.assert_status(303);

    assert!(exchange.students().await.is_empty());
}

#[tokio::test]
async fn two_who_undo_at_once_undo_once() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch = exchange.import("students", &file(&[row("1", "张三")])).await;

    let (one, other) = tokio::join!(
        exchange.post(batch.id, "reversal", &[]),
        exchange.post(batch.id, "reversal", &[])
    );

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert!(exchange.students().await.is_empty());
}
