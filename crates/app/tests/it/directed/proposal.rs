//! What a student proposes.

use super::{School, WHO};
use crate::support::TestApp;

#[tokio::test]
async fn a_student_finds_the_way_proposes_and_the_officer_sees_it_first() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let href = "href=\"/student/directed-unit\"";
    school
        .phone
        .get("/student/record/directed_unit")
        .await
        .assert_says(href)
        .assert_says("本院就业专员");
    school.phone.get("/student/activation").await.assert_says(href);
    school
        .propose(" ")
        .await
        .assert_status(422)
        .assert_says("请填写定向委培单位");

    school.propose("某县人民医院").await.assert_status(303);

    // Proposed only: it counts once an officer has confirmed it.
    assert_eq!(school.unit().await, "");
    assert_eq!(app.audit_actions().await.last().unwrap(), "directed.proposed");
    let other = app
        .fixture()
        .student("2230100000", |student| student.training_mode = "4".into())
        .await;
    app.fixture().on_roster(other.id, 2027).await;
    let text = school.officer.get("/manage/directed").await.text();
    let place = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} is not there: {text}"))
    };
    assert!(place(&format!("\"学号\">{WHO}")) < place("\"学号\">2230100000"));
    school
        .officer
        .get("/manage/directed?missing=proposed")
        .await
        .assert_says("某县人民医院")
        .assert_does_not_say("2230100000");
    let page = school.officer.get(&format!("/manage/directed/{WHO}")).await;
    page.assert_says("核实学生提出的单位")
        .assert_says("value=\"某县人民医院\"");
    school.fill("某县人民医院").await.assert_status(303);
    assert_eq!(school.unit().await, "某县人民医院");
}

#[tokio::test]
async fn a_proposal_can_be_mended_and_taken_back_until_it_is_decided() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.propose("某县医院").await.assert_status(303);
    school.propose("某县人民医院").await.assert_status(303);
    assert_eq!(school.stored().await.unwrap().unit, "某县人民医院");
    let withdraw = || school.phone.post("/student/directed-unit/withdrawal", &[]);

    withdraw().await.assert_status(303);

    assert_eq!(school.stored().await, None);
    school.propose("某县人民医院").await.assert_status(303);
    school.fill("某县人民医院").await.assert_status(303);
    withdraw().await.assert_status(303);
    assert_eq!(school.unit().await, "某县人民医院");
    school.phone.get("/student").await.assert_says("院系刚刚处理过");
}
