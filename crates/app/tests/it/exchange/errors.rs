//! What bad input gets.

use qihang_db::Role;

use super::{Exchange, file, row};
use crate::support::TestApp;

#[tokio::test]
async fn an_officer_of_a_college_does_not_import() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;

    for address in [
        "/manage/imports",
        "/manage/imports/refusals",
        "/manage/imports/template/students",
        "/manage/imports/1",
    ] {
        officer.get(address).await.assert_status(403);
    }
    let content = file(&[row("1", "张三")]);
    officer
        .upload(
            "/manage/imports",
            &[("dataset", "students")],
            ("file", "a.csv", &content),
        )
        .await
        .assert_status(403);
    officer
        .post("/manage/imports/1/commitment", &[("mode", "good")])
        .await
        .assert_status(403);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_what_is_forged_is_refused() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;
    let browser = &exchange.browser;

    browser.get("/manage/imports/999").await.assert_status(404);
    browser
        .get("/manage/imports/template/lecturers")
        .await
        .assert_status(404);
    browser
        .get(&format!("/manage/imports/{batch_id}?rows=everything"))
        .await
        .assert_status(400);
    browser
        .get(&format!("/manage/imports/{batch_id}?rows=added&after=x"))
        .await
        .assert_status(400);
    browser.get("/manage/imports?after=x").await.assert_status(400);
    exchange
        .post(batch_id, "commitment", &[("mode", "half")])
        .await
        .assert_status(400);
    exchange.post(batch_id, "reversal", &[]).await.assert_status(409);
    exchange
        .post(999, "commitment", &[("mode", "good")])
        .await
        .assert_status(404);
    browser
        .upload(
            "/manage/imports",
            &[("dataset", "lecturers")],
            ("file", "a.csv", b"x"),
        )
        .await
        .assert_status(400);
    let reply = browser
        .upload("/manage/imports", &[("dataset", "students")], ("file", "", b""))
        .await;
    reply.assert_status(422).assert_says("请选择文件");
}

#[tokio::test]
async fn a_file_that_is_not_what_its_name_says_is_refused_with_its_reason() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let cases: [(&str, &[u8], &str); 5] = [
        ("照片.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "图片"),
        ("空.csv", b"", "空的"),
        ("断.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0", "损坏"),
        ("重.csv", "学号,姓名,学号\n1,张三,2\n".as_bytes(), "出现了两次"),
        ("缺.csv", "姓名\n张三\n".as_bytes(), "没有“学号”这一列"),
    ];
    for (name, content, words) in cases {
        let batch_id = exchange
            .upload_with(&[("dataset", "students")], name, content)
            .await;
        assert_eq!(exchange.batch(batch_id).await.state, "failed", "{name}");
        exchange.page(batch_id).await.assert_says(words);
    }
    assert!(exchange.students().await.is_empty());
}

#[tokio::test]
async fn the_own_file_comes_back_with_reasons_and_the_template_has_the_headings() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange
        .upload("students", &file(&[row("1", "张三"), row("", "无号")]))
        .await;

    let answer = exchange
        .browser
        .get(&format!("/manage/imports/{batch_id}/answer"))
        .await;
    answer
        .assert_status(200)
        .assert_says("手机,原因")
        .assert_says("学号为空");
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("result.csv")
    );

    let template = exchange.browser.get("/manage/imports/template/students").await;
    template.assert_status(200);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.xlsx");
    std::fs::write(&path, &template.bytes).unwrap();
    let reader = qihang_sheet::open(&path, &qihang_sheet::Limits::default()).unwrap();
    assert_eq!(reader.headings()[..2], ["学号", "姓名"]);
}
