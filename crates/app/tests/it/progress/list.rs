//! The list, its figures, its groups.

use qihang::activation::rules::obstacles;
use qihang_db::entity::student;
use qihang_db::{Role, Scope};
use sea_orm::ConnectionTrait;

use super::{PROGRESS, activated, judged, listed, officer};
use crate::support::{Reply, TestApp};

/// The number under a title of the head, and the list that it opens.
fn tile(reply: &Reply, title: &str) -> (u64, String) {
    let text = reply.text();
    let after = text
        .split_once(&format!("{title}</dt>"))
        .unwrap_or_else(|| panic!("no tile {title}:\n{text}"))
        .1;
    let href = after.split_once("href=\"").unwrap().1.split_once('"').unwrap().0;
    let number = after.split_once("\">").unwrap().1;
    let number = number.trim_start_matches(|character: char| !character.is_ascii_digit());
    let number = number.split_once('<').unwrap().0.parse().unwrap();
    (number, href.replace("&#38;", "&"))
}

/// How many rows the list has in all.
fn found(reply: &Reply) -> u64 {
    let text = reply.text();
    match text.split_once("人 / 共 ") {
        Some((_, after)) => after.split_once(' ').unwrap().0.parse().unwrap(),
        None => 0,
    }
}

/// Five of 彭康书院: one who has activated, one who has to confirm again, one who can activate, two who are blocked.
async fn five(app: &TestApp) {
    app.fixture().university().await;
    let done = listed(app, "2230100001", |student| student.name = "安一".into()).await;
    activated(app, &done, false).await;
    let again = listed(app, "2230100002", |student| student.name = "白二".into()).await;
    activated(app, &again, true).await;
    listed(app, "2230100003", |student| student.name = "陈三".into()).await;
    listed(app, "2230100004", |student| {
        student.name = "丁四".into();
        student.origin = String::new();
        student.class_name = "机械232".into();
        student.counsellor = "F0022".into();
    })
    .await;
    listed(app, "2230100005", |student| {
        student.name = "冯五".into();
        student.exam_no = "1".into();
        student.origin = "610000".into();
    })
    .await;
    judged(app).await;
}

#[tokio::test]
async fn whoever_has_not_activated_is_shown_with_what_blocks_and_who_mends_it() {
    let app = TestApp::start().await;
    five(&app).await;

    let page = officer(&app).await.get(PROGRESS).await;

    page.assert_status(200)
        .assert_says("陈三")
        .assert_says("数据齐全，待本人核对")
        .assert_says("丁四")
        .assert_says("生源所在地为空 <span class=\"hint\">本人更正")
        .assert_says("考生号无效 <span class=\"hint\">教务处更正")
        .assert_does_not_say("安一")
        .assert_does_not_say("白二")
        .assert_says("激活 9月30日 截止，还有 20 天");
}

#[tokio::test]
async fn every_number_of_the_head_opens_a_list_of_so_many() {
    let app = TestApp::start().await;
    five(&app).await;
    let officer = officer(&app).await;
    let page = officer.get(PROGRESS).await;
    for (title, number) in [
        ("本院 2027 届在库", 5),
        ("已激活", 2),
        ("未激活", 3),
        ("其中有数据问题", 2),
        ("其中数据齐全", 1),
        ("需重新确认", 1),
    ] {
        let (shown, href) = tile(&page, title);
        assert_eq!(shown, number, "{title}");
        assert_eq!(found(&officer.get(&href).await), number, "{title}: {href}");
    }
    page.assert_says("40%");
    officer
        .get(&format!("{PROGRESS}?state=again"))
        .await
        .assert_says("已更改：姓名");
}

#[tokio::test]
async fn the_list_is_narrowed_by_class_major_counsellor_and_by_what_blocks() {
    let app = TestApp::start().await;
    five(&app).await;
    let officer = officer(&app).await;
    for (query, names) in [
        ("class_name=机械232", vec!["丁四"]),
        ("counsellor=F0022", vec!["丁四"]),
        ("major=B001", vec!["陈三", "丁四", "冯五"]),
        ("major=B004", vec![]),
        ("type=graduate", vec![]),
        ("block=origin", vec!["丁四", "冯五"]),
        ("block=exam_no", vec!["冯五"]),
        ("block=no", vec!["陈三"]),
        ("q=fengwu", vec!["冯五"]),
        ("q=2230100003", vec!["陈三"]),
        (
            "state=all&class_name=机械231",
            vec!["安一", "白二", "陈三", "冯五"],
        ),
    ] {
        let page = officer.get(&format!("{PROGRESS}?{query}")).await;
        assert_eq!(found(&page), names.len() as u64, "{query}");
        for name in names {
            page.assert_says(name);
        }
    }
    // The page itself counts how many each field blocks.
    officer
        .get(&format!("{PROGRESS}?clear=1"))
        .await
        .assert_says("block=origin\">生源所在地 2 人</a>")
        .assert_says("block=exam_no\">考生号 1 人</a>");
}

#[tokio::test]
async fn a_settled_finding_blocks_nobody() {
    let app = TestApp::start().await;
    five(&app).await;
    let tx = app.db().begin_write().await.unwrap();
    tx.execute_unprepared(
        "UPDATE finding SET settled_at = found_at, settled_reason = '已核对，无误', settled_by = 1",
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let page = officer(&app).await.get(PROGRESS).await;

    assert_eq!(tile(&page, "其中有数据问题").0, 0);
    page.assert_does_not_say("生源所在地为空");
}

#[tokio::test]
async fn the_list_is_narrowed_by_the_rule_that_the_form_goes_by() {
    let app = TestApp::start().await;
    five(&app).await;
    // 冯五 has reported the number that is there; 丁四 has nothing there to report.
    let tx = app.db().begin_write().await.unwrap();
    for (student_no, field) in [("2230100005", "exam_no"), ("2230100004", "origin")] {
        tx.execute_unprepared(&format!(
            "INSERT INTO correction (student_id, class_year, field, office, claimed, note, state, filed_at, answer) \
             SELECT id, 2027, '{field}', 'registrar', 'x', '', 'open', '2026-09-10 02:00:00+00:00', '' \
             FROM student WHERE student_no = '{student_no}'"
        ))
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let officer = officer(&app).await;
    let everyone = Scope::Everyone;
    let students = everyone
        .select::<student::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();

    let found_by_the_form = obstacles(app.db().reader(), &everyone, 2027, &students)
        .await
        .unwrap();

    for field in ["exam_no", "origin"] {
        let page = officer.get(&format!("{PROGRESS}?block={field}")).await;
        for student in students
            .iter()
            .filter(|one| one.student_no.as_str() > "2230100002")
        {
            let blocks = found_by_the_form.get(&student.id).into_iter().flatten();
            let is_blocked = blocks.map(|block| block.field.code()).any(|code| code == field);
            assert_eq!(
                page.text().contains(&student.name),
                is_blocked,
                "{} {field}",
                student.name
            );
        }
    }
    assert_eq!(found(&officer.get(&format!("{PROGRESS}?block=exam_no")).await), 0);
    assert_eq!(found(&officer.get(&format!("{PROGRESS}?block=origin")).await), 2);
    officer.get(PROGRESS).await.assert_does_not_say("考生号 1 人");
}

#[tokio::test]
async fn groups_count_everybody_once_and_lead_to_their_lists() {
    let app = TestApp::start().await;
    five(&app).await;
    let officer = officer(&app).await;

    let classes = officer.get("/manage/activation/groups?by=class").await;

    // The class with more unfinished work comes first.
    let text = classes.text();
    let (first, second) = (
        text.find("机械231</th>").expect("the first class"),
        text.find("机械232</th>").expect("the second class"),
    );
    assert!(first < second);
    classes.assert_says("state=pending&#38;class_name=%E6%9C%BA%E6%A2%B0231\">2</a>");
    for (by, words) in [
        ("college", "彭康书院"),
        ("major", "专业B001（B001）"),
        ("counsellor", "F0022"),
    ] {
        officer
            .get(&format!("/manage/activation/groups?by={by}"))
            .await
            .assert_status(200)
            .assert_says(words);
    }
    officer
        .get("/manage/activation/groups?by=weather")
        .await
        .assert_status(400);
}

#[tokio::test]
async fn a_counsellor_with_an_account_is_shown_by_name() {
    let app = TestApp::start().await;
    five(&app).await;
    app.fixture().account("f0022", Role::Officer, Some("S01")).await;
    let officer = officer(&app).await;

    officer.get(PROGRESS).await.assert_says("某老师（F0022）");
    officer
        .get("/manage/activation/groups?by=counsellor")
        .await
        .assert_says("某老师（F0022）</th>");
}

#[tokio::test]
async fn students_of_another_college_are_neither_listed_nor_counted() {
    let app = TestApp::start().await;
    five(&app).await;
    let stranger = app
        .fixture()
        .master("3240400001", |student| student.name = "慕容雪".into())
        .await;
    app.fixture().on_roster(stranger.id, 2027).await;

    let page = officer(&app).await.get(&format!("{PROGRESS}?state=all")).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let whole = centre.get(&format!("{PROGRESS}?state=all")).await;

    page.assert_does_not_say("慕容雪");
    assert_eq!(tile(&page, "本院 2027 届在库").0, 5);
    assert_eq!(tile(&whole, "全校 2027 届在库").0, 6);
    let of_school = centre.get(&format!("{PROGRESS}?state=all&college=001")).await;
    assert_eq!(found(&of_school), 1);
    of_school.assert_says("慕容雪");
}

#[tokio::test]
async fn a_long_list_is_turned_page_by_page_with_the_selection_kept() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    for number in 1..=27 {
        listed(&app, &format!("22301000{number:02}"), |_| {}).await;
    }
    let officer = officer(&app).await;
    let first = officer.get(&format!("{PROGRESS}?mode=all")).await;
    first
        .assert_says("已选 <strong data-selected-count>27</strong>")
        .assert_says("2230100025")
        .assert_does_not_say("2230100026")
        .assert_says("value=\"after:2230100025\"");
    let text = first.text();
    let taken_out = text.split_once("name=\"pick\" value=\"").unwrap().1;
    let taken_out = taken_out.split_once('"').unwrap().0.to_owned();

    // The first box is unticked, and the pager's button sends that along.
    let form = format!("{PROGRESS}?mode=all&shown={taken_out}&go=after:2230100025");
    let turned = officer.get(&form).await;

    let second = officer.get(&turned.assert_status(303).location()).await;
    second
        .assert_says("2230100026")
        .assert_says("2230100027")
        .assert_says("已选 <strong data-selected-count>26</strong>");
}

#[tokio::test]
async fn unknown_values_are_refused_with_a_page() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = officer(&app).await;
    for query in [
        "state=asleep",
        "block=mobile",
        "college=X9",
        "class_year=2031",
        "class_year=x",
        "mode=most",
        "major=none",
    ] {
        officer
            .get(&format!("{PROGRESS}?{query}"))
            .await
            .assert_status(400);
    }
    officer.get(PROGRESS).await.assert_says("生源库还没有学生");
}
