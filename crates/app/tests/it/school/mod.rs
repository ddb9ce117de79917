//! Stories of 管理范围: which 院 answers for which students.

use qihang_db::entity::student;
use qihang_db::{Role, Scope};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::support::TestApp;

async fn placed(app: &TestApp, student_no: &str) -> (i64, Option<i64>) {
    let found = Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.eq(student_no))
        .one(app.db().reader())
        .await;
    let found = found.expect("an answer").expect("the student");
    (found.college_id, found.second_college_id)
}

#[tokio::test]
async fn a_school_that_is_given_undergraduates_sees_its_own_as_second_college() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("2230100001", |_| {}).await;
    app.fixture().master("3240100001", |_| {}).await;
    let residence = app.fixture().college_id("S01").await;
    let wenzhi = app.fixture().college_id("S02").await;
    let mechanics = app.fixture().college_id("001").await;
    let electronics = app.fixture().college_id("004").await;
    assert_eq!(placed(&app, "2230100001").await, (residence, None));
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator
        .get("/manage/duties")
        .await
        .assert_status(200)
        .assert_says("当前使用默认设置");
    let ids = [residence, wenzhi, mechanics, electronics].map(|id| id.to_string());
    let form = [
        ("undergraduate", ids[0].as_str()),
        ("undergraduate", &ids[1]),
        ("undergraduate", &ids[2]),
        ("graduate", &ids[2]),
        ("graduate", &ids[3]),
    ];

    administrator
        .post("/manage/duties/preview", &form)
        .await
        .assert_status(200)
        .assert_says("<strong>1</strong> 名学生的管理院系会改变")
        .assert_says("机械工程学院");
    assert_eq!(placed(&app, "2230100001").await, (residence, None));
    administrator
        .post("/manage/duties", &form)
        .await
        .assert_status(303);

    assert_eq!(placed(&app, "2230100001").await, (residence, Some(mechanics)));
    assert_eq!(placed(&app, "3240100001").await, (mechanics, None));
    administrator
        .get("/manage/duties")
        .await
        .assert_says("1 名学生")
        .assert_says("自定义设置");
    assert_eq!(app.audit_actions().await, ["session.signed_in", "duty.changed"]);

    administrator
        .post("/manage/duties", &[("default", "1")])
        .await
        .assert_status(303);
    assert_eq!(placed(&app, "2230100001").await, (residence, None));
    administrator
        .get("/manage/duties")
        .await
        .assert_says("当前使用默认设置");
}

#[tokio::test]
async fn a_university_may_let_its_schools_manage_everybody() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("2230100001", |_| {}).await;
    let mechanics = app.fixture().college_id("001").await;
    let administrator = app.signed_in(Role::Administrator, None).await;
    let id = mechanics.to_string();

    administrator
        .post(
            "/manage/duties",
            &[("undergraduate", id.as_str()), ("graduate", &id)],
        )
        .await
        .assert_status(303);

    assert_eq!(placed(&app, "2230100001").await, (mechanics, None));
}

#[tokio::test]
async fn duties_of_nobody_and_of_unknown_colleges_are_refused() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let administrator = app.signed_in(Role::Administrator, None).await;

    for address in ["/manage/duties", "/manage/duties/preview"] {
        administrator
            .post(address, &[])
            .await
            .assert_status(422)
            .assert_says("至少要有一个院");
        administrator
            .post(address, &[("graduate", "987654")])
            .await
            .assert_status(404);
        administrator
            .post(address, &[("graduate", "x")])
            .await
            .assert_status(400);
    }

    assert_eq!(app.audit_actions().await, ["session.signed_in"]);
}
