//! 消息: what a student is told in the site.

use qihang::message::rules::{NewMessage, send};
use qihang_db::entity::message;
use qihang_db::{Actor, MessageKind, Scope};
use sea_orm::{ConnectionTrait, QueryOrder};

use crate::support::TestApp;

fn to(student_id: i64) -> NewMessage {
    NewMessage {
        student_id,
        kind: MessageKind::Correction,
        title: "姓名已更正".into(),
        body: "教务处已更正你的姓名。\n请核对。".into(),
        href: Some("/student".into()),
    }
}

async fn sent(app: &TestApp, message: NewMessage) {
    let change = app.db().change(&Actor::system()).await.unwrap();
    send(&change, message).await.unwrap();
    change.keep_without_event().await.unwrap();
}

async fn messages(app: &TestApp) -> Vec<message::Model> {
    Scope::Everyone
        .select::<message::Entity>()
        .order_by_asc(message::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_message_is_unread_until_it_is_opened_and_leads_to_the_matter() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    sent(&app, to(student.id)).await;
    sent(&app, to(student.id)).await;
    let browser = app.student(&student).await;
    browser
        .get("/student/messages")
        .await
        .assert_says("2 条未读")
        .assert_says("姓名已更正");
    let first = messages(&app).await[0].id;

    let reply = browser.get(&format!("/student/messages/{first}")).await;

    reply
        .assert_status(200)
        .assert_says("<p>请核对。</p>")
        .assert_says(r#"href="/student">去办理"#);
    browser.get("/student/messages").await.assert_says("1 条未读");
    let read = messages(&app).await;
    assert_eq!((read[0].read_at, read[1].read_at), (Some(app.clock.now()), None));
    browser
        .post("/student/messages/reading", &[])
        .await
        .assert_status(303);
    browser.get("/student/messages").await.assert_does_not_say("未读");
}

#[tokio::test]
async fn a_message_to_somebody_else_does_not_exist() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let addressee = app.fixture().student("2230100001", |_| {}).await;
    let other = app.fixture().student("2230100002", |_| {}).await;
    sent(&app, to(addressee.id)).await;
    let id = messages(&app).await[0].id;
    let browser = app.student(&other).await;

    browser
        .get(&format!("/student/messages/{id}"))
        .await
        .assert_status(404);
    browser
        .post("/student/messages/reading", &[])
        .await
        .assert_status(303);

    browser
        .get("/student/messages")
        .await
        .assert_says("还没有消息")
        .assert_does_not_say("姓名已更正");
    assert_eq!(messages(&app).await[0].read_at, None);
}

#[tokio::test]
async fn mark_up_in_a_message_is_shown_as_it_was_typed() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    let message = NewMessage {
        title: "<script>alert(1)</script>".into(),
        body: "<img src=x onerror=alert(1)>".into(),
        ..to(student.id)
    };
    sent(&app, message).await;
    let id = messages(&app).await[0].id;
    let browser = app.student(&student).await;

    for address in ["/student/messages".to_owned(), format!("/student/messages/{id}")] {
        browser
            .get(&address)
            .await
            .assert_status(200)
            .assert_does_not_say("<script>alert")
            .assert_does_not_say("<img src=x");
    }
}

#[tokio::test]
async fn many_messages_are_turned_page_by_page_and_a_page_that_is_none_is_refused() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    for number in 1..=21 {
        let title = format!("第 {number} 条。");
        sent(
            &app,
            NewMessage {
                title,
                ..to(student.id)
            },
        )
        .await;
    }
    let browser = app.student(&student).await;

    let first = browser.get("/student/messages").await;
    let after = messages(&app).await[1].id;
    let second = browser.get(&format!("/student/messages?after={after}")).await;

    first.assert_says("第 21 条。").assert_does_not_say("第 1 条。");
    second.assert_says("第 1 条。").assert_does_not_say("第 2 条。");
    browser.get("/student/messages?after=x").await.assert_status(400);
}

#[tokio::test]
async fn a_message_leads_nowhere_but_into_this_site() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    for href in ["https://evil.example/", "//evil.example/", "javascript:alert(1)"] {
        let change = app.db().change(&Actor::system()).await.unwrap();
        let message = NewMessage {
            href: Some(href.into()),
            ..to(student.id)
        };
        assert!(send(&change, message).await.is_err(), "{href}");
    }
    let tx = app.db().begin_write().await.unwrap();
    let reminder_of_no_sending = format!(
        "INSERT INTO message (student_id, kind, title, body, sent_at, sent_on, mail_state, mail_tries) \
         VALUES ({}, 'reminder', '提醒', '', '2026-09-10 02:00:00+00:00', '2026-09-10', 'none', 0)",
        student.id
    );
    assert!(tx.execute_unprepared(&reminder_of_no_sending).await.is_err());
}
