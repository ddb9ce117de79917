//! What students mended, handed back to the data exchange.

use qihang_db::Role;

use super::School;
use crate::support::{Browser, MID_SEASON, Reply, TestApp};

const TOKEN: &str = "a-token-of-at-least-thirty-two-characters";

async fn ask(browser: &Browser, query: &str, token: Option<&str>) -> Reply {
    let mut request = axum::http::Request::get(format!("/api/v1/portal-changes{query}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    browser
        .send(request.body(axum::body::Body::empty()).unwrap())
        .await
}

/// One change of each standing: 生源所在地 in conflict, 政治面貌 pending, 婚姻状况 adopted.
async fn three_changes(school: &School<'_>) {
    school.mend("610113").await;
    let form = [("political_status", "01"), ("marital_status", "20")];
    school
        .browser
        .post("/portal/profile", &form)
        .await
        .assert_status(303);
    let brought = super::row("2230100001", "110101").replace("未婚", "已婚");
    school.exchange.import("students", &super::file(&[brought])).await;
}

#[tokio::test]
async fn the_centre_sees_what_the_exchange_does_not_have_and_filters_it() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let centre = &school.exchange.browser;
    centre
        .get("/manage/portal-changes")
        .await
        .assert_says("没有符合条件的修改");
    three_changes(&school).await;

    let page = centre.get("/manage/portal-changes").await;
    page.assert_says("共 2 项")
        .assert_says("北京市东城区（110101）")
        .assert_says("陕西省西安市雁塔区（610113）")
        .assert_says("不一致")
        .assert_does_not_say("data-label=\"字段\">婚姻状况");
    for (query, count, words) in [
        ("state=pending", 1, "中国共产党党员（01）"),
        ("state=conflict", 1, "610113"),
        ("state=adopted", 1, "婚姻状况"),
        ("state=all", 3, "共产主义青年团"),
        ("state=all&field=origin", 1, "610113"),
        ("since=2026-09-10", 2, "610113"),
    ] {
        let page = centre.get(&format!("/manage/portal-changes?{query}")).await;
        page.assert_says(&format!("共 {count} 项")).assert_says(words);
    }
    centre
        .get("/manage/portal-changes?since=2026-09-11")
        .await
        .assert_says("没有符合条件的修改");
    for query in ["state=open2", "field=name", "since=gestern", "after=x"] {
        centre
            .get(&format!("/manage/portal-changes?{query}"))
            .await
            .assert_status(400);
    }
}

#[tokio::test]
async fn pages_of_the_list_hold_every_change_once() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    for number in 0..53 {
        let student = app.fixture().student(&format!("22309{number:05}"), |_| {}).await;
        let browser = app.student(&student).await;
        browser
            .post("/portal/profile/origin", &[("code", "610113")])
            .await
            .assert_status(303);
    }
    let centre = &school.exchange.browser;
    let numbers = |page: &Reply| -> Vec<String> {
        let text = page.text();
        text.split("data-label=\"学号\">")
            .skip(1)
            .map(|rest| rest[..10].to_owned())
            .collect()
    };
    let first = centre.get("/manage/portal-changes").await;
    let after = first
        .text()
        .split("after=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let second = centre.get(&format!("/manage/portal-changes?after={after}")).await;
    let mut seen = numbers(&first);
    assert_eq!(seen.len(), 50);
    seen.extend(numbers(&second));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 53);
}

#[tokio::test]
async fn an_export_is_recorded_and_has_what_the_list_has() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    three_changes(&school).await;
    let centre = &school.exchange.browser;

    let csv = centre.get("/manage/portal-changes/export?format=csv").await;

    csv.assert_status(200)
        .assert_says("学号,姓名,字段,原值代码,原值,新值代码,新值,修改时间,状态")
        .assert_says("2230100001,卢宇玉,生源所在地,110101,北京市东城区,610113,陕西省西安市雁塔区,2026-09-10 10:00,不一致")
        .assert_says("政治面貌,03,中国共产主义青年团团员,01,中国共产党党员")
        .assert_does_not_say("婚姻状况");
    assert_eq!(app.audit_actions().await.last().unwrap(), "portal.exported");
    let xlsx = centre
        .get("/manage/portal-changes/export?format=xlsx&state=all")
        .await;
    xlsx.assert_status(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    assert!(
        xlsx.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains(".xlsx")
    );
    for query in ["format=dbf", "format=", "format=csv&state=x"] {
        centre
            .get(&format!("/manage/portal-changes/export?{query}"))
            .await
            .assert_status(400);
    }
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .get("/manage/portal-changes/export?format=csv")
        .await
        .assert_status(403);
}

#[tokio::test]
async fn a_program_with_the_token_reads_the_changes_in_their_order() {
    let app = TestApp::start_with(MID_SEASON, |config| config.exchange_token = Some(TOKEN.into())).await;
    let school = School::start(&app).await;
    three_changes(&school).await;
    let visitor = app.visitor();

    let reply = ask(&visitor, "?limit=1", Some(TOKEN)).await;

    reply.assert_status(200);
    assert_eq!(reply.headers["content-type"], "application/json");
    let page: serde_json::Value = serde_json::from_slice(&reply.bytes).unwrap();
    let change = &page["changes"][0];
    assert_eq!(
        (
            &change["student_no"],
            &change["field"],
            &change["old_code"],
            &change["new_code"],
            &change["new_name"],
            &change["state"]
        ),
        (
            &"2230100001".into(),
            &"origin".into(),
            &"110101".into(),
            &"610113".into(),
            &"陕西省西安市雁塔区".into(),
            &"conflict".into()
        )
    );
    assert_eq!(change["changed_at"], "2026-09-10T02:00:00Z");
    let next = page["next"].as_i64().unwrap();
    let reply = ask(&visitor, &format!("?after={next}"), Some(TOKEN)).await;
    let page: serde_json::Value = serde_json::from_slice(&reply.bytes).unwrap();
    assert_eq!(page["changes"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&page["changes"][0]["field"], &page["next"]),
        (&"political_status".into(), &serde_json::Value::Null)
    );
    let recorded = app.audit_actions().await;
    assert_eq!(
        recorded
            .iter()
            .filter(|action| *action == "portal.exported")
            .count(),
        2
    );
    for query in ["?limit=0", "?limit=5000", "?state=x", "?sort=1", "?after=a"] {
        let reply = ask(&visitor, query, Some(TOKEN)).await;
        reply.assert_status(400);
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn without_the_token_no_program_reads_anything() {
    let app = TestApp::start_with(MID_SEASON, |config| config.exchange_token = Some(TOKEN.into())).await;
    let school = School::start(&app).await;
    for token in [
        None,
        Some(""),
        Some("wrong"),
        Some(&TOKEN[1..]),
        Some(&*format!("{TOKEN} ")),
    ] {
        ask(&app.visitor(), "", token).await.assert_status(401);
    }
    ask(&school.exchange.browser, "", None).await.assert_status(401);

    // Where there is no token, nothing is one.
    let closed = TestApp::start().await;
    for token in [None, Some(""), Some(TOKEN)] {
        ask(&closed.visitor(), "", token).await.assert_status(401);
    }
}

#[tokio::test]
async fn a_value_that_a_spreadsheet_would_run_is_defused() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.bring("=1+1").await;
    school.mend("610113").await;
    let csv = school
        .exchange
        .browser
        .get("/manage/portal-changes/export?format=csv")
        .await;
    csv.assert_does_not_say(",=1+1,");
}
