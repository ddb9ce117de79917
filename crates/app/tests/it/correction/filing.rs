//! Filing a report, and taking it back.

use qihang::activation::fields::{Field, Source};
use qihang_db::Role;

use super::{report, report_with, reports, with_student};
use crate::support::TestApp;

#[tokio::test]
async fn a_report_goes_to_the_office_that_mends_the_field_and_the_student_sees_it_there() {
    let (app, student, officer) = with_student().await;
    let browser = app.student(&student).await;

    let reply = report_with(&browser, &student, Field::Name, (" 卢宇钰 ", "户口本上是钰")).await;

    assert_eq!(reply.assert_status(303).location(), "/student/record/name");
    let found = &reports(&app).await[0];
    assert_eq!(
        (found.office.as_str(), found.claimed.as_str(), found.class_year),
        ("registrar", "卢宇钰", Some(2027))
    );
    browser
        .get("/student/record/name")
        .await
        .assert_says("已报告给教务处")
        .assert_says("更正中")
        .assert_says("卢宇钰")
        .assert_does_not_say("信息有误？");
    browser.get("/student/record").await.assert_says("更正中");
    browser.get("/student").await.assert_says("1 项更正中");
    officer
        .get("/manage/corrections")
        .await
        .assert_says("卢宇钰")
        .assert_says("户口本上是钰")
        .assert_says("教务处");
    assert_eq!(app.audit_actions().await.last().unwrap(), "correction.filed");
}

#[tokio::test]
async fn what_is_typed_wrongly_comes_back_with_what_was_typed() {
    let (app, student, _) = with_student().await;
    let browser = app.student(&student).await;
    let long = "长".repeat(101);
    for (claimed, mistake) in [
        ("  ", "请填写正确的值"),
        ("卢宇玉", "与现在的值相同"),
        ("卢\u{7}", "无法识别的字符"),
        (long.as_str(), "不超过 100 字"),
    ] {
        report_with(&browser, &student, Field::Name, (claimed, "说明在此"))
            .await
            .assert_status(422)
            .assert_says(mistake)
            .assert_says("说明在此");
    }
    // The same day, written otherwise, is the same value.
    report(&browser, &student, Field::BirthDate, "2004年12月31日")
        .await
        .assert_status(422)
        .assert_says("与现在的值相同");
    report_with(&browser, &student, Field::Name, ("卢宇钰", &"长".repeat(301)))
        .await
        .assert_status(422)
        .assert_says("说明不超过 300 字");
    assert!(reports(&app).await.is_empty());
}

#[tokio::test]
async fn mark_up_is_shown_as_it_was_typed() {
    let (app, student, officer) = with_student().await;
    let browser = app.student(&student).await;
    let evil = ("<b>卢</b>", "<script>alert(1)</script>");

    report_with(&browser, &student, Field::Name, evil)
        .await
        .assert_status(303);

    let id = reports(&app).await[0].id;
    for page in [
        browser.get("/student/record/name").await,
        officer.get("/manage/corrections").await,
        officer.get(&format!("/manage/corrections/{id}")).await,
    ] {
        page.assert_status(200)
            .assert_does_not_say("<script>alert")
            .assert_does_not_say("<b>卢")
            .assert_says("alert(1)");
    }
}

#[tokio::test]
async fn an_identity_number_that_is_claimed_is_masked_wherever_it_is_shown() {
    let (app, student, officer) = with_student().await;
    let browser = app.student(&student).await;
    let right = "610101200412310028";

    report_with(
        &browser,
        &student,
        Field::DocumentNo,
        (right, &format!("应为{right}")),
    )
    .await
    .assert_status(303);

    let id = reports(&app).await[0].id;
    for page in [
        browser.get("/student/record/document_no").await,
        officer.get("/manage/corrections").await,
        officer.get(&format!("/manage/corrections/{id}")).await,
    ] {
        page.assert_says("6101************28")
            .assert_does_not_say(&student.document_no);
    }
    officer
        .get("/manage/corrections")
        .await
        .assert_does_not_say(right);
    let events = format!("{:?}", events(&app).await);
    assert!(!events.contains(right));
}

async fn events(app: &TestApp) -> Vec<Option<String>> {
    use qihang_db::entity::audit_event;
    let events = qihang_db::records::<audit_event::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    events.into_iter().map(|event| event.after).collect()
}

#[tokio::test]
async fn what_the_student_mends_is_not_reported_but_led_to_where_it_is_mended() {
    let (app, student, _) = with_student().await;
    let browser = app.student(&student).await;
    for field in Field::ALL {
        let page = browser.get(&format!("/student/record/{}", field.code())).await;
        page.assert_status(200).assert_says(field.heading());
        if field.source() == Source::Registrar {
            page.assert_says("报告信息有误").assert_does_not_say("去修改");
        } else {
            page.assert_says("去修改").assert_does_not_say("报告信息有误");
            report(&browser, &student, *field, "别的值")
                .await
                .assert_status(303);
        }
    }
    assert!(reports(&app).await.is_empty());
    browser.get("/student/record/nothing").await.assert_status(404);
    browser
        .post("/student/corrections", &[("field", "nothing"), ("seen", "")])
        .await
        .assert_status(400);
}

#[tokio::test]
async fn a_value_that_has_changed_since_the_form_was_opened_is_not_reported() {
    let (app, student, _) = with_student().await;
    let browser = app.student(&student).await;
    app.fixture()
        .rewrite(student.clone(), |row| "卢宇钰".clone_into(&mut row.name))
        .await;

    report(&browser, &student, Field::Name, "卢宇珏")
        .await
        .assert_status(303);

    assert!(reports(&app).await.is_empty());
    browser
        .get("/student/record/name")
        .await
        .assert_says("刚刚有更新")
        .assert_says("卢宇钰");
}

#[tokio::test]
async fn of_two_reports_at_once_one_is_filed() {
    let (app, student, _) = with_student().await;
    let browser = app.student(&student).await;

    let (one, other) = tokio::join!(
        report(&browser, &student, Field::Name, "卢宇钰"),
        report(&browser, &student, Field::Name, "卢宇珏")
    );

    one.assert_status(303);
    other.assert_status(303);
    assert_eq!(reports(&app).await.len(), 1);
}

#[tokio::test]
async fn a_report_is_taken_back_and_can_be_made_again() {
    let (app, student, officer) = with_student().await;
    let browser = app.student(&student).await;
    report(&browser, &student, Field::Name, "卢宇钰").await;
    let address = format!("/student/corrections/{}/withdrawal", reports(&app).await[0].id);

    browser.post(&address, &[]).await.assert_status(303);

    assert_eq!(reports(&app).await[0].state, "withdrawn");
    browser.post(&address, &[]).await.assert_status(409);
    officer
        .get("/manage/corrections")
        .await
        .assert_does_not_say("卢宇钰");
    report(&browser, &student, Field::Name, "卢宇珏").await;
    assert_eq!(reports(&app).await.len(), 2);
    browser
        .get("/student/record/name")
        .await
        .assert_says("已撤回")
        .assert_says("卢宇珏");
}

#[tokio::test]
async fn the_report_of_another_does_not_exist() {
    let (app, student, _) = with_student().await;
    let other = app.fixture().student("2230100002", |_| {}).await;
    report(&app.student(&student).await, &student, Field::Name, "卢宇钰").await;
    let id = reports(&app).await[0].id;

    let browser = app.student(&other).await;
    browser
        .post(&format!("/student/corrections/{id}/withdrawal"), &[])
        .await
        .assert_status(404);
    browser
        .get("/student/record/name")
        .await
        .assert_does_not_say("卢宇钰")
        .assert_does_not_say("更正中");
    let stranger = app.signed_in(Role::Officer, Some("S02")).await;
    stranger
        .get(&format!("/manage/corrections/{id}"))
        .await
        .assert_status(404);
    stranger
        .post(&format!("/manage/corrections/{id}/answer"), &[("answer", "无误")])
        .await
        .assert_status(404);
    stranger
        .get("/manage/corrections")
        .await
        .assert_does_not_say("卢宇钰");
    assert_eq!(reports(&app).await[0].state, "open");
}

#[tokio::test]
async fn who_is_on_no_roster_can_report_too() {
    let (app, _, _) = with_student().await;
    let other = app
        .fixture()
        .student("2230100002", |row| row.admission_year = 2024)
        .await;

    report(&app.student(&other).await, &other, Field::AdmissionYear, "2023")
        .await
        .assert_status(303);

    assert_eq!(reports(&app).await[0].class_year, Some(2028));
}
