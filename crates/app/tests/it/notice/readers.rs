//! Who has read a notice.

use qihang_db::entity::{notice_reader, notice_staff_reader};
use qihang_db::{Role, Scope, records};
use sea_orm::PaginatorTrait;

use super::{published, read};
use crate::support::TestApp;

#[tokio::test]
async fn a_reading_is_kept_once_and_the_author_sees_who_has_not_read() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let reader = fixture.student("2230100001", |_| {}).await;
    fixture
        .student("2230100002", |student| "未读生".clone_into(&mut student.name))
        .await;
    fixture
        .student("2230100003", |student| {
            "已离校".clone_into(&mut student.name);
            student.vanished_at = Some(student.created_at);
        })
        .await;
    fixture
        .master("3240100001", |student| "别院生".clone_into(&mut student.name))
        .await;
    let id = published(&officer, &[]).await;
    let browser = app.student(&reader).await;
    browser.get("/notices").await.assert_says("未读");

    for _ in 0..3 {
        read(&browser, id).await.assert_status(200);
    }
    app.visitor()
        .get(&format!("/notices/{id}"))
        .await
        .assert_status(404);

    let kept = Scope::Everyone.select::<notice_reader::Entity>();
    assert_eq!(kept.count(app.db().reader()).await.unwrap(), 1);
    browser.get("/notices").await.assert_does_not_say("未读");
    officer.get("/manage/notices").await.assert_says("1 人");
    officer
        .get(&format!("/manage/notices/{id}/readers"))
        .await
        .assert_says("未读生")
        .assert_does_not_say("卢宇玉")
        .assert_does_not_say("已离校")
        .assert_does_not_say("别院生");
    officer
        .get(&format!("/manage/notices/{id}/readers?read=1"))
        .await
        .assert_says("卢宇玉")
        .assert_does_not_say("未读生");
}

#[tokio::test]
async fn readers_of_a_notice_to_the_staff_are_those_it_is_for() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;
    app.signed_in(Role::Head, Some("004")).await;
    app.signed_in(Role::Officer, Some("S02")).await;
    let id = published(&centre, &[("audience", "staff"), ("for_role", "head")]).await;
    for _ in 0..2 {
        read(&head, id).await.assert_status(200);
    }

    let page = centre.get(&format!("/manage/notices/{id}/readers")).await.text();

    let rows: Vec<&str> = page.split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), 2, "{page}");
    assert!(
        rows[0].contains("head-004") && rows[0].contains("未读"),
        "{}",
        rows[0]
    );
    assert!(
        rows[1].contains("head-s01") && rows[1].contains("已读"),
        "{}",
        rows[1]
    );
    let kept = records::<notice_staff_reader::Entity>();
    assert_eq!(kept.count(app.db().reader()).await.unwrap(), 1);
}

#[tokio::test]
async fn of_a_public_notice_those_are_counted_who_have_signed_in() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let student = app
        .student(&app.fixture().student("2230100001", |_| {}).await)
        .await;
    let id = published(&centre, &[("audience", "public")]).await;
    for reader in [&student, &app.visitor()] {
        read(reader, id).await.assert_status(200);
    }

    centre
        .get(&format!("/manage/notices/{id}/readers"))
        .await
        .assert_says("登录后读过的学生</dt><dd>1 ")
        .assert_says("登录后读过的教师</dt><dd>0 ");
}

#[tokio::test]
async fn a_long_list_of_readers_pages() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    for number in 0..60 {
        app.fixture().student(&format!("22301{number:05}"), |_| {}).await;
    }
    let id = published(&officer, &[]).await;

    let first = officer.get(&format!("/manage/notices/{id}/readers")).await;

    first.assert_says("2230100049").assert_does_not_say("2230100050");
    officer
        .get(&format!("/manage/notices/{id}/readers?after=2230100049"))
        .await
        .assert_says("2230100050")
        .assert_says("2230100059")
        .assert_does_not_say("2230100049<");
}
