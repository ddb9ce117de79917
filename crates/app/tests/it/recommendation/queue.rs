//! The list of the 院, and what is approved without being read.

use qihang_db::{Action, Role};

use super::{QUEUE, TEXTS, forms, signed_in_again, submit, university, versions};
use crate::activation::{complaints, events, instant};
use crate::support::{Browser, TestApp};

/// What a tick on the list sends.
async fn picks(app: &TestApp) -> Vec<String> {
    forms(app)
        .await
        .iter()
        .map(|form| format!("{}-{}-{}", form.id, form.version, form.revision))
        .collect()
}

async fn approve_ticked(officer: &Browser, picks: &[String], opinion: &str) -> crate::support::Reply {
    let mut form: Vec<(&str, &str)> = picks.iter().map(|pick| ("pick", pick.as_str())).collect();
    form.extend([("opinion", opinion), ("back", "class_name=1")]);
    officer.post("/manage/recommendations/approvals", &form).await
}

#[tokio::test]
async fn only_what_nobody_has_to_look_at_is_approved_in_a_batch() {
    let (app, students) = university(4).await;
    let full = "长".repeat(500);
    let texts: [&[(&str, &str)]; 4] = [
        &TEXTS,
        &[("intention", "西安"), ("appraisal", "没有写排名")],
        &[("rank", "前三"), ("intention", "西安"), ("appraisal", &full)],
        &TEXTS,
    ];
    for (student, texts) in students.iter().zip(texts) {
        submit(&app.student(student).await, texts)
            .await
            .assert_status(303);
    }
    let tx = app.db().begin_write().await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(
        &tx,
        &format!("DELETE FROM photo WHERE student_id = {}", students[3].id),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let list = officer.get(QUEUE).await;
    list.assert_says("缺成绩或排名")
        .assert_says("自我评价已写满")
        .assert_says("缺照片")
        .assert_says("共 4 人");
    assert_eq!(
        list.text().matches("name=\"pick\"").count(),
        1,
        "one row can be ticked"
    );

    let reply = approve_ticked(&officer, &picks(&app).await, "{姓名}，{专业}专业，同意推荐。").await;

    reply
        .assert_status(200)
        .assert_says("已通过 1 份；下面 3 份没有通过")
        .assert_says("卢宇2")
        .assert_says("缺成绩或排名");
    let approved: Vec<_> = versions(&app)
        .await
        .into_iter()
        .filter_map(|version| version.opinion)
        .collect();
    assert_eq!(approved, ["卢宇1，专业B001专业，同意推荐。"]);
    assert_eq!(events(&app, Action::RecommendationApproved).await.len(), 1);
    // Once more: nothing is left that could be approved unread.
    approve_ticked(&officer, &picks(&app).await, "同意推荐。")
        .await
        .assert_status(409);
    approve_ticked(&officer, &[], "同意推荐。")
        .await
        .assert_status(303);
    approve_ticked(&officer, &["x".into()], "同意推荐。")
        .await
        .assert_status(400);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_form_of_another_college_among_the_ticked_approves_nothing() {
    let (app, students) = university(2).await;
    for student in &students {
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
    }
    let other = app.signed_in(Role::Officer, Some("S02")).await;

    approve_ticked(&other, &picks(&app).await, "同意推荐。")
        .await
        .assert_status(404);

    assert!(events(&app, Action::RecommendationApproved).await.is_empty());
}

#[tokio::test]
async fn two_batches_at_once_approve_each_form_once() {
    let (app, students) = university(8).await;
    for student in &students {
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
    }
    let first = app.signed_in(Role::Officer, Some("S01")).await;
    let second = app.signed_in(Role::Head, Some("S01")).await;
    let ticked = picks(&app).await;

    let (one, two) = tokio::join!(
        approve_ticked(&first, &ticked, "同意推荐。"),
        approve_ticked(&second, &ticked, "推荐。"),
    );

    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let mut numbers: Vec<_> = forms(&app).await.iter().filter_map(|form| form.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_list_shows_what_waits_longest_first_and_is_narrowed_strictly() {
    let (app, students) = university(3).await;
    for (minute, student) in students.iter().rev().enumerate() {
        app.clock.set(instant(&format!("2026-09-1{minute}T02:00:00Z")));
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
    }
    app.clock.set(instant("2026-09-15T02:00:00Z"));
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let text = officer.get(QUEUE).await.text();

    let places: Vec<usize> = ["卢宇3", "卢宇2", "卢宇1"]
        .map(|name| text.find(name).unwrap())
        .to_vec();
    assert!(places.is_sorted(), "{places:?}");
    assert!(text.contains("等待最久的已等 5 天"), "{text}");
    officer
        .get(&format!("{QUEUE}?q=2230100002"))
        .await
        .assert_says("卢宇2")
        .assert_does_not_say("卢宇1");
    officer
        .get(&format!("{QUEUE}?class_name=nobody"))
        .await
        .assert_says("没有符合条件的推荐表");
    officer
        .get(&format!("{QUEUE}?state=approved"))
        .await
        .assert_says("没有符合条件");
    officer
        .get(&format!("{QUEUE}?state=lost"))
        .await
        .assert_status(400);
    officer.get(&format!("{QUEUE}?major=X")).await.assert_status(400);
    officer.get(&format!("{QUEUE}?after=x")).await.assert_status(400);
}

#[tokio::test]
async fn every_page_of_the_list_is_reached_forwards_and_backwards() {
    let (app, students) = university(27).await;
    for student in &students {
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
    }
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let first = officer.get(QUEUE).await;
    first.assert_says("共 27 人");
    let link = |page: &crate::support::Reply, rel: &str| {
        let text = page.text();
        let end = text
            .find(&format!("\" rel=\"{rel}\""))
            .unwrap_or_else(|| panic!("no {rel} in {text}"));
        text[..end]
            .rsplit("href=\"")
            .next()
            .unwrap()
            .replace("&#38;", "&")
    };
    let second = officer.get(&link(&first, "next")).await;
    assert_eq!(second.text().matches("的推荐表</span>").count(), 2);
    let back = officer.get(&link(&second, "prev")).await;
    assert_eq!(back.text().matches("的推荐表</span>").count(), 25);
    assert_eq!(
        officer
            .get(&format!("{QUEUE}?last=1"))
            .await
            .text()
            .matches("的推荐表</span>")
            .count(),
        25
    );
}

#[tokio::test]
async fn figures_say_how_many_stand_where_and_how_long_the_oldest_waits() {
    let (app, students) = university(4).await;
    submit(&app.student(&students[0]).await, &TEXTS)
        .await
        .assert_status(303);
    submit(&app.student(&students[1]).await, &TEXTS)
        .await
        .assert_status(303);
    let begun = app.student(&students[2]).await;
    begun
        .post(
            "/student/recommendation/sections/awards",
            &[("text", "x"), ("revision", "0")],
        )
        .await
        .assert_status(200);
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    super::approve(&officer, forms(&app).await[0].id)
        .await
        .assert_status(303);
    app.clock.set(instant("2026-09-13T02:00:00Z"));
    let officer = signed_in_again(&app).await;

    let page = officer.get("/manage/recommendations/statistics").await;

    page.assert_status(200)
        .assert_says("彭康书院")
        .assert_says("3 天")
        .assert_says("href=\"/manage/recommendations?state=not_begun&#38;college=S01\"");
    let row = page.text();
    let row = row
        .split("彭康书院</th>")
        .nth(1)
        .unwrap()
        .split("</tr>")
        .next()
        .unwrap()
        .to_owned();
    let numbers: Vec<&str> = row
        .split("<td class=\"num\"")
        .skip(1)
        .map(|cell| cell.split("</").next().unwrap().rsplit('>').next().unwrap())
        .collect();
    // 已激活, 未开始, 填写中, 待审核, 已退回, 已通过, 已打印.
    assert_eq!(numbers, ["4", "1", "1", "1", "0", "1", "0"]);
    officer
        .get(&format!("{QUEUE}?state=not_begun"))
        .await
        .assert_says("卢宇4")
        .assert_does_not_say("卢宇3");
    let centre = app.signed_in(Role::Centre, None).await;
    centre
        .get("/manage/recommendations/statistics")
        .await
        .assert_says("彭康书院");
}
