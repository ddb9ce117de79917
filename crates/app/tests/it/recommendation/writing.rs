//! Filling in: saved as it is typed, never overwritten unseen, submitted once.

use axum::body::Body;
use axum::http::Request;
use qihang_db::{Action, Role};

use super::{
    OWN, QUEUE, TEXTS, filled, forms, give_back, open_sections, post, states, submit, told, university,
    versions, with_student,
};
use crate::activation::{complaints, events, hidden};
use crate::support::{Browser, Reply, TestApp};

/// Saves a section as the script of the page does.
async fn save(browser: &Browser, section: &str, fields: &[(&str, &str)]) -> Reply {
    let request = Request::post(format!("{OWN}/sections/{section}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(serde_html_form::to_string(fields).unwrap()))
        .unwrap();
    browser.send(request).await
}

fn answer(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.bytes).unwrap()
}

#[tokio::test]
async fn who_is_not_activated_is_told_which_step_is_missing() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    let browser = app.student(&student).await;
    browser
        .get(OWN)
        .await
        .assert_status(403)
        .assert_says("还不在生源信息库中");
    app.fixture().on_roster(student.id, 2027).await;

    browser
        .get(OWN)
        .await
        .assert_status(403)
        .assert_says("你的账户还没有激活")
        .assert_says("/student/activation");
    save(&browser, "awards", &[("text", "x"), ("revision", "0")])
        .await
        .assert_status(403);
    assert!(forms(&app).await.is_empty());
}

#[tokio::test]
async fn what_is_typed_is_saved_section_by_section_and_says_when() {
    let (app, _, browser, _) = with_student().await;
    browser
        .get(OWN)
        .await
        .assert_status(200)
        .assert_says("卢宇1")
        .assert_says("陕西省西安市")
        .assert_says("someone@mail.example")
        .assert_says("学习成绩/专业排名")
        .assert_does_not_say("证件号")
        .assert_says("未开始");

    let first = save(&browser, "awards", &[("text", "一等奖"), ("revision", "0")]).await;
    first.assert_status(200);
    assert_eq!(answer(&first)["revision"], 1);
    assert_eq!(answer(&first)["at"], "10:00:00");
    let second = save(
        &browser,
        "awards",
        &[("text", "一等奖\r\n两次"), ("revision", "1")],
    )
    .await;

    assert_eq!(answer(&second)["revision"], 2);
    let page = browser.get(OWN).await;
    page.assert_says("一等奖\n两次")
        .assert_says("已保存 10:00:00")
        .assert_says("填写中");
    // A draft is no change of a record.
    assert!(events(&app, Action::RecommendationSubmitted).await.is_empty());
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_was_lost_on_its_way_is_no_conflict() {
    let (_app, _, browser, _) = with_student().await;
    save(&browser, "awards", &[("text", "一"), ("revision", "0")])
        .await
        .assert_status(200);

    // The page never heard of it: it sends the same again, or what was typed since.
    let again = save(&browser, "awards", &[("text", "一"), ("revision", "0")]).await;
    assert_eq!(answer(&again)["revision"], 1);
    let more = save(
        &browser,
        "awards",
        &[("text", "一二"), ("revision", "0"), ("sent", "一")],
    )
    .await;

    more.assert_status(200);
    assert_eq!(answer(&more)["revision"], 2);
}

#[tokio::test]
async fn two_windows_that_write_the_same_section_are_shown_both_texts() {
    let (_app, _, browser, _) = with_student().await;
    let first = browser.get(OWN).await;
    let second = browser.get(OWN).await;
    post(
        &browser,
        OWN,
        &filled(&first, &[("awards", "甲窗口"), ("duties", "班长")]),
    )
    .await
    .assert_status(303);

    let by_script = save(&browser, "awards", &[("text", "乙窗口"), ("revision", "0")]).await;
    by_script.assert_status(409);
    assert_eq!(answer(&by_script)["other"]["text"], "甲窗口");
    assert_eq!(answer(&by_script)["other"]["revision"], 1);
    // Without script: the other sections are saved, and the page shows both texts of this one.
    let refused = post(
        &browser,
        OWN,
        &filled(
            &second,
            &[("awards", "乙窗口"), ("duties", "班长"), ("strengths", "长跑")],
        ),
    )
    .await;
    refused
        .assert_status(409)
        .assert_says("甲窗口")
        .assert_says("乙窗口")
        .assert_says("另一窗口保存的内容");
    let page = browser.get(OWN).await;
    page.assert_says("甲窗口")
        .assert_says("长跑")
        .assert_does_not_say("乙窗口");

    // Who saves again after having seen both means it.
    let texts = [("awards", "乙窗口"), ("duties", "班长"), ("strengths", "长跑")];
    post(&browser, OWN, &filled(&refused, &texts))
        .await
        .assert_status(303);
    browser
        .get(OWN)
        .await
        .assert_says("乙窗口")
        .assert_does_not_say("甲窗口");
}

#[tokio::test]
async fn twenty_first_saves_at_once_begin_one_form() {
    let (app, _, browser, _) = with_student().await;
    let sections = ["rank", "languages", "duties", "awards"];
    let saves = (0..20).map(|number| {
        let browser = browser.clone();
        async move {
            let section = sections[number % sections.len()];
            save(&browser, section, &[("text", "同样的内容"), ("revision", "0")]).await
        }
    });

    for reply in futures::future::join_all(saves).await {
        reply.assert_status(200);
    }
    assert_eq!(forms(&app).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_submitted_is_named_beside_its_field_and_kept() {
    let (app, _, browser, _) = with_student().await;
    let long = "长".repeat(301);
    let texts = [("awards", long.as_str()), ("intention", " \n ")];

    let reply = submit(&browser, &texts).await;

    reply
        .assert_status(422)
        .assert_says("还不能提交：有 3 项需要修改")
        .assert_says("超出 1 字：最多 300 字，现在 301 字")
        .assert_says("此项必填")
        .assert_says("data-summary")
        .assert_says(&long);
    assert!(versions(&app).await.is_empty());
    browser.get(OWN).await.assert_says(&long).assert_says("填写中");
}

#[tokio::test]
async fn it_is_submitted_once_however_often_it_is_pressed() {
    let (app, _, browser, _) = with_student().await;
    let page = browser.get(OWN).await;
    let form = filled(&page, &TEXTS);
    let address = "/student/recommendation/submission";

    let presses = (0..10).map(|_| post(&browser, address, &form));
    for reply in futures::future::join_all(presses).await {
        assert_eq!(reply.assert_status(303).location(), OWN);
    }

    assert_eq!(states(&app).await, [("submitted".to_owned(), None)]);
    assert_eq!(events(&app, Action::RecommendationSubmitted).await.len(), 1);
    browser
        .get(OWN)
        .await
        .assert_says("等待院系审核")
        .assert_does_not_say("name=\"text.");
    browser.get("/student").await.assert_says("推荐表待审核");
    // A window that was open all the time does not lose what was typed into it.
    let other = filled(
        &page,
        &[
            ("awards", "后来写的"),
            ("intention", "去北京"),
            ("appraisal", "好"),
        ],
    );
    post(&browser, address, &other)
        .await
        .assert_status(409)
        .assert_says("没有保存的内容")
        .assert_says("后来写的");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_student_takes_it_back_until_an_officer_has_opened_it() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    browser
        .post("/student/recommendation/recall", &[])
        .await
        .assert_status(303);
    browser
        .get(OWN)
        .await
        .assert_says("填写中")
        .assert_says("踏实肯干")
        .assert_says("已撤回");
    // Pressed twice, it is taken back once.
    browser
        .post("/student/recommendation/recall", &[])
        .await
        .assert_status(303);
    assert_eq!(events(&app, Action::RecommendationRecalled).await.len(), 1);
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    // The centre watches and decides nothing: that it looks does not count.
    let centre = app.signed_in(Role::Centre, None).await;
    centre.get(&format!("{QUEUE}/{form_id}")).await.assert_status(200);
    browser.get(OWN).await.assert_says("撤回");

    officer
        .get(&format!("{QUEUE}/{form_id}"))
        .await
        .assert_status(200);

    browser.get(OWN).await.assert_says("现在不能撤回或修改");
    browser
        .post("/student/recommendation/recall", &[])
        .await
        .assert_status(409)
        .assert_says("老师已经打开推荐表");
    let states = states(&app).await;
    assert_eq!(states[0].0, "recalled");
    assert_eq!(states[1].0, "submitted");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_returned_form_opens_only_what_was_objected_to() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    give_back(
        &officer,
        form_id,
        "objected",
        &[("awards", "请写明授予单位。"), ("rank", "")],
    )
    .await
    .assert_status(303);

    let page = browser.get(OWN).await;
    page.assert_says("已退回").assert_says("请写明授予单位。");
    assert_eq!(open_sections(&page), ["awards"]);
    assert_eq!(told(&app).await, ["推荐表被退回，请修改"]);
    browser.get("/student").await.assert_says("推荐表被退回");
    let closed = save(&browser, "rank", &[("text", "第一"), ("revision", "1")]).await;
    closed.assert_status(422);
    closed.assert_says("此项没有审核意见");
    submit(&browser, &[("awards", "2025年获教育厅一等奖学金")])
        .await
        .assert_status(303);

    let states = states(&app).await;
    assert_eq!(
        (states[0].0.as_str(), states[1].0.as_str()),
        ("returned", "submitted")
    );
    officer
        .get(&format!("{QUEUE}/{form_id}"))
        .await
        .assert_says("上次的意见：请写明授予单位。")
        .assert_says("<ins class=\"becomes\">教育厅</ins>")
        .assert_says("专业排名 12/98");
    // Unless the officer opens everything.
    give_back(&officer, form_id, "all", &[("awards", "还是不全。")])
        .await
        .assert_status(303);
    assert_eq!(open_sections(&browser.get(OWN).await).len(), 8);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn nothing_but_text_gets_onto_the_page() {
    let (app, _, browser, officer) = with_student().await;
    let texts = [
        ("rank", "<script>alert(1)</script>"),
        ("awards", "a\0b\u{202e}c\u{7}"),
        ("intention", "#set page() $x$ \\ {{ 7*7 }}"),
        ("appraisal", "𬭎䶮"),
    ];
    submit(&browser, &texts).await.assert_status(303);
    let form_id = forms(&app).await[0].id;

    let page = officer.get(&format!("{QUEUE}/{form_id}")).await;
    page.assert_status(200)
        .assert_does_not_say("<script>alert")
        .assert_says("abc")
        .assert_says("#set page() $x$ \\ {{ 7*7 }}")
        .assert_says("𬭎䶮");
    let lines = "一行\n".repeat(10_000);
    let (_app, _, other, _) = with_student().await;
    let reply = save(&other, "awards", &[("text", &lines), ("revision", "0")]).await;
    reply.assert_status(422).assert_says("内容过长");
    save(&other, "nonsense", &[("text", "x"), ("revision", "0")])
        .await
        .assert_status(404);
}

#[tokio::test]
async fn nobody_reaches_the_form_of_another_student() {
    let (app, students) = university(2).await;
    let (first, second) = (app.student(&students[0]).await, app.student(&students[1]).await);
    submit(&first, &TEXTS).await.assert_status(303);

    second
        .get(OWN)
        .await
        .assert_says("未开始")
        .assert_does_not_say("踏实肯干");
    second
        .post("/student/recommendation/recall", &[])
        .await
        .assert_status(409);
    assert_eq!(states(&app).await, [("submitted".to_owned(), None)]);
    // A preview is of the own form, as it would be submitted.
    first
        .get("/student/recommendation/preview")
        .await
        .assert_status(200)
        .assert_says("踏实肯干")
        .assert_says("/portal/photo/image");
}

#[tokio::test]
async fn a_page_that_is_older_than_the_form_submits_nothing() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    browser
        .post("/student/recommendation/recall", &[])
        .await
        .assert_status(303);
    let old = browser.get(OWN).await;
    submit(&browser, &TEXTS).await.assert_status(303);
    give_back(
        &officer,
        forms(&app).await[0].id,
        "all",
        &[("awards", "请核实。")],
    )
    .await
    .assert_status(303);

    let reply = post(
        &browser,
        "/student/recommendation/submission",
        &filled(&old, &TEXTS),
    )
    .await;

    reply.assert_status(409).assert_says("推荐表在打开本页之后有变化");
    assert_eq!(versions(&app).await.len(), 2);
    assert_ne!(hidden(&old, "revision"), hidden(&reply, "revision"));
}
