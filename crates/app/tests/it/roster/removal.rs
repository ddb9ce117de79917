//! Taking students off the roster (R9), and moving them to another class year (R4).

use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::roster::removal::model::{Blocked, Reason};
use qihang::roster::removal::rules::{self, RemovalError};
use qihang_db::entity::{audit_event, roster_entry};
use qihang_db::{EntryState, Role, Scope, records};
use sea_orm::QueryOrder;

use crate::support::TestApp;

const REMOVALS: &str = "/manage/roster/removals";
const MOVES: &str = "/manage/roster/moves";

/// State, class year and reason of every entry, oldest first.
async fn entries(app: &TestApp) -> Vec<(String, i32, Option<String>)> {
    Scope::Everyone
        .select::<roster_entry::Entity>()
        .order_by_asc(roster_entry::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
        .into_iter()
        .map(|entry| (entry.state, entry.class_year, entry.ended_reason))
        .collect()
}

/// Students of 彭康书院 on the roster of 2027; answers their ids.
async fn university(count: usize) -> (TestApp, Vec<i64>) {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let mut ids = Vec::new();
    for number in 0..count {
        let student = fixture.student(&format!("223000000{number}"), |_| {}).await;
        fixture.on_roster(student.id, 2027).await;
        ids.push(student.id);
    }
    (app, ids)
}

fn year(year: i32) -> ClassYear {
    ClassYear::new(year).expect("a class year")
}

fn reason(text: &str) -> Reason {
    Reason::parse(text).expect("a reason")
}

#[tokio::test]
async fn an_officer_takes_students_off_the_roster_with_a_reason() {
    let (app, ids) = university(3).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let (first, second) = (ids[0].to_string(), ids[1].to_string());

    let asked = officer
        .get(&format!(
            "{REMOVALS}?class_year=2027&pick={first}&pick={second}&back=q%3D22"
        ))
        .await;
    asked
        .assert_status(200)
        .assert_says("把 2 人移出 2027 届生源库")
        .assert_says("2230000000");
    let form = [
        ("class_year", "2027"),
        ("pick", &first),
        ("pick", &second),
        ("reason", " 申请延期毕业 "),
        ("back", "q=22"),
    ];
    let done = officer.post(REMOVALS, &form).await;

    assert_eq!(done.assert_status(303).location(), "/manage/roster?q=22");
    officer
        .get("/manage/roster?q=22")
        .await
        .assert_says("已把 2 人移出 2027 届生源库。")
        .assert_says("共 1 人");
    let why = Some("申请延期毕业".to_owned());
    assert_eq!(
        entries(&app).await,
        [
            ("removed".into(), 2027, why.clone()),
            ("removed".into(), 2027, why),
            ("open".into(), 2027, None)
        ]
    );
    let event = records::<audit_event::Entity>()
        .order_by_desc(audit_event::Column::Id)
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (event.action.as_str(), event.subject.as_str()),
        ("roster.removed", "roster/2027")
    );
    assert!(event.after.unwrap().contains("申请延期毕业"));
}

#[tokio::test]
async fn nothing_is_taken_off_without_a_reason_or_without_anybody_chosen() {
    let (app, ids) = university(1).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let id = ids[0].to_string();

    let form = [("class_year", "2027"), ("pick", &id), ("reason", "  ")];
    officer
        .post(REMOVALS, &form)
        .await
        .assert_status(422)
        .assert_says("请填写原因");
    let nobody = officer.get(&format!("{REMOVALS}?class_year=2027")).await;
    assert_eq!(nobody.assert_status(303).location(), "/manage/roster");
    officer
        .get("/manage/roster")
        .await
        .assert_says("请先在列表中勾选学生");
    let form = [("class_year", "2027"), ("reason", "误添加")];
    officer.post(REMOVALS, &form).await.assert_status(400);

    assert_eq!(entries(&app).await, [("open".into(), 2027, None)]);
}

#[tokio::test]
async fn without_script_the_box_in_the_head_stands_for_every_row_of_the_page() {
    let (app, ids) = university(2).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let all = format!(
        "{REMOVALS}?class_year=2027&all=1&shown={}&shown={}",
        ids[0], ids[1]
    );

    officer
        .get(&all)
        .await
        .assert_status(200)
        .assert_says("把 2 人移出 2027 届生源库");
}

#[tokio::test]
async fn a_student_of_another_college_does_not_exist_for_an_officer() {
    let (app, ids) = university(2).await;
    let fixture = app.fixture();
    let wenzhi = fixture.college_id("S02").await;
    let own = fixture
        .student("2230000009", |student| {
            student.residence_id = Some(wenzhi);
        })
        .await;
    fixture.on_roster(own.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("S02")).await;
    let (own, stranger) = (own.id.to_string(), ids[0].to_string());

    // One stranger among the chosen refuses them all: nothing tells which id exists.
    let form = [
        ("class_year", "2027"),
        ("pick", &own),
        ("pick", &stranger),
        ("reason", "误添加"),
    ];
    officer.post(REMOVALS, &form).await.assert_status(404);
    officer
        .get(&format!("{REMOVALS}?class_year=2027&pick={stranger}"))
        .await
        .assert_status(404);

    assert!(entries(&app).await.iter().all(|(state, ..)| state == "open"));
    assert!(!app.audit_actions().await.contains(&"roster.removed".to_owned()));
}

#[tokio::test]
async fn who_was_taken_off_in_the_meantime_is_reported_and_the_others_are_done() {
    let (app, ids) = university(2).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let can = Can::<policy::RemoveFromRoster>::at_the_console(Scope::Everyone);
    rules::remove(app.db(), &can, year(2027), &ids[..1], &reason("重复"))
        .await
        .unwrap();
    let (first, second) = (ids[0].to_string(), ids[1].to_string());

    let form = [
        ("class_year", "2027"),
        ("pick", &first),
        ("pick", &second),
        ("reason", "误添加"),
    ];
    let some = officer.post(REMOVALS, &form).await;
    let none = officer.post(REMOVALS, &form).await;

    some.assert_status(200)
        .assert_says("已把 1 人移出")
        .assert_says("1 人情况已变，未处理")
        .assert_says("已不在该届生源库中");
    none.assert_status(409).assert_says("2 人情况已变，未处理");
    let why = |text: &str| Some(text.to_owned());
    assert_eq!(
        entries(&app).await,
        [
            ("removed".into(), 2027, why("重复")),
            ("removed".into(), 2027, why("误添加"))
        ]
    );
}

#[tokio::test]
async fn the_roster_of_a_closed_class_year_stays_as_it_is() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    fixture.class_year(2026, "closed").await;
    let student = fixture.student("2220000001", |_| {}).await;
    fixture.on_roster(student.id, 2026).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let id = student.id.to_string();

    let form = [("class_year", "2026"), ("pick", &id), ("reason", "误添加")];
    officer
        .post(REMOVALS, &form)
        .await
        .assert_status(409)
        .assert_says("2026 届没有开启或已关闭");
    officer
        .get("/manage/roster?class_year=2026")
        .await
        .assert_says("2026 届已关闭")
        .assert_does_not_say("移出生源库");
}

#[tokio::test]
async fn the_centre_moves_a_student_to_another_open_class_year() {
    let (app, ids) = university(2).await;
    app.fixture().class_year(2028, "open").await;
    app.fixture().class_year(2029, "planned").await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = ids[0].to_string();

    let asked = centre.get(&format!("{MOVES}?class_year=2027&pick={id}")).await;
    asked
        .assert_status(200)
        .assert_says("2028 届")
        .assert_does_not_say("2029 届");
    let incomplete = [("class_year", "2027"), ("pick", &id)];
    centre
        .post(MOVES, &incomplete)
        .await
        .assert_status(422)
        .assert_says("请选择届别")
        .assert_says("请填写原因");
    let form = [
        ("class_year", "2027"),
        ("pick", &id),
        ("to", "2028"),
        ("reason", "休学一年"),
    ];
    centre.post(MOVES, &form).await.assert_status(303);

    assert_eq!(
        entries(&app).await,
        [
            ("moved".into(), 2027, Some("休学一年".into())),
            ("open".into(), 2027, None),
            ("open".into(), 2028, None)
        ]
    );
    let moved = Scope::Everyone
        .select::<roster_entry::Entity>()
        .order_by_desc(roster_entry::Column::Id)
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((moved.how.as_str(), moved.student_id), ("move", ids[0]));
    assert_eq!(
        app.audit_actions().await.last().map(String::as_str),
        Some("roster.moved")
    );
}

#[tokio::test]
async fn moving_is_refused_to_a_college_and_to_a_class_year_that_is_not_open() {
    let (app, ids) = university(1).await;
    app.fixture().class_year(2026, "closed").await;
    app.fixture().class_year(2028, "planned").await;
    let id = ids[0].to_string();
    let form = |to: &'static str| {
        [
            ("class_year", "2027"),
            ("pick", id.as_str()),
            ("to", to),
            ("reason", "休学"),
        ]
    };
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let centre = app.signed_in(Role::Centre, None).await;

    officer.post(MOVES, &form("2028")).await.assert_status(403);
    officer
        .get("/manage/roster")
        .await
        .assert_does_not_say("调整届别");
    for (to, status) in [("2028", 409), ("2026", 409), ("2031", 409), ("2027", 400)] {
        centre.post(MOVES, &form(to)).await.assert_status(status);
    }

    assert_eq!(entries(&app).await, [("open".into(), 2027, None)]);
}

#[tokio::test]
async fn of_two_who_move_the_same_student_at_once_one_succeeds_and_the_other_is_told() {
    let (app, ids) = university(2).await;
    app.fixture().class_year(2028, "open").await;
    app.fixture().class_year(2029, "open").await;
    let can = Can::<policy::MoveClassYear>::at_the_console(Scope::Everyone);
    // In opposite order, so that waiting for each other would show.
    let reversed: Vec<i64> = ids.iter().rev().copied().collect();
    let (mine, theirs) = (reason("甲"), reason("乙"));

    let (first, second) = tokio::join!(
        rules::move_to(app.db(), &can, (year(2027), year(2028)), &ids, &mine),
        rules::move_to(app.db(), &can, (year(2027), year(2029)), &reversed, &theirs),
    );

    let (first, second) = (first.unwrap(), second.unwrap());
    let (winner, loser) = if first.done.is_empty() {
        (second, first)
    } else {
        (first, second)
    };
    assert_eq!((winner.done.len(), winner.left.len()), (2, 0));
    assert_eq!(
        loser.left.iter().map(|(_, blocked)| *blocked).collect::<Vec<_>>(),
        [Blocked::Gone, Blocked::Gone]
    );
    let open = entries(&app)
        .await
        .into_iter()
        .filter(|(state, ..)| state == EntryState::Open.code())
        .count();
    assert_eq!(open, 2);
}

#[tokio::test]
async fn of_two_who_remove_the_same_students_at_once_each_student_is_removed_once() {
    let (app, ids) = university(4).await;
    let can = Can::<policy::RemoveFromRoster>::at_the_console(Scope::Everyone);
    let (mine, theirs) = (reason("甲"), reason("乙"));

    let (left, right) = tokio::join!(
        rules::remove(app.db(), &can, year(2027), &ids[..3], &mine),
        rules::remove(app.db(), &can, year(2027), &ids[1..], &theirs),
    );

    let (left, right) = (left.unwrap(), right.unwrap());
    assert_eq!(left.done.len() + right.done.len(), 4);
    assert_eq!(left.left.len() + right.left.len(), 2);
}

#[tokio::test]
async fn nobody_handles_more_than_a_page_or_two_at_once() {
    let (app, _) = university(0).await;
    let can = Can::<policy::RemoveFromRoster>::at_the_console(Scope::Everyone);
    let many: Vec<i64> = (1..=501).collect();

    let refused = rules::remove(app.db(), &can, year(2027), &many, &reason("误添加")).await;

    assert!(matches!(refused, Err(RemovalError::TooMany)));
}
