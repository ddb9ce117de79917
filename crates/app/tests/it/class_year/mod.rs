//! Stories of class years (R12): opened with dates, changed, closed, opened again; who answers for one.

use chrono::NaiveDate;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, OriginDepth, Schedule};
use qihang::class_year::rules::{self, ClassYearError};
use qihang_db::entity::roster_entry;
use qihang_db::{ClassYearState, Role, Scope};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::support::TestApp;

fn console() -> Can<policy::ManageClassYears> {
    Can::at_the_console(Scope::Everyone)
}

fn year(number: i32) -> ClassYear {
    ClassYear::new(number).expect("a class year")
}

fn usual(number: i32) -> Schedule {
    Schedule::usual(year(number)).expect("dates")
}

const FORM: [(&str, &str); 6] = [
    ("year", "2028"),
    ("roster_due", "2027-09-15"),
    ("activation_due", "2027-09-30"),
    ("doctoral_due", ""),
    ("extended_due", "2028-03-01"),
    ("origin_depth", "county"),
];

async fn entry_states(app: &TestApp, student_id: i64) -> Vec<(i32, String)> {
    use sea_orm::QueryOrder;
    let rows = Scope::Everyone
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::StudentId.eq(student_id))
        .order_by_asc(roster_entry::Column::ClassYear)
        .all(app.db().reader())
        .await
        .expect("an answer");
    rows.into_iter().map(|row| (row.class_year, row.state)).collect()
}

#[tokio::test]
async fn the_centre_plans_a_class_year_and_opens_it_with_its_dates() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;

    centre
        .get("/manage/class-years/new?year=2028")
        .await
        .assert_status(200)
        .assert_says("2027-09-15")
        .assert_says("2027-09-30");
    let mut form = FORM.to_vec();
    form.push(("then", "plan"));
    centre.post("/manage/class-years", &form).await.assert_status(303);
    centre
        .get("/manage/class-years")
        .await
        .assert_says("筹备中")
        .assert_says("2028-03-01")
        .assert_says("已保存为筹备中");
    centre
        .post("/manage/class-years/2028/opening", &FORM)
        .await
        .assert_status(303);

    let found = qihang::class_year::queries::find(app.db().reader(), year(2028))
        .await
        .expect("an answer")
        .expect("the class year");
    assert_eq!(found.state, ClassYearState::Open);
    assert_eq!(found.origin_depth, OriginDepth::County);
    assert_eq!(found.extended_due, NaiveDate::from_ymd_opt(2028, 3, 1));
    assert_eq!(
        app.audit_actions().await,
        ["session.signed_in", "class_year.opened", "class_year.opened"]
    );
}

#[tokio::test]
async fn dates_that_make_no_sense_come_back_with_the_text_kept() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let with = |name: &'static str, value: &'static str| {
        let mut form = FORM.to_vec();
        form.retain(|(key, _)| *key != name);
        form.push((name, value));
        form
    };

    for (name, value, words) in [
        ("activation_due", "2027-09-14", "不能早于名单确认截止日"),
        ("roster_due", "2017-09-15", "应在 2027 年"),
        ("roster_due", "15.9.2027", "请填写名单确认截止日"),
        ("year", "28", "四位年份"),
        ("year", "2027", "已存在"),
        ("year", "2100", "应在|过远"),
        ("origin_depth", "village", "请选择"),
    ] {
        let reply = centre.post("/manage/class-years", &with(name, value)).await;
        reply.assert_status(422).assert_says("2028-03-01");
        assert!(
            words.split('|').any(|one| reply.text().contains(one)),
            "{name}={value}: {}",
            reply.text()
        );
    }

    assert_eq!(app.audit_actions().await, ["session.signed_in"]);
}

#[tokio::test]
async fn closing_archives_the_roster_and_opening_again_brings_it_back() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    app.fixture().on_roster(student.id, 2027).await;
    let centre = app.signed_in(Role::Centre, None).await;

    centre
        .get("/manage/class-years/2027")
        .await
        .assert_says("<strong>1</strong> 名学生将归档");
    centre
        .post("/manage/class-years/2027/closing", &[])
        .await
        .assert_status(303);
    assert_eq!(
        entry_states(&app, student.id).await,
        [(2027, "closed".to_owned())]
    );
    centre
        .post("/manage/class-years/2027/closing", &[])
        .await
        .assert_status(409)
        .assert_says("不在进行中");

    let reopened = rules::open(app.db(), &console(), year(2027), &usual(2027)).await;
    assert_eq!(reopened.expect("it opens"), 1);
    assert_eq!(entry_states(&app, student.id).await, [(2027, "open".to_owned())]);
}

#[tokio::test]
async fn a_class_year_does_not_open_again_while_a_student_of_it_is_on_another_open_roster() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().class_year(2028, "open").await;
    let moved_on = app.fixture().student("2230100001", |_| {}).await;
    let stayed = app.fixture().student("2230100002", |_| {}).await;
    app.fixture().on_roster(moved_on.id, 2027).await;
    app.fixture().on_roster(stayed.id, 2027).await;
    rules::close(app.db(), &console(), year(2027))
        .await
        .expect("it closes");
    app.fixture().on_roster(moved_on.id, 2028).await;

    let refused = rules::open(app.db(), &console(), year(2027), &usual(2027)).await;

    assert!(
        matches!(&refused, Err(ClassYearError::OnAnotherRoster(students)) if students == &["2230100001"]),
        "{refused:?}"
    );
    assert_eq!(entry_states(&app, stayed.id).await, [(2027, "closed".to_owned())]);
    assert_eq!(app.audit_actions().await, ["class_year.closed"]);
}

#[tokio::test]
async fn an_open_class_year_is_changed_and_a_closed_one_is_not() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let later = Schedule {
        roster_due: NaiveDate::from_ymd_opt(2026, 9, 20).expect("a day"),
        ..usual(2027)
    };
    rules::change_schedule(app.db(), &console(), year(2027), &later)
        .await
        .expect("it is changed");
    assert!(matches!(
        rules::open(app.db(), &console(), year(2027), &later).await,
        Err(ClassYearError::AlreadyOpen)
    ));
    rules::close(app.db(), &console(), year(2027))
        .await
        .expect("it closes");

    let refused = rules::change_schedule(app.db(), &console(), year(2027), &usual(2027)).await;

    assert!(matches!(refused, Err(ClassYearError::Closed)));
    assert_eq!(
        app.audit_actions().await,
        ["class_year.changed", "class_year.closed"]
    );
}

#[tokio::test]
async fn the_head_names_who_answers_for_the_own_college_and_the_centre_sees_who_has_none() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.fixture().account("t001", Role::Officer, Some("001")).await;
    let stranger = app.fixture().account("t004", Role::Officer, Some("004")).await;
    let own = app.fixture().college_id("001").await.to_string();
    let other = app.fixture().college_id("004").await.to_string();
    let head = app.signed_in(Role::Head, Some("001")).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let address = head.get("/manage/responsible").await.location();
    assert_eq!(address, "/manage/class-years/2027/responsible");
    head.get(&address)
        .await
        .assert_says("机械工程学院")
        .assert_says("未指定")
        .assert_does_not_say("电子与信息工程学院");

    let named = [("college_id", own.as_str()), ("account_id", &officer.to_string())];
    head.post(&address, &named).await.assert_status(303);
    let of_other = [
        ("college_id", other.as_str()),
        ("account_id", &stranger.to_string()),
    ];
    head.post(&address, &of_other).await.assert_status(404);
    let no_officer = [
        ("college_id", own.as_str()),
        ("account_id", &stranger.to_string()),
    ];
    head.post(&address, &no_officer).await.assert_status(409);

    centre
        .get(&address)
        .await
        .assert_says("3 个院还没有负责人")
        .assert_says("t001");
    let nobody = [("college_id", own.as_str()), ("account_id", "")];
    centre.post(&address, &nobody).await.assert_status(303);
    centre.get(&address).await.assert_says("4 个院还没有负责人");
    assert_eq!(
        app.audit_actions()
            .await
            .iter()
            .filter(|action| *action == "class_year.responsible")
            .count(),
        2
    );
}
