//! 就业服务网: the three entries, due days, notices, whom to ask.

use chrono::TimeDelta;
use qihang_db::Role;

use super::published;
use crate::support::TestApp;

#[tokio::test]
async fn the_front_page_has_three_entries_and_says_plainly_which_is_not_open() {
    let app = TestApp::start().await;
    app.fixture().university().await;

    let page = app.visitor().get("/").await;

    page.assert_status(200)
        .assert_says("统一登录入口")
        .assert_says("href=\"/sign-in/student\"")
        .assert_says("href=\"/sign-in/staff\"")
        .assert_says("用人单位登录")
        .assert_says("用人单位账号尚未开放")
        .assert_does_not_say("/sign-in/employer");
    assert_eq!(page.text().matches("忘记密码").count(), 2);
    assert_eq!(page.headers["cache-control"], "public, max-age=60");
    assert!(page.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn the_front_page_counts_the_days_of_the_open_class_year() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    visitor.get("/").await.assert_does_not_say("届截止日期");

    app.fixture().university().await;

    visitor
        .get("/")
        .await
        .assert_says("2027 届截止日期")
        .assert_says("名单截止 9月15日</dt><dd>5 ")
        .assert_says("激活截止 9月30日</dt><dd>20 ");
    app.clock.set(app.clock.now() + TimeDelta::days(21));
    visitor.get("/").await.assert_says("天前已截止");
}

#[tokio::test]
async fn the_front_page_shows_public_notices_only_the_pinned_first() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let pinned = [("audience", "public"), ("title", "置顶的"), ("pinned", "1")];
    published(&centre, &pinned).await;
    for number in 0..7 {
        let title = format!("公开的{number}");
        published(&centre, &[("audience", "public"), ("title", &title)]).await;
    }
    published(&centre, &[("title", "只给学生的")]).await;
    published(&centre, &[("audience", "staff"), ("title", "只给教师的")]).await;

    // Whoever asks, it is the same page.
    for browser in [&app.visitor(), &centre] {
        let page = browser.get("/").await;
        page.assert_says("公开的6")
            .assert_says("公开的2")
            .assert_does_not_say("公开的1")
            .assert_does_not_say("只给");
        let text = page.text();
        assert!(text.find("置顶的") < text.find("公开的6"), "{text}");
    }
}
