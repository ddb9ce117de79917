//! What the engines do with the statements of 名单确认, 学生用户管理 and 定向委培: no filter and no order may make them read all students, or
//! all rosters that ever were.
//!
//! A page is asked for, the statements are those that it reads with, and the engine says how it would go about each, on a school
//! of several years whose statistics it knows. PostgreSQL is forbidden to read whole tables wherever there is another way, so
//! that a small school does not excuse a missing index.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use qihang::app::App;
use qihang_db::entity::{activation, directed_unit, finding, roster_entry, student};
use qihang_db::{Db, EntryState, Role, UnitState, Writing, bulk};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ConnectionTrait, DbBackend, IntoActiveModel, Statement,
};
use serde_json::Value;

use crate::support::{Beside, Browser, TestApp};

/// Students of the school, of ten years.
const MANY: i64 = 6_000;

/// The unit that officers filled in for some.
const UNIT: &str = "某县人民医院";

/// What an engine does to get at the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    /// Reads all of it.
    Scan,
    /// Goes along a whole index: all rows, in its order.
    Walk(String),
    /// Looks up what it needs.
    Search,
}

/// How a statement gets at a table.
type Step = (String, Access);

/// What a question has to do with students.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Nothing in it says which students: they may be gone through in the order of an index.
    Everybody,
    /// It names some: these have to be looked up.
    Some,
}

/// The questions of the lists: what is asked, and of whom.
const QUESTIONS: &[(&str, Reach)] = &[
    ("/manage/roster/candidates?expected=any&added=1", Reach::Everybody),
    ("/manage/roster/candidates?expected=any", Reach::Everybody),
    ("/manage/roster/candidates?expected=ready", Reach::Some),
    ("/manage/roster/candidates?expected=doubtful", Reach::Some),
    (
        "/manage/roster/candidates?expected=any&added=1&type=graduate",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&degree=doctor",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&admission_year=2020",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&school=004",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&residence=S02",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&major=B004",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&length=5",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&class_name=C6",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&q=30000012",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&q=ouyang",
        Reach::Some,
    ),
    (
        "/manage/roster/candidates?expected=any&added=1&q=%E6%AC%A7%E9%98%B3",
        Reach::Some,
    ),
    ("/manage/roster?clear=1", Reach::Everybody),
    ("/manage/roster?sort=college", Reach::Everybody),
    ("/manage/roster?sort=student_no", Reach::Everybody),
    ("/manage/roster?sort=name", Reach::Everybody),
    ("/manage/roster?sort=major", Reach::Everybody),
    ("/manage/roster?sort=class_name", Reach::Everybody),
    ("/manage/roster?sort=admission_year", Reach::Everybody),
    ("/manage/roster?sort=added_at", Reach::Everybody),
    ("/manage/roster?sort=added_at&dir=desc", Reach::Everybody),
    ("/manage/roster?view=signing", Reach::Everybody),
    ("/manage/roster?how=doctoral", Reach::Everybody),
    ("/manage/roster?has_finding=yes", Reach::Everybody),
    ("/manage/roster?has_finding=no", Reach::Everybody),
    ("/manage/roster?activation=pending", Reach::Everybody),
    ("/manage/roster?activation=activated", Reach::Everybody),
    ("/manage/roster?activation=again", Reach::Everybody),
    ("/manage/roster?type=graduate", Reach::Some),
    ("/manage/roster?degree=doctor", Reach::Some),
    ("/manage/roster?admission_year=2023", Reach::Some),
    ("/manage/roster?school=004", Reach::Some),
    ("/manage/roster?residence=S02", Reach::Some),
    ("/manage/roster?major=B004", Reach::Some),
    ("/manage/roster?length=5", Reach::Some),
    ("/manage/roster?class_name=C6", Reach::Some),
    ("/manage/roster?status=suspended", Reach::Some),
    ("/manage/roster?q=30000012", Reach::Some),
    ("/manage/roster?q=ouyang", Reach::Some),
    ("/manage/roster?q=%E6%AC%A7%E9%98%B3", Reach::Some),
    ("/manage/directed", Reach::Some),
    ("/manage/directed?show=filled&college=S02", Reach::Some),
    ("/manage/directed?show=all&q=30000012", Reach::Some),
];

/// A school of ten years, half of the last class on its roster. Of each filter that is asked for above, a tenth of the
/// students at the most are found, and of most fewer.
async fn school() -> TestApp {
    let app = TestApp::start().await;
    let world = app.fixture();
    world.university().await;
    for year in 2021..=2026 {
        world.class_year(year, "closed").await;
    }
    let undergraduate = world.student("2230100001", |_| {}).await;
    let master = world.master("3240100001", |_| {}).await;
    let (wenzhi, electronics) = (world.college_id("S02").await, world.college_id("004").await);
    let major = world.major_id("B004").await;
    let of_number = |number: i64| {
        let mut row = if number % 10 == 3 { &master } else { &undergraduate }.clone();
        let year = 2017 + i32::try_from(number % 10).expect("a year");
        row.id = 1_000 + number;
        row.student_no = format!("30{number:08}");
        row.name = format!("王{number}");
        row.pinyin = format!("wang{number}");
        row.initials = format!("w{number}");
        row.document_no = format!("X{number}");
        row.class_name = format!("C{}", number % 100);
        row.admission_year = year;
        row.nominal_year = Some(year + 4);
        row.expected_year = Some(year + 4);
        // What follows is told by the hundreds, so that it does not always fall into the same year.
        match (number / 10) % 20 {
            0 => row.residence_id = Some(wenzhi),
            1 => {
                row.school_id = electronics;
                row.major_id = major;
            }
            2 => row.degree_level = "doctor".into(),
            3 => row.length_half_years = Some(10),
            4 => {
                row.study_status = "suspended".into();
                row.expectation = "suspended".into();
                row.expected_year = None;
            }
            5 => {
                row.name = format!("欧阳{number}");
                row.pinyin = format!("ouyang{number}");
                row.initials = format!("oy{number}");
            }
            6 => {
                row.training_mode = "2".into();
                row.directed_unit = UNIT.into();
            }
            _ => {}
        }
        row.college_id = row.residence_id.unwrap_or(row.school_id);
        row
    };
    let students: Vec<student::Model> = (0..MANY).map(of_number).collect();
    let now = app.clock.now();
    let entries = entries_of(&students, now);
    let activations = activations_of(&entries, now);
    let units = units_of(&students, now);
    let tx = app.db().begin_write().await.expect("a transaction");
    let rows = students
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    bulk::insert(&tx, rows.collect(), None).await.expect("students");
    bulk::insert(&tx, entries, None).await.expect("entries");
    bulk::insert(&tx, activations, None).await.expect("activations");
    bulk::insert(&tx, units, None).await.expect("units");
    tx.commit().await.expect("the school is there");
    app.db().analyze::<student::Entity>().await.expect("statistics");
    app.db()
        .analyze::<roster_entry::Entity>()
        .await
        .expect("statistics");
    app.db()
        .analyze::<activation::Entity>()
        .await
        .expect("statistics");
    app.db().analyze::<finding::Entity>().await.expect("statistics");
    app.db()
        .analyze::<directed_unit::Entity>()
        .await
        .expect("statistics");
    app
}

/// Two thirds of the last class are on its roster, everybody of the classes before is on theirs, which are closed.
fn entries_of(students: &[student::Model], now: DateTime<Utc>) -> Vec<roster_entry::ActiveModel> {
    students
        .iter()
        .filter(|row| {
            row.expected_year
                .is_some_and(|year| year < 2027 || (year == 2027 && row.id % 3 < 2))
        })
        .map(|row| roster_entry::ActiveModel {
            id: Set(row.id),
            student_id: Set(row.id),
            class_year: Set(row.expected_year.unwrap_or_default()),
            state: Set(match row.expected_year {
                Some(2027) => EntryState::Open,
                _ => EntryState::Closed,
            }
            .code()
            .into()),
            how: Set(if row.id % 50 == 0 { "doctoral" } else { "officer" }.into()),
            added_by: Set(None),
            added_at: Set(now),
            ended_by: Set(None),
            ended_at: Set(None),
            ended_reason: Set(None),
        })
        .collect()
}

/// Two thirds have activated; some must confirm what changed since.
fn activations_of(entries: &[roster_entry::ActiveModel], now: DateTime<Utc>) -> Vec<activation::ActiveModel> {
    entries
        .iter()
        .filter(|entry| entry.id.as_ref() % 3 != 0)
        .map(|entry| activation::ActiveModel {
            id: NotSet,
            entry_id: entry.id.clone(),
            student_id: entry.student_id.clone(),
            class_year: entry.class_year.clone(),
            activated_at: Set(now),
            confirmed: Set("{}".into()),
            confirmed_at: Set(now),
            changed_at: Set((entry.id.as_ref() % 30 == 16).then_some(now)),
        })
        .collect()
}

/// A third of the units were filled in by officers.
fn units_of(students: &[student::Model], now: DateTime<Utc>) -> Vec<directed_unit::ActiveModel> {
    students
        .iter()
        .filter(|row| row.directed_unit == UNIT && row.id % 3 == 0)
        .map(|row| directed_unit::ActiveModel {
            id: NotSet,
            student_id: Set(row.id),
            state: Set(UnitState::Standing.code().into()),
            unit: Set(UNIT.into()),
            proposed_at: Set(None),
            note: Set("已电话联系本人".into()),
            decided_by: Set(None),
            decided_at: Set(Some(now)),
            exchange_value: Set(String::new()),
            adopted_at: Set(None),
        })
        .collect()
}

/// A server of its own, so that nothing is remembered, and what it reads with.
async fn server(app: &TestApp) -> (Beside, Arc<Mutex<Vec<Statement>>>) {
    let mut db = Db::open(app.database_url(), app.clock.clone())
        .await
        .expect("the database opens once more");
    let read = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&read);
    db.watch_reads(move |info| kept.lock().expect("not poisoned").push(info.statement.clone()));
    let server = App::new(db, (*app.app.config).clone());
    (Beside::new(server), read)
}

/// The statements of a page that have to do with students.
async fn statements(app: &TestApp, officer: &Browser, address: &str) -> Vec<Statement> {
    let (server, read) = server(app).await;
    server.as_seen_by(officer).get(address).await.assert_status(200);
    let read = read.lock().expect("not poisoned").clone();
    let found: Vec<Statement> = read
        .into_iter()
        .filter(|statement| {
            statement.sql.contains("\"student\"") || statement.sql.contains("\"roster_entry\"")
        })
        .collect();
    assert!(!found.is_empty(), "{address} reads no student");
    found
}

/// How the engine gets at students and entries for this statement.
async fn steps(tx: &Writing, statement: &Statement) -> Vec<Step> {
    let is_sqlite = tx.get_database_backend() == DbBackend::Sqlite;
    let explain = if is_sqlite {
        "EXPLAIN QUERY PLAN"
    } else {
        "EXPLAIN (FORMAT JSON)"
    };
    let question = Statement {
        sql: format!("{explain} {}", statement.sql),
        ..statement.clone()
    };
    let answer = tx.query_all_raw(question).await.expect("the engine explains");
    let mut steps = Vec::new();
    for row in answer {
        if is_sqlite {
            let detail: String = row.try_get("", "detail").expect("a line");
            steps.extend(of_line(&detail));
        } else {
            let plan: Value = row.try_get("", "QUERY PLAN").expect("a plan");
            of_node(&plan[0]["Plan"], &mut steps);
        }
    }
    steps.retain(|(table, _)| ["student", "roster_entry"].contains(&table.as_str()));
    steps
}

/// A line of SQLite's plan, such as `SEARCH student USING INDEX student_major (major_id=?)`.
fn of_line(line: &str) -> Option<Step> {
    let mut words = line.split(' ');
    let access = words.next()?;
    let table = words.next()?.to_owned();
    let index = line
        .split("INDEX ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .map(str::to_owned);
    match (access, index) {
        ("SEARCH", _) => Some((table, Access::Search)),
        ("SCAN", Some(index)) => Some((table, Access::Walk(index))),
        ("SCAN", None) => Some((table, Access::Scan)),
        _ => None,
    }
}

/// A node of PostgreSQL's plan, and everything below it. Whether a bitmap was made of some rows stands below.
fn of_node(node: &Value, steps: &mut Vec<Step>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    let (kind, table) = (text("Node Type"), text("Relation Name"));
    let has_condition = node.get("Index Cond").is_some();
    let walk = Access::Walk(text("Index Name"));
    match kind.as_str() {
        "Seq Scan" | "Parallel Seq Scan" => steps.push((table, Access::Scan)),
        "Index Scan" | "Index Only Scan" if has_condition => steps.push((table, Access::Search)),
        "Index Scan" | "Index Only Scan" => steps.push((table, walk)),
        "Bitmap Heap Scan" => {
            let below = has_condition_below(node);
            steps.push((
                table,
                if below {
                    Access::Search
                } else {
                    Access::Walk(String::new())
                },
            ));
        }
        _ => {}
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        of_node(below, steps);
    }
}

/// Whether every index that a bitmap is made of was asked for something.
fn has_condition_below(node: &Value) -> bool {
    node["Plans"].as_array().into_iter().flatten().all(|below| {
        if below["Node Type"] == "Bitmap Index Scan" {
            below.get("Index Cond").is_some()
        } else {
            has_condition_below(below)
        }
    })
}

/// What of it must not be: whole tables; all students, where some are asked for; all entries, except by the index that only
/// has those of open class years.
fn is_offence((table, access): &Step, reach: Reach) -> bool {
    match access {
        Access::Search => false,
        Access::Scan => true,
        Access::Walk(index) if table == "roster_entry" => index != "roster_entry_open_once",
        Access::Walk(_) => reach == Reach::Some,
    }
}

/// The transaction in which plans are made. Never committed.
async fn planning(app: &TestApp) -> Writing {
    let tx = app.db().begin_write().await.expect("a transaction");
    if tx.get_database_backend() == DbBackend::Postgres {
        // A school this small is quickly read as a whole, and quickly joined so. What is asked here is whether it could be
        // searched, so that it still is where it is a hundred times as large.
        for way in ["seqscan", "mergejoin", "hashjoin"] {
            tx.execute_unprepared(&format!("SET LOCAL enable_{way} = off"))
                .await
                .expect("a setting");
        }
    }
    tx
}

#[tokio::test]
async fn no_filter_and_no_order_reads_all_students_or_all_entries() {
    let app = school().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let officer = app.signed_in(Role::Officer, Some("S02")).await;
    let mut offences = BTreeSet::new();
    for (address, reach) in QUESTIONS {
        for (who, browser) in [("centre", &centre), ("officer", &officer)] {
            let asked = statements(&app, browser, address).await;
            let tx = planning(&app).await;
            for statement in asked {
                for step in steps(&tx, &statement).await {
                    if is_offence(&step, *reach) {
                        offences.insert(format!("{who} {address}: {step:?} for {statement}"));
                    }
                }
            }
            tx.rollback().await.expect("nothing is written");
        }
    }
    assert!(
        offences.is_empty(),
        "{}",
        offences.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[tokio::test]
async fn without_an_index_its_filter_would_be_found_out() {
    let app = school().await;
    let centre = app.signed_in(Role::Centre, None).await;
    for (index, address) in [
        (
            "student_type",
            "/manage/roster/candidates?expected=any&added=1&type=graduate",
        ),
        (
            "student_degree",
            "/manage/roster/candidates?expected=any&added=1&degree=doctor",
        ),
        (
            "student_admission",
            "/manage/roster/candidates?expected=any&added=1&admission_year=2020",
        ),
        (
            "student_school",
            "/manage/roster/candidates?expected=any&added=1&school=004",
        ),
        (
            "student_residence",
            "/manage/roster/candidates?expected=any&added=1&residence=S02",
        ),
        (
            "student_major",
            "/manage/roster/candidates?expected=any&added=1&major=B004",
        ),
        (
            "student_length",
            "/manage/roster/candidates?expected=any&added=1&length=5",
        ),
        (
            "student_class",
            "/manage/roster/candidates?expected=any&added=1&class_name=C6",
        ),
        (
            "student_pinyin",
            "/manage/roster/candidates?expected=any&added=1&q=ouyang",
        ),
        (
            "student_name",
            "/manage/roster/candidates?expected=any&added=1&q=%E6%AC%A7%E9%98%B3",
        ),
        ("student_expected", "/manage/roster/candidates?expected=ready"),
        ("student_training_mode", "/manage/directed"),
    ] {
        let asked = statements(&app, &centre, address).await;
        let tx = planning(&app).await;
        tx.execute_unprepared(&format!("DROP INDEX {index}"))
            .await
            .expect("the index is there");
        let mut found = Vec::new();
        for statement in &asked {
            found.extend(steps(&tx, statement).await);
        }
        tx.rollback().await.expect("the index is back");
        assert!(
            found.iter().any(|step| is_offence(step, Reach::Some)),
            "without {index} nothing is found out about {address}: {found:?}"
        );
    }
}
