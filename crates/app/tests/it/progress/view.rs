//! 以学生视角查看: what is shown, what cannot be done, and who is told.

use chrono::TimeDelta;
use qihang::app::routes;
use qihang::web::{Access, Method};
use qihang_db::entity::{activation, activation_draft, message, student, student_contact, student_view};
use qihang_db::{Role, Scope};
use sea_orm::PaginatorTrait;

use super::{judged, listed, officer, with_contact};
use crate::support::TestApp;

fn view(id: i64) -> String {
    format!("/manage/students/{id}/view")
}

async fn looks(app: &TestApp) -> u64 {
    Scope::Everyone
        .select::<student_view::Entity>()
        .count(app.db().reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_officer_sees_what_the_student_sees_and_the_student_reads_who_looked() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (student, _) = listed(&app, "2230100001", |student| {
        student.name = "欧阳雪·Ă".into();
        student.origin = String::new();
    })
    .await;
    with_contact(&app, &student, "own@mail.example").await;
    judged(&app).await;
    let officer = officer(&app).await;

    let page = officer.get(&view(student.id)).await;

    page.assert_status(200)
        .assert_says("正在以学生视角查看")
        .assert_says("欧阳雪·Ă，你好")
        .assert_says("生源所在地为空")
        .assert_says("own@mail.example")
        .assert_does_not_say(&student.document_no);
    assert_eq!(app.audit_actions().await.last().unwrap(), "student.viewed");
    app.student(&student)
        .await
        .get("/student/disclosures")
        .await
        .assert_says("某老师")
        .assert_says("以你的视角查看了页面");
}

#[tokio::test]
async fn a_page_that_is_loaded_again_at_once_is_one_look_and_later_another() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (student, _) = listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    officer.get(&view(student.id)).await.assert_status(200);
    officer.get(&view(student.id)).await.assert_status(200);
    assert_eq!(looks(&app).await, 1);
    app.clock.set(app.clock.now() + TimeDelta::minutes(16));

    officer.get(&view(student.id)).await.assert_status(200);

    assert_eq!(looks(&app).await, 2);
}

#[tokio::test]
async fn a_student_on_no_roster_is_shown_with_the_reasons() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app
        .fixture()
        .student("2230100001", |student| student.study_status = "suspended".into())
        .await;

    officer(&app)
        .await
        .get(&view(student.id))
        .await
        .assert_status(200)
        .assert_says("未入库")
        .assert_says("休学")
        .assert_does_not_say("学生看到的激活信息");
}

#[tokio::test]
async fn a_student_of_another_college_is_not_there_and_no_look_is_kept() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let stranger = app.fixture().master("3240400001", |_| {}).await;
    let officer = officer(&app).await;
    officer.get(&view(stranger.id)).await.assert_status(404);
    officer.get(&view(999_999)).await.assert_status(404);
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator.get(&view(stranger.id)).await.assert_status(403);
    assert_eq!(looks(&app).await, 0);
}

/// Everything that a student can write.
async fn everything(app: &TestApp) -> String {
    let reader = app.db().reader();
    let everyone = Scope::Everyone;
    let students = everyone.select::<student::Entity>().all(reader).await.unwrap();
    let contacts = everyone
        .select::<student_contact::Entity>()
        .all(reader)
        .await
        .unwrap();
    let drafts = everyone
        .select::<activation_draft::Entity>()
        .all(reader)
        .await
        .unwrap();
    let activations = everyone.select::<activation::Entity>().all(reader).await.unwrap();
    let messages = everyone.select::<message::Entity>().all(reader).await.unwrap();
    format!("{students:?}{contacts:?}{drafts:?}{activations:?}{messages:?}")
}

#[tokio::test]
async fn whoever_looks_can_write_nothing_for_the_student() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let (student, entry) = listed(&app, "2230100001", |_| {}).await;
    let officer = officer(&app).await;
    let page = officer.get(&view(student.id)).await;
    // No form but the frame's own 退出登录, and what the student would press is inert.
    assert_eq!(page.text().matches("<form").count(), 1);
    assert_eq!(page.text().matches("class=\"as-student\" inert").count(), 2);
    let before = everything(&app).await;
    let form = [
        ("entry", entry.id.to_string()),
        ("seen", "x".to_owned()),
        ("checked", "yes".to_owned()),
        ("mobile", "13800000000".to_owned()),
        ("student", student.id.to_string()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut tried = 0;
    for route in routes().list() {
        if route.access == Access::Student && route.method == Method::Post {
            let address = route.path.replace("{id}", "1").replace("{field}", "name");
            officer.post(&address, &form).await.assert_status(401);
            tried += 1;
        }
    }
    officer.post(&view(student.id), &form).await.assert_status(405);
    assert!(tried >= 4, "only {tried} writes of students were tried");
    assert_eq!(everything(&app).await, before);
}
