//! The list: who is on it, in which part, its export, the reminder, and the way from the findings.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use qihang_db::entity::{message, reminder};
use qihang_db::{Scope, records};

use super::{School, WHO};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn the_list_has_directed_students_of_the_class_year_who_lack_something() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    fixture_student(&app, "2230100002", "4", "", "某县人民医院").await;
    fixture_student(&app, "2230100003", "2", "610100", "某县人民医院").await;
    fixture_student(&app, "2230100004", "1", "", "").await;
    // Of another year: neither expected in this one nor on its roster.
    app.fixture()
        .student("2220100005", |student| {
            student.training_mode = "2".into();
            student.admission_year = 2024;
        })
        .await;

    for (query, expected) in [
        ("", vec![WHO, "2230100002"]),
        ("missing=unit", vec![WHO]),
        ("missing=origin", vec!["2230100002"]),
        ("show=all", vec![WHO, "2230100002", "2230100003"]),
        ("show=filled", vec![]),
        ("show=conflict", vec![]),
        ("q=2230100002", vec!["2230100002"]),
        ("class_year=2026", vec![]),
    ] {
        let text = school
            .officer
            .get(&format!("/manage/directed?{query}"))
            .await
            .text();
        let shown: Vec<&str> = [WHO, "2230100002", "2230100003", "2230100004", "2220100005"]
            .into_iter()
            .filter(|no| text.contains(&format!("\"学号\">{no}")))
            .collect();
        assert_eq!(shown, expected, "{query}");
    }
    for bad in [
        "show=x",
        "missing=x",
        "class_year=x",
        "class_year=2020",
        "college=S09",
        "after=x",
    ] {
        school
            .officer
            .get(&format!("/manage/directed?{bad}"))
            .await
            .assert_status(400);
    }
}

async fn fixture_student(app: &TestApp, no: &str, mode: &str, origin: &str, unit: &str) {
    app.fixture()
        .student(no, |student| {
            student.training_mode = mode.into();
            student.origin = origin.into();
            student.directed_unit = unit.into();
        })
        .await;
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    for number in 0..30 {
        fixture_student(&app, &format!("22301001{number:02}"), "2", "610100", "").await;
    }

    let first = school.officer.get("/manage/directed").await;

    first.assert_says("共 31 人").assert_does_not_say("2230100129");
    let text = first.text();
    let link = text
        .split("rel=\"next\"")
        .next()
        .unwrap()
        .rsplit("href=\"")
        .next()
        .unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let second = school.officer.get(&link).await;
    second.assert_says("2230100129").assert_says("rel=\"prev\"");
    assert_eq!(second.text().matches("data-label=\"学号\"").count(), 6);

    // Whoever the page began at leaves the list; the page stays where it was.
    let last = school.exchange.student("2230100123").await;
    assert!(link.contains(&format!("after={}", last.id)), "{link}");
    app.fixture()
        .rewrite(last, |student| student.directed_unit = "某县人民医院".into())
        .await;
    let second = school.officer.get(&link).await;
    second.assert_says("2230100129").assert_says("共 30 人");
    assert_eq!(second.text().matches("data-label=\"学号\"").count(), 6);
}

#[tokio::test]
async fn the_export_has_what_the_list_has_and_is_recorded() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.fill("=某县人民医院").await.assert_status(303);
    let reply = school.officer.get("/manage/directed.xlsx?show=filled").await;
    reply.assert_status(200);

    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(reply.bytes)).unwrap();
    let sheet = book.worksheet_range("定向委培").unwrap();

    let rows: Vec<Vec<String>> = sheet
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0][0].as_str(), rows[1][0].as_str()), ("学号", WHO));
    let unit = rows[0]
        .iter()
        .position(|heading| heading == "定向委培单位")
        .unwrap();
    // A spreadsheet must not take it for a formula.
    assert_eq!(rows[1][unit], "'=某县人民医院");
    assert_eq!(app.audit_actions().await.last().unwrap(), "directed.exported");
}

#[tokio::test]
async fn one_press_tells_those_without_origin_where_to_mend_it_once_a_day() {
    let app = TestApp::start().await;
    let school = School::start_with(&app, "").await;
    fixture_student(&app, "2230100002", "2", "610100", "").await;
    let press = || school.officer.post("/manage/directed/reminders", &[]);

    press().await.assert_status(303);

    let list = school.officer.get("/manage/directed").await;
    list.assert_says("已提醒 1 人到门户补充生源所在地");
    let sent = Scope::Everyone
        .select::<message::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    assert_eq!((sent.len(), sent[0].student_id), (1, school.id));
    assert_eq!(sent[0].href.as_deref(), Some("/portal/profile"));
    let sending = records::<reminder::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sending.about, "origin");
    school
        .phone
        .get("/student/messages")
        .await
        .assert_says("请补充生源所在地");
    press().await.assert_status(303);
    school
        .officer
        .get("/manage/directed")
        .await
        .assert_says("今天都已提醒过");
    app.clock.set(app.clock.now() + chrono::TimeDelta::days(1));
    let again = school.officer.sign_in("officer-s01", PASSWORD).await;
    again.assert_status(303);
    press().await.assert_status(303);
    school
        .officer
        .get("/manage/directed")
        .await
        .assert_says("已提醒 1 人");
}

#[tokio::test]
async fn a_letter_about_the_origin_is_not_sent_to_who_has_mended_it_since() {
    let app = TestApp::start().await;
    let school = School::start_with(&app, "").await;
    let record = school.record().await;
    app.fixture()
        .rewrite(record, |student| student.email = "lu@mail.example".into())
        .await;
    school
        .officer
        .post("/manage/directed/reminders", &[("student", WHO)])
        .await
        .assert_status(303);
    school
        .phone
        .post("/portal/profile/origin", &[("code", "610100")])
        .await
        .assert_status(303);

    qihang::job::run_waiting(&app.app).await.unwrap();

    let sent = Scope::Student(school.id)
        .select::<message::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sent.mail_state, "withdrawn");
}

#[tokio::test]
async fn findings_lead_to_the_list() {
    let app = TestApp::start().await;
    let school = School::start_with(&app, "").await;
    // Neither 定向 nor 委培, and without an origin.
    let plain = super::row("2230100002", "", "").replace("定向", "非定向");
    school.exchange.import("students", &super::file(&[plain])).await;
    let href = format!("/manage/directed/{WHO}?class_year=2027");

    let page = school
        .exchange
        .browser
        .get("/manage/findings?class_year=2027&group=faults")
        .await;

    page.assert_says("定向委培单位为空").assert_says("2230100002");
    // Of the origin and of the unit.
    assert_eq!(page.text().matches(&href).count(), 2, "{}", page.text());
    page.assert_does_not_say("/manage/directed/2230100002");
    school.officer.get(&href).await.assert_status(200);
}
