//! Signing in (R38): local accounts, lock-out, time-outs.

mod foreign;
mod permissions;
mod sessions;
mod sso;
mod students;
mod world;

use chrono::TimeDelta;
use qihang_db::Role;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn an_officer_signs_in_and_is_led_to_the_page_asked_for() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    let browser = app.visitor();

    let form = [
        ("login", "T001"),
        ("password", PASSWORD),
        ("next", "/manage/roster?class_year=2027"),
    ];
    let reply = browser.post("/sign-in/staff", &form).await;

    reply.assert_status(303);
    assert_eq!(reply.location(), "/manage/roster?class_year=2027");
    assert_eq!(app.audit_actions().await, ["session.signed_in"]);
}

#[tokio::test]
async fn the_fifth_wrong_password_locks_the_account_for_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    let browser = app.visitor();
    for _ in 0..4 {
        browser
            .sign_in("t001", "wrong")
            .await
            .assert_status(422)
            .assert_says("账号或密码不正确");
    }

    browser
        .sign_in("t001", "wrong")
        .await
        .assert_status(422)
        .assert_says("已锁定");

    browser
        .sign_in("t001", PASSWORD)
        .await
        .assert_status(422)
        .assert_says("已锁定");
    app.clock.set(app.clock.now() + TimeDelta::minutes(16));
    browser.sign_in("t001", PASSWORD).await.assert_status(303);
    assert_eq!(app.audit_actions().await, ["session.locked", "session.signed_in"]);
}

#[tokio::test]
async fn an_unknown_login_gets_the_same_answer_as_a_wrong_password() {
    let app = TestApp::start().await;
    app.visitor()
        .sign_in("nobody", PASSWORD)
        .await
        .assert_status(422)
        .assert_says("账号或密码不正确");
}

#[tokio::test]
async fn an_address_with_too_many_failures_has_to_wait() {
    let app = TestApp::start().await;
    let browser = app.visitor();
    for attempt in 0..30 {
        browser
            .sign_in(&format!("guess{attempt}"), "wrong")
            .await
            .assert_status(422);
    }
    browser
        .sign_in("guess", "wrong")
        .await
        .assert_status(429)
        .assert_says("操作过于频繁");
}
