//! Not on the roster (R19): the reasons, by the same rule as for officers, in the student's words.

use qihang_db::entity::{roster_entry, student};
use qihang_db::{How, Role};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use crate::support::{Reply, TestApp};

/// The home page of a student who is on no roster.
async fn home(prepare: impl AsyncFnOnce(&TestApp), change: impl FnOnce(&mut student::Model)) -> Reply {
    let app = TestApp::start().await;
    app.fixture().university().await;
    prepare(&app).await;
    let student = app.fixture().student("2230100001", change).await;
    let page = app.student(&student).await.get("/student").await;
    page.assert_status(200)
        .assert_says("为什么我还不在名单里")
        .assert_does_not_say("/student/activation")
        .assert_does_not_say("修改激活信息");
    page
}

#[tokio::test]
async fn expected_and_not_added_yet() {
    let page = home(async |_| {}, |_| {}).await;

    page.assert_says("属于 2027 届")
        .assert_says("你符合 2027 届的全部条件，只是本院还没有把你加入名单")
        .assert_says("由本院就业专员处理")
        .assert_says("名单确认截止")
        .assert_says("还有 5 天");
}

#[tokio::test]
async fn extended() {
    let page = home(
        async |_| {},
        |row| {
            row.study_status = "extended".into();
            row.admission_year = 2022;
        },
    )
    .await;

    page.assert_says("你已延长学制")
        .assert_says("由学生就业指导中心处理")
        .assert_does_not_say("属于 2026 届");
    assert_eq!(
        page.text().matches("延长学制").count(),
        2,
        "the same is not said twice"
    );
}

#[tokio::test]
async fn suspended() {
    let page = home(async |_| {}, |row| row.study_status = "suspended".into()).await;

    page.assert_says("你的学籍状态是休学").assert_says("由教务处处理");
}

#[tokio::test]
async fn a_doctoral_student_who_is_not_listed() {
    let page = home(
        async |_| {},
        |row| {
            row.student_type = "graduate".into();
            row.degree_level = "doctor".into();
        },
    )
    .await;

    page.assert_says("博士生以毕业信息采集名单为准，你还没有列入");
}

#[tokio::test]
async fn of_another_class_year() {
    let page = home(async |_| {}, |row| row.admission_year = 2024).await;

    page.assert_says("属于 2028 届")
        .assert_says("现在进行的是 2027 届，而你属于 2028 届");
}

#[tokio::test]
async fn of_a_class_year_that_is_closed() {
    let page = home(
        async |app| app.fixture().class_year(2026, "closed").await,
        |row| row.admission_year = 2022,
    )
    .await;

    page.assert_says("属于 2026 届")
        .assert_says("2026 届已经关闭")
        .assert_says("由学生就业指导中心处理");
}

#[tokio::test]
async fn removed_and_what_the_officer_typed_is_not_shown() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.fixture().account("t001", Role::Officer, Some("S01")).await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    let tx = app.db().begin_write().await.unwrap();
    roster_entry::ActiveModel {
        student_id: Set(student.id),
        class_year: Set(2027),
        state: Set("removed".into()),
        how: Set(How::Officer.code().into()),
        added_by: Set(None),
        added_at: Set(app.clock.now()),
        ended_by: Set(Some(officer)),
        ended_at: Set(Some(app.clock.now())),
        ended_reason: Set(Some("疑与张三重复".into())),
        ..Default::default()
    }
    .insert(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    app.student(&student)
        .await
        .get("/student")
        .await
        .assert_says("你在 2026-09-10 被移出 2027 届名单")
        .assert_says("请向本院就业专员了解")
        .assert_does_not_say("张三")
        .assert_does_not_say("只是本院还没有把你加入名单");
}

#[tokio::test]
async fn vanished_from_the_data_exchange() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let now = app.clock.now();
    let student = app
        .fixture()
        .student("2230100001", |row| row.vanished_at = Some(now))
        .await;

    app.student(&student)
        .await
        .get("/student")
        .await
        .assert_says("2026-09-10起，数据交换平台不再提供你的学籍记录")
        .assert_says("由教务处处理");
}

#[tokio::test]
async fn without_a_length_nobody_can_tell_the_year() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let tx = app.db().begin_write().await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&tx, "UPDATE major SET length_half_years = NULL")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let student = app
        .fixture()
        .student("2230100001", |row| {
            row.length_half_years = None;
            row.length_found = String::new();
        })
        .await;

    app.student(&student)
        .await
        .get("/student")
        .await
        .assert_says("按现有数据还不能确定你属于哪一届")
        .assert_says("推算不出毕业年份")
        .assert_does_not_say("按现有数据推算不出你的毕业年份");
}

#[tokio::test]
async fn officers_and_the_student_are_told_by_one_rule() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    for (number, status) in ["active", "suspended", "extended", "withdrawn", "?"]
        .iter()
        .enumerate()
    {
        let student_no = format!("223010000{number}");
        let student = app
            .fixture()
            .student(&student_no, |row| (*status).clone_into(&mut row.study_status))
            .await;
        let own = app.student(&student).await.get("/student").await.text();
        let theirs = officer
            .get(&format!("/manage/explanation?student_no={student_no}"))
            .await
            .text();
        assert_eq!(
            own.contains("只是本院还没有把你加入名单"),
            theirs.contains("只是尚未添加"),
            "{status}"
        );
    }
}
