//! The list of the office: what is on it, the answer, the export, the setting.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use chrono::TimeDelta;
use qihang::activation::fields::Field;
use qihang_db::entity::export_record;
use qihang_db::{Role, records};

use super::{report, report_with, reports, told, with_student};
use crate::support::{PASSWORD, Reply, TestApp};

#[tokio::test]
async fn an_answer_closes_the_report_and_the_student_reads_it() {
    let (app, student, officer) = with_student().await;
    let browser = app.student(&student).await;
    report(&browser, &student, Field::Name, "卢宇钰").await;
    let address = format!("/manage/corrections/{}", reports(&app).await[0].id);
    officer
        .post(&format!("{address}/answer"), &[("answer", " ")])
        .await
        .assert_status(422)
        .assert_says("请填写答复");

    let reply = officer
        .post(&format!("{address}/answer"), &[("answer", "与教务处核实无误")])
        .await;

    assert_eq!(reply.assert_status(303).location(), "/manage/corrections");
    officer
        .post(&format!("{address}/answer"), &[("answer", "再答")])
        .await
        .assert_status(409);
    officer
        .get(&address)
        .await
        .assert_says("与教务处核实无误")
        .assert_says("某老师");
    officer
        .get("/manage/corrections?state=closed")
        .await
        .assert_says("已答复");
    assert_eq!(told(&app).await, ["你报告的“姓名”有误：已答复"]);
    browser
        .get("/student/record/name")
        .await
        .assert_says("与教务处核实无误")
        .assert_says("报告信息有误");
    assert!(
        app.audit_actions()
            .await
            .contains(&"correction.answered".to_owned())
    );
}

#[tokio::test]
async fn the_list_is_cut_down_by_office_class_year_field_age_and_name() {
    let (app, student, officer) = with_student().await;
    let master = app
        .fixture()
        .master("3240100001", |row| "慕容雪".clone_into(&mut row.name))
        .await;
    report(
        &app.student(&student).await,
        &student,
        Field::ExamNo,
        "22610112345679",
    )
    .await;
    app.clock.set(app.clock.now() + TimeDelta::days(8));
    report(&app.student(&master).await, &master, Field::Name, "慕容雨").await;
    let centre = app.signed_in(Role::Centre, None).await;

    for (query, first, second) in [
        ("", true, true),
        ("office=registrar", true, false),
        ("office=graduate_office", false, true),
        ("field=name", false, true),
        ("age=7", true, false),
        ("class_year=2027", true, true),
        ("class_year=2026", false, false),
        ("q=慕容", false, true),
        ("college=S01", true, false),
        ("state=closed", false, false),
    ] {
        let page = centre.get(&format!("/manage/corrections?{query}")).await;
        page.assert_status(200);
        let text = page.text();
        assert_eq!(
            (text.contains("22610112345679"), text.contains("慕容雨")),
            (first, second),
            "{query}"
        );
    }
    officer.sign_in("officer-s01", PASSWORD).await.assert_status(303);
    officer
        .get("/manage/corrections")
        .await
        .assert_says("22610112345679")
        .assert_does_not_say("慕容");
    for bad in [
        "office=x",
        "class_year=x",
        "field=x",
        "field=mobile",
        "age=4",
        "college=S09",
        "state=x",
        "after=x",
    ] {
        centre
            .get(&format!("/manage/corrections?{bad}"))
            .await
            .assert_status(400);
    }
    officer
        .get("/manage/corrections?college=001")
        .await
        .assert_status(400);
}

#[tokio::test]
async fn pages_are_walked_from_what_waits_longest() {
    let (app, student, _) = with_student().await;
    let browser = app.student(&student).await;
    let fields: Vec<Field> = qihang::correction::offices::Offices::fields().collect();
    for field in &fields {
        report(&browser, &student, *field, "另一个值")
            .await
            .assert_status(303);
    }
    let other = app.fixture().student("2230100002", |_| {}).await;
    let browser = app.student(&other).await;
    for field in &fields {
        report(&browser, &other, *field, "另一个值")
            .await
            .assert_status(303);
    }
    let centre = app.signed_in(Role::Centre, None).await;

    let first = centre.get("/manage/corrections").await.text();
    let ids: Vec<i64> = reports(&app).await.iter().map(|one| one.id).collect();
    assert!(ids.len() > 25 && first.contains(&format!("/manage/corrections/{}\"", ids[0])));
    let next = format!("/manage/corrections?after={}", ids[24]);
    assert!(first.contains(&next));
    let second = centre.get(&next).await.text();
    assert!(second.contains(&format!("/manage/corrections/{}\"", ids[25])));
    assert!(!second.contains(&format!("/manage/corrections/{}\"", ids[24])));
}

fn sheet(reply: &Reply) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(reply.bytes.clone())).unwrap();
    let range = book.worksheet_range("信息有误").unwrap();
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

#[tokio::test]
async fn the_list_is_exported_with_masked_numbers_and_recorded() {
    let (app, student, officer) = with_student().await;
    let browser = app.student(&student).await;
    let right = "610101200412310028";
    report_with(&browser, &student, Field::DocumentNo, (right, "=1+1")).await;
    report(&browser, &student, Field::Name, "卢宇钰").await;

    let file = officer.get("/manage/corrections.xlsx?field=document_no").await;

    let rows = sheet(file.assert_status(200));
    assert_eq!(rows.len(), 2);
    assert_eq!(&rows[0][..5], ["学号", "姓名", "院系", "届别", "字段"]);
    assert_eq!(
        (rows[1][4].as_str(), rows[1][6].as_str()),
        ("证件号", "6101************28")
    );
    let everything = format!("{rows:?}");
    assert!(!everything.contains(right) && !everything.contains(&student.document_no));
    let recorded = records::<export_record::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            recorded.view.as_str(),
            recorded.row_count,
            recorded.filter.as_str()
        ),
        ("corrections", 1, "field=document_no")
    );
    assert_eq!(app.audit_actions().await.last().unwrap(), "correction.exported");
}

#[tokio::test]
async fn the_centre_says_which_office_mends_what() {
    let (app, student, officer) = with_student().await;
    let centre = app.signed_in(Role::Centre, None).await;
    centre
        .get("/manage/corrections/offices")
        .await
        .assert_says("考生号");
    officer
        .get("/manage/corrections/offices")
        .await
        .assert_status(403);
    let form: Vec<(String, &str)> = qihang::correction::offices::Offices::fields()
        .flat_map(|field| {
            let undergraduate = if field == Field::ExamNo {
                "admissions"
            } else {
                "registrar"
            };
            [
                (format!("{}.undergraduate", field.code()), undergraduate),
                (format!("{}.graduate", field.code()), "graduate_office"),
            ]
        })
        .collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (key.as_str(), *value)).collect();

    centre
        .post("/manage/corrections/offices", &form)
        .await
        .assert_status(303);

    let browser = app.student(&student).await;
    browser
        .get("/student/record/exam_no")
        .await
        .assert_says("招生办公室");
    browser.get("/student/record/name").await.assert_says("教务处");
    report(&browser, &student, Field::ExamNo, "22610112345679").await;
    assert_eq!(reports(&app).await[0].office, "admissions");
    centre
        .post("/manage/corrections/offices", &form[1..])
        .await
        .assert_status(400);
    assert_eq!(
        app.audit_actions()
            .await
            .iter()
            .filter(|one| *one == "setting.changed")
            .count(),
        1
    );
}

#[tokio::test]
async fn an_administrator_sees_no_student_here_either() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let administrator = app.signed_in(Role::Administrator, None).await;
    for address in [
        "/manage/corrections",
        "/manage/corrections.xlsx",
        "/manage/corrections/1",
    ] {
        administrator.get(address).await.assert_status(403);
    }
}
