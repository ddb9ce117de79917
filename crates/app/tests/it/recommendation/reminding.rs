//! Whoever has not submitted is reminded by one press, once a day, and of nothing that is done.

use qihang_db::entity::{message, reminder};
use qihang_db::{MessageKind, Role, Scope, records};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{QUEUE, TEXTS, approve, forms, signed_in_again, submit, university};
use crate::support::TestApp;

const PRESS: &str = "/manage/recommendations/reminders";

/// Row ids of the students who were reminded.
async fn reminded(app: &TestApp) -> Vec<i64> {
    let sent = Scope::Everyone
        .select::<message::Entity>()
        .filter(message::Column::Kind.eq(MessageKind::Reminder.code()))
        .all(app.db().reader())
        .await
        .unwrap();
    let mut ids: Vec<i64> = sent.iter().map(|message| message.student_id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn those_who_have_not_begun_are_reminded_once_a_day() {
    let (app, students) = university(3).await;
    submit(&app.student(&students[0]).await, &TEXTS)
        .await
        .assert_status(303);
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let list = officer.get(&format!("{QUEUE}?state=not_begun")).await;
    list.assert_says("action=\"/manage/recommendations/reminders?state=not_begun\"");

    officer
        .post(&format!("{PRESS}?state=not_begun"), &[])
        .await
        .assert_status(303);

    officer
        .get(QUEUE)
        .await
        .assert_says("已提醒 2 人填写并提交推荐表，其中 2 人同时发送邮件。")
        .assert_does_not_say("提醒提交");
    assert_eq!(reminded(&app).await, [students[1].id, students[2].id]);
    app.student(&students[1])
        .await
        .get("/student/messages")
        .await
        .assert_says("请填写并提交就业推荐表");
    officer
        .post(&format!("{PRESS}?state=not_begun"), &[])
        .await
        .assert_status(303);
    officer.get(QUEUE).await.assert_says("今天都已提醒过，或已完成");
    assert_eq!(reminded(&app).await.len(), 2);
    assert_eq!(
        app.audit_actions()
            .await
            .iter()
            .filter(|action| *action == "reminder.sent")
            .count(),
        1
    );
}

#[tokio::test]
async fn who_has_submitted_is_not_reminded_and_counts_as_done() {
    let (app, students) = university(2).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .post(&format!("{PRESS}?state=not_begun"), &[])
        .await
        .assert_status(303);
    let sending = records::<reminder::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sending.about, "recommendation");
    let record = format!("/manage/activation/reminders/{}", sending.id);
    officer.get(&record).await.assert_says("现已完成 0</a>");

    submit(&app.student(&students[0]).await, &TEXTS)
        .await
        .assert_status(303);

    officer.get(&record).await.assert_says("现已完成 1</a>");
    officer
        .get(&format!("{record}?which=done"))
        .await
        .assert_says(&students[0].name)
        .assert_does_not_say(&students[1].name);
    officer
        .get("/manage/activation/reminders")
        .await
        .assert_says("请填写并提交就业推荐表");
    // What waits for the 院, or has been approved, is nothing to remind a student of.
    app.clock.set(app.clock.now() + chrono::TimeDelta::days(1));
    let officer = signed_in_again(&app).await;
    for state in ["", "submitted", "approved", "all"] {
        officer
            .post(&format!("{PRESS}?state={state}"), &[])
            .await
            .assert_status(303);
        officer.get(QUEUE).await.assert_says("没有需要提醒的学生");
    }
    approve(&officer, forms(&app).await[0].id)
        .await
        .assert_status(303);
    officer
        .post(&format!("{PRESS}?state=not_begun"), &[])
        .await
        .assert_status(303);
    officer
        .get(QUEUE)
        .await
        .assert_says("已提醒 1 人填写并提交推荐表");
    assert_eq!(
        reminded(&app).await,
        [students[0].id, students[1].id, students[1].id]
    );
}

#[tokio::test]
async fn a_letter_is_not_sent_to_who_has_submitted_since() {
    let (app, students) = university(1).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .post(&format!("{PRESS}?state=not_begun"), &[])
        .await
        .assert_status(303);
    submit(&app.student(&students[0]).await, &TEXTS)
        .await
        .assert_status(303);

    qihang::job::run_waiting(&app.app).await.unwrap();

    let sent = Scope::Everyone
        .select::<message::Entity>()
        .filter(message::Column::Kind.eq(MessageKind::Reminder.code()))
        .all(app.db().reader())
        .await
        .unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].mail_state, "withdrawn");
    assert_eq!(sent[0].href.as_deref(), Some("/student/recommendation"));
}

#[tokio::test]
async fn another_college_reminds_nobody_here() {
    let (app, _) = university(1).await;
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    other
        .post(&format!("{PRESS}?state=not_begun"), &[])
        .await
        .assert_status(303);
    other.get(QUEUE).await.assert_says("没有需要提醒的学生");
    assert!(reminded(&app).await.is_empty());
}
