//! Sessions: how long they last, what ends them, and what their cookie looks like.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::{NaiveDate, TimeDelta};
use qihang_db::Role;
use qihang_db::entity::assignment;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::support::{MID_SEASON, PASSWORD, Reply, TestApp};

fn cookie(reply: &Reply) -> String {
    reply
        .headers
        .get(header::SET_COOKIE)
        .expect("a cookie is set")
        .to_str()
        .expect("text")
        .to_owned()
}

/// The part that a browser sends back.
fn pair(cookie: &str) -> &str {
    cookie.split(';').next().expect("a pair")
}

/// Asks for a staff page with exactly this cookie.
async fn status_with(app: &TestApp, pair: &str) -> u16 {
    let request = Request::get("/manage/account")
        .header(header::COOKIE, pair)
        .body(Body::empty())
        .expect("a request");
    app.visitor().send(request).await.status.as_u16()
}

async fn set_days(app: &TestApp, account_id: i64, starts_on: &str, ends_on: Option<&str>) {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let tx = app.db().begin_write().await.expect("a transaction");
    assignment::Entity::update_many()
        .col_expr(assignment::Column::StartsOn, Expr::value(day(starts_on)))
        .col_expr(assignment::Column::EndsOn, Expr::value(ends_on.map(day)))
        .filter(assignment::Column::AccountId.eq(account_id))
        .exec(&tx)
        .await
        .expect("it is written");
    tx.commit().await.expect("it is saved");
}

#[tokio::test]
async fn after_an_idle_hour_one_signs_in_again() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;

    app.clock.set(app.clock.now() + TimeDelta::minutes(59));
    officer.get("/manage/account").await.assert_status(200);
    app.clock.set(app.clock.now() + TimeDelta::minutes(59));
    officer.get("/manage/account").await.assert_status(200);
    app.clock.set(app.clock.now() + TimeDelta::minutes(61));
    officer.get("/manage/account").await.assert_status(303);

    app.clock.set(app.clock.now() - TimeDelta::minutes(30));
    officer.get("/manage/account").await.assert_status(303);
}

#[tokio::test]
async fn after_twelve_hours_one_signs_in_again_however_busy() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;

    for _ in 0..14 {
        app.clock.set(app.clock.now() + TimeDelta::minutes(50));
        officer.get("/manage/account").await.assert_status(200);
    }
    app.clock.set(app.clock.now() + TimeDelta::minutes(21));
    officer.get("/manage/account").await.assert_status(303);
}

#[tokio::test]
async fn on_a_pretended_day_far_ahead_one_signs_in_and_stays_signed_in() {
    for day in ["2039-09-10T02:00:00Z", "2013-09-10T02:00:00Z"] {
        let app = TestApp::start_at(day).await;
        app.fixture().university().await;
        let account_id = app.fixture().account("t001", Role::Officer, Some("001")).await;
        set_days(&app, account_id, "2010-09-01", None).await;
        let officer = app.visitor();
        officer.sign_in("t001", PASSWORD).await.assert_status(303);
        officer.get("/manage/account").await.assert_status(200);
    }
}

#[tokio::test]
async fn a_session_id_planted_before_signing_in_is_worth_nothing() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    app.fixture().account("t002", Role::Officer, Some("004")).await;
    let planted = "qihang=AAAAAAAAAAAAAAAAAAAAAA";
    let form = serde_html_form::to_string([("login", "t001"), ("password", PASSWORD)]).expect("a form");
    let request = Request::post("/sign-in/staff")
        .header(header::COOKIE, planted)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .expect("a request");

    let reply = app.visitor().send(request).await;

    reply.assert_status(303);
    let own = cookie(&reply);
    assert_ne!(pair(&own), planted);
    assert_eq!(status_with(&app, planted).await, 303);
    assert_eq!(status_with(&app, pair(&own)).await, 200);
}

#[tokio::test]
async fn signing_in_again_in_the_same_browser_gives_a_new_id_and_kills_the_old_one() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    app.fixture().account("t002", Role::Officer, Some("004")).await;
    let browser = app.visitor();
    let first = cookie(&browser.sign_in("t001", PASSWORD).await);

    let second = cookie(&browser.sign_in("t002", PASSWORD).await);

    assert_ne!(pair(&first), pair(&second));
    assert_eq!(status_with(&app, pair(&first)).await, 303);
    browser.get("/manage/account").await.assert_says("t002");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    let browser = app.visitor();
    let kept = cookie(&browser.sign_in("t001", PASSWORD).await);
    assert_eq!(status_with(&app, pair(&kept)).await, 200);

    browser.post("/sign-out", &[]).await.assert_status(303);

    assert_eq!(status_with(&app, pair(&kept)).await, 303);
}

#[tokio::test]
async fn a_role_counts_from_its_first_day_to_its_last() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let account_id = app.fixture().account("t001", Role::Officer, Some("001")).await;
    let officer = app.visitor();
    officer.sign_in("t001", PASSWORD).await.assert_status(303);
    officer.get("/manage/account").await.assert_status(200);

    set_days(&app, account_id, "2025-09-01", Some("2026-09-09")).await;
    officer.get("/manage/account").await.assert_status(303);
    officer
        .sign_in("t001", PASSWORD)
        .await
        .assert_status(422)
        .assert_says("没有生效的角色");

    set_days(&app, account_id, "2026-09-11", None).await;
    officer.sign_in("t001", PASSWORD).await.assert_status(422);

    set_days(&app, account_id, "2026-09-10", Some("2026-09-10")).await;
    officer.sign_in("t001", PASSWORD).await.assert_status(303);
    officer.get("/manage/account").await.assert_status(200);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    let plain = cookie(&app.visitor().sign_in("t001", PASSWORD).await);
    for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(plain.contains(word), "{plain}");
    }
    assert!(
        plain.starts_with("qihang=") && !plain.contains("Secure"),
        "{plain}"
    );

    let app = TestApp::start_with(MID_SEASON, |config| {
        config.public_url = "https://job.example.edu.cn".into();
    })
    .await;
    app.fixture().university().await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    let secure = cookie(&app.visitor().sign_in("t001", PASSWORD).await);
    for word in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(secure.contains(word), "{secure}");
    }
    assert!(
        secure.starts_with("__Host-qihang=") && !secure.contains("Domain"),
        "{secure}"
    );
}
