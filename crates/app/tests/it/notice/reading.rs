//! For whom a notice is, and for nobody else.

use chrono::TimeDelta;
use qihang_db::Role;

use super::{draft, is_for, published, read, withdraw};
use crate::support::TestApp;

#[tokio::test]
async fn a_public_notice_is_read_without_signing_in() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = published(&centre, &[("audience", "public"), ("body", "请**按时**激活。")]).await;

    let reply = read(&app.visitor(), id).await;

    reply
        .assert_status(200)
        .assert_says("关于激活账户的通知")
        .assert_says("<strong>按时</strong>")
        .assert_says("2026-09-10");
    assert_eq!(reply.headers["cache-control"], "public, max-age=60");
    assert!(
        reply
            .headers
            .get_all("vary")
            .iter()
            .any(|value| value == "Cookie")
    );
    assert!(is_for(&app.visitor(), id).await);
}

#[tokio::test]
async fn a_notice_for_students_of_one_college_does_not_exist_for_others() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let school_id = fixture.college_id("004").await;
    let own = app.student(&fixture.student("2230100001", |_| {}).await).await;
    let major_id = fixture.major_id("B004").await;
    let other = fixture
        .student("2230400001", |student| {
            student.school_id = school_id;
            student.major_id = major_id;
            student.residence_id = None;
            student.residence_found = String::new();
        })
        .await;
    let other = app.student(&other).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let pengkang = fixture.college_id("S01").await.to_string();

    let id = published(&centre, &[("for_college", &pengkang)]).await;

    assert!(is_for(&own, id).await);
    assert!(!is_for(&other, id).await);
    assert!(!is_for(&app.visitor(), id).await);
    // Who may see it says nothing about what there is: the same page for a number that nobody has.
    let missing = read(&app.visitor(), 999).await.text().replace("999", "N");
    assert_eq!(
        read(&app.visitor(), id)
            .await
            .text()
            .replace(&id.to_string(), "N")
            .len(),
        missing.len()
    );
    read(&other, id).await.assert_does_not_say("请按时激活");
}

#[tokio::test]
async fn type_and_class_year_narrow_the_students() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    fixture.class_year(2028, "planned").await;
    let undergraduate = app.student(&fixture.student("2230100001", |_| {}).await).await;
    let master = app.student(&fixture.master("3240100001", |_| {}).await).await;
    let junior = fixture
        .student("2240100001", |student| student.admission_year = 2024)
        .await;
    // Extended by the centre: expected in no class year, on the roster of one.
    let extended = fixture
        .student("2220100001", |student| {
            "extended".clone_into(&mut student.study_status);
        })
        .await;
    fixture.on_roster(extended.id, 2027).await;
    let (junior, extended) = (app.student(&junior).await, app.student(&extended).await);
    let centre = app.signed_in(Role::Centre, None).await;

    let of_type = published(&centre, &[("student_type", "graduate")]).await;
    let of_year = published(&centre, &[("class_year", "2027")]).await;
    let of_all = published(&centre, &[]).await;

    for (who, reader, expected) in [
        ("undergraduate", &undergraduate, [false, true, true]),
        ("master", &master, [true, true, true]),
        ("junior", &junior, [false, false, true]),
        ("extended", &extended, [false, true, true]),
    ] {
        for (id, expected) in [of_type, of_year, of_all].into_iter().zip(expected) {
            assert_eq!(is_for(reader, id).await, expected, "{who}, notice {id}");
        }
    }
}

#[tokio::test]
async fn roles_and_colleges_narrow_the_staff() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let student = app.student(&fixture.student("2230100001", |_| {}).await).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;
    let elsewhere = app.signed_in(Role::Head, Some("004")).await;
    let administrator = app.signed_in(Role::Administrator, None).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let pengkang = fixture.college_id("S01").await.to_string();

    let for_all = published(&centre, &[("audience", "staff")]).await;
    let for_heads = published(&centre, &[("audience", "staff"), ("for_role", "head")]).await;
    let for_one = published(
        &centre,
        &[
            ("audience", "staff"),
            ("for_role", "head"),
            ("for_college", &pengkang),
        ],
    )
    .await;

    for (who, reader, expected) in [
        ("officer", &officer, [true, false, false]),
        ("head", &head, [true, true, true]),
        ("head of another", &elsewhere, [true, true, false]),
        ("administrator", &administrator, [true, false, false]),
        ("student", &student, [false, false, false]),
        ("visitor", &app.visitor(), [false, false, false]),
    ] {
        for (id, expected) in [for_all, for_heads, for_one].into_iter().zip(expected) {
            assert_eq!(is_for(reader, id).await, expected, "{who}, notice {id}");
        }
    }
    head.get("/manage")
        .await
        .assert_says(&format!("href=\"/notices/{for_one}\""));
}

#[tokio::test]
async fn officers_read_what_their_own_students_are_told() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let own = app.signed_in(Role::Officer, Some("S01")).await;
    let other = app.signed_in(Role::Officer, Some("004")).await;
    let administrator = app.signed_in(Role::Administrator, None).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let pengkang = fixture.college_id("S01").await.to_string();

    let id = published(&centre, &[("for_college", &pengkang)]).await;

    assert!(is_for(&own, id).await);
    assert!(!is_for(&other, id).await);
    assert!(!is_for(&administrator, id).await);
}

#[tokio::test]
async fn drafts_withdrawn_ones_and_those_out_of_their_days_are_read_by_nobody() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let public = ("audience", "public");

    let only_draft = draft(&centre, &[public]).await;
    let later = published(
        &centre,
        &[public, ("publish_on", "2026-09-12"), ("ends_on", "2026-09-13")],
    )
    .await;
    let withdrawn = published(&centre, &[public]).await;
    withdraw(&centre, withdrawn).await.assert_status(303);

    for id in [only_draft, later, withdrawn] {
        assert!(!is_for(&app.visitor(), id).await, "notice {id}");
        assert!(!is_for(&centre, id).await, "notice {id}");
    }
    for (days, expected) in [(2, true), (1, true), (1, false)] {
        app.clock.set(app.clock.now() + TimeDelta::days(days));
        assert_eq!(is_for(&app.visitor(), later).await, expected);
    }
}

#[tokio::test]
async fn pinned_notices_stand_first_and_the_others_page_by_day() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let pinned = published(&centre, &[("audience", "public"), ("pinned", "1")]).await;
    let mut others = Vec::new();
    for _ in 0..45 {
        others.push(published(&centre, &[("audience", "public")]).await);
    }
    let visitor = app.visitor();
    let ids = |text: &str| -> Vec<i64> {
        let links = text.split("href=\"/notices/").skip(1);
        links
            .filter_map(|rest| rest.split('"').next()?.parse().ok())
            .collect()
    };

    let mut address = "/notices".to_owned();
    let mut seen = Vec::new();
    loop {
        let text = visitor.get(&address).await.assert_status(200).text();
        seen.extend(ids(&text));
        let Some((before, _)) = text.split_once("\" rel=\"next\"") else {
            break;
        };
        let query = before.rsplit("href=\"").next().expect("an address");
        address = query.replace("&#38;", "&").replace("&amp;", "&");
    }

    others.reverse();
    assert_eq!(seen, [vec![pinned], others].concat());
    visitor.get("/notices?after=nonsense").await.assert_status(404);
    visitor.get("/notices?what=1").await.assert_status(200);
}
