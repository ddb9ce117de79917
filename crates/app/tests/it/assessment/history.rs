//! Whatever happens later, the past stays as it was: random histories, compared with what the tables said at the time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use qihang::assessment::model::{Figures, Moment};
use qihang::assessment::rules as assessment;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, Schedule};
use qihang::class_year::rules as class_years;
use qihang::findings::rules as findings;
use qihang::roster::removal::{self, model::Reason};
use qihang::school::duties::{Wanted, set_duties};
use qihang_db::entity::{activation, finding, student};
use qihang_db::{Scope, StudentType};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{Record, World, day, file, year};
use crate::support::TestApp;

/// One thing that somebody does; the numbers say to whom.
#[derive(Clone, Debug)]
struct Act {
    what: u8,
    whom: usize,
    how: usize,
    hours: i64,
}

fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    // Imports go through the pages and cost ten times what the others do: one in four is enough.
    let what = prop::sample::select(vec![
        0u8, 1, 3, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 11, 12, 13,
    ]);
    let act = (what, 0usize..1000, 0usize..1000, 1i64..9).prop_map(|(what, whom, how, hours)| Act {
        what,
        whom,
        how,
        hours,
    });
    prop::collection::vec(act, most / 2..=most)
}

/// The figures of every 院 as the tables have them right now, worked out in the plainest way.
async fn live(world: &World<'_>, in_time: Option<&BTreeSet<i64>>, modes: &[&str]) -> BTreeMap<i64, Figures> {
    let reader = world.app.db().reader();
    let entries = world.entries().await;
    let students = Scope::Everyone
        .select::<student::Entity>()
        .all(reader)
        .await
        .unwrap();
    let activations = Scope::Everyone
        .select::<activation::Entity>()
        .all(reader)
        .await
        .unwrap();
    let findings = Scope::Everyone
        .select::<finding::Entity>()
        .all(reader)
        .await
        .unwrap();
    let mut figures = BTreeMap::<i64, Figures>::new();
    for student in students {
        let entry = entries.iter().find(|entry| {
            entry.student_id == student.id
                && entry.class_year == 2027
                && ["open", "closed"].contains(&entry.state.as_str())
        });
        let omission = findings.iter().find(|finding| {
            finding.student_id == student.id && finding.class_year == 2027 && finding.kind == "omission"
        });
        let is_apart = student.degree_level == "doctor" || student.study_status == "extended";
        let is_expected = student.expected_year == Some(2027) && !is_apart;
        let counts = !is_apart
            && (student.student_type == "undergraduate"
                || student.degree_level == "master" && modes.contains(&student.training_mode.as_str()));
        let one = |condition: bool| u64::from(condition);
        let is_settled = omission.is_some_and(|finding| finding.settled_at.is_some());
        for college in [Some(student.college_id), student.second_college_id]
            .into_iter()
            .flatten()
        {
            let of = figures.entry(college).or_default();
            of.expected += one(is_expected);
            of.listed += one(is_expected && entry.is_some());
            of.late += one(is_expected
                && entry.is_some()
                && in_time.is_some_and(|in_time| !in_time.contains(&student.id)));
            of.settled += one(is_expected && omission.is_some() && is_settled);
            of.open += one(is_expected && omission.is_some() && !is_settled);
            if let Some(entry) = entry {
                of.to_activate += one(counts);
                of.activated += one(counts && activations.iter().any(|row| row.entry_id == entry.id));
            }
        }
    }
    figures.retain(|_, figures| *figures != Figures::default());
    figures
}

/// Everybody who is on the roster of 2027 right now.
async fn listed(world: &World<'_>) -> BTreeSet<i64> {
    let entries = world.entries().await;
    entries
        .into_iter()
        .filter(|entry| entry.class_year == 2027 && ["open", "closed"].contains(&entry.state.as_str()))
        .map(|entry| entry.student_id)
        .collect()
}

struct Actor<'a> {
    world: &'a World<'a>,
    records: Vec<Record>,
    imports: Vec<i64>,
    modes: Vec<&'static str>,
}

impl Actor<'_> {
    #[expect(clippy::too_many_lines, reason = "one thing that is done after the other")]
    async fn act(&mut self, act: &Act) {
        let (app, world) = (self.world.app, self.world);
        let db = app.db();
        let whom = act.whom % self.records.len();
        let everyone = Scope::Everyone;
        match act.what {
            0..=2 => {
                let record = &mut self.records[whom];
                let pick = |from: &[&'static str]| from[act.how / 7 % from.len()];
                match act.how % 4 {
                    0 => record.status = pick(&["在读", "休学", "延长学制", "在读", "毕业"]),
                    1 if record.degree == "本科" => record.residence = pick(&["S01", "S02"]),
                    2 => record.mode = pick(&["非定向", "定向", "委培"]),
                    _ => record.length = pick(&["3", "4", "5"]),
                }
                self.import(file([&self.records[whom]])).await;
            }
            3 => {
                let number = format!("3{:04}", self.records.len());
                let record = if act.how.is_multiple_of(2) {
                    Record::undergraduate(&number)
                } else {
                    Record::master(&number)
                };
                self.import(file([&record])).await;
                self.records.push(record);
            }
            4 => {
                // A complete file without one of them: that one vanishes.
                let others = self.records.iter().enumerate().filter(|(at, _)| *at != whom);
                let content = file(others.map(|(_, record)| record));
                let id = world.exchange.upload_complete(&content).await;
                world.exchange.commit(id, "good", true).await;
                self.imports.push(id);
            }
            5 => {
                if let Some(id) = self.imports.pop() {
                    // Refused where something was built on it.
                    world.exchange.post(id, "reversal", &[]).await;
                }
            }
            6 | 7 => {
                let code = ["S01", "S02", "001"][act.how % 3];
                world.add_expected(code).await;
            }
            8 => {
                let can = Can::<policy::RemoveFromRoster>::at_the_console(everyone);
                self.with_student(whom, async |id| {
                    let reason = Reason::parse("误加").unwrap();
                    removal::rules::remove(db, &can, year(), &[id], &reason)
                        .await
                        .unwrap();
                })
                .await;
            }
            9 => {
                let can = Can::<policy::MoveClassYear>::at_the_console(everyone);
                let other = ClassYear::new(2026).unwrap();
                let way = if act.how.is_multiple_of(2) {
                    (year(), other)
                } else {
                    (other, year())
                };
                self.with_student(whom, async |id| {
                    let reason = Reason::parse("届别有误").unwrap();
                    removal::rules::move_to(db, &can, way, &[id], &reason)
                        .await
                        .unwrap();
                })
                .await;
            }
            10 => {
                self.with_student(whom, async |id| world.activate(id).await).await;
            }
            11 => {
                let can = Can::<policy::SettleFindings>::at_the_console(everyone);
                let omissions = Scope::Everyone
                    .select::<finding::Entity>()
                    .filter(finding::Column::Kind.eq("omission"))
                    .filter(finding::Column::ClassYear.eq(2027))
                    .order_by_asc(finding::Column::Id)
                    .all(db.reader())
                    .await
                    .unwrap();
                if let Some(one) = omissions.get(act.whom % omissions.len().max(1)) {
                    if one.settled_at.is_some() {
                        findings::reopen(db, &can, 2027, &[one.id]).await.unwrap();
                    } else {
                        findings::settle(db, &can, 2027, &[one.id], "延期").await.unwrap();
                    }
                }
            }
            12 => {
                let can = Can::<policy::ManageDuties>::at_the_console(everyone);
                let wanted = if act.how.is_multiple_of(2) {
                    Wanted::Default
                } else {
                    let mut set = BTreeSet::new();
                    for (code, student_type) in [
                        ("S01", StudentType::Undergraduate),
                        ("S02", StudentType::Undergraduate),
                        ("001", StudentType::Undergraduate),
                        ("001", StudentType::Graduate),
                        ("004", StudentType::Graduate),
                    ] {
                        set.insert((world.college(code).await, student_type));
                    }
                    Wanted::Set(set)
                };
                set_duties(db, &can, &wanted).await.unwrap();
            }
            _ => {
                let can = Can::<policy::ManageClassYears>::at_the_console(everyone);
                if act.how.is_multiple_of(3) {
                    let schedule: Schedule = world.details().await.schedule();
                    class_years::close(db, &can, year()).await.unwrap();
                    class_years::open(db, &can, year(), &schedule).await.unwrap();
                } else {
                    self.modes = if act.how.is_multiple_of(2) {
                        vec!["1"]
                    } else {
                        vec!["1", "4"]
                    };
                    let codes = self.modes.iter().map(|&code| code.to_owned()).collect();
                    assessment::set_modes(db, &can, year(), codes).await.unwrap();
                }
            }
        }
    }

    async fn import(&mut self, content: Vec<u8>) {
        let batch = self.world.exchange.import("students", &content).await;
        self.imports.push(batch.id);
    }

    async fn with_student(&self, whom: usize, act: impl AsyncFnOnce(i64)) {
        let number = &self.records[whom].number;
        let students = self.world.exchange.students().await;
        // One whose import was undone is not there any more.
        if let Some(student) = students.iter().find(|student| student.student_no == *number) {
            act(student.id).await;
        }
    }
}

/// Acts before the due day and after it; then the past must be as it was.
async fn the_past_stays(before: &[Act], after: &[Act]) {
    // Nobody has to sign in again in between.
    let app = TestApp::start_with("2026-09-01T02:00:00Z", |config| {
        config.idle_minutes = 1_000_000;
        config.absolute_hours = 100_000;
    })
    .await;
    let world = World::at(&app).await;
    app.fixture().class_year(2026, "open").await;
    let mut actor = Actor {
        world: &world,
        records: Vec::new(),
        imports: Vec::new(),
        modes: vec!["1"],
    };
    for number in 0..8 {
        actor
            .records
            .push(Record::undergraduate(&format!("1{number:04}")));
        actor.records.push(Record::master(&format!("2{number:04}")));
    }
    actor.imports.push(world.import(&actor.records.clone()).await);
    let due = Moment::end_of(day("2026-09-15"));
    let mut known = Vec::new();
    for act in before {
        let next = app.clock.now() + TimeDelta::hours(act.hours);
        if next >= due.bound() {
            break;
        }
        app.clock.set(next);
        actor.act(act).await;
    }
    let in_time = listed(&world).await;
    known.push((due, live(&world, None, &actor.modes).await));
    app.clock.set(due.bound() + TimeDelta::minutes(6));
    assessment::freeze_due(app.db()).await.unwrap();
    for (number, act) in after.iter().enumerate() {
        let next: DateTime<Utc> = app.clock.now() + TimeDelta::hours(act.hours);
        app.clock.set(next);
        actor.act(act).await;
        if number % 10 == 0 {
            let now = live(&world, Some(&in_time), &actor.modes).await;
            known.push((Moment::after(next), now));
        }
    }
    assessment::freeze_due(app.db()).await.unwrap();

    for (moment, was) in &known {
        let is = world.figures(*moment).await;
        let is: BTreeMap<i64, Figures> = is
            .colleges
            .into_iter()
            .filter(|(_, figures)| *figures != Figures::default())
            .collect();
        assert_eq!(is, *was, "{moment:?}");
    }
    let frozen = assessment::freezes(app.db().reader(), year()).await.unwrap();
    let roster = frozen.first().expect("the roster was due");
    let was: BTreeMap<i64, Figures> = known[0]
        .1
        .iter()
        .map(|(id, figures)| (*id, figures.part(roster.part)))
        .filter(|(_, figures)| *figures != Figures::default())
        .collect();
    assert_eq!(roster.frozen.counted().colleges, was);
    let faults = assessment::verify(app.db().reader()).await.unwrap();
    assert_eq!(faults, Vec::<String>::new());
}

fn on_a_runtime(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(story);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 60, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_later_the_past_stays_as_it_was(before in acts(30), after in acts(60)) {
        on_a_runtime(the_past_stays(&before, &after));
    }
}

#[test]
fn a_thousand_later_changes_move_no_frozen_figure() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut draw = |most| acts(most).new_tree(&mut runner).unwrap().current();
    let before = draw(40);
    let mut after = Vec::new();
    while after.len() < 1_000 {
        after.extend(draw(400));
    }
    on_a_runtime(the_past_stays(&before, &after));
}
