//! What lists bring that is wrong, very large, or twice.

use std::fmt::Write;

use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::special_list::rules::{self, ListError, Upload};
use qihang_db::entity::special_list;
use qihang_db::{ListKind, Scope, records};
use sea_orm::QueryOrder;

use super::{LISTS, assert_whole, centre, in_force, on_roster, received, upload, upload_to};
use crate::support::TestApp;

#[tokio::test]
async fn what_is_no_list_is_refused_with_what_to_do() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    for (content, words) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "这是一张图片"),
        ("姓名\n卢宇玉\n".as_bytes(), "没有“学号”这一列"),
        ("学号,姓名\n".as_bytes(), "只有列名，没有学生"),
        (b"", "文件是空的"),
    ] {
        upload_to(&centre, "extended", "2027", content)
            .await
            .assert_status(422)
            .assert_says(words);
    }
    let file = ("file", "名单.csv", "学号\n1\n".as_bytes());
    for (fields, status) in [
        (&[("kind", ""), ("class_year", "2027")][..], 422),
        (&[("kind", "extended")], 422),
        (&[("kind", "others"), ("class_year", "2027")], 400),
        (&[("kind", "extended"), ("class_year", "二〇二七")], 400),
    ] {
        centre.upload(LISTS, fields, file).await.assert_status(status);
    }
    let files = app.app.config.data_dir.join("files/special_list");
    assert!(
        std::fs::read_dir(files).map_or(true, |mut files| files.next().is_none()),
        "nothing is kept"
    );
    assert!(
        records::<special_list::Entity>()
            .all(app.db().reader())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_list_of_an_old_office_program_is_read_with_its_encoding() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    app.fixture().extended("22200100001", |_| {}).await;
    // 学号,姓名 / 卢宇玉 in GBK.
    let mut gbk = b"\xd1\xa7\xba\xc5,\xd0\xd5\xc3\xfb\r\n".to_vec();
    gbk.extend(b"'22200100001,\xc2\xac\xd3\xee\xd3\xf1\r\n\r\n");
    let page = upload_to(&centre, "extended", "2027", &gbk).await;
    page.assert_status(303);
    centre
        .get(&page.location())
        .await
        .assert_says("<dt>可添加</dt><dd>1</dd>");
}

#[tokio::test]
async fn students_of_other_colleges_and_class_years_are_told_apart() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    let world = app.fixture();
    let electronics = world.college_id("004").await;
    world
        .doctor("42200400001", |student| student.school_id = electronics)
        .await;
    world.class_year(2026, "open").await;
    let elsewhere = world.doctor("42200100001", |_| {}).await;
    world.on_roster(elsewhere.id, 2026).await;
    let page = received(
        &centre,
        "doctoral",
        "学号,姓名,学院\n42200400001,卢宇玉,机械工程学院\n42200100001,卢宇玉,机械工程学院\n",
    )
    .await;
    centre
        .get(&format!("{page}?rows=college_differs"))
        .await
        .assert_says("名单学院为“机械工程学院”，学籍学院为电子与信息工程学院");
    centre
        .get(&format!("{page}?rows=elsewhere"))
        .await
        .assert_says("已在 2026 届生源库中");
    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(303);
    centre
        .get("/manage/doctoral-list")
        .await
        .assert_says("已在 2026 届生源库中，须由就业中心调整届别")
        .assert_says("添加名单上的 1 人");
}

#[tokio::test]
async fn the_same_list_twice_changes_nothing_and_says_so() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    app.fixture().extended("22200100001", |_| {}).await;
    let list = "学号\n22200100001\n";
    in_force(&centre, "extended", list).await;

    let again = received(&centre, "extended", list).await;

    centre
        .get(&again)
        .await
        .assert_says("没有可添加的学生")
        .assert_does_not_say("确认执行");
    centre
        .post(&format!("{again}/commitment"), &[])
        .await
        .assert_status(409)
        .assert_says("不会带来任何变化");
    assert_eq!(on_roster(&app).await, 1);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_judged_and_more_are_refused() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    app.fixture().extended("22200100001", |_| {}).await;
    let mut list = String::from("学号,姓名\n22200100001,卢宇玉\n");
    for number in 1..100_000 {
        writeln!(list, "9{number:010},某人").unwrap();
    }
    let page = received(&centre, "extended", &list).await;
    centre
        .get(&page)
        .await
        .assert_says("<dt>共</dt><dd>100000</dd>")
        .assert_says("<dt>查无此人</dt><dd>99999</dd>");
    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(303);
    assert_eq!(on_roster(&app).await, 1);

    list.push_str("90000100000,某人\n");
    upload(&centre, "extended", &list)
        .await
        .assert_status(422)
        .assert_says("名单超过 100000 行");
}

#[tokio::test]
async fn two_uploads_at_once_have_a_number_each_and_one_student_is_added_once() {
    let app = TestApp::start().await;
    centre(&app).await;
    app.fixture().extended("22200100001", |_| {}).await;
    let can = Can::<policy::ManageLists>::at_the_console(Scope::Everyone);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, "学号\n22200100001\n").unwrap();
    let new = || Upload {
        kind: ListKind::Extended,
        year: ClassYear::new(2027).unwrap(),
        file_name: "名单.csv".into(),
        path: path.clone(),
    };
    let (one, other, third) = tokio::join!(
        rules::upload(&app.app, &can, new()),
        rules::upload(&app.app, &can, new()),
        rules::upload(&app.app, &can, new())
    );
    let lists = [one.unwrap(), other.unwrap(), third.unwrap()];
    let mut versions = lists.map(|list| list.version);
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3]);

    // Both lists, and one of them twice, in the same moment.
    let commits = tokio::join!(
        rules::commit(app.db(), &can, lists[0].id),
        rules::commit(app.db(), &can, lists[0].id),
        rules::commit(app.db(), &can, lists[1].id)
    );
    let commits = [commits.0, commits.1, commits.2];
    assert_eq!(
        commits.iter().filter(|done| done.is_ok()).count(),
        1,
        "{commits:?}"
    );
    for refused in commits.iter().filter_map(|done| done.as_ref().err()) {
        assert!(
            matches!(refused, ListError::WrongState | ListError::NothingToDo),
            "{refused}"
        );
    }
    assert_eq!(on_roster(&app).await, 1);
    let states: Vec<String> = records::<special_list::Entity>()
        .order_by_asc(special_list::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
        .into_iter()
        .map(|list| list.state)
        .collect();
    assert_eq!(states.iter().filter(|state| *state == "committed").count(), 1);
    assert_whole(&app).await;
}

#[tokio::test]
async fn committing_twice_does_it_once() {
    let app = TestApp::start().await;
    let centre = centre(&app).await;
    app.fixture().doctor("42200100001", |_| {}).await;
    let page = in_force(&centre, "doctoral", "学号\n42200100001\n").await;
    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(409)
        .assert_says("可能已被处理过");
    centre
        .post(&format!("{page}/cancellation"), &[])
        .await
        .assert_status(409);
    let committed = app.audit_actions().await;
    assert_eq!(
        committed
            .iter()
            .filter(|action| *action == "special_list.committed")
            .count(),
        1
    );
}
