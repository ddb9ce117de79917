//! The public check.

use super::{OWN, TEXTS, approve, approved, forms, printed, signed_in_again, submit, versions, with_student};
use crate::activation::instant;
use crate::support::{Reply, TestApp};

async fn check(app: &TestApp, number: &str, code: &str) -> Reply {
    let query = serde_html_form::to_string([("no", number), ("code", code)]).unwrap();
    app.visitor().get(&format!("/verify?{query}")).await
}

#[tokio::test]
async fn anybody_learns_whether_a_form_is_genuine_and_nothing_else_of_the_student() {
    let (app, student, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    let number = form.form_no.unwrap();
    let code = printed(&versions(&app).await[0]);
    app.visitor()
        .get("/verify")
        .await
        .assert_status(200)
        .assert_says("推荐表核验");

    let reply = check(&app, &number, &code).await;

    reply
        .assert_status(200)
        .assert_says("真实，现行有效")
        .assert_says("卢宇1")
        .assert_says("机械工程学院")
        .assert_says("专业B001")
        .assert_says("本科")
        .assert_says("2026-09-10");
    for secret in [
        student.student_no.as_str(),
        &student.document_no,
        "10000000001",
        "someone@mail.example",
        "踏实肯干",
        "同意推荐",
        "陕西省",
    ] {
        reply.assert_does_not_say(secret);
    }
    // However it is typed.
    check(
        &app,
        &number.to_lowercase(),
        &code.to_lowercase().replace('-', " "),
    )
    .await
    .assert_says("真实，现行有效");
    browser.get(OWN).await.assert_says("2 次，最近 2026-09-10 10:00");
    assert!(
        app.audit_actions()
            .await
            .iter()
            .all(|action| !action.contains("check"))
    );
}

#[tokio::test]
async fn replaced_and_revoked_forms_say_so() {
    let (app, student, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    let number = form.form_no.unwrap();
    app.clock.set(instant("2026-10-08T02:00:00Z"));
    let browser = app.student(&student).await;
    let officer = signed_in_again(&app).await;
    browser
        .post("/student/recommendation/revision", &[])
        .await
        .assert_status(303);
    submit(&browser, &TEXTS).await.assert_status(303);
    approve(&officer, form.id).await.assert_status(303);
    let all = versions(&app).await;
    let (old, new) = (printed(&all[0]), printed(&all[1]));

    check(&app, &number, &old)
        .await
        .assert_status(200)
        .assert_says("已被新版本替换")
        .assert_says("2026-10-08");
    check(&app, &number, &new).await.assert_says("真实，现行有效");
    let page = officer.get(&format!("{}/{}", super::QUEUE, form.id)).await;
    let (version, revision) = (
        crate::activation::hidden(&page, "version"),
        crate::activation::hidden(&page, "revision"),
    );
    let revocation = [
        ("version", version.as_str()),
        ("revision", revision.as_str()),
        ("reason", "不实。"),
    ];
    officer
        .post(&format!("{}/{}/revocation", super::QUEUE, form.id), &revocation)
        .await
        .assert_status(303);
    check(&app, &number, &new)
        .await
        .assert_says("已撤销，不再有效")
        .assert_does_not_say("不实");
    check(&app, &number, &old).await.assert_says("已被新版本替换");
}

#[tokio::test]
async fn a_wrong_code_and_a_wrong_number_are_told_the_same() {
    let (app, _, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    let number = form.form_no.unwrap();
    let code = printed(&versions(&app).await[0]);

    let wrong_code = check(&app, &number, "ABCD-EFGH-JKMN-PQRS").await;
    let wrong_number = check(&app, "2027-S01-00002", &code).await;
    let nonsense = check(&app, "' OR 1=1 --", "<script>").await;

    for reply in [&wrong_code, &wrong_number, &nonsense] {
        reply
            .assert_status(404)
            .assert_says("没有查到")
            .assert_does_not_say("卢宇1")
            .assert_does_not_say("<script>");
    }
    check(&app, &number, "").await.assert_status(422);
    assert_eq!(versions(&app).await[0].checks, 0);
    // What is only submitted has no code, and cannot be found.
    assert_eq!(forms(&app).await.len(), 1);
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    let (app, _, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    let number = form.form_no.unwrap();
    let code = printed(&versions(&app).await[0]);
    for _ in 0..30 {
        check(&app, &number, "ABCD-EFGH-JKMN-PQRS")
            .await
            .assert_status(404);
    }

    let reply = check(&app, &number, &code).await;

    reply.assert_status(429).assert_says("10 分钟后再试");
    assert_eq!(reply.headers["retry-after"], "600");
    app.clock.set(instant("2026-09-10T02:10:01Z"));
    check(&app, &number, &code).await.assert_status(200);
}
