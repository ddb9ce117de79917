//! What an import closes, and what its undo opens again.

use qihang::activation::fields::Field;

use super::{report, reports, told};
use crate::exchange::{Exchange, file, row};
use crate::support::{Browser, TestApp};

/// A student who came by an import and has reported the own name: 张三 should be 张山.
async fn with_report(exchange: &Exchange<'_>) -> Browser {
    exchange
        .import("students", &file(&[row("1", "张三"), row("2", "李四")]))
        .await;
    let student = exchange.student("1").await;
    let browser = exchange.app.student(&student).await;
    report(&browser, &student, Field::Name, "张山")
        .await
        .assert_status(303);
    browser
}

/// Name and number of the student, and nothing else.
fn name_only(student_no: &str, name: &str) -> Vec<u8> {
    format!("学号,姓名\n{student_no},{name}\n").into_bytes()
}

async fn state(app: &TestApp) -> (String, Option<String>) {
    let last = reports(app).await.pop().unwrap();
    (last.state, last.closed_how)
}

#[tokio::test]
async fn the_value_that_was_claimed_closes_the_report_and_the_student_is_told() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let browser = with_report(&exchange).await;

    let batch = exchange.import("students", &name_only("1", "张山")).await;

    assert_eq!(state(&app).await, ("closed".into(), Some("mended".into())));
    assert_eq!(reports(&app).await[0].batch_id, Some(batch.id));
    assert_eq!(told(&app).await, ["“姓名”已更正"]);
    browser
        .get("/student/record/name")
        .await
        .assert_says("已更正")
        .assert_says("张三 → <strong>张山</strong>");
}

#[tokio::test]
async fn another_value_closes_it_too_and_says_so() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let browser = with_report(&exchange).await;

    exchange.import("students", &name_only("1", "张叁")).await;

    assert_eq!(state(&app).await, ("closed".into(), Some("other_value".into())));
    assert_eq!(told(&app).await, ["“姓名”已更改，与你报告的不同"]);
    browser
        .get("/student/messages")
        .await
        .assert_says("与你报告的不同");
    let student = exchange.student("1").await;
    report(&browser, &student, Field::Name, "张山")
        .await
        .assert_status(303);
    assert_eq!(reports(&app).await.len(), 2);
}

#[tokio::test]
async fn a_change_of_another_field_or_another_student_leaves_it_open() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    with_report(&exchange).await;

    exchange
        .import("students", "学号,班级\n1,机械1\n".as_bytes())
        .await;
    exchange.import("students", &name_only("2", "张山")).await;
    exchange.import("students", &name_only("1", "张三")).await;

    assert_eq!(state(&app).await, ("open".into(), None));
    assert!(told(&app).await.is_empty());
}

#[tokio::test]
async fn names_and_codes_are_understood_as_the_exchange_writes_them() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange.import("students", &file(&[row("1", "张三")])).await;
    let student = exchange.student("1").await;
    let browser = app.student(&student).await;
    for (field, claimed) in [
        (Field::Residence, "文治书院"),
        (Field::Sex, "女"),
        (Field::BirthDate, "2005年1月2日"),
        (Field::Length, "5年"),
    ] {
        report(&browser, &student, field, claimed)
            .await
            .assert_status(303);
    }

    let mended = "学号,书院,性别,出生日期,学制\n1,S02,2,20050102,5\n";
    exchange.import("students", mended.as_bytes()).await;

    let ends: Vec<_> = reports(&app)
        .await
        .into_iter()
        .map(|one| one.closed_how)
        .collect();
    assert_eq!(ends, vec![Some("mended".to_owned()); 4]);
    assert_eq!(told(&app).await.len(), 4);
}

#[tokio::test]
async fn an_undo_opens_again_what_the_import_closed() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let browser = with_report(&exchange).await;
    let batch = exchange.import("students", &name_only("1", "张山")).await;

    exchange.post(batch.id, "reversal", &[]).await.assert_status(303);

    assert_eq!(state(&app).await, ("open".into(), None));
    assert_eq!(
        told(&app).await.last().unwrap(),
        "“姓名”的更改已撤销，你的报告继续处理"
    );
    browser.get("/student/record/name").await.assert_says("处理中");
    // And the next import closes it again.
    exchange.import("students", &name_only("1", "张山")).await;
    assert_eq!(state(&app).await, ("closed".into(), Some("mended".into())));
}

#[tokio::test]
async fn an_undo_leaves_closed_what_has_been_changed_or_reported_anew() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let browser = with_report(&exchange).await;
    let wrong = exchange.import("students", &name_only("1", "张叁")).await;
    exchange.import("students", &name_only("1", "张山")).await;
    exchange.post(wrong.id, "reversal", &[]).await.assert_status(303);
    assert_eq!(
        state(&app).await,
        ("closed".into(), Some("other_value".into())),
        "the name is not what that import wrote any more"
    );

    let student = exchange.student("1").await;
    report(&browser, &student, Field::Sex, "女").await;
    let batch = exchange.import("students", "学号,性别\n1,0\n".as_bytes()).await;
    let student = exchange.student("1").await;
    report(&browser, &student, Field::Sex, "女")
        .await
        .assert_status(303);
    exchange.post(batch.id, "reversal", &[]).await.assert_status(303);

    let of_sex: Vec<String> = reports(&app)
        .await
        .into_iter()
        .filter(|one| one.field == "sex")
        .map(|one| one.state)
        .collect();
    assert_eq!(of_sex, ["closed", "open"], "one report a field is open");
}

#[tokio::test]
async fn an_import_of_a_student_who_has_reported_something_cannot_be_undone() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch = exchange.import("students", &file(&[row("1", "张三")])).await;
    let student = exchange.student("1").await;
    report(&app.student(&student).await, &student, Field::Name, "张山").await;

    exchange
        .post(batch.id, "reversal", &[])
        .await
        .assert_status(409)
        .assert_says("本人已报告信息有误");
}

#[tokio::test]
async fn many_reports_are_closed_by_one_import() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let numbers: Vec<String> = (1..=40).map(|number| format!("{number:03}")).collect();
    let rows: Vec<String> = numbers.iter().map(|number| row(number, "张三")).collect();
    exchange.import("students", &file(&rows)).await;
    for student in exchange.students().await {
        let browser = app.student(&student).await;
        report(&browser, &student, Field::Name, "张山")
            .await
            .assert_status(303);
    }

    let rows: Vec<String> = numbers.iter().map(|number| row(number, "张山")).collect();
    exchange.import("students", &file(&rows)).await;

    assert!(
        reports(&app)
            .await
            .iter()
            .all(|one| one.closed_how.as_deref() == Some("mended"))
    );
    assert_eq!(told(&app).await.len(), 40);
}
