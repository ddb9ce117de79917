//! Reviewing one form: approved, returned, by one officer and not by two.

use qihang_db::{Action, Role};

use super::{
    OWN, QUEUE, TEXTS, approval, approve, approved, forms, give_back, objections, post, printed,
    signed_in_again, states, submit, told, university, versions, with_student,
};
use crate::activation::{complaints, events, hidden, instant};
use crate::exchange::Exchange;

#[tokio::test]
async fn an_officer_approves_and_the_student_has_number_and_code() {
    let (app, student, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    let address = format!("{QUEUE}/{form_id}");

    let page = officer.get(&address).await;
    page.assert_status(200)
        .assert_says("卢宇1的推荐表")
        .assert_says("踏实肯干")
        .assert_says("该生卢宇1系我院专业B001专业本科毕业生")
        .assert_says(&format!("/manage/students/{}/photo", student.id))
        .assert_does_not_say(&student.document_no);
    let reply = post(
        &officer,
        &format!("{address}/approval"),
        &approval(&page, " 表现优秀，同意推荐。 "),
    )
    .await;

    assert_eq!(reply.assert_status(303).location(), QUEUE);
    officer
        .get(QUEUE)
        .await
        .assert_says("已通过，编号 2027-S01-00001。");
    let version = versions(&app).await.remove(0);
    assert_eq!(version.opinion.as_deref(), Some("表现优秀，同意推荐。"));
    assert_eq!(version.validity.as_deref(), Some("valid"));
    assert!(version.photo_key.is_some());
    browser
        .get(OWN)
        .await
        .assert_says("2027-S01-00001")
        .assert_says(&printed(&version))
        .assert_says("0 次")
        .assert_says("表现优秀，同意推荐。");
    browser.get("/student").await.assert_says("推荐表已通过");
    assert_eq!(told(&app).await, ["推荐表已通过"]);
    let noted = events(&app, Action::RecommendationApproved).await;
    assert_eq!(noted.len(), 1);
    assert!(noted[0].1.contains("2027-S01-00001"));
    assert!(!noted[0].1.contains(version.check_code.as_deref().unwrap()));
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_officer_of_another_college_does_not_know_of_it() {
    let (app, _, browser, _) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    let centre = app.signed_in(Role::Centre, None).await;

    other.get(&format!("{QUEUE}/{form_id}")).await.assert_status(404);
    other
        .get(QUEUE)
        .await
        .assert_status(200)
        .assert_does_not_say("卢宇1");
    let form = [
        ("version", "1"),
        ("revision", "2"),
        ("record", ""),
        ("opinion", "同意"),
    ];
    other
        .post(&format!("{QUEUE}/{form_id}/approval"), &form)
        .await
        .assert_status(404);
    // The centre sees it and decides nothing.
    centre
        .get(&format!("{QUEUE}/{form_id}"))
        .await
        .assert_status(200)
        .assert_does_not_say("退回修改");
    centre
        .post(&format!("{QUEUE}/{form_id}/approval"), &form)
        .await
        .assert_status(403);
    assert_eq!(states(&app).await, [("submitted".to_owned(), None)]);
}

#[tokio::test]
async fn what_an_officer_types_wrongly_is_said_and_kept() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let address = format!("{QUEUE}/{}", forms(&app).await[0].id);
    let page = officer.get(&address).await;

    let long = "长".repeat(201);
    post(&officer, &format!("{address}/approval"), &approval(&page, &long))
        .await
        .assert_status(422)
        .assert_says("院系推荐意见最多 200 字，现在 201 字")
        .assert_says(&long);
    post(&officer, &format!("{address}/approval"), &approval(&page, " "))
        .await
        .assert_status(422)
        .assert_says("请填写院系推荐意见");
    post(
        &officer,
        &format!("{address}/return"),
        &objections(&page, "objected", &[("awards", "  ")]),
    )
    .await
    .assert_status(422)
    .assert_says("请在至少一项旁写明退回原因");
    post(
        &officer,
        &format!("{address}/return"),
        &objections(&page, "all", &[("awards", &long), ("rank", "请写明排名。")]),
    )
    .await
    .assert_status(422)
    .assert_says("退回原因最多 200 字")
    .assert_says("请写明排名。");
    assert_eq!(states(&app).await, [("submitted".to_owned(), None)]);
    assert!(told(&app).await.is_empty());
}

#[tokio::test]
async fn of_two_officers_at_once_the_second_is_told_and_overwrites_nothing() {
    let (app, _, browser, first) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let second = app.signed_in(Role::Head, Some("S01")).await;
    let address = format!("{QUEUE}/{}", forms(&app).await[0].id);
    let (mine, yours) = (first.get(&address).await, second.get(&address).await);

    let approving = approval(&mine, "同意推荐。");
    let returning = objections(&yours, "objected", &[("awards", "请核实。")]);
    let (return_to, approve_to) = (format!("{address}/return"), format!("{address}/approval"));
    let presses = (0..10).map(|number| {
        let (first, second) = (&first, &second);
        let (approving, returning) = (&approving, &returning);
        let (return_to, approve_to) = (&return_to, &approve_to);
        async move {
            if number % 2 == 0 {
                post(first, approve_to, approving).await
            } else {
                post(second, return_to, returning).await
            }
        }
    });
    let replies = futures::future::join_all(presses).await;

    let done = replies.iter().filter(|reply| reply.status == 303).count();
    assert_eq!(done, 1, "one decision is made");
    for reply in replies.iter().filter(|reply| reply.status != 303) {
        reply
            .assert_status(409)
            .assert_says("本次操作没有执行")
            .assert_says("某老师");
    }
    assert_eq!(told(&app).await.len(), 1, "the student is told one thing");
    let decided = events(&app, Action::RecommendationApproved).await.len()
        + events(&app, Action::RecommendationReturned).await.len();
    assert_eq!(decided, 1);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_version_that_was_replaced_is_not_approved() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    let address = format!("{QUEUE}/{form_id}");
    let stale = officer.get(&address).await;
    give_back(&officer, form_id, "all", &[("awards", "请核实。")])
        .await
        .assert_status(303);
    submit(&browser, &TEXTS).await.assert_status(303);

    post(
        &officer,
        &format!("{address}/approval"),
        &approval(&stale, "同意推荐。"),
    )
    .await
    .assert_status(409)
    .assert_says("本次操作没有执行");

    let states = states(&app).await;
    assert_eq!(states[1], ("submitted".to_owned(), None));
    assert!(forms(&app).await[0].form_no.is_none());
}

#[tokio::test]
async fn a_record_that_changed_under_the_officers_eyes_is_shown_before_it_is_approved() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let form_id = forms(&app).await[0].id;
    let address = format!("{QUEUE}/{form_id}");
    let seen = officer.get(&address).await;
    let exchange = Exchange {
        app: &app,
        browser: app.signed_in(Role::Centre, None).await,
    };
    let file = "学号,姓名,学院,专业,入学年份\n2230100001,卢雨玉,001,B001,2023\n";
    exchange.import("students", file.as_bytes()).await;

    let reply = post(
        &officer,
        &format!("{address}/approval"),
        &approval(&seen, "同意推荐。"),
    )
    .await;

    reply
        .assert_status(409)
        .assert_says("基本信息在您打开之后有变化")
        .assert_says("基本信息有变")
        .assert_says("<del class=\"was\">卢宇1</del>");
    post(
        &officer,
        &format!("{address}/approval"),
        &approval(&reply, "同意推荐。"),
    )
    .await
    .assert_status(303);
    assert!(versions(&app).await[0].facts.contains("卢雨玉"));
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn numbers_have_no_gaps_however_many_are_approved_at_once() {
    const COUNT: usize = 12;
    let (app, students) = university(COUNT).await;
    for student in &students {
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
    }
    let first = app.signed_in(Role::Officer, Some("S01")).await;
    let second = app.signed_in(Role::Head, Some("S01")).await;
    let forms_before = forms(&app).await;
    // Some presses are refused in the middle of it, and take no number with them.
    let presses = forms_before.iter().enumerate().flat_map(|(at, form)| {
        let officer = if at % 2 == 0 { &first } else { &second };
        let address = format!("{QUEUE}/{}", form.id);
        [("同意推荐。", 1), ("同意推荐。", 2)].map(|(opinion, _)| {
            let address = address.clone();
            async move {
                let page = officer.get(&address).await;
                if !page.text().contains("院系推荐意见</h2>") {
                    return;
                }
                post(officer, &format!("{address}/approval"), &approval(&page, opinion)).await;
            }
        })
    });
    futures::future::join_all(presses).await;

    let mut numbers: Vec<i32> = forms(&app).await.iter().filter_map(|form| form.number).collect();
    numbers.sort_unstable();
    let expected: Vec<i32> = (1..).take(COUNT).collect();
    assert_eq!(numbers, expected);
    assert_eq!(events(&app, Action::RecommendationApproved).await.len(), COUNT);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn each_college_and_class_year_counts_for_itself_and_a_number_stays() {
    let (app, mut students) = university(1).await;
    let wenzhi = app.fixture().college_id("S02").await;
    let other = app
        .fixture()
        .student("2230200001", |row| row.residence_id = Some(wenzhi))
        .await;
    let entry = app.fixture().on_roster(other.id, 2027).await;
    app.fixture().activated(&entry, &other).await;
    students.push(other);
    for (student, college) in students.iter().zip(["S01", "S02"]) {
        let officer = app.signed_in(Role::Officer, Some(college)).await;
        approved(&app, &app.student(student).await, &officer).await;
    }
    let given = |forms: Vec<qihang_db::entity::recommendation_form::Model>| -> Vec<String> {
        forms.into_iter().filter_map(|form| form.form_no).collect()
    };
    assert_eq!(given(forms(&app).await), ["2027-S01-00001", "2027-S02-00001"]);

    // A later version keeps the number, and has a code of its own.
    let browser = app.student(&students[0]).await;
    browser
        .post("/student/recommendation/revision", &[])
        .await
        .assert_status(303);
    submit(&browser, &TEXTS).await.assert_status(303);
    let officer = signed_in_again(&app).await;
    approve(&officer, forms(&app).await[0].id)
        .await
        .assert_status(303);

    assert_eq!(given(forms(&app).await), ["2027-S01-00001", "2027-S02-00001"]);
    let codes: Vec<_> = versions(&app)
        .await
        .into_iter()
        .map(|one| one.check_code)
        .collect();
    assert_eq!(codes.len(), 3);
    assert!(codes[0] != codes[2] && codes.iter().all(Option::is_some));
}

#[tokio::test]
async fn the_database_refuses_what_no_rule_would_write() {
    use sea_orm::ConnectionTrait;
    let (app, _, browser, officer) = with_student().await;
    approved(&app, &browser, &officer).await;
    for sql in [
        "UPDATE recommendation_form SET state = 'draft', returned_version = 1",
        "UPDATE recommendation_form SET form_no = NULL",
        "UPDATE recommendation_form SET opened_at = begun_at",
        "UPDATE recommendation_form SET state = 'lost'",
        "UPDATE recommendation_version SET validity = NULL",
        "UPDATE recommendation_version SET validity = 'revoked'",
        "UPDATE recommendation_version SET decided_at = NULL",
        "UPDATE recommendation_version SET state = 'submitted'",
        "INSERT INTO recommendation_objection (version_id, section, student_id, reason) \
         SELECT id, 'nonsense', student_id, 'x' FROM recommendation_version",
        "INSERT INTO recommendation_form (entry_id, student_id, class_year, state, version, revision, begun_at, moved_at) \
         SELECT entry_id, student_id, class_year, 'draft', 0, 1, begun_at, moved_at FROM recommendation_form",
    ] {
        let tx = app.db().begin_write().await.unwrap();
        assert!(tx.execute_unprepared(sql).await.is_err(), "{sql}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn the_next_form_of_the_list_follows_a_decision() {
    let (app, students) = university(3).await;
    for (minute, student) in students.iter().enumerate() {
        app.clock.set(instant(&format!("2026-09-10T03:0{minute}:00Z")));
        submit(&app.student(student).await, &TEXTS)
            .await
            .assert_status(303);
    }
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let ids: Vec<i64> = forms(&app).await.iter().map(|form| form.id).collect();
    let page = officer
        .get(&format!("{QUEUE}/{}?class_name=%E6%9C%BA%E6%A2%B0231", ids[1]))
        .await;
    page.assert_says(&format!(
        "href=\"{QUEUE}/{}?class_name=%E6%9C%BA%E6%A2%B0231\" rel=\"prev\" data-key=\"k\"",
        ids[0]
    ))
    .assert_says(&format!(
        "href=\"{QUEUE}/{}?class_name=%E6%9C%BA%E6%A2%B0231\" rel=\"next\" data-key=\"j\"",
        ids[2]
    ));
    assert_eq!(hidden(&page, "version"), "1");

    let reply = approve(&officer, ids[0]).await;

    assert_eq!(reply.location(), format!("{QUEUE}/{}", ids[1]));
    let reply = approve(&officer, ids[2]).await;
    assert_eq!(reply.location(), QUEUE, "the last of the list");
}
