//! The pages: picking a place by search and by steps, the two fields from tables, a portal elsewhere.

use qihang::activation::fields::Field;
use qihang::activation::gate::Standing;
use qihang::activation::model::{FieldRule, FieldRules};
use qihang::activation::rules::set_fields;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, OriginDepth};
use qihang_db::entity::roster_entry;
use qihang_db::{FieldClass, Scope};

use super::{School, ask_for};
use crate::support::{MID_SEASON, TestApp};

#[tokio::test]
async fn a_place_that_was_mended_counts_at_once_and_is_audited() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.bring("610000").await;
    assert_eq!(school.kinds().await, ["origin_province_only"]);
    let page = school.browser.get("/portal/profile").await;
    page.assert_says("陕西省").assert_says("缺少市");

    school.mend("610113").await;

    assert_eq!(school.origin().await, "610113");
    assert_eq!(school.kinds().await, ["origin_pending"]);
    let page = school.browser.get("/portal/profile").await;
    page.assert_says("已保存生源所在地")
        .assert_says("陕西省西安市雁塔区")
        .assert_says("待同步")
        .assert_does_not_say("缺少市");
    assert_eq!(app.audit_actions().await.last().unwrap(), "portal.changed");
    school.assert_whole().await;
}

#[tokio::test]
async fn a_value_that_would_be_a_finding_is_refused_and_the_page_says_what_is_missing() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let events = app.audit_actions().await.len();
    for (code, words) in [
        ("610000", "缺少市"),
        ("310000", "直辖市还须选区县"),
        ("310100", "直辖市还须选区县"),
        ("110103", "现为北京市东城区"),
        ("999999", "不是行政区划代码"),
        ("陕西省西安市", "不是行政区划代码"),
        ("<script>alert(1)</script>", "不是行政区划代码"),
        ("6101\u{0}00", "不是行政区划代码"),
    ] {
        let reply = school
            .browser
            .post("/portal/profile/origin", &[("code", code)])
            .await;
        reply
            .assert_status(422)
            .assert_says(words)
            .assert_does_not_say("<script>alert");
    }
    assert_eq!(school.origin().await, "610100");
    assert!(school.own().await.is_none());
    assert_eq!(app.audit_actions().await.len(), events);
}

#[tokio::test]
async fn regions_that_are_complete_alone_and_counties_that_stand_for_a_city_can_be_saved() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    for code in [
        "810000", "820000", "710000", "429004", "110101", "441900", "652300",
    ] {
        school.mend(code).await;
        assert_eq!(school.origin().await, code);
        assert_eq!(school.kinds().await, ["origin_pending"], "{code}");
    }
    school.assert_whole().await;
}

#[tokio::test]
async fn the_class_year_decides_how_deep_a_place_must_be() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    ask_for(&app, OriginDepth::County).await;

    let reply = school
        .browser
        .post("/portal/profile/origin", &[("code", "610300")])
        .await;
    reply.assert_status(422).assert_says("本届要求到县区");
    let found = school.browser.get("/portal/profile/origin?q=baoji").await;
    found
        .assert_says("继续选下一级")
        .assert_does_not_say("value=\"610300\"><span");

    school.mend("610302").await;
    school.mend("441900").await;
    assert_eq!(school.origin().await, "441900");
}

#[tokio::test]
async fn a_place_is_found_by_name_pinyin_initials_and_code() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    for (query, code) in [
        ("重庆万州", "500101"),
        ("wanzhou", "500101"),
        ("changchun", "220100"),
        ("xiamen", "350200"),
        ("yt", "610113"),
        ("610113", "610113"),
        ("陕西 yanta", "610113"),
    ] {
        let address = format!(
            "/portal/profile/origin?{}",
            serde_html_form::to_string([("q", query)]).unwrap()
        );
        let page = school.browser.get(&address).await;
        page.assert_status(200)
            .assert_says(&format!("type=\"radio\" name=\"code\" value=\"{code}\""));
    }
    // A province is a way on, no choice.
    let page = school.browser.get("/portal/profile/origin?q=610000").await;
    page.assert_says("/portal/profile/origin?province=610000#steps")
        .assert_does_not_say("value=\"610000\" required");
    // An old name leads to what it is today.
    let page = school
        .browser
        .get("/portal/profile/origin?q=%E5%B4%87%E6%96%87%E5%8C%BA")
        .await;
    page.assert_says("北京市崇文区")
        .assert_says("现为")
        .assert_says("value=\"110101\"");
    let page = school.browser.get("/portal/profile/origin?q=zzzz").await;
    page.assert_says("找到 0 个");
    let long = "长".repeat(3000);
    let address = format!(
        "/portal/profile/origin?{}",
        serde_html_form::to_string([("q", &long)]).unwrap()
    );
    school.browser.get(&address).await.assert_status(200);
}

#[tokio::test]
async fn a_place_is_reached_step_by_step_without_script() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let page = school.browser.get("/portal/profile/origin").await;
    // The saved place stands in the selects.
    page.assert_says("<option value=\"610000\" selected>陕西省</option>")
        .assert_says("<option value=\"610100\" selected>西安市</option>");

    let page = school
        .browser
        .get("/portal/profile/origin?steps=1&province=320000&city=610100&county=")
        .await;
    page.assert_says("<option value=\"320100\">南京市</option>")
        .assert_says("缺少市")
        .assert_does_not_say("雁塔区");
    let reply = school
        .browser
        .post(
            "/portal/profile/origin",
            &[
                ("steps", "1"),
                ("province", "320000"),
                ("city", "610100"),
                ("county", "610113"),
            ],
        )
        .await;
    reply.assert_status(422).assert_says("缺少市");
    school
        .browser
        .post(
            "/portal/profile/origin",
            &[("steps", "1"), ("province", ""), ("city", "")],
        )
        .await
        .assert_status(422)
        .assert_says("请先选择一个地区");
    school
        .browser
        .post(
            "/portal/profile/origin",
            &[
                ("steps", "1"),
                ("province", "320000"),
                ("city", "320100"),
                ("county", ""),
            ],
        )
        .await
        .assert_status(303);
    assert_eq!(school.origin().await, "320100");

    for address in [
        "?province=999999",
        "?province=110000&city=110103",
        "?province=陕西",
    ] {
        let address = format!(
            "/portal/profile/origin{}",
            address.replace("陕西", "%E9%99%95%E8%A5%BF")
        );
        school.browser.get(&address).await.assert_status(400);
    }
}

#[tokio::test]
async fn an_old_code_stays_and_its_successor_can_be_chosen() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.bring("110103").await;
    assert_eq!(school.kinds().await, ["origin_historical"]);
    let page = school.browser.get("/portal/profile").await;
    page.assert_says("北京市崇文区").assert_says("改为北京市东城区");

    school.mend("110101").await;

    assert_eq!(school.kinds().await, ["origin_pending"]);
}

#[tokio::test]
async fn political_and_marital_status_come_from_their_tables() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let save = |political: &'static str, marital: &'static str| {
        let form = [("political_status", political), ("marital_status", marital)];
        let browser = school.browser.clone();
        async move { browser.post("/portal/profile", &form).await }
    };
    save("99", "10")
        .await
        .assert_status(422)
        .assert_says("不在政治面貌代码表中");
    save("", "").await.assert_status(422).assert_says("没有婚姻状况");
    save("01", "20").await.assert_status(303);

    let student = school.exchange.student("2230100001").await;
    assert_eq!(
        (student.political_status.as_str(), student.marital_status.as_str()),
        ("01", "20")
    );
    assert_eq!(school.kinds().await, ["marital_pending", "political_pending"]);
    school
        .browser
        .get("/portal/profile")
        .await
        .assert_says("已保存政治面貌、婚姻状况");
    let events = app.audit_actions().await.len();
    save("01", "20").await.assert_status(303);
    school
        .browser
        .get("/portal/profile")
        .await
        .assert_says("没有改动");
    assert_eq!(app.audit_actions().await.len(), events);

    // Back to what the exchange has: nothing lies over it any more.
    save("03", "10").await.assert_status(303);
    assert!(school.kinds().await.is_empty());
    school.assert_whole().await;
}

#[tokio::test]
async fn a_portal_elsewhere_is_where_it_is_mended() {
    let app = TestApp::start_with(MID_SEASON, |config| {
        config.portal_url = Some("https://portal.example/profile?a=1&b=2".into());
    })
    .await;
    let school = School::start(&app).await;

    let page = school.browser.get("/portal/profile").await;

    page.assert_says("href=\"https://portal.example/profile?a=1&#38;b=2\"")
        .assert_says("陕西省西安市")
        .assert_does_not_say("修改生源所在地");
    school
        .browser
        .get("/portal/profile/origin")
        .await
        .assert_status(409);
    for (address, form) in [
        ("/portal/profile/origin", [("code", "610113")]),
        ("/portal/profile", [("political_status", "01")]),
        ("/portal/profile/decision", [("field", "origin")]),
    ] {
        let status = school.browser.post(address, &form).await.status.as_u16();
        assert!([400, 409].contains(&status), "{address} {status}");
    }
    assert_eq!(school.origin().await, "610100");
}

#[tokio::test]
async fn a_student_who_mends_on_two_devices_at_once_has_one_of_the_two_values() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let other = app.student(&school.student).await;

    let (one, two) = tokio::join!(
        school
            .browser
            .post("/portal/profile/origin", &[("code", "610113")]),
        other.post("/portal/profile/origin", &[("code", "110101")])
    );

    one.assert_status(303);
    two.assert_status(303);
    let own = school.own().await.unwrap();
    assert_eq!(own.value, school.origin().await);
    assert_eq!(own.exchange_value, "610100");
    school.assert_whole().await;
}

#[tokio::test]
async fn what_the_class_year_has_locked_is_not_changed_and_the_page_says_why() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let locked = FieldRule {
        class: FieldClass::Locked,
        is_required: true,
    };
    let fields = FieldRules::with([(Field::Origin, locked), (Field::MaritalStatus, locked)]);
    set_fields(app.db(), &can, ClassYear::new(2027).unwrap(), &fields)
        .await
        .unwrap();

    let page = school.browser.get("/portal/profile").await;

    page.assert_says("此项已锁定")
        .assert_does_not_say("修改生源所在地")
        .assert_does_not_say("name=\"marital_status\"")
        .assert_says("name=\"political_status\"");
    school
        .browser
        .get("/portal/profile/origin")
        .await
        .assert_status(409);
    school
        .browser
        .post("/portal/profile/origin", &[("code", "610113")])
        .await
        .assert_status(409)
        .assert_says("此项已锁定");
    school
        .browser
        .post(
            "/portal/profile",
            &[("political_status", "01"), ("marital_status", "20")],
        )
        .await
        .assert_status(409);
    assert_eq!(school.exchange.student("2230100001").await.political_status, "03");
    school
        .browser
        .post("/portal/profile", &[("political_status", "01")])
        .await
        .assert_status(303);
    assert_eq!(school.exchange.student("2230100001").await.political_status, "01");
}

#[tokio::test]
async fn who_has_activated_confirms_again_what_was_mended_afterwards() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let entry = Scope::Student(school.student.id)
        .select::<roster_entry::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    app.fixture()
        .activated(&entry, &school.exchange.student("2230100001").await)
        .await;

    school.mend("610113").await;

    let student = school.exchange.student("2230100001").await;
    let standing = qihang::activation::queries::standing(app.db().reader(), &student)
        .await
        .unwrap();
    assert!(matches!(standing, Standing::ConfirmAgain { changed, .. } if changed == [Field::Origin]));
    school.assert_whole().await;
}
