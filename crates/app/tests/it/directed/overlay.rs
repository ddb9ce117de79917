//! What the data exchange may do to a unit that an officer filled in, and what not.

use proptest::prelude::*;
use qihang::directed::model::{Outcome, outcome};
use qihang_db::UnitState;

use super::School;
use crate::exchange::figures;
use crate::support::TestApp;

#[tokio::test]
async fn a_unit_counts_at_once_and_a_sync_without_one_takes_nothing_back() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    assert_eq!(school.kinds().await, ["directed_unit_missing"]);

    school.fill("某县人民医院").await.assert_status(303);

    assert_eq!(school.unit().await, "某县人民医院");
    assert_eq!(school.kinds().await, ["directed_unit_pending"]);
    let batch_id = school.bring("").await;
    assert_eq!(figures(&school.exchange.batch(batch_id).await), [0, 0, 0, 1, 0]);
    assert_eq!(school.unit().await, "某县人民医院");
    school.assert_whole().await;
}

#[tokio::test]
async fn a_sync_that_brings_the_same_ends_the_overlay_in_silence_and_undoing_it_brings_the_overlay_back() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.fill("某县人民医院").await.assert_status(303);

    let batch_id = school.bring("某县人民医院").await;

    assert_eq!(school.unit().await, "某县人民医院");
    assert!(school.kinds().await.is_empty());
    assert_eq!(school.stored().await.unwrap().state, UnitState::Adopted.code());
    school
        .undo()
        .await
        .assert_status(409)
        .assert_says("没有可以处理的内容");
    school.assert_whole().await;
    school.exchange.post(batch_id, "reversal", &[]).await;
    assert_eq!(school.stored().await.unwrap().state, UnitState::Standing.code());
    assert_eq!(school.unit().await, "某县人民医院");
    assert_eq!(school.kinds().await, ["directed_unit_pending"]);
    school.assert_whole().await;
}

#[tokio::test]
async fn another_value_of_the_exchange_counts_and_is_a_finding_until_the_officer_gives_way() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.fill("某县人民医院").await.assert_status(303);

    school.bring("某县中医院").await;

    assert_eq!(school.unit().await, "某县中医院");
    assert_eq!(school.kinds().await, ["directed_unit_conflict"]);
    let list = school.officer.get("/manage/directed?show=conflict").await;
    list.assert_says("某县中医院").assert_says("某县人民医院");
    let page = school
        .officer
        .get(&format!("/manage/directed/{}", super::WHO))
        .await;
    page.assert_says("撤销填写，采用平台的值");
    // The student can do nothing about it, so it does not keep the student from activating.
    let form = school.phone.get("/student/activation").await;
    form.assert_does_not_say("定向委培单位与数据交换不一致");
    // The same file again leaves it as it is; so does one without.
    school.bring("某县中医院").await;
    assert_eq!(school.kinds().await, ["directed_unit_conflict"]);
    school.assert_whole().await;

    school.undo().await.assert_status(303);

    assert_eq!(school.unit().await, "某县中医院");
    assert!(school.kinds().await.is_empty());
    school.assert_whole().await;
}

#[tokio::test]
async fn an_exchange_that_loses_its_value_again_leaves_the_officers() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.fill("某县人民医院").await.assert_status(303);
    school.bring("某县中医院").await;

    school.bring("").await;

    assert_eq!(school.unit().await, "某县人民医院");
    assert_eq!(school.kinds().await, ["directed_unit_pending"]);
    school.assert_whole().await;
    school.undo().await.assert_status(303);
    assert_eq!(school.unit().await, "");
    assert_eq!(school.kinds().await, ["directed_unit_missing"]);
    school.assert_whole().await;
}

#[tokio::test]
async fn an_import_that_added_the_student_cannot_be_undone_any_more() {
    let app = TestApp::start().await;
    let school = crate::exchange::Exchange::at(&app).await;
    let content = super::file(&[super::row(super::WHO, "610100", "")]);
    let batch = school.import("students", &content).await;
    let student = school.student(super::WHO).await;
    app.student(&student)
        .await
        .post("/student/directed-unit", &[("unit", "某县人民医院")])
        .await
        .assert_status(303);

    school
        .post(batch.id, "reversal", &[])
        .await
        .assert_says("已提出或填写过定向委培单位");

    assert_eq!(school.students().await.len(), 1);
}

proptest! {
    /// Whatever is brought, in whatever order: what counts is what was brought, and the officer's where nothing was.
    #[test]
    fn the_exchange_counts_wherever_it_has_a_value(unit in "[甲乙丙]{2}", brought in proptest::collection::vec("[甲乙丙]{0,2}", 1..12)) {
        for value in brought {
            let counts = match outcome(&unit, &value) {
                Outcome::Over => unit.as_str(),
                Outcome::Adopted | Outcome::Against => value.as_str(),
            };
            prop_assert_eq!(counts, if value.is_empty() { unit.as_str() } else { value.as_str() });
            prop_assert_eq!(outcome(&unit, &value) == Outcome::Against, !value.is_empty() && value != unit);
        }
    }
}
