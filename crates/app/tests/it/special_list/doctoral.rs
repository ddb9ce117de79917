//! 博士采集名单 (R7).

use qihang_db::entity::{notice, special_list_reminder};
use qihang_db::{Role, records};
use sea_orm::PaginatorTrait;

use super::{
    COMPARE, assert_whole, centre, findings_of, in_force, judged, on_roster, received, stored, upload_to,
};
use crate::exchange::Exchange;
use crate::support::TestApp;

#[tokio::test]
async fn before_there_is_a_list_nobody_is_missed_and_afterwards_the_list_says_who_is() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    let listed = world.doctor("42200100001", |_| {}).await;
    let early = world.doctor("42200100002", |_| {}).await;
    let other = world.doctor("42200100003", |_| {}).await;
    world.on_roster(early.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;
    officer.get(COMPARE).await.assert_says("还没有博士采集名单");
    let page = received(
        &centre,
        "doctoral",
        "学号,姓名,学院\n42200100001,卢宇玉,机械工程学院\n",
    )
    .await;
    assert!(
        findings_of(&app, &listed).await.is_empty(),
        "nothing follows from a list that is not in force"
    );

    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(303);

    let now = stored(&app, &listed).await;
    assert_eq!(
        (now.expected_year, now.expectation.as_str()),
        (Some(2027), "expected")
    );
    assert_eq!(findings_of(&app, &listed).await, ["omission"]);
    assert_eq!(findings_of(&app, &early).await, ["wrong_addition"]);
    assert!(findings_of(&app, &other).await.is_empty());
    officer
        .get("/manage/explanation?class_year=2027&student_no=42200100003")
        .await
        .assert_says("没有列入 2027 届毕业信息采集名单");
    assert_whole(&app).await;

    centre
        .post(&format!("{page}/reversal"), &[])
        .await
        .assert_status(303);
    assert!(findings_of(&app, &listed).await.is_empty());
    assert!(findings_of(&app, &early).await.is_empty());
    assert_eq!(stored(&app, &listed).await.expected_year, None);
    assert_whole(&app).await;
}

#[tokio::test]
async fn a_school_sees_its_own_students_only_and_adds_them_with_one_press() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    let electronics = world.college_id("004").await;
    for number in 1..=3 {
        world.doctor(&format!("4220010000{number}"), |_| {}).await;
    }
    world
        .doctor("42200100004", |student| student.study_status = "suspended".into())
        .await;
    world
        .doctor("42200100005", |student| student.name = "马晨飞".into())
        .await;
    let unlisted = world.doctor("42200100006", |_| {}).await;
    world.on_roster(unlisted.id, 2027).await;
    let stranger = world
        .doctor("42200400001", |student| student.school_id = electronics)
        .await;
    world.master("32400100001", |_| {}).await;
    judged(&app).await;
    in_force(
        &centre,
        "doctoral",
        "学号,姓名,学院\n42200100001,卢宇玉,机械工程学院\n42200100002,卢宇玉,机械工程学院\n42200100003,卢宇玉,\n42200100004,卢宇玉,\n\
         42200100005,孟瑶溪,\n42200400001,卢宇玉,电子与信息工程学院\n32400100001,卢宇玉,\n49900000001,查无此人,机械工程学院\n\
         49900000002,查无此人,电子与信息工程学院\n",
    )
    .await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;
    let page = officer.get(COMPARE).await;
    page.assert_says("<dt>名单上的博士生</dt><dd>5 <small>人</small></dd>")
        .assert_says("添加名单上的 3 人")
        .assert_says("学籍状态为休学")
        .assert_says("名单姓名为“孟瑶溪”，学籍姓名为“马晨飞”")
        .assert_does_not_say("42200400001")
        .assert_does_not_say("各院进度");
    let unknown = officer.get(&format!("{COMPARE}?what=unknown")).await;
    unknown
        .assert_says("49900000001")
        .assert_does_not_say("49900000002");
    officer
        .get(&format!("{COMPARE}?what=unlisted"))
        .await
        .assert_says("42200100006");
    officer
        .get(&format!("{COMPARE}?what=others"))
        .await
        .assert_says("32400100001");
    officer
        .get(&format!("{COMPARE}?college=004"))
        .await
        .assert_status(404);

    let entries = format!("{COMPARE}/entries");
    officer
        .post(&entries, &[("class_year", "2027")])
        .await
        .assert_status(303);

    officer
        .get(COMPARE)
        .await
        .assert_says("3 人已添加到 2027 届生源库；还有 2 人须先核实")
        .assert_does_not_say("添加名单上的");
    assert_eq!(on_roster(&app).await, 4);
    assert_eq!(app.audit_actions().await.last().unwrap(), "roster.added");
    assert_eq!(findings_of(&app, &stranger).await, ["omission"]);
    officer
        .post(&entries, &[("class_year", "2027")])
        .await
        .assert_status(303);
    officer.get(COMPARE).await.assert_says("没有需要处理的");
    assert_eq!(on_roster(&app).await, 4);
    assert_whole(&app).await;
}

#[tokio::test]
async fn a_new_version_shows_who_came_went_and_changed_and_says_when_nothing_did() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    let gone = world.doctor("42200100001", |_| {}).await;
    let came = world.doctor("42200100004", |_| {}).await;
    let first = "学号,姓名\n42200100001,卢宇玉\n42200100002,甲\n42200100003,乙\n";
    in_force(&centre, "doctoral", first).await;

    let again = received(&centre, "doctoral", first).await;
    centre
        .get(&again)
        .await
        .assert_says("与第 1 版完全相同，没有任何变化")
        .assert_does_not_say("启用这一版名单");
    centre
        .post(&format!("{again}/commitment"), &[])
        .await
        .assert_status(409)
        .assert_says("不会带来任何变化");

    let second = received(
        &centre,
        "doctoral",
        "学号,姓名\n42200100002,甲\n42200100003,丙\n42200100004,卢宇玉\n",
    )
    .await;
    centre
        .get(&second)
        .await
        .assert_says("与第 1 版相比：新增 1，移除 1，修改 1，不变 1")
        .assert_says("第 3 版");
    centre
        .get(&format!("{second}?rows=went"))
        .await
        .assert_says("42200100001");
    centre
        .get(&format!("{second}?rows=came"))
        .await
        .assert_says("42200100004");
    centre
        .get(&format!("{second}?rows=changed"))
        .await
        .assert_says("42200100003");
    centre
        .post(&format!("{second}/commitment"), &[])
        .await
        .assert_status(303);

    assert_eq!(stored(&app, &gone).await.expected_year, None);
    assert_eq!(stored(&app, &came).await.expected_year, Some(2027));
    // The version that was compared with the first is not what anybody saw any more.
    centre
        .post(&format!("{again}/commitment"), &[])
        .await
        .assert_status(409)
        .assert_says("又有另一版名单生效");
    assert_whole(&app).await;
}

#[tokio::test]
async fn a_student_who_arrives_after_the_list_is_expected_and_an_import_forgets_nobody() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let listed = app.fixture().doctor("42200100001", |_| {}).await;
    in_force(&centre, "doctoral", "学号\n42200100001\n42200100002\n").await;
    let file = "XH,XM,XSLBMC,PYCCMC,YXDM,ZYH,RXNJ,XZ,XJZTMC\n\
                42200100001,卢宇,研究生,博士,001,D001,2022,4,在读\n42200100002,付宇,研究生,博士,001,D001,2022,4,在读\n";
    let exchange = Exchange {
        app: &app,
        browser: centre.clone(),
    };
    exchange.import("students", file.as_bytes()).await;

    assert_eq!(stored(&app, &listed).await.name, "卢宇");
    assert_eq!(stored(&app, &listed).await.expected_year, Some(2027));
    centre
        .get(&format!("{COMPARE}?what=missing"))
        .await
        .assert_says("42200100002")
        .assert_says("添加名单上的 2 人");
    assert_whole(&app).await;
}

#[tokio::test]
async fn the_centre_sees_every_school_and_reminds_those_that_are_behind_once_a_day() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    let electronics = world.college_id("004").await;
    world.doctor("42200100001", |_| {}).await;
    let done = world
        .doctor("42200400001", |student| student.school_id = electronics)
        .await;
    world.on_roster(done.id, 2027).await;
    in_force(&centre, "doctoral", "学号\n42200100001\n42200400001\n").await;
    centre
        .get(COMPARE)
        .await
        .assert_says("各院进度")
        .assert_says("0 / 1")
        .assert_says("1 / 1")
        .assert_says("提醒未完成的院");
    centre
        .get(&format!("{COMPARE}?college=001"))
        .await
        .assert_says("42200100001")
        .assert_does_not_say("42200400001");

    let reminders = format!("{COMPARE}/reminders");
    centre
        .post(&reminders, &[("class_year", "2027")])
        .await
        .assert_status(303);

    centre
        .get(COMPARE)
        .await
        .assert_says("已提醒 1 个院")
        .assert_says("今天已提醒");
    let words = "本院尚有 1 人未加入生源库";
    app.signed_in(Role::Officer, Some("001"))
        .await
        .get("/manage")
        .await
        .assert_says(words);
    let other = app.signed_in(Role::Officer, Some("004")).await;
    other.get("/manage").await.assert_does_not_say(words);
    other
        .post(&reminders, &[("class_year", "2027")])
        .await
        .assert_status(403);

    centre
        .post(&reminders, &[("class_year", "2027")])
        .await
        .assert_status(303);
    centre.get(COMPARE).await.assert_says("今天都已提醒过");
    let reader = app.db().reader();
    assert_eq!(
        records::<special_list_reminder::Entity>()
            .count(reader)
            .await
            .unwrap(),
        1
    );
    assert_eq!(records::<notice::Entity>().count(reader).await.unwrap(), 1);
    assert_eq!(
        app.audit_actions()
            .await
            .iter()
            .filter(|action| *action == "special_list.reminded")
            .count(),
        1
    );

    app.clock.set("2026-09-11T02:00:00Z".parse().unwrap());
    let centre = app.visitor();
    centre
        .sign_in("centre-all", crate::support::PASSWORD)
        .await
        .assert_status(303);
    centre
        .post(&reminders, &[("class_year", "2027")])
        .await
        .assert_status(303);
    assert_eq!(
        records::<special_list_reminder::Entity>()
            .count(reader)
            .await
            .unwrap(),
        2
    );
}

#[tokio::test]
async fn whoever_is_named_for_two_class_years_graduates_with_the_later() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    world.class_year(2028, "open").await;
    let late = world.doctor("42200100001", |_| {}).await;
    in_force(&centre, "doctoral", "学号\n42200100001\n").await;
    let later = upload_to(&centre, "doctoral", "2028", "学号\n42200100001\n".as_bytes())
        .await
        .location();
    centre
        .post(&format!("{later}/commitment"), &[])
        .await
        .assert_status(303);

    assert_eq!(stored(&app, &late).await.expected_year, Some(2028));
    centre
        .get(&format!("{COMPARE}?class_year=2027"))
        .await
        .assert_says("也列入 2028 届名单")
        .assert_does_not_say("添加名单上的");
    assert_whole(&app).await;
}
