//! 名单确认: searching, selecting, adding (R1 to R4).

use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::roster::rules::{self, AddError};
use qihang_db::entity::roster_entry;
use qihang_db::{Role, Scope};
use sea_orm::{ActiveModelTrait, EntityTrait, PaginatorTrait};

use crate::support::{Browser, Reply, TestApp};

const CANDIDATES: &str = "/manage/roster/candidates";

async fn on_roster(app: &TestApp, scope: &Scope) -> u64 {
    scope
        .select::<roster_entry::Entity>()
        .count(app.db().reader())
        .await
        .unwrap()
}

/// Presses 添加选中项 with these fields and answers the question with yes.
async fn add(officer: &Browser, form: &[(&str, &str)]) -> Reply {
    let asked = officer.post("/manage/roster/entries", form).await;
    asked.assert_status(303);
    let question = asked.location();
    let id = question.rsplit('/').next().unwrap().to_owned();
    officer
        .get(&question)
        .await
        .assert_status(200)
        .assert_says("确认添加");
    officer.post("/manage/roster/entries", &[("question", &id)]).await
}

#[tokio::test]
async fn an_officer_adds_everyone_expected_with_one_press_and_a_confirmation() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    for number in 0..30 {
        world.student(&format!("22300100{number:03}"), |_| {}).await;
    }
    world
        .student("22300100990", |student| student.study_status = "suspended".into())
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let page = officer.get(CANDIDATES).await;
    page.assert_says("选中可直接添加的 30 人")
        .assert_says("本院 2027 届应毕业");

    let reply = add(&officer, &[("expected", "ready"), ("mode", "all")]).await;

    reply.assert_status(303);
    officer
        .get(&reply.location())
        .await
        .assert_says("30 人已添加到 2027 届生源库");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 30);
    assert_eq!(app.audit_actions().await.last().unwrap(), "roster.added");
}

#[tokio::test]
async fn cancelling_leads_back_to_the_selection_as_it_was() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let out = world.student("22300100001", |_| {}).await.id.to_string();
    world.student("22300100002", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let form = [("expected", "ready"), ("mode", "all"), ("except", &*out)];

    let asked = officer.post("/manage/roster/entries", &form).await;

    let question = officer.get(&asked.location()).await;
    question.assert_says(&format!(
        "{CANDIDATES}?expected=ready&#38;mode=all&#38;except={out}"
    ));
    officer
        .get(&format!("{CANDIDATES}?expected=ready&mode=all&except={out}"))
        .await
        .assert_says("已选 <strong data-selected-count>1</strong>");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 0);
}

#[tokio::test]
async fn a_row_taken_out_on_page_three_is_not_added() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let mut ids = Vec::new();
    for number in 0..60 {
        ids.push(
            world
                .student(&format!("22300100{number:03}"), |_| {})
                .await
                .id
                .to_string(),
        );
    }
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    // Pages one and two are left as they are; on page three the 56th is unticked and the form is sent on.
    let page_three = officer
        .get(&format!("{CANDIDATES}?mode=all&after=22300100049"))
        .await;
    page_three
        .assert_says("已选 <strong data-selected-count>60</strong> 人")
        .assert_says("22300100055");

    let mut form = vec![("expected", "ready"), ("mode", "all")];
    for id in &ids[50..60] {
        form.push(("shown", id));
    }
    for id in ids[50..60].iter().filter(|id| **id != ids[55]) {
        form.push(("pick", id));
    }
    let query =
        serde_html_form::to_string(form.iter().chain(&[("go", "first")]).collect::<Vec<_>>()).unwrap();
    let moved = officer.get(&format!("{CANDIDATES}?{query}")).await;
    moved.assert_status(303);
    assert!(
        moved.location().contains(&format!("except={}", ids[55])),
        "{}",
        moved.location()
    );
    officer
        .get(&moved.location())
        .await
        .assert_says("已选 <strong data-selected-count>59</strong> 人");

    add(
        &officer,
        &[("expected", "ready"), ("mode", "all"), ("except", &ids[55])],
    )
    .await
    .assert_status(303);

    assert_eq!(on_roster(&app, &Scope::Everyone).await, 59);
    officer
        .get(CANDIDATES)
        .await
        .assert_says("22300100055")
        .assert_does_not_say("22300100054");
}

#[tokio::test]
async fn whoever_changed_between_selection_and_execution_is_left_out_and_named() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let first = world.student("22300100001", |_| {}).await;
    let second = world.student("22300100002", |_| {}).await;
    world.student("22300100003", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let asked = officer.post("/manage/roster/entries", &[("mode", "all")]).await;
    let question = asked.location();
    // Meanwhile a colleague adds the first, and the exchange suspends the second.
    world.on_roster(first.id, 2027).await;
    world
        .rewrite(second, |student| student.study_status = "suspended".into())
        .await;

    let id = question.rsplit('/').next().unwrap();
    let outcome = officer.post("/manage/roster/entries", &[("question", id)]).await;

    outcome
        .assert_status(200)
        .assert_says("1 人已添加到 2027 届生源库")
        .assert_says("2 人情况已变，未处理")
        .assert_says("22300100001")
        .assert_says("已在本届生源库中")
        .assert_says("22300100002")
        .assert_says("已不符合查询条件");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 2);
}

#[tokio::test]
async fn the_same_confirmation_sent_twice_is_carried_out_once() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.student("22300100001", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let question = officer
        .post("/manage/roster/entries", &[("mode", "all")])
        .await
        .location();
    let id = question.rsplit('/').next().unwrap().to_owned();
    officer
        .post("/manage/roster/entries", &[("question", &id)])
        .await
        .assert_status(303);

    let again = officer.post("/manage/roster/entries", &[("question", &id)]).await;

    again.assert_status(409).assert_says("已经完成");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 1);
}

#[tokio::test]
async fn two_officers_at_the_same_moment_add_each_student_once() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    for number in 0..40 {
        world.student(&format!("22300100{number:03}"), |_| {}).await;
    }
    let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::of_college(world.college_id("S01").await));
    let year = ClassYear::new(2027).unwrap();

    let adding = (0..8).map(|_| rules::add_expected(app.db(), &can, year));
    let outcomes = futures::future::join_all(adding).await;

    let added: usize = outcomes.into_iter().map(|outcome| outcome.unwrap().len()).sum();
    assert_eq!(added, 40);
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 40);
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_open_entry() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.class_year(2026, "open").await;
    let student = world.student("22300100001", |_| {}).await;
    let entry = world.on_roster(student.id, 2027).await;

    let tx = app.db().begin_write().await.unwrap();
    let second = roster_entry::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        class_year: sea_orm::ActiveValue::Set(2026),
        ..sea_orm::IntoActiveModel::into_active_model(entry).reset_all()
    };
    let refused = roster_entry::Entity::insert(second).exec(&tx).await.unwrap_err();

    assert!(
        matches!(
            refused.sql_err(),
            Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn an_officer_finds_and_adds_only_students_of_the_own_college() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let wenzhi = world.college_id("S02").await;
    let own = world.student("22300100001", |_| {}).await;
    let stranger = world
        .student("22300100002", |student| student.residence_id = Some(wenzhi))
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .get(&format!("{CANDIDATES}?expected=any"))
        .await
        .assert_says(&own.student_no)
        .assert_does_not_say(&stranger.student_no);

    let nobody = [
        ("expected", "any"),
        ("mode", "none"),
        ("chosen", &*stranger.id.to_string()),
    ];
    let reply = officer.post("/manage/roster/entries", &nobody).await;

    reply.assert_status(303);
    officer
        .get(&reply.location())
        .await
        .assert_says("请先勾选要添加的学生");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 0);
}

#[tokio::test]
async fn nobody_answers_a_question_that_was_put_to_somebody_else() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.student("22300100001", |_| {}).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let colleague = app.signed_in(Role::Head, Some("S01")).await;
    let question = officer
        .post("/manage/roster/entries", &[("mode", "all")])
        .await
        .location();
    let id = question.rsplit('/').next().unwrap();

    colleague.get(&question).await.assert_status(404);
    colleague
        .post("/manage/roster/entries", &[("question", id)])
        .await
        .assert_status(409);

    assert_eq!(on_roster(&app, &Scope::Everyone).await, 0);
}

#[tokio::test]
async fn extended_undergraduates_are_shown_to_a_college_but_cannot_be_selected() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world
        .student("22200100001", |student| student.study_status = "extended".into())
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .get(&format!("{CANDIDATES}?expected=any"))
        .await
        .assert_says("22200100001")
        .assert_says("延长学制学生由就业中心在最后一批派遣之后按教务处名单统一添加");

    let reply = officer
        .post("/manage/roster/entries", &[("expected", "any"), ("mode", "all")])
        .await;

    officer
        .get(&reply.location())
        .await
        .assert_says("请先勾选要添加的学生");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 0);
}

#[tokio::test]
async fn a_doubtful_student_can_be_added_and_the_question_says_why_there_is_doubt() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world
        .student("22300100001", |student| student.study_status = "suspended".into())
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let question = officer
        .post(
            "/manage/roster/entries",
            &[("expected", "doubtful"), ("mode", "all")],
        )
        .await
        .location();

    officer.get(&question).await.assert_says("学籍状态为休学：1 人");
}

#[tokio::test]
async fn adding_to_a_class_year_that_is_closed_is_refused() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.class_year(2026, "closed").await;
    world
        .student("22200100001", |student| student.admission_year = 2022)
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .get(&format!("{CANDIDATES}?class_year=2026"))
        .await
        .assert_says("您正在操作的是 2026 届，不是当前届")
        .assert_says("2026 届已关闭")
        .assert_does_not_say("添加选中项");

    let refused = officer
        .post(
            "/manage/roster/entries",
            &[("class_year", "2026"), ("mode", "all")],
        )
        .await;

    refused.assert_status(409).assert_says("已关闭");
    assert_eq!(on_roster(&app, &Scope::Everyone).await, 0);
}

#[tokio::test]
async fn unknown_values_and_forged_class_years_are_refused_with_a_page() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    for query in [
        "type=alien",
        "school=999",
        "class_year=2031",
        "class_year=abc",
        "mode=most",
        "expected=maybe",
        "length=x",
        "except=abc",
        "q=%00",
    ] {
        officer
            .get(&format!("{CANDIDATES}?{query}"))
            .await
            .assert_status(400);
    }
    let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::Everyone);
    let forged = rules::add_expected(app.db(), &can, ClassYear::new(2031).unwrap()).await;
    assert!(matches!(forged, Err(AddError::NotOpen(_))));
}

#[tokio::test]
async fn majors_follow_the_school_and_a_search_keeps_its_conditions() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.student("22300100001", |_| {}).await;
    world
        .student("22300100002", |student| student.class_name = "机械239".into())
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .get(CANDIDATES)
        .await
        .assert_says("请先选择学院")
        .assert_does_not_say("专业B001（本科）");

    let changed = officer
        .get(&format!("{CANDIDATES}?school=001&major=B004&refresh=1"))
        .await;

    changed.assert_status(303);
    officer
        .get(&changed.location())
        .await
        .assert_says("专业B001（本科）")
        .assert_does_not_say("专业B004（本科）");
    officer
        .get(&format!(
            "{CANDIDATES}?school=001&major=B001&class_name=%E6%9C%BA%E6%A2%B0239&type=undergraduate"
        ))
        .await
        .assert_says("22300100002")
        .assert_does_not_say("22300100001");
}

#[tokio::test]
async fn a_student_is_found_by_name_pinyin_initials_and_number_and_wildcards_are_only_letters() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world
        .student("22300100001", |student| student.name = "单田芳".into())
        .await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    for words in ["%E5%8D%95%E7%94%B0", "shantian", "Stf", "223001"] {
        officer
            .get(&format!("{CANDIDATES}?q={words}"))
            .await
            .assert_says("22300100001");
    }
    for words in ["%25", "_2300100001", "%5C"] {
        officer
            .get(&format!("{CANDIDATES}?q={words}"))
            .await
            .assert_says("没有符合条件的学生");
    }
}

#[tokio::test]
async fn whoever_is_added_already_is_shown_only_on_request() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    let student = world.student("22300100001", |_| {}).await;
    world.on_roster(student.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    officer
        .get(&format!("{CANDIDATES}?expected=any"))
        .await
        .assert_does_not_say("22300100001");
    officer
        .get(&format!("{CANDIDATES}?expected=any&added=1"))
        .await
        .assert_says("22300100001")
        .assert_says("已添加");
}

#[tokio::test]
async fn a_school_sees_its_masters_and_no_undergraduates() {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    world.student("22300100001", |_| {}).await;
    world.master("32400100001", |_| {}).await;
    let school = app.signed_in(Role::Officer, Some("001")).await;
    school
        .get(&format!("{CANDIDATES}?expected=any"))
        .await
        .assert_says("32400100001")
        .assert_does_not_say("22300100001");
}
