//! 谁看过我的信息 (R21b).

use chrono::TimeDelta;
use qihang_db::Role;
use qihang_db::entity::{disclosure, student, student_view};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use crate::support::TestApp;

async fn with_student() -> (TestApp, student::Model) {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    app.fixture().on_roster(student.id, 2027).await;
    (app, student)
}

#[tokio::test]
async fn the_student_sees_who_looked_when_and_what_for_and_never_a_login() {
    let (app, student) = with_student().await;
    let other = app.fixture().student("2230100002", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let browser = app.student(&student).await;
    browser.get("/student/disclosures").await.assert_says("没有记录");
    let form = [
        ("student", &*student.id.to_string()),
        ("purpose", "核对<b>报到证</b>"),
    ];
    officer
        .post("/manage/roster/disclosures", &form)
        .await
        .assert_status(200);
    app.clock.set(app.clock.now() + TimeDelta::hours(1));
    officer
        .post("/manage/roster.xlsx", &[("purpose", "上报省教育厅")])
        .await
        .assert_status(200);
    app.clock.set(app.clock.now() + TimeDelta::hours(1));
    let tx = app.db().begin_write().await.unwrap();
    student_view::ActiveModel {
        viewed_at: Set(app.clock.now()),
        account_id: Set(officer_id(&app).await),
        student_id: Set(student.id),
        ..Default::default()
    }
    .insert(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let page = app.student(&student).await.get("/student/disclosures").await;

    page.assert_says("某老师（彭康书院院系教师）")
        .assert_says("用途：核对&#60;b&#62;报到证&#60;/b&#62;")
        .assert_says("用途：上报省教育厅")
        .assert_says("2026-09-10 10:00")
        .assert_does_not_say("officer-s01");
    let text = page.text();
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}"));
    assert!(at("以你的视角查看") < at("导出了含你证件号") && at("导出了含你证件号") < at("查看了你的证件号"));
    app.student(&other)
        .await
        .get("/student/disclosures")
        .await
        .assert_says("没有记录");
}

async fn officer_id(app: &TestApp) -> i64 {
    use qihang_db::entity::account;
    let found = qihang_db::records::<account::Entity>()
        .one(app.db().reader())
        .await;
    found.unwrap().unwrap().id
}

#[tokio::test]
async fn looks_at_one_moment_are_paged_without_loss() {
    let (app, student) = with_student().await;
    let account_id = app.fixture().account("t001", Role::Officer, Some("S01")).await;
    let tx = app.db().begin_write().await.unwrap();
    for number in 0..30 {
        disclosure::ActiveModel {
            shown_at: Set(app.clock.now()),
            account_id: Set(account_id),
            student_id: Set(student.id),
            purpose: Set(format!("第{number:02}次")),
            ..Default::default()
        }
        .insert(&tx)
        .await
        .unwrap();
        student_view::ActiveModel {
            viewed_at: Set(app.clock.now()),
            account_id: Set(account_id),
            student_id: Set(student.id),
            ..Default::default()
        }
        .insert(&tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let browser = app.student(&student).await;

    let mut address = "/student/disclosures".to_owned();
    let (mut shown, mut viewed, mut pages) = (Vec::new(), 0, 0);
    loop {
        let text = browser.get(&address).await.text();
        pages += 1;
        shown.extend((0..30).filter(|number| text.contains(&format!("第{number:02}次"))));
        viewed += text.matches("以你的视角查看").count();
        let Some(next) = text.split("href=\"/student/disclosures?after=").nth(1) else {
            break;
        };
        address = format!("/student/disclosures?after={}", next.split('"').next().unwrap());
    }

    shown.sort_unstable();
    assert_eq!((pages, viewed), (3, 30));
    assert_eq!(shown, (0..30).collect::<Vec<_>>());
    browser
        .get("/student/disclosures?after=x")
        .await
        .assert_status(400);
}

#[tokio::test]
async fn an_account_without_a_role_of_that_day_is_still_named() {
    let (app, student) = with_student().await;
    let account_id = app.fixture().account("t001", Role::Centre, None).await;
    let tx = app.db().begin_write().await.unwrap();
    disclosure::ActiveModel {
        shown_at: Set("2024-01-01T00:00:00Z".parse().unwrap()),
        account_id: Set(account_id),
        student_id: Set(student.id),
        purpose: Set("早年".into()),
        ..Default::default()
    }
    .insert(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    app.student(&student)
        .await
        .get("/student/disclosures")
        .await
        .assert_says("某老师（就业中心）");
}
