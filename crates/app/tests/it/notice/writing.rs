//! Writing, publishing, withdrawing; mark-up in every field.

use qihang_db::Role;
use qihang_db::entity::audit_event;
use qihang_db::records;
use sea_orm::QueryOrder;

use super::{draft, form, is_for, notices, publish, published, read, withdraw};
use crate::support::TestApp;

const SCRIPT: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";

#[tokio::test]
async fn a_notice_is_written_looked_at_published_withdrawn_and_published_again() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let student = app
        .student(&app.fixture().student("2230100001", |_| {}).await)
        .await;

    let preview = centre
        .post(
            "/manage/notices",
            &form(&[("then", "preview"), ("body", "# 一\n二")]),
        )
        .await;
    preview.assert_status(200).assert_says("<h2>一</h2>");
    assert!(notices(&app).await.is_empty(), "a preview keeps nothing");

    let id = draft(&centre, &[]).await;
    centre
        .get(&format!("/manage/notices/{id}"))
        .await
        .assert_says("草稿")
        .assert_says("全校学生");
    publish(&centre, id).await.assert_status(303);
    assert!(is_for(&student, id).await);
    publish(&centre, id).await.assert_status(409);
    withdraw(&centre, id).await.assert_status(303);
    assert!(!is_for(&student, id).await);
    withdraw(&centre, id).await.assert_status(409);
    publish(&centre, id).await.assert_status(303);
    assert!(is_for(&student, id).await);

    let actions = app.audit_actions().await;
    let about: Vec<&str> = actions
        .iter()
        .map(String::as_str)
        .filter(|action| action.starts_with("notice."))
        .collect();
    assert_eq!(
        about,
        [
            "notice.created",
            "notice.published",
            "notice.withdrawn",
            "notice.published"
        ]
    );
}

#[tokio::test]
async fn an_edit_is_seen_at_once_and_kept_in_the_log_with_what_was_there_before() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = published(&centre, &[("audience", "public"), ("publish_on", "2026-09-10")]).await;

    centre
        .post(
            &format!("/manage/notices/{id}"),
            &form(&[
                ("audience", "public"),
                ("title", "新的标题"),
                ("body", "新的正文"),
            ]),
        )
        .await
        .assert_status(303);

    read(&app.visitor(), id)
        .await
        .assert_says("新的标题")
        .assert_says("新的正文")
        .assert_says("2026-09-10");
    let event = records::<audit_event::Entity>()
        .order_by_desc(audit_event::Column::Id)
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(event.action, "notice.changed");
    assert_eq!(event.subject, format!("notice/{id}"));
    assert!(event.before.unwrap().contains("请按时激活"));
    assert!(event.after.unwrap().contains("新的正文"));
}

#[tokio::test]
async fn a_college_writes_for_its_own_students_and_for_nobody_else() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let own = app.student(&fixture.student("2230100001", |_| {}).await).await;
    let master = app.student(&fixture.master("3240100001", |_| {}).await).await;
    let elsewhere = fixture.college_id("004").await.to_string();

    // Whatever a forged form says about the audience, it is the own 院.
    let id = published(
        &officer,
        &[
            ("audience", "public"),
            ("for_college", &elsewhere),
            ("college", &elsewhere),
        ],
    )
    .await;

    let row = &notices(&app).await[0];
    assert_eq!(row.college_id, Some(fixture.college_id("S01").await));
    assert_eq!(row.audience, "students");
    assert!(is_for(&own, id).await);
    assert!(!is_for(&master, id).await, "answered for by 机械工程学院");
    assert!(!is_for(&app.visitor(), id).await);
    read(&own, id).await.assert_says("彭康书院");
}

#[tokio::test]
async fn an_officer_of_two_colleges_says_in_whose_name() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    fixture.account("t001", Role::Officer, Some("S01")).await;
    let second = fixture.college_id("S02").await;
    let tx = app.db().begin_write().await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(
        &tx,
        &format!("INSERT INTO assignment (account_id, role, college_id, starts_on) SELECT id, 'officer', {second}, '2025-09-01' FROM account"),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let officer = app.visitor();
    officer
        .sign_in("t001", crate::support::PASSWORD)
        .await
        .assert_status(303);

    officer
        .post("/manage/notices", &form(&[]))
        .await
        .assert_status(422)
        .assert_says("请选择以哪个院的名义发布");
    draft(&officer, &[("college", &second.to_string())]).await;

    assert_eq!(notices(&app).await[0].college_id, Some(second));
}

#[tokio::test]
async fn notices_of_others_do_not_exist_for_an_author() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let other = app.signed_in(Role::Head, Some("004")).await;
    let of_centre = published(&centre, &[("audience", "public")]).await;
    let of_college = published(&officer, &[]).await;

    for (author, id) in [(&officer, of_centre), (&other, of_centre), (&other, of_college)] {
        let here = format!("/manage/notices/{id}");
        for address in [here.clone(), format!("{here}/edit"), format!("{here}/readers")] {
            author.get(&address).await.assert_status(404);
        }
        for address in ["", "/publication", "/withdrawal", "/removal"] {
            author
                .post(&format!("{here}{address}"), &form(&[]))
                .await
                .assert_status(404);
        }
        author
            .get("/manage/notices")
            .await
            .assert_does_not_say(&format!("/manage/notices/{id}\""));
    }
    // The centre sees all, and what a 院 wrote stays for the students of that 院.
    centre
        .post(
            &format!("/manage/notices/{of_college}"),
            &form(&[("audience", "public")]),
        )
        .await
        .assert_status(303);
    assert!(!is_for(&app.visitor(), of_college).await);
}

#[tokio::test]
async fn a_form_with_mistakes_comes_back_with_what_was_written() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let college = fixture.college_id("S01").await.to_string();
    let long = "长".repeat(20_001);
    for (fields, says) in [
        (vec![("title", " ")], "请填写标题"),
        (vec![("title", "一\n二")], "请填写标题"),
        (vec![("body", "")], "请填写正文"),
        (vec![("body", long.as_str())], "正文最多 20000 个字"),
        (vec![("audience", "everyone")], "请选择发送对象"),
        (
            vec![("audience", "public"), ("for_college", college.as_str())],
            "公开通知面向所有人",
        ),
        (vec![("for_role", "head")], "只有面向教师的通知"),
        (
            vec![("audience", "staff"), ("class_year", "2027")],
            "只有面向学生的通知",
        ),
        (vec![("class_year", "1999")], "没有这个选项"),
        (vec![("student_type", "pupil")], "没有这个选项"),
        (vec![("for_college", "999999")], "没有这个院"),
        (vec![("audience", "staff"), ("for_role", "king")], "没有这个选项"),
        (vec![("publish_on", "明天")], "请填写日期"),
        (
            vec![("publish_on", "2026-09-12"), ("ends_on", "2026-09-11")],
            "结束日期不能早于发布日期",
        ),
    ] {
        centre
            .post("/manage/notices", &form(&fields))
            .await
            .assert_status(422)
            .assert_says(says);
    }
    assert!(notices(&app).await.is_empty());
    centre
        .post("/manage/notices", &form(&[("for_college", "x")]))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn what_would_be_over_before_it_begins_is_not_published() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = draft(&centre, &[("ends_on", "2026-09-01")]).await;

    publish(&centre, id)
        .await
        .assert_status(409)
        .assert_says("结束日期已过");

    assert_eq!(notices(&app).await[0].state, "draft");
}

#[tokio::test]
async fn only_a_draft_is_thrown_away() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let kept = published(&centre, &[]).await;
    let gone = draft(&centre, &[]).await;

    for (id, status) in [(kept, 409), (gone, 303), (gone, 404)] {
        let address = format!("/manage/notices/{id}/removal");
        centre.post(&address, &[]).await.assert_status(status);
    }

    let left: Vec<i64> = notices(&app).await.iter().map(|row| row.id).collect();
    assert_eq!(left, [kept]);
}

#[tokio::test]
async fn markup_in_every_field_is_shown_and_never_obeyed() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let body = format!("{SCRIPT}\n\n[看](javascript:alert(1)) ![图](x \"onload=alert(1)\")");
    let fields = [("audience", "public"), ("title", SCRIPT), ("body", body.as_str())];
    let id = published(&centre, &fields).await;
    centre
        .upload(
            &format!("/manage/notices/{id}/attachments"),
            &[],
            ("file", "<img src=x onerror=alert(1)>.pdf", b"%PDF-1.4\n"),
        )
        .await
        .assert_status(303);
    let mut preview = form(&fields);
    preview.push(("then", "preview"));

    let pages = [
        read(&app.visitor(), id).await,
        app.visitor().get("/notices").await,
        app.visitor().get("/").await,
        centre.get("/manage").await,
        centre.get("/manage/notices").await,
        centre.get(&format!("/manage/notices/{id}")).await,
        centre.get(&format!("/manage/notices/{id}/edit")).await,
        centre.get(&format!("/manage/notices/{id}/readers")).await,
        centre.post("/manage/notices", &preview).await,
    ];

    for page in pages {
        page.assert_status(200)
            .assert_says("alert(1)")
            .assert_does_not_say("<script>alert")
            .assert_does_not_say("<img src=x")
            .assert_does_not_say("href=\"javascript:");
    }
}

#[tokio::test]
async fn the_database_refuses_a_notice_that_no_rule_would_write() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = published(&centre, &[("audience", "public")]).await;
    let college = fixture.college_id("S01").await;
    for (what, set) in [
        (
            "a 院 that writes for everybody",
            format!("college_id = {college}"),
        ),
        (
            "a public notice for one type of student",
            "student_type = 'graduate'".to_owned(),
        ),
        (
            "one that is published without a day",
            "publish_on = NULL".to_owned(),
        ),
        ("a draft that was published", "state = 'draft'".to_owned()),
        (
            "one that is withdrawn at no time",
            "state = 'withdrawn'".to_owned(),
        ),
        (
            "one that ends before it begins",
            "ends_on = '2026-09-09'".to_owned(),
        ),
        ("one without a title", "title = ''".to_owned()),
    ] {
        let tx = app.db().begin_write().await.unwrap();
        let sql = format!("UPDATE notice SET {set} WHERE id = {id}");
        let refused = sea_orm::ConnectionTrait::execute_unprepared(&tx, &sql).await;
        assert!(refused.is_err(), "{what} was let in");
    }
}
