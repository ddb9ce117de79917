//! What the main job costs below HTTP: the searches of 名单确认, adding everyone expected, and the findings of a class year.
//!
//! Runs on a database that `bench/run.sh` has filled: its address is in `QIHANG_BENCH_DATABASE`, the class year, open, in
//! `QIHANG_BENCH_YEAR`. The same program makes the files that the database is filled from:
//! `roster make-school FOLDER STUDENTS YEAR`.

use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::roster::candidates::queries;
use qihang::roster::search::{Search, SearchParams};
use qihang::{demo, findings, roster};
use qihang_db::entity::roster_entry;
use qihang_db::{Action, AuditEvent, Clock, Db, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::runtime::Runtime;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["make-school", folder, students, year, ..] => make_school(folder, students, year),
        _ => match std::env::var("QIHANG_BENCH_DATABASE") {
            Ok(url) => measure(&url),
            // `cargo test --benches` and a bare `cargo bench` come here.
            Err(_) => note("QIHANG_BENCH_DATABASE is not set; bench/run.sh sets it."),
        },
    }
}

#[expect(clippy::print_stderr, reason = "said to whoever sits at the terminal")]
fn note(text: &str) {
    eprintln!("{text}");
}

fn class_year(text: &str) -> ClassYear {
    text.parse()
        .ok()
        .and_then(ClassYear::new)
        .expect("the class year is a year")
}

fn make_school(folder: &str, students: &str, year: &str) {
    let students = students.parse().expect("the number of students is a number");
    demo::write_files(Path::new(folder), students, class_year(year)).expect("the folder can be written to");
}

/// What all measurements work on.
struct Ground {
    runtime: Runtime,
    db: Db,
    year: ClassYear,
    /// The engine and how many students: part of every name.
    name: String,
}

fn measure(url: &str) {
    let runtime = Runtime::new().expect("a runtime starts");
    let db = runtime
        .block_on(Db::open(url, Clock::machine()))
        .expect("the database opens");
    let year = class_year(&std::env::var("QIHANG_BENCH_YEAR").expect("QIHANG_BENCH_YEAR is set"));
    let name = std::env::var("QIHANG_BENCH_NAME").expect("QIHANG_BENCH_NAME is set");
    let ground = Ground {
        runtime,
        db,
        year,
        name,
    };
    // Ten samples, because one of the larger measurements takes a second and there are two engines and two sizes.
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .without_plots();
    search(&mut criterion, &ground);
    compute_findings(&mut criterion, &ground);
    if std::env::var_os("QIHANG_BENCH_ADD").is_some() {
        add(&mut criterion, &ground);
    }
}

/// One page of 名单确认 with all its numbers when nothing is remembered of it: the first look after a change, by the centre.
fn search(criterion: &mut Criterion, ground: &Ground) {
    let mut group = criterion.benchmark_group("candidates");
    for (name, params) in [
        ("ready", SearchParams::default()),
        (
            "master",
            SearchParams {
                degree: "master".into(),
                ..any()
            },
        ),
        (
            "surname",
            SearchParams {
                q: "王".into(),
                ..any()
            },
        ),
    ] {
        let search = params.understand(&[], &[]).expect("the search means something");
        group.bench_function(BenchmarkId::new(name, &ground.name), |bencher| {
            bencher
                .to_async(&ground.runtime)
                .iter(|| one_page(&ground.db, ground.year, &search));
        });
    }
    group.finish();
}

fn any() -> SearchParams {
    SearchParams {
        expected: Some("any".into()),
        ..SearchParams::default()
    }
}

async fn one_page(db: &Db, year: ClassYear, search: &Search) -> usize {
    let (reader, scope) = (db.reader(), &Scope::Everyone);
    let answers = async {
        queries::count_added(reader, scope, year).await?;
        queries::count_ready(reader, scope, year).await?;
        queries::count_doubtful(reader, scope, year).await?;
        queries::count_selectable(reader, scope, search, year).await?;
        let found = queries::found_ids(reader, scope, search, year).await?;
        queries::by_ids(reader, scope, year, &found[..found.len().min(25)]).await
    };
    answers.await.expect("the database answers").len()
}

fn compute_findings(criterion: &mut Criterion, ground: &Ground) {
    let mut group = criterion.benchmark_group("findings");
    let today = ground.db.clock().today();
    group.bench_function(BenchmarkId::new("class_year", &ground.name), |bencher| {
        bencher.to_async(&ground.runtime).iter(|| async {
            let reader = ground.db.begin_read().await.expect("a snapshot is taken");
            findings::rules::compute(&reader, &Scope::Everyone, ground.year.year(), today)
                .await
                .expect("the database answers")
                .len()
        });
    });
    group.finish();
}

/// Adding everyone expected: one transaction with its audit event and the findings of everyone added. Between two
/// measurements the roster is emptied again, which is not measured.
fn add(criterion: &mut Criterion, ground: &Ground) {
    let mut group = criterion.benchmark_group("roster");
    group.bench_function(
        BenchmarkId::new("add_everyone_expected", &ground.name),
        |bencher| {
            bencher.to_async(&ground.runtime).iter_custom(async |times| {
                let mut taken = Duration::ZERO;
                for _ in 0..times {
                    empty(ground).await;
                    let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::Everyone);
                    let start = Instant::now();
                    let added = roster::rules::add_expected(&ground.db, &can, ground.year)
                        .await
                        .expect("the class year is open");
                    taken += start.elapsed();
                    assert!(!added.is_empty(), "somebody is expected");
                }
                taken
            });
        },
    );
    group.finish();
    ground.runtime.block_on(empty(ground));
}

async fn empty(ground: &Ground) {
    let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::Everyone);
    let change = ground.db.change(can.actor()).await.expect("a change begins");
    roster_entry::Entity::delete_many()
        .filter(roster_entry::Column::ClassYear.eq(ground.year.year()))
        .exec(change.tx())
        .await
        .expect("entries can be deleted");
    findings::rules::refresh(&change, findings::rules::Touched::Everyone)
        .await
        .expect("the findings follow");
    change
        .commit(AuditEvent::new(Action::RosterRemoved, "bench"))
        .await
        .expect("the change is saved");
}
