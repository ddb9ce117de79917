//! What officers decide, and that two of them cannot do so at once.

use qihang::auth::{Can, policy};
use qihang::directed::model::{Note, Unit};
use qihang::directed::rules::{self, UnitError};
use qihang_db::{Role, Scope, UnitState};

use super::{School, WHO};
use crate::support::TestApp;

#[tokio::test]
async fn a_unit_needs_a_name_and_evidence_and_the_student_is_told() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let address = format!("/manage/directed/{WHO}/unit");
    let seen = school.seen().await;
    for (unit, evidence, words) in [
        ("", "已电话联系本人", "请填写定向委培单位"),
        ("某县人民医院", " ", "请写明依据"),
        ("某县人民医院", "是", "太短"),
        ("0", "已电话联系本人", "全称"),
    ] {
        school
            .officer
            .post(
                &address,
                &[("seen", &seen), ("unit", unit), ("evidence", evidence)],
            )
            .await
            .assert_status(422)
            .assert_says(words);
    }

    school.fill(" 某县人民医院 ").await.assert_status(303);

    let row = school.stored().await.unwrap();
    assert_eq!(
        (row.state.as_str(), row.unit.as_str(), row.note.as_str()),
        ("standing", "某县人民医院", "已电话联系本人，见协议")
    );
    assert_eq!(app.audit_actions().await.last().unwrap(), "directed.filled");
    school
        .phone
        .get("/student/messages")
        .await
        .assert_says("定向委培单位已由院系填写");
    let page = school.officer.get(&format!("/manage/directed/{WHO}")).await;
    page.assert_says("待同步")
        .assert_says("某老师")
        .assert_does_not_say("核实无误");
    school
        .phone
        .get("/student/directed-unit")
        .await
        .assert_says("由本院就业专员核实填写");
}

#[tokio::test]
async fn an_undone_unit_leaves_what_the_exchange_has() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.fill("某县人民医院").await.assert_status(303);

    school.undo().await.assert_status(303);

    assert_eq!((school.unit().await.as_str(), school.stored().await), ("", None));
    assert_eq!(school.kinds().await, ["directed_unit_missing"]);
    assert_eq!(app.audit_actions().await.last().unwrap(), "directed.undone");
    school
        .phone
        .get("/student/messages")
        .await
        .assert_says("院系填写的定向委培单位已撤销");
    school.assert_whole().await;
}

#[tokio::test]
async fn whoever_decides_about_something_else_than_what_is_there_is_told() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let seen = school.seen().await;
    school.propose("某县人民医院").await.assert_status(303);

    let reply = school.fill_having_seen(&seen, "某县中医院").await;

    // What was typed is still there.
    reply
        .assert_status(409)
        .assert_says("情况刚刚有变")
        .assert_says("某县中医院")
        .assert_says("已电话联系本人，见协议");
    assert_eq!(school.unit().await, "");
}

#[tokio::test]
async fn of_two_officers_at_once_the_second_is_told() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let seen = school.seen().await;
    let can = Can::<policy::KeepUnits>::at_the_console(Scope::Everyone);
    let note = Note::parse("已电话联系本人").unwrap();
    let (one, other) = (
        Unit::parse("某县人民医院").unwrap(),
        Unit::parse("某县中医院").unwrap(),
    );

    let (first, second) = tokio::join!(
        rules::fill(app.db(), &can, WHO, &seen, (&one, &note)),
        rules::fill(app.db(), &can, WHO, &seen, (&other, &note)),
    );

    let done = [&first, &second].map(Result::is_ok);
    assert!(done[0] ^ done[1], "{first:?} {second:?}");
    let refused = first.and(second).unwrap_err();
    assert!(matches!(refused, UnitError::Changed), "{refused:?}");
    let unit = school.unit().await;
    assert_eq!(unit, if done[0] { one.as_str() } else { other.as_str() });
    let filled = app.audit_actions().await;
    assert_eq!(
        filled
            .iter()
            .filter(|action| *action == "directed.filled")
            .count(),
        1
    );
    school.assert_whole().await;
}

#[tokio::test]
async fn a_declined_proposal_comes_back_to_the_student_with_the_reason() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.propose("某医院").await.assert_status(303);
    let address = format!("/manage/directed/{WHO}/refusal");
    let seen = school.seen().await;
    school
        .officer
        .post(&address, &[("seen", &seen), ("reason", "不")])
        .await
        .assert_status(422)
        .assert_says("学生会看到");

    let form = [("seen", &*seen), ("reason", "请写单位全称")];
    school.officer.post(&address, &form).await.assert_status(303);

    school.officer.post(&address, &form).await.assert_status(409);
    assert_eq!(school.stored().await.unwrap().state, UnitState::Declined.code());
    assert_eq!(school.unit().await, "");
    let page = school.phone.get("/student/directed-unit").await;
    page.assert_says("没有采用").assert_says("请写单位全称");
    school.propose("某县人民医院").await.assert_status(303);
    assert_eq!(school.stored().await.unwrap().state, UnitState::Proposed.code());
}

#[tokio::test]
async fn another_college_sees_nothing_and_decides_nothing() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    let seen = school.seen().await;

    other
        .get("/manage/directed")
        .await
        .assert_status(200)
        .assert_does_not_say(WHO);
    other
        .get(&format!("/manage/directed/{WHO}"))
        .await
        .assert_status(404);
    for act in ["unit", "refusal", "withdrawal"] {
        let form = [
            ("seen", &*seen),
            ("unit", "某县人民医院"),
            ("evidence", "已电话联系本人"),
            ("reason", "不是本院学生"),
        ];
        let reply = other.post(&format!("/manage/directed/{WHO}/{act}"), &form).await;
        reply.assert_status(404);
    }
    other
        .post("/manage/directed/reminders", &[("student", WHO)])
        .await
        .assert_status(404);
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator.get("/manage/directed").await.assert_status(403);
}

#[tokio::test]
async fn who_is_not_directed_or_has_a_unit_is_given_none() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.bring("某县中医院").await;
    school
        .fill("某县人民医院")
        .await
        .assert_status(409)
        .assert_says("不需要填写");
    let plain = app.fixture().student("2230100002", |_| {}).await;
    let phone = app.student(&plain).await;
    phone.get("/student/directed-unit").await.assert_status(404);
    phone
        .post("/student/directed-unit", &[("unit", "某县人民医院")])
        .await
        .assert_status(303);
    phone.get("/student").await.assert_says("不需要再提出");
}
