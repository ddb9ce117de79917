//! 学生登录: the session of a student, and what it does not open.

use chrono::TimeDelta;
use qihang::home::{DemoSignIn, remember_demo};
use qihang_db::{Action, Actor, AuditEvent, Role};

use crate::support::{PASSWORD, TestApp};

async fn make_demo(app: &TestApp) {
    let change = app.db().change(&Actor::system()).await.expect("a change");
    let sign_in = DemoSignIn {
        who: "就业中心".into(),
        login: "demo".into(),
        password: "demo".into(),
    };
    remember_demo(change.tx(), &[sign_in], &[])
        .await
        .expect("it is marked");
    change
        .commit(AuditEvent::new(Action::DemoCreated, "setting/demo"))
        .await
        .expect("it is kept");
}

#[tokio::test]
async fn in_a_demo_database_anybody_may_be_any_student() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    make_demo(&app).await;
    app.fixture().student("2230100001", |_| {}).await;
    let browser = app.visitor();

    let reply = browser
        .post(
            "/sign-in/student",
            &[("student_no", " 2230100001 "), ("next", "//evil.example")],
        )
        .await;

    assert_eq!(reply.assert_status(303).location(), "/student");
    browser.get("/student").await.assert_says("卢宇玉");
    browser
        .post("/sign-in/student", &[("student_no", "9999")])
        .await
        .assert_status(422)
        .assert_says("没有这个学号");
}

#[tokio::test]
async fn in_a_real_database_a_number_opens_nothing() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("2230100001", |_| {}).await;
    let browser = app.visitor();

    browser
        .post("/sign-in/student", &[("student_no", "2230100001")])
        .await
        .assert_status(404);

    browser.get("/student").await.assert_status(303);
}

#[tokio::test]
async fn a_students_session_ends_when_it_is_idle_and_when_signed_out() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    let browser = app.student(&student).await;
    browser.get("/student").await.assert_status(200);

    app.clock.set(app.clock.now() + TimeDelta::minutes(61));

    browser.get("/student").await.assert_status(303);
    let browser = app.student(&student).await;
    browser.post("/sign-out", &[]).await.assert_status(303);
    browser.get("/student").await.assert_status(303);
}

#[tokio::test]
async fn signing_in_as_staff_ends_being_the_student() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    let browser = app.student(&student).await;

    browser.sign_in("t001", PASSWORD).await.assert_status(303);

    browser.get("/manage").await.assert_status(200);
    browser.get("/student").await.assert_status(303);
}
