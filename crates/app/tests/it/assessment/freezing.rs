//! Frozen when a due day ends, and never otherwise afterwards.

use chrono::NaiveDate;
use qihang::assessment::model::Moment;
use qihang::assessment::rules::{Freeze, freeze_due, freezes, verify};
use qihang::auth::{Can, policy};
use qihang::class_year::model::Schedule;
use qihang::class_year::rules as class_years;
use qihang_db::{AssessmentPart, Scope};
use sea_orm::ConnectionTrait;

use super::{Record, World, day, year};
use crate::support::TestApp;

async fn frozen(app: &TestApp) -> Vec<Freeze> {
    freezes(app.db().reader(), year()).await.unwrap()
}

fn days(frozen: &[Freeze]) -> Vec<(AssessmentPart, NaiveDate)> {
    frozen.iter().map(|one| (one.part, one.due)).collect()
}

async fn two_of_three(app: &TestApp) -> World<'_> {
    let world = World::at(app).await;
    world
        .import(&[Record::undergraduate("101"), Record::undergraduate("102")])
        .await;
    world.add_expected("S01").await;
    world.import(&[Record::undergraduate("103")]).await;
    world
}

#[tokio::test]
async fn each_part_is_frozen_once_soon_after_its_due_day_and_as_it_was_then() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    for early in ["2026-09-15T15:59:59Z", "2026-09-15T16:04:59Z"] {
        world.at_instant(early);
        assert_eq!(freeze_due(app.db()).await.unwrap(), 0, "{early}");
    }
    // The server was down for two days, and somebody worked on the roster before it froze anything.
    world.at_instant("2026-09-17T02:00:00Z");
    world.add_expected("S01").await;

    assert_eq!(freeze_due(app.db()).await.unwrap(), 1);
    assert_eq!(freeze_due(app.db()).await.unwrap(), 0);

    let roster = frozen(&app).await;
    assert_eq!(days(&roster), [(AssessmentPart::Roster, day("2026-09-15"))]);
    let total = roster[0].frozen.total;
    assert_eq!((total.expected, total.listed, total.open), (3, 2, 1));
    assert_eq!((total.to_activate, total.activated), (0, 0), "that is due later");
    assert_eq!(roster[0].frozen.rows[0].name, "彭康书院");
    assert_eq!(roster[0].digest.len(), 64);

    world.activate(world.student("101").await.id).await;
    world.at_instant("2026-10-08T02:00:00Z");
    world.activate(world.student("102").await.id).await;
    assert_eq!(freeze_due(app.db()).await.unwrap(), 1);
    let both = frozen(&app).await;
    let total = both[1].frozen.total;
    assert_eq!((total.to_activate, total.activated, total.expected), (3, 1, 0));
    let actions = app.audit_actions().await;
    let events = actions.iter().filter(|action| *action == "assessment.frozen");
    assert_eq!(events.count(), 2);
    assert_eq!(verify(app.db().reader()).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn two_servers_freeze_once() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    world.at_instant("2026-10-08T02:00:00Z");

    let (one, other) = tokio::join!(freeze_due(app.db()), freeze_due(app.db()));

    assert_eq!(one.unwrap() + other.unwrap(), 2);
    assert_eq!(frozen(&app).await.len(), 2);
}

#[tokio::test]
async fn a_due_day_that_is_moved_is_frozen_too_and_the_old_figures_stay() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    // Moved in the minutes after it ended, before any server came round to it.
    world.at_instant("2026-09-15T16:01:00Z");
    let later = Schedule {
        roster_due: day("2026-09-20"),
        ..world.details().await.schedule()
    };
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);

    class_years::change_schedule(app.db(), &can, year(), &later)
        .await
        .unwrap();

    assert_eq!(
        days(&frozen(&app).await),
        [(AssessmentPart::Roster, day("2026-09-15"))]
    );
    world.add_expected("S01").await;
    let now = world.now("S01").await;
    assert_eq!((now.listed, now.late), (3, 0), "in time by the new day");
    world.at_instant("2026-09-21T02:00:00Z");
    assert_eq!(freeze_due(app.db()).await.unwrap(), 1);
    let both = frozen(&app).await;
    assert_eq!(
        days(&both),
        [
            (AssessmentPart::Roster, day("2026-09-15")),
            (AssessmentPart::Roster, day("2026-09-20"))
        ]
    );
    assert_eq!((both[0].frozen.total.listed, both[1].frozen.total.listed), (2, 3));
    assert_eq!(verify(app.db().reader()).await.unwrap(), Vec::<String>::new());

    // Back to the first day: that is frozen already, and nothing is frozen anew.
    let first = Schedule {
        roster_due: day("2026-09-15"),
        ..later
    };
    class_years::change_schedule(app.db(), &can, year(), &first)
        .await
        .unwrap();
    assert_eq!(freeze_due(app.db()).await.unwrap(), 0);
    assert_eq!(frozen(&app).await.len(), 2);
}

#[tokio::test]
async fn a_due_day_that_is_moved_into_the_past_is_frozen_as_it_was_then() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    world.at_instant("2026-09-14T02:00:00Z");
    world.add_expected("S01").await;
    world.at_instant("2026-09-16T02:00:00Z");
    freeze_due(app.db()).await.unwrap();
    let earlier = Schedule {
        roster_due: day("2026-09-12"),
        ..world.details().await.schedule()
    };
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);

    class_years::change_schedule(app.db(), &can, year(), &earlier)
        .await
        .unwrap();
    assert_eq!(freeze_due(app.db()).await.unwrap(), 1);

    let both = frozen(&app).await;
    assert_eq!(
        days(&both),
        [
            (AssessmentPart::Roster, day("2026-09-12")),
            (AssessmentPart::Roster, day("2026-09-15"))
        ]
    );
    assert_eq!((both[0].frozen.total.listed, both[1].frozen.total.listed), (2, 3));
    assert_eq!(world.now("S01").await.late, 1, "late by the new day");
    assert_eq!(verify(app.db().reader()).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn closing_a_class_year_freezes_what_is_due() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    world.at_instant("2026-10-08T02:00:00Z");
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);

    class_years::close(app.db(), &can, year()).await.unwrap();

    assert_eq!(frozen(&app).await.len(), 2);
    assert_eq!(verify(app.db().reader()).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_database_refuses_to_change_what_was_frozen_or_which_masters_counted() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    world.at_instant("2026-10-08T02:00:00Z");
    freeze_due(app.db()).await.unwrap();
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let modes = vec!["1".to_owned(), "2".to_owned()];
    qihang::assessment::rules::set_modes(app.db(), &can, year(), modes)
        .await
        .unwrap();

    for sql in [
        "UPDATE assessment_freeze SET figures = '{}'",
        "UPDATE assessment_freeze SET frozen_at = frozen_at, due = '2026-01-01'",
        "DELETE FROM assessment_freeze",
        "UPDATE assessment_rule SET training_modes = '[]'",
        "DELETE FROM assessment_rule",
    ] {
        let tx = app.db().begin_write().await.unwrap();
        let refused = tx.execute_unprepared(sql).await.unwrap_err();
        assert!(refused.to_string().contains("append only"), "{sql}: {refused}");
    }
    let twice = "INSERT INTO assessment_freeze (class_year, part, due, frozen_at, figures, digest) \
                 SELECT class_year, part, due, frozen_at, figures, digest FROM assessment_freeze";
    let tx = app.db().begin_write().await.unwrap();
    assert!(
        tx.execute_unprepared(twice).await.is_err(),
        "one day was frozen twice"
    );
}

#[tokio::test]
async fn whoever_tampers_with_history_or_figures_is_found_out() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    world.at_instant("2026-10-08T02:00:00Z");
    freeze_due(app.db()).await.unwrap();
    let of = |faults: Vec<String>| faults.join("\n");

    let tx = app.db().begin_write().await.unwrap();
    tx.execute_unprepared("UPDATE roster_entry SET added_at = '2026-09-20 02:00:00+00:00'")
        .await
        .unwrap();
    let found = of(verify(tx.tx()).await.unwrap());
    assert!(
        found.contains("名单（2026-09-15） 的冻结数据与按历史重算的结果不符"),
        "{found}"
    );
    drop(tx);

    let tx = app.db().begin_write().await.unwrap();
    tx.execute_unprepared("DELETE FROM omission_span").await.unwrap();
    let found = of(verify(tx.tx()).await.unwrap());
    assert!(found.contains("没有记入历史"), "{found}");
    drop(tx);

    let tx = app.db().begin_write().await.unwrap();
    for table in [
        "UPDATE student SET college_id = school_id",
        "DELETE FROM student_span",
    ] {
        tx.execute_unprepared(table).await.unwrap();
        assert!(!verify(tx.tx()).await.unwrap().is_empty(), "{table}");
    }
}

#[tokio::test]
async fn the_state_of_any_moment_can_be_asked_for() {
    let app = TestApp::start().await;
    let world = two_of_three(&app).await;
    world.at_instant("2026-09-12T02:00:00Z");
    world.settle("103").await;
    world.at_instant("2026-09-13T02:00:00Z");
    world.reopen("103").await;
    world.at_instant("2026-09-14T02:00:00Z");
    world
        .import(&[Record {
            residence: "S02",
            ..Record::undergraduate("101")
        }])
        .await;

    for (moment, code, expected, settled, open) in [
        (Moment::end_of(day("2026-09-09")), "S01", 0, 0, 0),
        (Moment::end_of(day("2026-09-10")), "S01", 3, 0, 1),
        (Moment::end_of(day("2026-09-12")), "S01", 3, 1, 0),
        (Moment::end_of(day("2026-09-13")), "S01", 3, 0, 1),
        (Moment::end_of(day("2026-09-14")), "S01", 2, 0, 1),
        (Moment::end_of(day("2026-09-14")), "S02", 1, 0, 0),
    ] {
        let figures = world.by_code(&world.figures(moment).await).await;
        let of = figures.get(code).copied().unwrap_or_default();
        assert_eq!(
            (of.expected, of.settled, of.open),
            (expected, settled, open),
            "{moment:?} {code}"
        );
    }
}
