//! The pages: who sees what, settling, 核对无遗漏, 为什么不在名单里.

use qihang::findings::rules::Touched;
use qihang_db::Role;

use super::stored::{findings, mend, refresh};
use crate::support::TestApp;

/// The form of the list with these rows ticked; reason by template.
pub fn settle_form(ids: &[i64], template: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut form = vec![("back", "class_year=2027"), ("template", template), ("note", "")];
    form.extend(ids.iter().map(|id| ("pick", &*id.to_string().leak())));
    form
}

#[tokio::test]
async fn an_officer_sees_and_settles_the_findings_of_the_own_college_only() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    app.fixture().master("32400000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let page = officer.get("/manage/findings").await;
    page.assert_status(200)
        .assert_says("22300000001")
        .assert_does_not_say("32400000001");
    officer
        .get("/manage/findings?college=001")
        .await
        .assert_status(404);
    officer
        .get("/manage/findings?q=324")
        .await
        .assert_does_not_say("32400000001");

    let of_the_master = findings(&app).await[1].id;
    officer
        .post(
            "/manage/findings/settlements",
            &settle_form(&[of_the_master], "checked"),
        )
        .await
        .assert_status(404);
    officer
        .post(
            "/manage/findings/settlements/withdrawals",
            &settle_form(&[of_the_master], ""),
        )
        .await
        .assert_status(404);
    assert!(
        findings(&app)
            .await
            .iter()
            .all(|finding| finding.settled_at.is_none())
    );
    assert_eq!(app.audit_actions().await, ["session.signed_in"]);
}

#[tokio::test]
async fn a_settled_finding_stays_visible_with_its_reason_and_can_be_taken_back() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let id = findings(&app).await[0].id;

    officer
        .post("/manage/findings/settlements", &settle_form(&[id], "postponed"))
        .await
        .assert_status(303);

    officer
        .get("/manage/findings")
        .await
        .assert_says("已处理 1 条")
        .assert_does_not_say("22300000001");
    officer
        .get("/manage/findings?state=settled")
        .await
        .assert_says("22300000001")
        .assert_says("申请延期毕业")
        .assert_says("某老师");
    officer
        .post(
            "/manage/findings/settlements/withdrawals",
            &settle_form(&[id], ""),
        )
        .await
        .assert_status(303);
    officer
        .get("/manage/findings?state=open")
        .await
        .assert_says("22300000001");
    assert_eq!(
        app.audit_actions().await,
        ["session.signed_in", "finding.settled", "finding.reopened"]
    );
}

#[tokio::test]
async fn a_settlement_with_a_mistake_keeps_what_was_written_and_ticked() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let id = findings(&app).await[0].id.to_string();

    let none = [
        ("back", "class_year=2027"),
        ("template", "other"),
        ("note", "随手写的话"),
    ];
    officer
        .post("/manage/findings/settlements", &none)
        .await
        .assert_status(422)
        .assert_says("请先勾选")
        .assert_says("随手写的话");
    let other = [("back", "class_year=2027"), ("template", "other"), ("pick", &*id)];
    officer
        .post("/manage/findings/settlements", &other)
        .await
        .assert_status(422)
        .assert_says("须填写说明")
        .assert_says("data-select-row checked");
    // The box in the head, without script: everything shown.
    let head = [
        ("back", "class_year=2027"),
        ("template", "other"),
        ("note", "已电话核实"),
        ("shown", &*id),
        ("all", "1"),
    ];
    officer
        .post("/manage/findings/settlements", &head)
        .await
        .assert_status(303);
    assert_eq!(
        findings(&app).await[0].settled_reason.as_deref(),
        Some("已电话核实")
    );
}

#[tokio::test]
async fn a_filter_value_that_is_none_is_refused_and_never_read_as_all() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    for query in [
        "group=all",
        "kind=all",
        "kind=origin_missing&group=omissions",
        "state=all",
        "class_year=2029",
        "class_year=x",
        "after=nonsense",
    ] {
        centre
            .get(&format!("/manage/findings?{query}"))
            .await
            .assert_status(400);
    }
    centre
        .get("/manage/findings?college=999")
        .await
        .assert_status(404);
    centre
        .get("/manage/findings?group=faults&kind=origin_missing&state=settled&college=001&q=%25&class_year=2027")
        .await
        .assert_status(200);
    centre
        .get("/manage/findings?class_year=2026")
        .await
        .assert_status(200)
        .assert_says("不是当前届");
}

#[tokio::test]
async fn pages_follow_one_another_and_meet_every_finding_once() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    for number in 0..120 {
        app.fixture()
            .student(&format!("2230000{number:04}"), |_| {})
            .await;
    }
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let mut address = "/manage/findings".to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = officer.get(&address).await.text();
        let rows = page
            .split("name=\"shown\" value=\"")
            .skip(1)
            .map(|rest| rest[..rest.find('"').unwrap()].to_owned());
        seen.extend(rows);
        address = match page
            .split("rel=\"next\"")
            .next()
            .filter(|head| head.len() < page.len())
        {
            Some(head) => {
                let start = head.rfind("href=\"").unwrap() + 6;
                let end = start + head[start..].find('"').unwrap();
                head[start..end].replace("&#38;", "&").replace("&amp;", "&")
            }
            None => break,
        };
    }

    assert_eq!(seen.len(), 120);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

const SIGN: [(&str, &str); 2] = [("class_year", "2027"), ("college", "S01")];

#[tokio::test]
async fn the_head_signs_when_nothing_is_open_and_a_later_fault_ends_the_signature() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let row = app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;

    head.post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(409)
        .assert_says("还有 1 条");
    app.fixture().on_roster(row.id, 2027).await;
    refresh(&app, Touched::Students(&[row.id])).await;
    head.get("/manage/findings").await.assert_says("签署核对无遗漏");
    head.post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(303);
    head.get("/manage/findings").await.assert_says("由某老师签署");
    head.post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(409)
        .assert_says("已签署");

    // Information alone does not end it; a fault does.
    mend(&app, &row, |student| student.origin = "110103".into()).await;
    head.get("/manage/findings").await.assert_says("由某老师签署");
    mend(&app, &row, |student| student.origin = String::new()).await;
    head.get("/manage/findings")
        .await
        .assert_does_not_say("由某老师签署")
        .assert_says("失效");
    head.get("/manage/findings/sign-offs").await.assert_says("已失效");
    assert_eq!(app.audit_actions().await, ["session.signed_in", "signoff.signed"]);
}

#[tokio::test]
async fn a_signature_can_be_taken_back_and_ends_with_a_settlement_that_is_taken_back() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;
    let id = findings(&app).await[0].id;
    head.post("/manage/findings/settlements", &settle_form(&[id], "postponed"))
        .await
        .assert_status(303);
    head.post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(303);

    head.post("/manage/findings/sign-offs/withdrawals", &SIGN)
        .await
        .assert_status(303);
    head.get("/manage/findings")
        .await
        .assert_does_not_say("由某老师签署");
    head.post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(303);
    head.post(
        "/manage/findings/settlements/withdrawals",
        &settle_form(&[id], ""),
    )
    .await
    .assert_status(303);

    head.get("/manage/findings/sign-offs").await.assert_says("已失效");
    assert_eq!(
        app.audit_actions().await[1..],
        [
            "finding.settled",
            "signoff.signed",
            "signoff.withdrawn",
            "signoff.signed",
            "finding.reopened"
        ]
    );
}

#[tokio::test]
async fn only_who_heads_a_college_signs_for_it() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let stranger = app.signed_in(Role::Head, Some("S02")).await;

    officer
        .post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(403);
    stranger
        .post("/manage/findings/sign-offs", &SIGN)
        .await
        .assert_status(404);
    stranger
        .post("/manage/findings/sign-offs/withdrawals", &SIGN)
        .await
        .assert_status(404);
    let unknown = [("class_year", "2027"), ("college", "X99")];
    stranger
        .post("/manage/findings/sign-offs", &unknown)
        .await
        .assert_status(404);
    let forged = [("class_year", "2031"), ("college", "S02")];
    stranger
        .post("/manage/findings/sign-offs", &forged)
        .await
        .assert_status(400);
}

#[tokio::test]
async fn the_centre_sees_the_colleges_in_order_of_unfinished_work() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().master("32400000001", |_| {}).await;
    app.fixture()
        .master("32400000002", |student| student.origin = String::new())
        .await;
    app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let centre = app.signed_in(Role::Centre, None).await;

    let page = centre.get("/manage/findings/sign-offs").await.text();

    let place = |name: &str| page.find(name).unwrap();
    assert!(place("机械工程学院") < place("彭康书院"));
    assert!(place("彭康书院") < place("文治书院"));
    assert!(page.contains("还有 3 条未处理"));
}

#[tokio::test]
async fn why_somebody_is_not_on_the_list_is_answered_condition_by_condition() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture()
        .student("22300000001", |student| {
            student.study_status = "suspended".into();
            student.admission_year = 2024;
        })
        .await;
    let listed = app.fixture().student("22300000002", |_| {}).await;
    app.fixture().on_roster(listed.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    officer
        .get("/manage/explanation?student_no=22300000001")
        .await
        .assert_status(200)
        .assert_says("2 项条件不符合")
        .assert_says("休学")
        .assert_says("2024 年入学 + 学制 4 年 = 2028 年毕业")
        .assert_says("可由教务处处理");
    officer
        .get("/manage/explanation?student_no=22300000002&class_year=2027")
        .await
        .assert_says("已在 2027 届生源信息库中，各项条件均符合");
    officer
        .get("/manage/explanation?student_no=22300000002&class_year=2026")
        .await
        .assert_says("在 2027 届，2026-09-10由系统添加");
}

#[tokio::test]
async fn a_student_of_another_college_is_as_unknown_as_one_who_does_not_exist() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().master("32400000001", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let of_other = officer.get("/manage/explanation?student_no=32400000001").await;
    let of_nobody = officer.get("/manage/explanation?student_no=99999999999").await;

    of_other
        .assert_status(200)
        .assert_says("没有找到学号为“32400000001”的学生，或该生不在您的管理范围内");
    assert_eq!(
        of_other.text().replace("32400000001", ""),
        of_nobody.text().replace("99999999999", "")
    );
}

#[tokio::test]
async fn what_is_no_wrong_addition_is_not_called_one_in_the_answer_either() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let doctor = app
        .fixture()
        .master("42000000001", |student| student.degree_level = "doctor".into())
        .await;
    app.fixture().on_roster(doctor.id, 2027).await;
    let gone = app
        .fixture()
        .master("32400000001", |student| student.study_status = "withdrawn".into())
        .await;
    app.fixture().on_roster(gone.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;

    officer
        .get("/manage/explanation?student_no=42000000001")
        .await
        .assert_says("该生已在 2027 届生源信息库中。")
        .assert_does_not_say("误加");
    officer
        .get("/manage/explanation?student_no=32400000001")
        .await
        .assert_says("但学籍状态为退学，可能是误加");
}

#[tokio::test]
async fn the_list_opens_on_the_first_heap_with_work() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let row = app
        .fixture()
        .student("22300000001", |student| student.origin = String::new())
        .await;
    app.fixture().on_roster(row.id, 2027).await;
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    officer
        .get("/manage/findings")
        .await
        .assert_says("生源所在地为空");
    officer
        .get("/manage/findings?group=omissions")
        .await
        .assert_does_not_say("生源所在地为空")
        .assert_says("这一类问题没有未处理的");
}
