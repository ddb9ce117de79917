//! Reminding: whom, with which words, how often.

use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::progress::reminders::model::Wording;
use qihang::progress::reminders::rules::{self, Question, RemindError};
use qihang_db::entity::{account, reminder, reminder_question};
use qihang_db::{Role, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter,
};

use super::{PROGRESS, activated, asked, listed, messages, officer, reminded_all, sent, with_contact};
use crate::support::TestApp;

#[tokio::test]
async fn an_officer_reminds_a_selection_and_the_student_finds_the_message_with_the_link() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (student, _) = listed(&app, "2230100001", |_| {}).await;
    let left_out = listed(&app, "2230100002", |_| {}).await.0.id.to_string();
    let done = listed(&app, "2230100003", |_| {}).await;
    activated(&app, &done, false).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("mode", "all"), ("except", &left_out)]).await;
    let page = officer
        .get(&format!("/manage/activation/selections/{question}"))
        .await;
    page.assert_says("将提醒 <strong>1</strong> 人")
        .assert_says("1 人没有可用的邮箱")
        .assert_says("2026年9月30日 24:00 前")
        .assert_says("/student/activation");

    let reply = sent(&officer, &question).await;

    let record = officer.get(&reply.assert_status(303).location()).await;
    record
        .assert_says("已提醒 1 人，其中 0 人同时发送邮件")
        .assert_says("2230100001")
        .assert_does_not_say("2230100002")
        .assert_says("仅站内");
    assert_eq!(app.audit_actions().await.last().unwrap(), "reminder.sent");
    let sent = messages(&app).await;
    assert_eq!((sent.len(), sent[0].student_id), (1, student.id));
    let phone = app.student(&student).await;
    phone
        .get(&format!("/student/messages/{}", sent[0].id))
        .await
        .assert_says("请在截止日前激活。")
        .assert_says("href=\"/student/activation\"");
    officer
        .get("/manage/activation/reminders")
        .await
        .assert_says("已读 <a href=\"/manage/activation/reminders/1?which=read\">1</a>");
}

#[tokio::test]
async fn whoever_was_reminded_today_is_left_out_until_tomorrow() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    reminded_all(&officer).await.assert_status(303);
    listed(&app, "2230100002", |_| {}).await;

    let question = asked(&officer, &[("mode", "all")]).await;

    officer
        .get(&format!("/manage/activation/selections/{question}"))
        .await
        .assert_says("将提醒 <strong>1</strong> 人")
        .assert_says("1 人今天已提醒过");
    let reply = sent(&officer, &question).await;
    officer
        .get(&reply.location())
        .await
        .assert_says("另有 1 人已激活或今天已提醒过");
    assert_eq!(messages(&app).await.len(), 2);
    // Nobody is left today; tomorrow both can be reminded again.
    let again = asked(&officer, &[("mode", "all")]).await;
    sent(&officer, &again)
        .await
        .assert_status(409)
        .assert_says("没有发出提醒");
    assert_eq!(messages(&app).await.len(), 2);
    assert_eq!(
        records::<reminder::Entity>()
            .count(app.db().reader())
            .await
            .unwrap(),
        2
    );
    app.clock.set("2026-09-10T16:00:00Z".parse().unwrap());
    officer.get("/manage").await;
    let officer = app.visitor();
    officer
        .sign_in("officer-s01", crate::support::PASSWORD)
        .await
        .assert_status(303);
    reminded_all(&officer).await.assert_status(303);
    assert_eq!(messages(&app).await.len(), 4);
}

#[tokio::test]
async fn two_officers_at_the_same_moment_remind_each_student_once() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    for number in 1..=20 {
        listed(&app, &format!("22301000{number:02}"), |_| {}).await;
    }
    let officer = officer(&app).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;
    let one = asked(&officer, &[("mode", "all")]).await;
    let other = asked(&head, &[("mode", "all")]).await;

    let (first, second) = tokio::join!(sent(&officer, &one), sent(&head, &other));

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{}\n{}", first.text(), second.text());
    assert_eq!(messages(&app).await.len(), 20);
    let sendings = records::<reminder::Entity>().count(app.db().reader()).await;
    assert_eq!(sendings.unwrap(), 1);
}

#[tokio::test]
async fn the_same_answer_sent_twice_is_carried_out_once() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("mode", "all")]).await;

    let (first, second) = tokio::join!(sent(&officer, &question), sent(&officer, &question));

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(messages(&app).await.len(), 1);
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_reminder_of_one_day() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    listed(&app, "2230100001", |_| {}).await;
    reminded_all(&officer(&app).await).await.assert_status(303);
    let tx = app.db().begin_write().await.unwrap();
    let refused = tx
        .execute_unprepared(
            "INSERT INTO message (student_id, kind, title, body, reminder_id, sent_at, sent_on, mail_state, mail_tries) \
             SELECT student_id, kind, title, body, reminder_id, sent_at, sent_on, 'none', 0 FROM message",
        )
        .await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn whoever_activates_between_question_and_answer_is_not_reminded() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let quick = listed(&app, "2230100001", |_| {}).await;
    listed(&app, "2230100002", |_| {}).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("mode", "all")]).await;
    activated(&app, &quick, false).await;

    officer
        .get(&format!("/manage/activation/selections/{question}"))
        .await
        .assert_says("1 人刚刚完成激活");
    sent(&officer, &question).await.assert_status(303);

    let sent = messages(&app).await;
    assert_eq!(sent.len(), 1);
    assert_ne!(sent[0].student_id, quick.0.id);
}

#[tokio::test]
async fn who_has_to_confirm_again_is_reminded_of_that() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let again = listed(&app, "2230100001", |_| {}).await;
    activated(&app, &again, true).await;
    let officer = officer(&app).await;

    let question = asked(&officer, &[("mode", "all"), ("state", "again")]).await;

    officer
        .get(&format!("/manage/activation/selections/{question}"))
        .await
        .assert_says("请重新确认已更改的信息");
    sent(&officer, &question).await.assert_status(303);
    assert_eq!(messages(&app).await.len(), 1);
}

#[tokio::test]
async fn words_that_cannot_be_sent_come_back_with_what_is_wrong_and_as_they_were() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("mode", "all")]).await;
    let form = [
        ("question", &*question),
        ("title", ""),
        ("body", "请激活<b>账户</b>"),
    ];

    let reply = officer.post("/manage/activation/reminders", &form).await;

    reply
        .assert_status(422)
        .assert_says("请填写标题。")
        .assert_says("请激活&#60;b&#62;账户");
    assert!(messages(&app).await.is_empty());
    sent(&officer, &question).await.assert_status(303);
}

#[tokio::test]
async fn mark_up_in_a_reminder_is_shown_as_it_was_typed() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (student, _) = listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("mode", "all")]).await;
    let form = [
        ("question", &*question),
        ("title", "<script>alert(1)</script>"),
        ("body", "<img src=x onerror=alert(1)>"),
    ];
    let record = officer.post("/manage/activation/reminders", &form).await;
    let id = messages(&app).await[0].id;
    let phone = app.student(&student).await;
    for page in [
        officer.get(&record.assert_status(303).location()).await,
        officer.get("/manage/activation/reminders").await,
        phone.get("/student/messages").await,
        phone.get(&format!("/student/messages/{id}")).await,
    ] {
        page.assert_status(200)
            .assert_does_not_say("<script>alert")
            .assert_does_not_say("<img src=x");
    }
}

#[tokio::test]
async fn nobody_sees_or_answers_what_concerns_another_college_or_officer() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    listed(&app, "2230100001", |_| {}).await;
    let stranger = app
        .fixture()
        .master("3240400001", |student| student.name = "慕容雪".into())
        .await;
    app.fixture().on_roster(stranger.id, 2027).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let question = asked(&centre, &[("mode", "all")]).await;
    let officer = officer(&app).await;
    officer
        .get(&format!("/manage/activation/selections/{question}"))
        .await
        .assert_status(404);
    sent(&officer, &question).await.assert_status(409);
    let record = sent(&centre, &question).await.assert_status(303).location();

    // Of a sending to the whole university a college sees its own students.
    officer
        .get(&record)
        .await
        .assert_says("2230100001")
        .assert_does_not_say("慕容雪")
        .assert_says("提醒 1</a>");
    centre.get(&record).await.assert_says("提醒 2</a>");
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    other.get(&record).await.assert_status(404);
    other
        .get("/manage/activation/reminders")
        .await
        .assert_says("还没有发过提醒");
    // A student of another college cannot be chosen by id.
    let forged = [("mode", "none"), ("chosen", &*stranger.id.to_string())];
    let reply = officer.post("/manage/activation/selections", &forged).await;
    officer
        .get(&reply.assert_status(303).location())
        .await
        .assert_says("请先勾选要提醒的学生");
}

#[tokio::test]
async fn in_a_class_year_that_is_closed_nobody_is_reminded() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().class_year(2026, "closed").await;
    let student = app.fixture().student("2220100001", |_| {}).await;
    let mut entry: qihang_db::entity::roster_entry::ActiveModel =
        app.fixture().on_roster(student.id, 2026).await.into();
    entry.state = Set("closed".into());
    let tx = app.db().begin_write().await.unwrap();
    entry.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let officer = officer(&app).await;

    officer
        .get(&format!("{PROGRESS}?class_year=2026"))
        .await
        .assert_says("2026 届已关闭，只能查看，不能再提醒。")
        .assert_says("2220100001")
        .assert_does_not_say("提醒选中学生");

    let form = [("mode", "all"), ("class_year", "2026")];
    let reply = officer.post("/manage/activation/selections", &form).await;
    officer
        .get(&reply.assert_status(303).location())
        .await
        .assert_says("请先勾选要提醒的学生");
}

#[tokio::test]
async fn a_question_is_answered_within_a_day() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (student, _) = listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    let id = asked(&officer, &[("mode", "all")]).await;
    let row: reminder_question::ActiveModel = records::<reminder_question::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap()
        .into();
    let tx = app.db().begin_write().await.unwrap();
    let late = reminder_question::ActiveModel {
        created_at: Set("2026-09-09T01:00:00Z".parse().unwrap()),
        ..row
    };
    late.update(&tx).await.unwrap();
    tx.commit().await.unwrap();

    sent(&officer, &id)
        .await
        .assert_status(409)
        .assert_says("确认已过期");
    assert!(messages(&app).await.is_empty());

    // The rule itself asks for an account: the console reminds nobody.
    let console = Can::<policy::RemindStudents>::at_the_console(qihang_db::Scope::Everyone);
    let question = Question {
        id: 1,
        year: ClassYear::new(2027).unwrap(),
        address: String::new(),
        students: vec![student.id],
    };
    let wording = Wording::parse("甲", "乙").unwrap();
    let refused = rules::send(app.db(), &console, &question, &wording).await;
    assert!(matches!(refused, Err(RemindError::NoSuchQuestion)));
    let account = records::<account::Entity>()
        .filter(account::Column::Login.eq("officer-s01"))
        .one(app.db().reader())
        .await
        .unwrap();
    assert!(account.is_some());
}

#[tokio::test]
async fn the_own_address_comes_before_that_of_the_data_exchange() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (own, _) = listed(&app, "2230100001", |student| {
        student.email = "old@mail.example".into();
    })
    .await;
    with_contact(&app, &own, "own@mail.example").await;
    listed(&app, "2230100002", |student| {
        student.email = "exchange@mail.example".into();
    })
    .await;
    listed(&app, "2230100003", |student| student.email = "无".into()).await;

    reminded_all(&officer(&app).await).await.assert_status(303);

    let mut to: Vec<_> = messages(&app)
        .await
        .into_iter()
        .map(|message| message.mail_to)
        .collect();
    to.sort();
    assert_eq!(
        to,
        [
            None,
            Some("exchange@mail.example".to_owned()),
            Some("own@mail.example".to_owned())
        ]
    );
}
