//! 我的数据 (R15).

use qihang::activation::fields::{Field, Section};

use crate::activation::{activate, with_student};
use crate::exchange::{Exchange, file, row};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn every_field_stands_there_with_its_source_and_the_own_number_is_masked_until_it_is_asked_for() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;

    let page = browser.get("/student/record").await;

    page.assert_status(200)
        .assert_does_not_say(&student.document_no)
        .assert_says("数据交换平台 · 2026-09-10")
        .assert_says("校内信息门户")
        .assert_says("本人填写 · 激活时填写")
        .assert_does_not_say("定向委培单位");
    for section in Section::ALL {
        page.assert_says(section.heading());
    }
    for field in Field::ALL.iter().filter(|field| field.concerns(&student)) {
        page.assert_says(&format!("/student/record/{}\"", field.code()));
    }
    browser
        .get("/student/record?show=document_no")
        .await
        .assert_says(&student.document_no);
    browser.get("/student/record?show=name").await.assert_status(400);
}

#[tokio::test]
async fn contact_data_is_that_of_the_activation() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);

    browser
        .get("/student/record")
        .await
        .assert_says("10000000001")
        .assert_says("本人填写 · 2026-09-10");
    browser
        .get("/student/record/email")
        .await
        .assert_says("someone@mail.example");
}

#[tokio::test]
async fn each_field_says_when_the_exchange_brought_it() {
    let app = TestApp::start_at("2026-09-01T02:00:00Z").await;
    let exchange = Exchange::at(&app).await;
    exchange.import("students", &file(&[row("1", "张三")])).await;
    app.clock.set("2026-09-08T02:00:00Z".parse().unwrap());
    exchange
        .browser
        .sign_in("centre-all", PASSWORD)
        .await
        .assert_status(303);
    exchange.import("students", "学号,书院\n1,S02\n".as_bytes()).await;
    let browser = app.student(&exchange.student("1").await).await;

    let page = browser.get("/student/record").await.text();

    let line = |code: &str| {
        let from = page.find(&format!("/student/record/{code}\"")).unwrap();
        page[from..].split("</li>").next().unwrap().to_owned()
    };
    assert!(line("residence").contains("2026-09-08"));
    assert!(line("name").contains("2026-09-01"));
    browser
        .get("/student/record/residence")
        .await
        .assert_says("彭康书院 → <strong>文治书院</strong>")
        .assert_says("由数据交换平台首次提供");
}

#[tokio::test]
async fn an_identity_number_is_masked_in_the_history_too() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange.import("students", &file(&[row("1", "张三")])).await;
    for number in ["610101200412310028", "610101200412310036"] {
        let text = format!("学号,证件号\n1,{number}\n");
        exchange.import("students", text.as_bytes()).await;
    }

    app.student(&exchange.student("1").await)
        .await
        .get("/student/record/document_no")
        .await
        .assert_says("6101************28")
        .assert_does_not_say("610101200412310028")
        .assert_does_not_say("610101200412310036");
}
