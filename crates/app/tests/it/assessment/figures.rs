//! What is counted, for whom.

use qihang::assessment::model::{Figures, Moment};
use qihang::assessment::rules::{self, RuleError};
use qihang::auth::{Can, policy};
use qihang_db::Scope;

use super::{Record, World, day, year};
use crate::support::TestApp;

#[tokio::test]
async fn a_college_is_counted_by_who_is_expected_listed_missing_and_settled() {
    let app = TestApp::start().await;
    let world = World::at(&app).await;
    let mut rows: Vec<Record> = (1..=5)
        .map(|number| Record::undergraduate(&format!("10{number}")))
        .collect();
    rows.push(Record {
        status: "休学",
        ..Record::undergraduate("106")
    });
    world.import(&rows[..3]).await;
    world.add_expected("S01").await;
    world.import(&rows[3..]).await;
    world.settle("104").await;

    let figures = world.now("S01").await;

    assert_eq!(
        figures,
        Figures {
            expected: 5,
            listed: 3,
            settled: 1,
            open: 1,
            to_activate: 3,
            ..Figures::default()
        }
    );
    assert_eq!((figures.elsewhere(), figures.in_time()), (0, 3));
    assert_eq!(figures.roster_share(), "60.0%");
}

#[tokio::test]
async fn who_is_added_after_the_due_day_is_late_and_who_only_came_back_is_not() {
    let app = TestApp::start().await;
    let world = World::at(&app).await;
    world
        .import(&[Record::undergraduate("101"), Record::undergraduate("102")])
        .await;
    world.add_expected("S01").await;
    world.import(&[Record::undergraduate("103")]).await;
    world.at_instant("2026-09-15T15:59:59Z");
    assert_eq!(world.now("S01").await.late, 0);
    let back = world.student("102").await;

    world.at_instant("2026-09-15T16:00:00Z");
    world.add_expected("S01").await;
    world.at_instant("2026-09-16T02:00:00Z");
    world.remove(back.id).await;
    world.at_instant("2026-09-16T03:00:00Z");
    world.add_expected("S01").await;

    let now = world.now("S01").await;
    assert_eq!((now.listed, now.late, now.in_time()), (3, 1, 2));
    let due = world.figures(Moment::end_of(day("2026-09-15"))).await;
    assert_eq!((due.total.listed, due.total.late, due.total.open), (2, 0, 1));
}

#[tokio::test]
async fn of_graduates_only_undirected_masters_count_in_activation_and_the_centre_can_say_otherwise() {
    let app = TestApp::start().await;
    let world = World::at(&app).await;
    let directed = Record {
        mode: "定向",
        ..Record::master("202")
    };
    let doctor = Record {
        degree: "博士",
        major: "D001",
        admission: 2023,
        length: "4",
        ..Record::master("203")
    };
    world
        .import(&[
            Record::master("201"),
            directed,
            doctor,
            Record::undergraduate("101"),
        ])
        .await;
    world.add_expected("001").await;
    world.add_expected("S01").await;
    let doctor = world.student("203").await;
    app.fixture().on_roster(doctor.id, 2027).await;
    world.activate(doctor.id).await;
    world.activate(world.student("201").await.id).await;
    world.activate(world.student("101").await.id).await;

    let mechanics = world.now("001").await;
    assert_eq!(
        (mechanics.expected, mechanics.listed),
        (2, 2),
        "the doctor stays out"
    );
    assert_eq!((mechanics.to_activate, mechanics.activated), (1, 1));
    assert_eq!(world.now("S01").await.activation_share(), "100.0%");
    let before = Moment::after(app.clock.now());

    world.at_instant("2026-09-11T02:00:00Z");
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let both = || vec!["1".to_owned(), "2".to_owned()];
    assert!(rules::set_modes(app.db(), &can, year(), both()).await.unwrap());
    assert!(
        !rules::set_modes(app.db(), &can, year(), both()).await.unwrap(),
        "it is so already"
    );

    assert_eq!(world.now("001").await.to_activate, 2);
    let earlier = world.figures(before).await;
    assert_eq!(
        earlier.total.to_activate, 2,
        "what counted before is what counted then"
    );
    assert_eq!(app.audit_actions().await.last().unwrap(), "assessment.rule");
    for (codes, message) in [(vec![], "至少选择一种"), (vec!["9".to_owned()], "没有“9”")] {
        let refused = rules::set_modes(app.db(), &can, year(), codes).await.unwrap_err();
        assert!(matches!(refused, RuleError::Modes(_)));
        assert!(refused.message().contains(message), "{refused}");
    }
}

#[tokio::test]
async fn extended_students_stay_out_of_the_shares() {
    let app = TestApp::start().await;
    let world = World::at(&app).await;
    world
        .import(&[Record {
            status: "延长学制",
            ..Record::undergraduate("101")
        }])
        .await;
    app.fixture().on_roster(world.student("101").await.id, 2027).await;

    assert_eq!(world.now("S01").await, Figures::default());
}

#[tokio::test]
async fn whoever_has_two_colleges_counts_in_both_and_once_in_all() {
    use qihang::school::duties::{Wanted, set_duties};
    use qihang_db::StudentType;

    let app = TestApp::start().await;
    let world = World::at(&app).await;
    world.import(&[Record::undergraduate("101")]).await;
    world.add_expected("S01").await;
    let before = Moment::after(app.clock.now());
    world.at_instant("2026-09-11T02:00:00Z");

    let duty = |college, student_type| (college, student_type);
    let (residence, school) = (world.college("S01").await, world.college("001").await);
    let wanted = Wanted::Set(std::collections::BTreeSet::from([
        duty(residence, StudentType::Undergraduate),
        duty(world.college("S02").await, StudentType::Undergraduate),
        duty(school, StudentType::Undergraduate),
        duty(school, StudentType::Graduate),
        duty(world.college("004").await, StudentType::Graduate),
    ]));
    let can = Can::<policy::ManageDuties>::at_the_console(Scope::Everyone);
    set_duties(app.db(), &can, &wanted).await.unwrap();

    assert_eq!(world.now("S01").await.listed, 1);
    assert_eq!(world.now("001").await.listed, 1);
    let all = world.figures(Moment::after(app.clock.now())).await;
    assert_eq!(all.total.listed, 1);
    let earlier = world.by_code(&world.figures(before).await).await;
    assert_eq!(earlier.keys().collect::<Vec<_>>(), ["S01"]);
    let only = Scope::of_college(school);
    let own = rules::figures_at(
        app.db().reader(),
        &only,
        &world.details().await,
        Moment::after(app.clock.now()),
    )
    .await
    .unwrap();
    assert_eq!(own.colleges.keys().copied().collect::<Vec<_>>(), [school]);
}
