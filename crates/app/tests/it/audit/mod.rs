//! Stories of the audit log (R39): a change and its event stand or fall together, and a log that was tampered with says so.

use qihang::audit::rules;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, Schedule};
use qihang_db::audit::{Break, seal, verify};
use qihang_db::entity::{audit_event, audit_seal, setting};
use qihang_db::{Action, Actor, AuditEvent, Role, Scope, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectOptions, ConnectionTrait, Database, DbBackend, PaginatorTrait,
    QueryOrder,
};

use crate::support::TestApp;

/// A change that only writes a setting, with its event.
async fn change_setting(app: &TestApp, key: &str) {
    let change = app.db().change(&Actor::system()).await.expect("a change");
    setting::ActiveModel {
        key: Set(key.to_owned()),
        value: Set("1".into()),
    }
    .insert(change.tx())
    .await
    .expect("it is written");
    let event = AuditEvent::new(Action::SettingChanged, format!("setting/{key}"))
        .after(serde_json::json!({"value": "1"}));
    change.commit(event).await.expect("it is saved");
}

/// Three sealed batches of two events, and one event that is not sealed yet.
async fn log_of_seven(app: &TestApp) {
    for batch in 0..3 {
        for number in 0..2 {
            change_setting(app, &format!("{batch}-{number}")).await;
        }
        assert_eq!(seal(app.db()).await.expect("it seals"), 2);
    }
    change_setting(app, "last").await;
}

/// Somebody with the password of the database, who switches the guards off first.
async fn tamper(app: &TestApp, statements: &[&str]) {
    let mut options = ConnectOptions::new(app.database_url());
    options.max_connections(1);
    let intruder = Database::connect(options).await.expect("a connection");
    let guards: &[&str] = match intruder.get_database_backend() {
        DbBackend::Postgres => &["SET session_replication_role = replica"],
        _ => &[
            "PRAGMA foreign_keys = OFF",
            "DROP TRIGGER IF EXISTS audit_event_no_delete",
            "DROP TRIGGER IF EXISTS audit_event_no_update",
            "DROP TRIGGER IF EXISTS audit_seal_no_update",
            "DROP TRIGGER IF EXISTS audit_seal_no_delete",
        ],
    };
    for statement in guards.iter().chain(statements) {
        intruder
            .execute_unprepared(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    intruder.close().await.expect("it closes");
}

async fn event_ids(app: &TestApp) -> Vec<i64> {
    let events = records::<audit_event::Entity>()
        .order_by_asc(audit_event::Column::Id)
        .all(app.db().reader())
        .await
        .expect("events");
    events.into_iter().map(|event| event.id).collect()
}

async fn seal_ids(app: &TestApp) -> Vec<i64> {
    let seals = records::<audit_seal::Entity>()
        .order_by_asc(audit_seal::Column::Id)
        .all(app.db().reader())
        .await
        .expect("seals");
    seals.into_iter().map(|seal| seal.id).collect()
}

async fn breaks(app: &TestApp) -> Vec<Break> {
    verify(app.db().reader()).await.expect("a verdict").breaks
}

#[tokio::test]
async fn after_honest_work_the_chain_is_whole() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    log_of_seven(&app).await;
    let centre = app.signed_in(Role::Centre, None).await;
    centre
        .post("/manage/class-years/2027/closing", &[])
        .await
        .assert_status(303);

    let verdict = verify(app.db().reader()).await.expect("a verdict");

    assert_eq!(
        (verdict.events, verdict.unsealed, verdict.breaks),
        (9, 3, Vec::new())
    );
    let report = rules::verify(app.db(), None).await.expect("a report");
    assert!(report.is_whole(), "{report:?}");
}

#[tokio::test]
async fn a_changed_event_is_found_sealed_or_not() {
    let app = TestApp::start().await;
    log_of_seven(&app).await;
    let ids = event_ids(&app).await;

    tamper(
        &app,
        &[
            &format!(
                "UPDATE audit_event SET after = '{{\"value\":\"2\"}}' WHERE id = {}",
                ids[2]
            ),
            &format!("UPDATE audit_event SET actor = 'somebody' WHERE id = {}", ids[6]),
        ],
    )
    .await;

    assert_eq!(
        breaks(&app).await,
        [Break::EventChanged(ids[2]), Break::EventChanged(ids[6])]
    );
}

#[tokio::test]
async fn a_changed_event_with_a_new_digest_of_its_own_breaks_its_seal() {
    let app = TestApp::start().await;
    log_of_seven(&app).await;
    let (ids, seals) = (event_ids(&app).await, seal_ids(&app).await);

    // As good as a forger can do it: the content and digest of another event, which fit one another.
    tamper(
        &app,
        &[&format!(
            "UPDATE audit_event SET (subject, after, digest) = \
             (SELECT subject, after, digest FROM audit_event WHERE id = {}) WHERE id = {}",
            ids[5], ids[2]
        )],
    )
    .await;

    assert_eq!(breaks(&app).await, [Break::SealBroken(seals[1])]);
}

#[tokio::test]
async fn a_removed_event_is_missed() {
    let app = TestApp::start().await;
    log_of_seven(&app).await;
    let ids = event_ids(&app).await;

    tamper(&app, &[&format!("DELETE FROM audit_event WHERE id = {}", ids[3])]).await;

    assert_eq!(breaks(&app).await, [Break::EventMissing(ids[3])]);
}

#[tokio::test]
async fn an_event_slipped_in_behind_a_seal_is_found() {
    let app = TestApp::start().await;
    log_of_seven(&app).await;
    let (ids, seals) = (event_ids(&app).await, seal_ids(&app).await);

    tamper(
        &app,
        &[&format!(
            "INSERT INTO audit_event (id, occurred_at, account_id, actor, address, action, subject, before, after, digest, seal_id) \
             SELECT 9999, occurred_at, account_id, actor, address, action, subject, before, after, digest, {} \
             FROM audit_event WHERE id = {}",
            seals[0], ids[0]
        )],
    )
    .await;

    assert_eq!(breaks(&app).await, [Break::EventInserted(9999)]);
}

#[tokio::test]
async fn a_removed_seal_breaks_the_chain_with_its_events_or_without() {
    let app = TestApp::start().await;
    log_of_seven(&app).await;
    let seals = seal_ids(&app).await;
    let first = records::<audit_seal::Entity>()
        .order_by_desc(audit_seal::Column::Id)
        .one(app.db().reader())
        .await
        .expect("an answer")
        .expect("a seal")
        .digest;

    tamper(
        &app,
        &[
            &format!("DELETE FROM audit_event WHERE seal_id = {}", seals[1]),
            &format!("DELETE FROM audit_seal WHERE id = {}", seals[1]),
        ],
    )
    .await;
    assert_eq!(breaks(&app).await, [Break::SealBroken(seals[2])]);

    tamper(
        &app,
        &[&format!("DELETE FROM audit_seal WHERE id = {}", seals[2])],
    )
    .await;
    assert_eq!(breaks(&app).await, [Break::SealMissing(seals[2])]);

    // The end cut off without a trace: only who wrote the last digest down can tell.
    tamper(
        &app,
        &[&format!("DELETE FROM audit_event WHERE seal_id = {}", seals[2])],
    )
    .await;
    assert_eq!(breaks(&app).await, []);
    let report = rules::verify(app.db(), Some(&first)).await.expect("a report");
    let fault = report
        .checks
        .iter()
        .find(|check| check.code == "known_seal")
        .expect("it was asked for");
    assert_eq!(fault.faults.len(), 1);
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_or_delete_what_was_logged() {
    let app = TestApp::start().await;
    log_of_seven(&app).await;
    let ids = event_ids(&app).await;
    let (sealed, unsealed) = (ids[0], ids[6]);

    for statement in [
        format!("UPDATE audit_event SET actor = 'x' WHERE id = {sealed}"),
        format!("UPDATE audit_event SET actor = 'x' WHERE id = {unsealed}"),
        format!("UPDATE audit_event SET before = '{{}}' WHERE id = {unsealed}"),
        format!("UPDATE audit_event SET seal_id = NULL WHERE id = {sealed}"),
        format!("DELETE FROM audit_event WHERE id = {unsealed}"),
        "DELETE FROM audit_event".to_owned(),
        "UPDATE audit_seal SET digest = 'x'".to_owned(),
        "DELETE FROM audit_seal".to_owned(),
    ] {
        let tx = app.db().begin_write().await.expect("a transaction");
        let refused = tx.execute_unprepared(&statement).await;
        assert!(
            refused.is_err_and(|error| error.to_string().contains("append only")),
            "{statement}"
        );
        tx.rollback().await.expect("a rollback");
    }

    assert_eq!(breaks(&app).await, []);
}

#[tokio::test]
async fn writers_and_sealers_at_the_same_time_keep_the_chain_whole() {
    let app = TestApp::start().await;
    let writers = (0..4).map(|writer| {
        let app = &app;
        async move {
            for number in 0..25 {
                change_setting(app, &format!("{writer}-{number}")).await;
            }
        }
    });
    let sealers = (0..3).map(|_| {
        let app = &app;
        async move {
            for _ in 0..15 {
                seal(app.db()).await.expect("sealing");
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            }
        }
    });

    tokio::join!(
        futures::future::join_all(writers),
        futures::future::join_all(sealers)
    );
    seal(app.db()).await.expect("sealing");

    let verdict = verify(app.db().reader()).await.expect("a verdict");
    assert_eq!(
        (verdict.events, verdict.unsealed, verdict.breaks),
        (100, 0, Vec::new())
    );
}

#[tokio::test]
async fn a_change_without_commit_leaves_neither_row_nor_event() {
    let app = TestApp::start().await;
    let change = app.db().change(&Actor::system()).await.expect("a change");
    setting::ActiveModel {
        key: Set("kept".into()),
        value: Set("1".into()),
    }
    .insert(change.tx())
    .await
    .expect("it is written");
    drop(change);

    let rows = records::<setting::Entity>()
        .count(app.db().reader())
        .await
        .expect("a count");

    assert_eq!((rows, app.audit_actions().await.len()), (0, 0));
}

#[tokio::test]
async fn verify_names_what_is_wrong_with_the_data() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    app.fixture().on_roster(student.id, 2027).await;
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let year = ClassYear::new(2027).expect("a class year");
    let schedule = Schedule::usual(year).expect("dates");
    qihang::class_year::rules::change_schedule(app.db(), &can, year, &schedule)
        .await
        .expect("the findings are made");
    let report = rules::verify(app.db(), None).await.expect("a report");
    assert!(report.is_whole(), "{report:?}");

    let wenzhi = app.fixture().college_id("S02").await;
    tamper(
        &app,
        &[
            &format!("UPDATE student SET college_id = {wenzhi}"),
            "UPDATE class_year SET state = 'closed', closed_at = opened_at",
        ],
    )
    .await;

    let report = rules::verify(app.db(), None).await.expect("a report");
    let wrong: Vec<&str> = report
        .checks
        .iter()
        .filter(|check| !check.faults.is_empty())
        .map(|check| check.code)
        .collect();
    // On SQLite the intruder had to drop the triggers, which is seen too; and history does not know of the other 院.
    let expected: &[&str] = match app.db().backend() {
        DbBackend::Postgres => &["roster_state", "placement", "assessment"],
        _ => &["append_only", "roster_state", "placement", "assessment"],
    };
    assert_eq!(wrong, expected);
}

#[tokio::test]
async fn the_administrator_searches_the_log_and_pages_through_it() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let administrator = app.signed_in(Role::Administrator, None).await;
    for number in 0..120 {
        change_setting(&app, &format!("n{number:03}")).await;
    }

    let first = administrator.get("/manage/audit").await;
    first
        .assert_status(200)
        .assert_says("setting/n119<")
        .assert_does_not_say("setting/n069<")
        .assert_says("待封存 121 条")
        .assert_says("还没有封存");
    let ids = event_ids(&app).await;
    administrator
        .get(&format!("/manage/audit?after={}", ids[71]))
        .await
        .assert_says("setting/n069<")
        .assert_does_not_say("setting/n070<");
    administrator
        .get("/manage/audit?last=1")
        .await
        .assert_says("administrator-all")
        .assert_does_not_say("setting/n119<");
    administrator
        .get("/manage/audit?action=session.signed_in")
        .await
        .assert_says("administrator-all")
        .assert_does_not_say("setting/");
    administrator
        .get("/manage/audit?actor=SYSTEM&subject=setting/n00")
        .await
        .assert_says("setting/n009<")
        .assert_does_not_say("setting/n010<")
        .assert_does_not_say("administrator-all</td>");
    administrator
        .get("/manage/audit?subject=setting/n_1")
        .await
        .assert_says("没有符合条件的记录");
    administrator
        .get("/manage/audit?from=2026-09-10&to=2026-09-10")
        .await
        .assert_says("setting/n119<");
    administrator
        .get("/manage/audit?to=2026-09-09")
        .await
        .assert_says("没有符合条件的记录");
    for unknown in [
        "action=sneezed",
        "from=yesterday",
        "to=%2B262142-12-31",
        "after=x",
        "last=x",
    ] {
        administrator
            .get(&format!("/manage/audit?{unknown}"))
            .await
            .assert_status(400);
    }
    seal(app.db()).await.expect("sealing");
    administrator
        .get("/manage/audit")
        .await
        .assert_says("待封存 0 条")
        .assert_says("最后封存");
}
