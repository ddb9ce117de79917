//! What is stored stays what would be computed; settlements live as long as the values they were about.

use qihang::findings::model::Kind;
use qihang::findings::rules::{self, FindingError, Touched};
use qihang_db::entity::{finding, roster_entry, student};
use qihang_db::{Actor, EntryState, Role, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::pages::settle_form;
use crate::support::TestApp;

/// What a change does at its end, for whatever the test has done before.
pub async fn refresh(app: &TestApp, touched: Touched<'_>) {
    let change = app.db().change(&Actor::system()).await.expect("a change");
    rules::refresh(&change, touched)
        .await
        .expect("the findings are refreshed");
    change.keep_without_event().await.expect("they are saved");
}

pub async fn findings(app: &TestApp) -> Vec<finding::Model> {
    Scope::Everyone
        .select::<finding::Entity>()
        .order_by_asc(student::Column::StudentNo)
        .order_by_asc(finding::Column::Kind)
        .all(app.db().reader())
        .await
        .expect("the findings can be read")
}

async fn kinds(app: &TestApp) -> Vec<String> {
    findings(app)
        .await
        .into_iter()
        .map(|finding| finding.kind)
        .collect()
}

/// Rewrites a record and refreshes, as a sync does.
pub async fn mend(app: &TestApp, row: &student::Model, change: impl FnOnce(&mut student::Model)) {
    let mut row = row.clone();
    change(&mut row);
    let id = row.id;
    let changing = app.db().change(&Actor::system()).await.expect("a change");
    row.into_active_model()
        .reset_all()
        .update(changing.tx())
        .await
        .expect("the record is written");
    rules::refresh(&changing, Touched::Students(&[id]))
        .await
        .expect("a refresh");
    changing.keep_without_event().await.expect("saved");
}

async fn remove(app: &TestApp, student_id: i64) {
    let change = app.db().change(&Actor::system()).await.expect("a change");
    roster_entry::Entity::update_many()
        .col_expr(
            roster_entry::Column::State,
            Expr::value(EntryState::Removed.code()),
        )
        .col_expr(roster_entry::Column::EndedAt, Expr::value(Some(change.now())))
        .col_expr(roster_entry::Column::EndedReason, Expr::value(Some("误加")))
        .filter(roster_entry::Column::StudentId.eq(student_id))
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .exec(change.tx())
        .await
        .expect("the entry ends");
    rules::refresh(&change, Touched::Students(&[student_id]))
        .await
        .expect("a refresh");
    change.keep_without_event().await.expect("saved");
}

#[tokio::test]
async fn an_omission_ends_with_the_addition_and_comes_back_with_the_removal() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let row = app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    assert_eq!(kinds(&app).await, ["omission"]);

    app.fixture().on_roster(row.id, 2027).await;
    refresh(&app, Touched::Students(&[row.id])).await;
    assert!(kinds(&app).await.is_empty());

    remove(&app, row.id).await;
    assert_eq!(kinds(&app).await, ["omission"]);
}

#[tokio::test]
async fn whoever_is_on_another_open_roster_is_not_an_omission_but_a_wrong_addition_there() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().class_year(2026, "open").await;
    let row = app.fixture().student("22300000001", |_| {}).await;
    app.fixture().on_roster(row.id, 2026).await;

    refresh(&app, Touched::Everyone).await;

    let found = findings(&app).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].class_year, &*found[0].kind), (2026, "wrong_addition"));
}

#[tokio::test]
async fn a_closed_class_year_is_left_alone_and_one_that_is_not_open_yet_is_computed_but_not_stored() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().class_year(2026, "closed").await;
    app.fixture()
        .student("22200000001", |student| student.admission_year = 2022)
        .await;
    app.fixture()
        .student("22400000001", |student| student.admission_year = 2024)
        .await;

    refresh(&app, Touched::Everyone).await;

    assert!(kinds(&app).await.is_empty());
    let today = app.db().clock().today();
    let computed = rules::compute(app.db().reader(), &Scope::Everyone, 2028, today)
        .await
        .expect("computed");
    assert_eq!(computed.len(), 1);
    assert_eq!(
        (computed[0].found.kind, &*computed[0].student_no),
        (Kind::Omission, "22400000001")
    );
}

#[tokio::test]
async fn a_number_held_by_two_is_found_of_both_and_mended_for_both() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let first = app.fixture().student("22300000001", |_| {}).await;
    let number = first.document_no.clone();
    let second = app
        .fixture()
        .student("22300000002", |student| student.document_no = number.clone())
        .await;
    // A graduate who came back holds one number lawfully in two records.
    app.fixture()
        .student("21900000001", |student| {
            student.document_no = number.clone();
            student.study_status = "graduated".into();
            student.admission_year = 2019;
        })
        .await;
    app.fixture().on_roster(first.id, 2027).await;
    app.fixture().on_roster(second.id, 2027).await;
    refresh(&app, Touched::Students(&[second.id])).await;
    // Same name too: one person entered twice.
    assert_eq!(
        kinds(&app).await,
        [
            "identity_duplicate",
            "wrong_addition",
            "identity_duplicate",
            "wrong_addition"
        ]
    );

    mend(&app, &second, |student| {
        student.document_no = "11010519491231002X".into();
        student.birth_date = "1949-12-31".into();
    })
    .await;

    assert!(kinds(&app).await.is_empty());
    assert!(rules::verify(app.db()).await.expect("verified").is_empty());
}

#[tokio::test]
async fn a_settlement_survives_a_refresh_and_ends_when_the_value_changes() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let row = app
        .fixture()
        .student("22300000001", |student| student.origin = "610000".into())
        .await;
    app.fixture().on_roster(row.id, 2027).await;
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let id = findings(&app).await[0].id;
    officer
        .post("/manage/findings/settlements", &settle_form(&[id], "checked"))
        .await
        .assert_status(303);

    refresh(&app, Touched::Everyone).await;
    mend(&app, &row, |student| student.mobile = "13800000000".into()).await;
    assert!(findings(&app).await[0].settled_at.is_some());

    mend(&app, &row, |student| student.origin = "620000".into()).await;
    let found = findings(&app).await;
    assert_eq!(found[0].settled_at, None);
    assert_eq!(found[0].value, "620000");
}

#[tokio::test]
async fn two_officers_who_settle_the_same_finding_settle_it_once() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = findings(&app).await[0].id;

    let (first, second) = (settle_form(&[id], "postponed"), settle_form(&[id], "checked"));
    let (one, other) = tokio::join!(
        officer.post("/manage/findings/settlements", &first),
        centre.post("/manage/findings/settlements", &second),
    );

    one.assert_status(303);
    other.assert_status(303);
    let settled = app
        .audit_actions()
        .await
        .into_iter()
        .filter(|action| action == "finding.settled")
        .count();
    assert_eq!(settled, 1);
    let said = [
        officer.get("/manage/findings").await.text(),
        centre.get("/manage/findings").await.text(),
    ];
    assert_eq!(
        said.iter().filter(|page| page.contains("已由他人处理")).count(),
        1
    );
}

#[tokio::test]
async fn a_settlement_without_a_reason_or_for_a_closed_year_is_refused() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let id = findings(&app).await[0].id;
    let can = qihang::auth::Can::<qihang::auth::policy::SettleFindings>::at_the_console(Scope::Everyone);

    let refused = rules::settle(app.db(), &can, 2027, &[id], "  ").await;
    assert!(matches!(refused, Err(FindingError::BadReason)));
    let refused = rules::settle(app.db(), &can, 2027, &[], "原因").await;
    assert!(matches!(refused, Err(FindingError::NothingChosen)));
    let refused = rules::settle(app.db(), &can, 2026, &[id], "原因").await;
    assert!(matches!(refused, Err(FindingError::NotFound)));

    let tx = app.db().begin_write().await.expect("a transaction");
    sea_orm::ConnectionTrait::execute_unprepared(
        &tx,
        "UPDATE class_year SET state = 'closed', closed_at = opened_at WHERE year = 2027",
    )
    .await
    .expect("closed");
    tx.commit().await.expect("saved");
    let refused = rules::settle(app.db(), &can, 2027, &[id], "原因").await;
    assert!(matches!(refused, Err(FindingError::YearNotOpen)));
    assert!(app.audit_actions().await.is_empty());
}

/// A small generator of its own, so that the run is the same every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % sides
    }
}

#[tokio::test]
async fn after_any_sequence_of_changes_what_is_stored_is_what_is_computed() {
    const STATUSES: [&str; 4] = ["active", "suspended", "graduated", "?"];
    const ORIGINS: [&str; 4] = ["610100", "610000", "110103", ""];
    for seed in 1..=4 {
        let app = TestApp::start().await;
        app.fixture().university().await;
        app.fixture().class_year(2026, "open").await;
        let mut rows = Vec::new();
        for number in 1..=8 {
            let row = app
                .fixture()
                .student(&format!("2230000000{number}"), |_| {})
                .await;
            rows.push(row);
        }
        refresh(&app, Touched::Everyone).await;
        let numbers: Vec<String> = rows.iter().map(|row| row.document_no.clone()).collect();
        let mut dice = Dice(seed);
        for _ in 0..40 {
            let which = dice.throw(rows.len());
            let id = rows[which].id;
            match dice.throw(5) {
                0 => {
                    remove(&app, id).await;
                }
                1 => {
                    remove(&app, id).await;
                    let year = if dice.throw(4) == 0 { 2026 } else { 2027 };
                    app.fixture().on_roster(id, year).await;
                    refresh(&app, Touched::Students(&[id])).await;
                }
                2 => {
                    let number = numbers[dice.throw(numbers.len())].clone();
                    rows[which].document_no = number;
                    mend(&app, &rows[which], |_| {}).await;
                }
                3 => {
                    let status = STATUSES[dice.throw(STATUSES.len())];
                    let row = &mut rows[which];
                    row.study_status = status.into();
                    row.expected_year = (status == "active").then_some(2027);
                    row.expectation = match status {
                        "active" => "expected",
                        "?" => "unknown_status",
                        other => other,
                    }
                    .into();
                    mend(&app, &rows[which], |_| {}).await;
                }
                _ => {
                    rows[which].origin = ORIGINS[dice.throw(ORIGINS.len())].into();
                    mend(&app, &rows[which], |_| {}).await;
                }
            }
            let differences = rules::verify(app.db()).await.expect("verified");
            assert!(differences.is_empty(), "seed {seed}: {differences:?}");
        }
    }
}

#[tokio::test]
async fn confirming_the_names_of_a_college_ends_its_omissions_and_nobody_elses() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    app.fixture().student("22300000001", |_| {}).await;
    app.fixture().master("32400000001", |_| {}).await;
    refresh(&app, Touched::Everyone).await;
    let scope = Scope::of_college(app.fixture().college_id("S01").await);
    let can = qihang::auth::Can::<qihang::auth::policy::ConfirmRoster>::at_the_console(scope);
    let year = qihang::class_year::model::ClassYear::new(2027).expect("a year");

    qihang::roster::rules::add_expected(app.db(), &can, year)
        .await
        .expect("added");

    let found = findings(&app).await;
    assert_eq!(found.len(), 1);
    assert!(rules::verify(app.db()).await.expect("verified").is_empty());
}
