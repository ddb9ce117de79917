//! Printing: only what counts, signed; drafts for the own eyes; a class as one file.

use std::process::Command;

use axum::http::header;
use qihang::job::run_waiting;
use qihang::recommendation::keys;
use qihang::recommendation::model::seal::{Statement, unseal};
use qihang_db::Role;

use super::{
    OWN, QUEUE, TEXTS, approve, approved, filled, forms, post, printed, submit, university, versions,
    with_student,
};
use crate::activation::hidden;
use crate::support::{Browser, Reply, TestApp};

const FORM: &str = "/student/recommendation/form.pdf";
const DRAFT: &str = "/student/recommendation/draft.pdf";

/// What a PDF says under its signature, form by form.
fn signed(app: &TestApp, reply: &Reply) -> Vec<Statement> {
    reply.assert_status(200);
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/pdf");
    let trusted = keys::trusted(&app.app.config.data_dir).unwrap();
    qihang_paper::attachments(&reply.bytes)
        .unwrap()
        .iter()
        .map(|attached| unseal(attached, &trusted).unwrap().0)
        .collect()
}

fn numbers(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|one| one.form_no.as_str()).collect()
}

#[tokio::test]
async fn only_what_is_approved_is_printed_and_it_says_what_was_approved() {
    let (app, student, browser, officer) = with_student().await;
    browser
        .get(FORM)
        .await
        .assert_status(409)
        .assert_says("审核通过之后才能打印");
    submit(&browser, &TEXTS).await.assert_status(303);
    browser.get(FORM).await.assert_status(409);
    let form = forms(&app).await.pop().unwrap();
    officer
        .get(&format!("{QUEUE}/{}/form.pdf", form.id))
        .await
        .assert_status(404);
    approve(&officer, form.id).await.assert_status(303);
    assert_eq!(versions(&app).await[0].printed_at, None);

    let reply = browser.get(FORM).await;

    let statement = signed(&app, &reply).pop().unwrap();
    let disposition = reply.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert!(disposition.contains("2027-S01-00001_"), "{disposition}");
    let version = versions(&app).await.remove(0);
    assert_eq!(statement.form_no, "2027-S01-00001");
    assert_eq!((statement.version, statement.class_year), (1, 2027));
    assert_eq!(statement.date, "2026年9月10日");
    assert_eq!(statement.opinion, "同意推荐。");
    assert!(statement.facts.contains(&("姓名".into(), student.name.clone())));
    assert!(
        statement
            .facts
            .iter()
            .all(|(_, value)| !value.contains(&student.document_no))
    );
    assert!(
        statement
            .sections
            .contains(&("自我评价".into(), "踏实肯干，乐于合作。".into()))
    );
    let code = printed(&version).replace('-', "");
    assert!(
        statement
            .url
            .ends_with(&format!("/verify?no=2027-S01-00001&code={code}")),
        "{}",
        statement.url
    );
    let path = statement.url.split_once("/verify").unwrap().1;
    app.visitor()
        .get(&format!("/verify{path}"))
        .await
        .assert_says("真实，现行有效");
    assert_eq!(version.printed_at, Some(app.clock.now()));
    assert_eq!(
        app.audit_actions().await.last().map(String::as_str),
        Some("recommendation.printed")
    );
    // The officer prints the same.
    let by_officer = officer.get(&format!("{QUEUE}/{}/form.pdf", form.id)).await;
    assert_eq!(signed(&app, &by_officer), [statement]);
    officer
        .get("/manage/recommendations/statistics")
        .await
        .assert_says("data-label=\"已打印\">1<");
}

#[tokio::test]
async fn what_counts_is_printed_while_a_new_version_is_written_and_what_was_revoked_is_not() {
    let (app, _, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    browser
        .post("/student/recommendation/revision", &[])
        .await
        .assert_status(303);
    let mut other = TEXTS;
    other[3].1 = "新的自我评价。";
    submit(&browser, &other).await.assert_status(303);

    let statement = signed(&app, &browser.get(FORM).await).pop().unwrap();
    assert_eq!(statement.version, 1);
    assert!(
        statement
            .sections
            .contains(&("自我评价".into(), TEXTS[3].1.into()))
    );

    approve(&officer, form.id).await.assert_status(303);
    assert_eq!(signed(&app, &browser.get(FORM).await)[0].version, 2);
    let address = format!("{QUEUE}/{}", form.id);
    let page = officer.get(&address).await;
    let revocation = [
        ("version", hidden(&page, "version")),
        ("revision", hidden(&page, "revision")),
        ("reason", "不实。".into()),
    ];
    let revocation = revocation.map(|(name, value)| (name.to_owned(), value));
    post(&officer, &format!("{address}/revocation"), &revocation)
        .await
        .assert_status(303);
    browser.get(FORM).await.assert_status(409);
    officer
        .get(&format!("{address}/form.pdf"))
        .await
        .assert_status(404);
}

#[tokio::test]
async fn a_draft_is_printed_for_the_own_eyes_and_proves_nothing() {
    let (app, _, browser, _) = with_student().await;
    browser
        .get("/student/recommendation/preview")
        .await
        .assert_says("draft.pdf");

    let reply = browser.get(DRAFT).await;

    assert!(signed(&app, &reply).is_empty());
    assert!(reply.bytes.starts_with(b"%PDF-"));
    app.visitor().get(DRAFT).await.assert_status(303);
    app.signed_in(Role::Centre, None)
        .await
        .get(DRAFT)
        .await
        .assert_status(303);
    assert!(forms(&app).await.is_empty());
}

#[tokio::test]
async fn characters_that_cannot_be_printed_are_named_before_anything_is_submitted() {
    let (app, _, browser, officer) = with_student().await;
    let saved = browser
        .post(
            "/student/recommendation/sections/appraisal",
            &[("text", "乐观😀，名𠮷"), ("revision", "0")],
        )
        .await;
    saved.assert_status(200).assert_says("“😀”无法打印");
    saved.assert_does_not_say("𠮷");

    let mut texts = TEXTS;
    texts[3].1 = "乐观😀🚀😀";
    submit(&browser, &texts)
        .await
        .assert_status(422)
        .assert_says("“😀”“🚀”无法打印（表情符号或极生僻的字）")
        .assert_says("乐观😀🚀😀");
    assert!(versions(&app).await.is_empty());
    // Rare characters that the fonts have are printed.
    texts[3].1 = "籍贯为𠮷村，名㛃、䶮、𬭎。";
    submit(&browser, &texts).await.assert_status(303);
    let form = forms(&app).await.pop().unwrap();
    let address = format!("{QUEUE}/{}", form.id);
    let page = officer.get(&address).await;
    post(
        &officer,
        &format!("{address}/approval"),
        &super::approval(&page, "同意👍"),
    )
    .await
    .assert_status(422)
    .assert_says("“👍”无法打印");
    approve(&officer, form.id).await.assert_status(303);
    let statement = signed(&app, &browser.get(FORM).await).pop().unwrap();
    assert!(statement.sections.iter().any(|(_, text)| text == texts[3].1));
}

#[tokio::test]
async fn mark_up_and_commands_are_printed_as_the_text_that_they_are() {
    let (app, _, browser, officer) = with_student().await;
    let mut texts = TEXTS;
    texts[3].1 = "#read(\"/etc/passwd\") <script>alert(1)</script> $x^2$ \\ *粗* @label";
    submit(&browser, &texts).await.assert_status(303);
    let form = forms(&app).await.pop().unwrap();
    approve(&officer, form.id).await.assert_status(303);

    let statement = signed(&app, &browser.get(FORM).await).pop().unwrap();

    assert!(statement.sections.iter().any(|(_, text)| text == texts[3].1));
}

#[tokio::test]
async fn a_paste_of_ten_thousand_lines_is_refused_and_is_not_lost_from_the_page() {
    let (_app, _, browser, _) = with_student().await;
    let paste = "一行字\n".repeat(10_000);

    let page = browser.get(OWN).await;
    let texts = [("intention", "西安"), ("appraisal", paste.as_str())];
    let reply = post(
        &browser,
        "/student/recommendation/submission",
        &filled(&page, &texts),
    )
    .await;

    reply
        .assert_status(422)
        .assert_says("内容过长")
        .assert_says("一行字");
    browser
        .get(OWN)
        .await
        .assert_says("西安")
        .assert_does_not_say("一行字");
}

/// So many students whose forms are approved, and their officer.
async fn class(count: usize) -> (TestApp, Browser) {
    let (app, students) = university(count).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    for student in students.iter().rev() {
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
        let form = forms(&app).await.pop().unwrap();
        approve(&officer, form.id).await.assert_status(303);
    }
    (app, officer)
}

async fn order(browser: &Browser, query: &str) -> String {
    let reply = browser
        .post(&format!("/manage/recommendations/prints?{query}"), &[])
        .await;
    reply.assert_status(303);
    reply.location()
}

#[tokio::test]
async fn a_class_is_one_file_that_is_fetched_from_its_job_as_often_as_one_likes() {
    let (app, officer) = class(3).await;
    officer
        .get(&format!("{QUEUE}?state=approved"))
        .await
        .assert_says("打印 3 份（PDF）");
    officer.get(QUEUE).await.assert_does_not_say("份（PDF）");

    let job = order(&officer, "state=approved").await;
    officer.get(&job).await.assert_says("打印推荐表");
    run_waiting(&app.app).await.unwrap();

    officer
        .get(&job)
        .await
        .assert_says("共 3 份，文件已生成，请下载。")
        .assert_says("2027届推荐表_3份_20260910.pdf");
    let file = officer.get(&format!("{job}/file")).await;
    let statements = signed(&app, &file);
    // By 学号; the numbers were given the other way round.
    assert_eq!(
        numbers(&statements),
        ["2027-S01-00003", "2027-S01-00002", "2027-S01-00001"]
    );
    let again = officer.get(&format!("{job}/file")).await;
    assert_eq!(again.bytes, file.bytes);
    assert!(
        versions(&app)
            .await
            .iter()
            .all(|version| version.printed_at.is_some())
    );
    let colleague = app.signed_in(Role::Officer, Some("S02")).await;
    colleague.get(&format!("{job}/file")).await.assert_status(404);
    // Nothing of another 院.
    assert!(order(&colleague, "state=approved").await.starts_with(QUEUE));
    colleague
        .get(&format!("{QUEUE}?state=approved"))
        .await
        .assert_says("没有现行有效的推荐表可以打印");
    let one = order(&officer, "q=2230100002").await;
    run_waiting(&app.app).await.unwrap();
    let file = officer.get(&format!("{one}/file")).await;
    assert_eq!(numbers(&signed(&app, &file)), ["2027-S01-00002"]);
}

#[tokio::test]
async fn a_form_whose_photo_has_been_damaged_is_left_out_of_the_class_and_named() {
    let (app, officer) = class(2).await;
    let key = versions(&app).await[0].photo_key.clone().unwrap();
    app.app.files.put(&key, b"no picture".to_vec()).await.unwrap();

    let job = order(&officer, "").await;
    run_waiting(&app.app).await.unwrap();

    officer
        .get(&job)
        .await
        .assert_says("共 1 份，文件已生成")
        .assert_says("有 1 份没有打印：编号 2027-S01-00001 的推荐表无法打印：照片文件缺失或损坏");
    let file = officer.get(&format!("{job}/file")).await;
    assert_eq!(numbers(&signed(&app, &file)), ["2027-S01-00002"]);
    let damaged = forms(&app).await.remove(0);
    officer
        .get(&format!("{QUEUE}/{}/form.pdf", damaged.id))
        .await
        .assert_status(409)
        .assert_says("照片文件缺失或损坏");
    let printed: Vec<bool> = versions(&app)
        .await
        .iter()
        .map(|version| version.printed_at.is_some())
        .collect();
    assert_eq!(printed, [false, true]);
}

#[tokio::test]
async fn the_command_checks_a_file_without_asking_the_database() {
    let (app, _, browser, officer) = with_student().await;
    approved(&app, &browser, &officer).await;
    let pdf = browser.get(FORM).await.bytes;
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_qihang"))
            .current_dir(folder.path())
            .env("QIHANG_DATA_DIR", &app.app.config.data_dir)
            .env("DATABASE_URL", "sqlite://nowhere/none.sqlite")
            .arg("verify-form")
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
        (done.status.code(), said)
    };

    let (status, said) = check("form.pdf", &pdf);
    assert_eq!(status, Some(0), "{said}");
    for words in [
        "✓ 签名有效",
        "2027-S01-00001",
        "卢宇1",
        "同意推荐。",
        "/verify?no=",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let (status, said) = check("draft.pdf", &browser.get(DRAFT).await.bytes);
    assert_eq!(status, Some(1));
    assert!(said.contains("没有签名数据"), "{said}");
    let (status, said) = check("text.pdf", b"no PDF");
    assert_eq!(status, Some(1));
    assert!(said.contains("不是 PDF 文件"), "{said}");
    // The form of somebody else, who made a key of their own.
    for entry in std::fs::read_dir(keys::folder(&app.app.config.data_dir)).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let strange = browser.get(FORM).await.bytes;
    assert_eq!(check("strange.pdf", &strange).0, Some(0));
    let (status, said) = check("form.pdf", &pdf);
    assert_eq!(status, Some(1));
    assert!(said.contains("密钥不在信任之列"), "{said}");
}
