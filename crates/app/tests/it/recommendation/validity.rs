//! What counts, and until when.

use qihang_db::{Action, Role};

use super::{OWN, QUEUE, TEXTS, approve, approved, forms, states, submit, told, versions, with_student};
use crate::activation::{complaints, events, hidden};
use crate::exchange::Exchange;
use crate::support::Browser;

fn words(validity: &str) -> (String, Option<String>) {
    ("approved".to_owned(), Some(validity.to_owned()))
}

#[tokio::test]
async fn an_approved_version_counts_until_a_new_one_is_approved() {
    let (app, _, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    for _ in 0..2 {
        browser
            .post("/student/recommendation/revision", &[])
            .await
            .assert_status(303);
    }
    assert_eq!(events(&app, Action::RecommendationRevised).await.len(), 1);
    browser.get(OWN).await.assert_says("踏实肯干").assert_says("有效");
    browser
        .get("/student")
        .await
        .assert_says("原来通过的推荐表仍然有效")
        .assert_says("已通过，新版本填写中");
    let texts = TEXTS.map(|(code, text)| {
        if code == "awards" {
            (code, "2026年获国家奖学金")
        } else {
            (code, text)
        }
    });
    submit(&browser, &texts).await.assert_status(303);
    assert_eq!(states(&app).await[0], words("valid"));

    let page = officer.get(&format!("{QUEUE}/{}", form.id)).await;
    page.assert_says("左：第 1 版（已通过）；右：第 2 版");
    approve(&officer, form.id).await.assert_status(303);

    assert_eq!(states(&app).await, [words("replaced"), words("valid")]);
    browser.get(OWN).await.assert_says("已被新版本替换");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

async fn import(app: &crate::support::TestApp, centre: &Browser, name: &str, class: &str) {
    let exchange = Exchange {
        app,
        browser: centre.clone(),
    };
    let file = format!("学号,姓名,学院,专业,入学年份,班级\n2230100001,{name},001,B001,2023,{class}\n");
    exchange.import("students", file.as_bytes()).await;
}

#[tokio::test]
async fn a_changed_record_asks_for_a_new_version_and_the_old_one_counts_meanwhile() {
    let (app, _, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    let centre = app.signed_in(Role::Centre, None).await;
    // What does not stand on the form changes nothing.
    import(&app, &centre, "卢宇1", "机械232").await;
    assert!(versions(&app).await[0].changed_at.is_none());

    import(&app, &centre, "卢雨玉", "机械232").await;

    assert!(versions(&app).await[0].changed_at.is_some());
    assert_eq!(states(&app).await, [words("valid")]);
    assert_eq!(told(&app).await.last().unwrap(), "推荐表上的信息有变化，请更新");
    browser
        .get(OWN)
        .await
        .assert_says("你的学籍信息在推荐表通过之后有更改");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
    // A later import with the same says nothing again.
    let count = told(&app).await.len();
    import(&app, &centre, "卢雨玉", "机械233").await;
    assert_eq!(told(&app).await.len(), count);

    // The new version says what the record says.
    crate::activation::exchange(&app, forms(&app).await[0].student_id, |_| {}).await;
    browser
        .post("/student/recommendation/revision", &[])
        .await
        .assert_status(303);
    submit(&browser, &TEXTS).await.assert_status(303);
    approve(&officer, form.id).await.assert_status(303);
    let all = versions(&app).await;
    assert!(all[0].facts.contains("卢宇1") && all[1].facts.contains("卢雨玉"));
    assert!(all[1].changed_at.is_none());
}

#[tokio::test]
async fn a_record_that_changes_back_needs_nothing() {
    let (app, _, browser, officer) = with_student().await;
    approved(&app, &browser, &officer).await;
    let centre = app.signed_in(Role::Centre, None).await;
    import(&app, &centre, "卢雨玉", "机械231").await;
    assert!(versions(&app).await[0].changed_at.is_some());

    import(&app, &centre, "卢宇1", "机械231").await;

    assert!(versions(&app).await[0].changed_at.is_none());
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_student_mends_in_the_portal_counts_as_a_change_too() {
    let (app, _, browser, officer) = with_student().await;
    approved(&app, &browser, &officer).await;
    browser
        .post("/portal/profile", &[("political_status", "01")])
        .await
        .assert_status(303);

    assert!(versions(&app).await[0].changed_at.is_some());
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

async fn revoke(officer: &Browser, form_id: i64, reason: &str) -> crate::support::Reply {
    let address = format!("{QUEUE}/{form_id}");
    let page = officer.get(&address).await;
    let (version, revision) = (hidden(&page, "version"), hidden(&page, "revision"));
    let form = [
        ("version", version.as_str()),
        ("revision", revision.as_str()),
        ("reason", reason),
    ];
    officer.post(&format!("{address}/revocation"), &form).await
}

#[tokio::test]
async fn an_officer_revokes_with_a_reason_and_the_student_submits_anew() {
    let (app, _, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    revoke(&officer, form.id, " ").await.assert_status(422);
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    other
        .post(
            &format!("{QUEUE}/{}/revocation", form.id),
            &[("version", "1"), ("revision", "3"), ("reason", "x")],
        )
        .await
        .assert_status(404);

    revoke(&officer, form.id, "奖项不实。").await.assert_status(303);

    assert_eq!(states(&app).await, [words("revoked")]);
    assert_eq!(told(&app).await.last().unwrap(), "推荐表已被撤销");
    browser
        .get(OWN)
        .await
        .assert_says("已被撤销，不再有效")
        .assert_says("奖项不实。");
    browser.get("/student").await.assert_says("重新提交推荐表");
    assert_eq!(events(&app, Action::RecommendationRevoked).await.len(), 1);
    browser
        .post("/student/recommendation/revision", &[])
        .await
        .assert_status(303);
    submit(&browser, &TEXTS).await.assert_status(303);
    approve(&officer, form.id).await.assert_status(303);
    assert_eq!(states(&app).await, [words("revoked"), words("valid")]);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_student_whose_form_counts_is_not_taken_off_the_roster_before_it_is_revoked() {
    let (app, student, browser, officer) = with_student().await;
    let form = approved(&app, &browser, &officer).await;
    let id = student.id.to_string();
    let removal = [
        ("class_year", "2027"),
        ("pick", id.as_str()),
        ("reason", "申请延期毕业"),
    ];

    officer
        .post("/manage/roster/removals", &removal)
        .await
        .assert_status(409)
        .assert_says("推荐表已通过，须先在“推荐表审核”中撤销");

    revoke(&officer, form.id, "申请延期毕业。")
        .await
        .assert_status(303);
    officer
        .post("/manage/roster/removals", &removal)
        .await
        .assert_status(303);
    officer
        .get(&format!("{QUEUE}?state=all"))
        .await
        .assert_does_not_say("卢宇1");
    officer
        .get(&format!("{QUEUE}/{}", form.id))
        .await
        .assert_status(404);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_under_review_goes_back_when_its_student_leaves_the_roster() {
    let (app, student, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    officer
        .get(&format!("{QUEUE}/{form_id}"))
        .await
        .assert_status(200);
    let id = student.id.to_string();
    let removal = [("class_year", "2027"), ("pick", id.as_str()), ("reason", "休学")];

    officer
        .post("/manage/roster/removals", &removal)
        .await
        .assert_status(303);

    assert_eq!(states(&app).await, [("recalled".to_owned(), None)]);
    assert_eq!(forms(&app).await[0].state, "draft");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn who_moves_to_another_class_year_begins_a_new_form_there() {
    let (app, student, browser, officer) = with_student().await;
    approved(&app, &browser, &officer).await;
    app.fixture().class_year(2028, "open").await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = student.id.to_string();
    let moved = [
        ("class_year", "2027"),
        ("to", "2028"),
        ("pick", id.as_str()),
        ("reason", "申请延期毕业"),
    ];

    centre
        .post("/manage/roster/moves", &moved)
        .await
        .assert_status(303);

    assert_eq!(states(&app).await, [words("revoked")]);
    assert_eq!(told(&app).await.last().unwrap(), "推荐表已被撤销");
    browser.get(OWN).await.assert_status(403);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_is_taken_off_the_roster_while_the_form_is_being_approved() {
    for _ in 0..3 {
        let (app, student, browser, officer) = with_student().await;
        submit(&browser, &TEXTS).await.assert_status(303);
        let form_id = forms(&app).await[0].id;
        let address = format!("{QUEUE}/{form_id}");
        let page = officer.get(&address).await;
        let id = student.id.to_string();
        let removal = [("class_year", "2027"), ("pick", id.as_str()), ("reason", "休学")];
        let to = format!("{address}/approval");
        let form = super::approval(&page, "同意推荐。");

        let (approved, removed) = tokio::join!(
            super::post(&officer, &to, &form),
            officer.post("/manage/roster/removals", &removal),
        );

        let (approved, removed) = (approved.status == 303, removed.status == 303);
        assert!(
            approved != removed,
            "one of both: approved {approved}, removed {removed}"
        );
        let valid = states(&app).await.iter().any(|state| *state == words("valid"));
        assert_eq!(valid, approved);
        assert_eq!(complaints(&app).await, Vec::<String>::new());
    }
}
