//! The home page of the staff: what is to be done, until when, how old it is, one press to each.

use qihang::findings::rules::{Touched, refresh};
use qihang_db::{Actor, Role};

use crate::support::TestApp;

async fn judged(app: &TestApp) {
    let change = app.db().change(&Actor::system()).await.unwrap();
    refresh(&change, Touched::Everyone).await.unwrap();
    change.keep_without_event().await.unwrap();
}

#[tokio::test]
async fn every_piece_of_work_stands_there_with_its_due_day_and_leads_to_where_it_is_done() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.student("22300100001", |_| {}).await;
    let listed = world
        .student("22300100002", |student| student.origin = String::new())
        .await;
    world.on_roster(listed.id, 2027).await;
    judged(&app).await;
    app.clock.set("2026-09-13T02:00:00Z".parse().unwrap());
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    officer
        .get("/manage")
        .await
        .assert_says("应毕业、未在库（可能遗漏）")
        .assert_says("/manage/roster/candidates?expected=ready")
        .assert_says("9月15日 <small class=\"text-warning\">还有 2 天</small>")
        .assert_says("数据问题")
        .assert_says("未激活")
        .assert_says("3 天");
    // Another 院 has nothing of this.
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    other
        .get("/manage")
        .await
        .assert_says("领导小组名单未报送")
        .assert_does_not_say("可能遗漏");
}

#[tokio::test]
async fn what_is_over_comes_first_and_says_so() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.student("22300100001", |_| {}).await;
    judged(&app).await;
    app.clock.set("2026-09-18T02:00:00Z".parse().unwrap());
    let centre = app.signed_in(Role::Centre, None).await;

    let page = centre.get("/manage").await;

    page.assert_says("<small class=\"text-danger\">已过期 3 天</small>");
}
