//! 延长学制名单 (R6).

use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::roster::removal::model::Reason;
use qihang::roster::removal::rules as removal;
use qihang_db::entity::{roster_entry, student};
use qihang_db::{Role, Scope};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    LISTS, assert_whole, centre, findings_of, in_force, judged, on_roster, received, upload, upload_to,
};
use crate::support::TestApp;

async fn entry_of(app: &TestApp, student: &student::Model) -> roster_entry::Model {
    Scope::Everyone
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::StudentId.eq(student.id))
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn the_centre_sees_what_every_row_comes_to_and_adds_what_may_be_added() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    let added = world.extended("22200100001", |_| {}).await;
    let already = world.extended("22200100002", |_| {}).await;
    world.on_roster(already.id, 2027).await;
    world.student("22300100003", |_| {}).await;
    world
        .extended("22200100004", |student| student.name = "马晨飞".into())
        .await;
    world
        .extended("22500100005", |student| student.admission_year = 2025)
        .await;
    world.master("32400100006", |_| {}).await;
    world.class_year(2026, "open").await;
    let elsewhere = world.extended("22200100007", |_| {}).await;
    world.on_roster(elsewhere.id, 2026).await;
    judged(&app).await;

    let page = received(
        &centre,
        "extended",
        "学生学号,XM,备注\n22200100001,卢宇玉,甲\n22200100002,卢宇玉,\n22300100003,卢宇玉,\n22200100004,马晨,\n\
         22500100005,卢宇玉,\n32400100006,卢宇玉,\n22200100007,卢宇玉,\n99999999999,查无此人,\n22200100001,卢宇玉,\n4.4E+17,某人,\n",
    )
    .await;

    assert_eq!(on_roster(&app).await, 2);
    let shown = centre.get(&page).await;
    for (label, count) in [
        ("可添加", 1),
        ("已在库", 1),
        ("在其他届", 1),
        ("非本届", 1),
        ("非延长学制", 2),
        ("姓名不符", 1),
        ("查无此人", 1),
        ("重复", 1),
        ("学号无法识别", 1),
    ] {
        shown.assert_says(&format!("<dt>{label}</dt><dd>{count}</dd>"));
    }
    for (rows, reason) in [
        ("name_differs", "名单姓名为“马晨”，学籍姓名为“马晨飞”"),
        ("not_extended", "学籍状态为在读，不是延长学制"),
        ("other_year", "应于 2029 年毕业"),
        ("elsewhere", "已在 2026 届生源库中"),
        ("repeated", "与第 2 行重复"),
        ("unreadable", "已被 Excel 按数字取整"),
    ] {
        let page = centre.get(&format!("{page}?rows={rows}")).await;
        page.assert_says(reason);
    }

    let reply = centre.post(&format!("{page}/commitment"), &[]).await;

    reply.assert_status(303);
    centre
        .get(&page)
        .await
        .assert_says("1 人已加入生源库")
        .assert_says("已执行");
    assert_eq!(on_roster(&app).await, 3);
    assert!(
        findings_of(&app, &added).await.is_empty(),
        "the list makes no wrong addition"
    );
    assert_eq!(
        app.audit_actions().await.last().unwrap(),
        "special_list.committed"
    );
    assert_whole(&app).await;
}

#[tokio::test]
async fn undoing_takes_off_whom_the_list_added_and_leaves_what_was_changed_since() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    world.extended("22200100001", |_| {}).await;
    let activated = world
        .extended("22200100002", |student| student.name = "孟瑶溪".into())
        .await;
    let removed = world
        .extended("22200100003", |student| student.name = "付宇".into())
        .await;
    let page = in_force(
        &centre,
        "extended",
        "学号\n22200100001\n22200100002\n22200100003\n",
    )
    .await;
    assert_eq!(on_roster(&app).await, 3);
    world
        .activated(&entry_of(&app, &activated).await, &activated)
        .await;
    let can = Can::<policy::RemoveFromRoster>::at_the_console(Scope::Everyone);
    let reason = Reason::parse("误加").unwrap();
    removal::remove(
        app.db(),
        &can,
        ClassYear::new(2027).unwrap(),
        &[removed.id],
        &reason,
    )
    .await
    .unwrap();

    centre
        .post(&format!("{page}/reversal"), &[])
        .await
        .assert_status(303);

    let shown = centre.get(&page).await;
    shown
        .assert_says("1 人已移出生源库")
        .assert_says("已撤销")
        .assert_says("孟瑶溪（22200100002，学生已激活账户，保留在库）");
    shown.assert_says("付宇（22200100003，添加之后已被移出或调整届别，保持不变）");
    assert_eq!(on_roster(&app).await, 1);
    assert_eq!(app.audit_actions().await.last().unwrap(), "special_list.undone");
    centre
        .post(&format!("{page}/reversal"), &[])
        .await
        .assert_status(409)
        .assert_says("可能已被处理过");
    assert_whole(&app).await;
}

#[tokio::test]
async fn whoever_got_on_another_roster_since_the_upload_is_left_out_with_the_reason() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    world.extended("22200100001", |_| {}).await;
    let other = world.extended("22200100002", |_| {}).await;
    let page = received(&centre, "extended", "学号\n22200100001\n22200100002\n").await;
    world.class_year(2026, "open").await;
    world.on_roster(other.id, 2026).await;

    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(303);

    centre
        .get(&format!("{page}?rows=elsewhere"))
        .await
        .assert_says("1 人已加入生源库；1 人情况已变")
        .assert_says("已在 2026 届生源库中");
}

#[tokio::test]
async fn an_officer_cannot_add_extended_students_and_reads_why_and_when_they_come() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.extended("22200100001", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let address = "/manage/roster/candidates?expected=any";
    officer
        .get(address)
        .await
        .assert_says("不可添加")
        .assert_says("在最后一批派遣之后按教务处名单统一添加")
        .assert_says("本院有 1 名延长学制本科生");

    let centre = app.signed_in(Role::Centre, None).await;
    centre
        .post(
            "/manage/class-years/2027",
            &[
                ("roster_due", "2026-09-15"),
                ("activation_due", "2026-09-30"),
                ("extended_due", "2027-03-01"),
                ("origin_depth", "city"),
            ],
        )
        .await
        .assert_status(303);

    officer.get(address).await.assert_says("2027年3月1日 前完成");
    for address in [LISTS, &format!("{LISTS}/1")] {
        officer.get(address).await.assert_status(403);
    }
    upload(&officer, "extended", "学号\n22200100001\n")
        .await
        .assert_status(403);
    assert_eq!(on_roster(&app).await, 0);
}

#[tokio::test]
async fn only_an_open_class_year_takes_lists() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    world.class_year(2025, "closed").await;
    world.class_year(2028, "planned").await;
    for year in ["2025", "2028", "2031"] {
        upload_to(&centre, "extended", year, "学号\n1\n".as_bytes())
            .await
            .assert_status(422)
            .assert_says("没有开启或已关闭");
    }
    centre
        .get(LISTS)
        .await
        .assert_says(">2027 届</option>")
        .assert_does_not_say(">2025 届</option>");

    world.extended("22200100001", |_| {}).await;
    let page = received(&centre, "extended", "学号\n22200100001\n").await;
    centre
        .post("/manage/class-years/2027/closing", &[])
        .await
        .assert_status(303);
    let reply = centre.post(&format!("{page}/commitment"), &[]).await;
    reply.assert_status(409).assert_says("没有开启或已关闭");
    assert_eq!(on_roster(&app).await, 0);
}

#[tokio::test]
async fn a_list_that_is_given_up_leaves_no_rows_and_no_file() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    app.fixture().extended("22200100001", |_| {}).await;
    let page = received(&centre, "extended", "学号,姓名\n22200100001,卢宇玉\n").await;
    let answer = centre.get(&format!("{page}/answer")).await;
    answer
        .assert_status(200)
        .assert_says("学号,姓名,原因")
        .assert_says("可添加");

    centre
        .post(&format!("{page}/cancellation"), &[])
        .await
        .assert_status(303);

    centre
        .get(&page)
        .await
        .assert_says("内容已删除")
        .assert_does_not_say("22200100001");
    centre.get(&format!("{page}/answer")).await.assert_status(404);
    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(409);
    assert_eq!(
        app.audit_actions().await.last().unwrap(),
        "special_list.cancelled"
    );
}
