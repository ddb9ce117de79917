//! What keeps the lists quick: few statements a page, whatever stands on it; and what is remembered is never stale.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use qihang::app::App;
use qihang_db::{Db, Role};

use crate::support::{Beside, TestApp};

/// A second server over the same database, and how many statements it has read with.
async fn second_server(app: &TestApp) -> (Beside, Arc<AtomicUsize>) {
    let mut db = Db::open(app.database_url(), app.clock.clone())
        .await
        .expect("the database opens once more");
    let statements = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&statements);
    db.watch_reads(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let server = App::new(db, (*app.app.config).clone());
    (Beside::new(server), statements)
}

#[tokio::test]
async fn a_page_costs_the_same_few_statements_with_one_row_and_with_forty() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let (server, statements) = second_server(&app).await;
    let officer = server.as_seen_by(&officer);
    let mut counted = Vec::new();
    for size in [2, 80] {
        for number in 0..size {
            let student = world.student(&format!("22300{size:03}{number:03}"), |_| {}).await;
            if number % 2 == 0 {
                world.on_roster(student.id, 2027).await;
            }
        }
        for address in [
            "/manage/roster/candidates?expected=any",
            "/manage/roster?sort=name",
            "/manage/roster?view=signing&q=lu",
            "/manage/roster?activation=pending",
        ] {
            // The first look after a change counts and sorts; every one after it only reads the rows of its page.
            officer.get(address).await.assert_status(200);
            let before = statements.load(Ordering::Relaxed);
            officer.get(address).await.assert_status(200);
            counted.push((address, statements.load(Ordering::Relaxed) - before));
        }
    }
    let (few, many) = counted.split_at(4);
    assert_eq!(few, many);
    for (address, number) in counted {
        assert!(
            (1..=6).contains(&number),
            "{address} reads with {number} statements"
        );
    }
}

#[tokio::test]
async fn what_one_server_changes_every_other_shows_at_once() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    for number in 0..30 {
        world.student(&format!("22300100{number:03}"), |_| {}).await;
    }
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let (server, _) = second_server(&app).await;
    let elsewhere = server.as_seen_by(&officer);
    elsewhere
        .get("/manage/roster/candidates")
        .await
        .assert_says("选中可直接添加的 30 人");
    elsewhere
        .get("/manage/roster")
        .await
        .assert_does_not_say("22300100007");

    let asked = officer
        .post(
            "/manage/roster/entries",
            &[("expected", "ready"), ("mode", "all")],
        )
        .await;
    let id = asked.location().rsplit('/').next().unwrap_or_default().to_owned();
    officer
        .post("/manage/roster/entries", &[("question", &id)])
        .await
        .assert_status(303);

    elsewhere
        .get("/manage/roster/candidates")
        .await
        .assert_does_not_say("选中可直接添加的");
    elsewhere.get("/manage/roster").await.assert_says("22300100007");
}

#[tokio::test]
async fn nobody_is_shown_what_was_remembered_for_another_college() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let student = world.student("22300100001", |_| {}).await;
    world.on_roster(student.id, 2027).await;
    let own = app.signed_in(Role::Officer, Some("S01")).await;
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    own.get("/manage/roster").await.assert_says("22300100001");

    other
        .get("/manage/roster")
        .await
        .assert_does_not_say("22300100001");
    other
        .get("/manage/roster/candidates?expected=any&added=1")
        .await
        .assert_does_not_say("22300100001");
}

#[tokio::test]
async fn a_page_whose_first_row_has_left_the_list_goes_on_where_it_stood() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let mut rows = Vec::new();
    for number in 0..60 {
        rows.push(world.student(&format!("22300100{number:03}"), |_| {}).await);
    }
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let second_page = "/manage/roster/candidates?after=22300100024";
    let before = officer.get(second_page).await;
    before.assert_says("22300100025").assert_says("22300100049");

    world.on_roster(rows[24].id, 2027).await;

    let after = officer.get(second_page).await;
    after
        .assert_says("22300100025")
        .assert_says("22300100049")
        .assert_does_not_say("22300100050");
}
