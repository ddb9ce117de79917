//! `qihang demo`: an invented university in an empty database.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use qihang_db::entity::student;
use qihang_db::{Action, Actor, AuditEvent, ListKind, Role, Scope};
use serde_json::json;

use super::{Failure, Outcome, say};
use crate::accounts::rules::{self as accounts, NewAccount};
use crate::activation::gate::Entry;
use crate::app::App;
use crate::auth::{Can, password, policy};
use crate::class_year::model::{ClassYear, OriginDepth, Schedule};
use crate::class_year::rules as class_years;
use crate::demo::{self, Listed, Reached};
use crate::exchange::model::{Completeness, Dataset};
use crate::exchange::queries::mappings;
use crate::exchange::rules::{self as exchange, LargeChange, Mode, Order};
use crate::home::{DemoSignIn, DemoStudent, remember_demo};
use crate::roster::rules as roster;
use crate::school;
use crate::special_list::rules::{self as lists, Upload};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many students.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(1..=4_000_000))]
    students: u32,
}

/// Who can be tried: in words, login, role, code of the 院.
const PEOPLE: &[(&str, &str, Role, Option<&str>)] = &[
    (
        "书院就业专员（明德书院）",
        "demo-residence",
        Role::Officer,
        Some("S01"),
    ),
    (
        "学院就业专员（计算机学院）",
        "demo-school",
        Role::Officer,
        Some("003"),
    ),
    ("院系负责人（明德书院）", "demo-head", Role::Head, Some("S01")),
    (
        "书院就业专员（致远书院，名单已确认）",
        "demo-confirmed",
        Role::Officer,
        Some("S02"),
    ),
    ("就业中心", "demo-centre", Role::Centre, None),
    ("系统管理员", "demo-admin", Role::Administrator, None),
];

/// 院 whose officers have done their work already, so that there is a roster to look at.
const CONFIRMED: &[&str] = &["S02", "001"];

/// Students looked at for that, however large the university: each is a change of its own.
const MOST_ACTIVATED: u64 = 500;
/// Students who have a recommendation form, at the most.
const MOST_RECOMMENDED: usize = 64;
/// 院 that has written a notice to its students.
const WRITES_NOTICES: &str = "S02";

pub(super) async fn run(app: &App, args: Args) -> Result<Outcome, Failure> {
    if !school::queries::colleges(app.db.reader()).await?.is_empty() {
        return Err("数据库中已有数据，演示数据只能写入空数据库。".into());
    }
    let today = app.db.clock().today();
    let year = ClassYear::of_day(today);
    let folder = tempfile::tempdir()?;
    let files =
        demo::write_files(folder.path(), args.students as usize, year).map_err(|error| error.message())?;
    import(app, &files).await?;
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    class_years::open(&app.db, &can, year, &schedule(year, today))
        .await
        .map_err(|error| error.message(year))?;
    for code in CONFIRMED {
        let college = school::queries::find_college(app.db.reader(), code)
            .await?
            .ok_or("演示数据缺少院系。")?;
        let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::of_college(college.id));
        roster::add_expected(&app.db, &can, year).await?;
    }
    receive_doctoral_list(app, &files, year).await?;
    let sign_ins = create_accounts(app).await?;
    let college = school::queries::find_college(app.db.reader(), WRITES_NOTICES)
        .await?
        .ok_or("演示数据缺少院系。")?;
    demo::write_notices(app, year, &college)
        .await
        .map_err(|error| error.to_string())?;
    demo::propose_units(&app.db, year).await?;
    demo::report_groups(&app.db, year).await?;
    let mut students = students_to_try(app, year).await?;
    let activated = activate_some(app, &students).await?;
    students.extend(recommend_some(app, &activated).await?);
    remember(app, &sign_ins, &students).await?;
    say(format_args!(
        "演示大学已建立：{} 名学生，{year} 届进行中。登录页面：/sign-in/staff",
        args.students
    ));
    for one in &sign_ins {
        say(format_args!(
            "  {:<10} 账号 {:<16} 密码 {}",
            one.who, one.login, one.password
        ));
    }
    say("学生登录页面：/sign-in/student，输入学号即可登录：");
    for one in &students {
        say(format_args!("  {} {} {}", one.student_no, one.name, one.who));
    }
    Ok(Outcome::Done)
}

async fn import(app: &App, files: &demo::Files) -> Result<(), Failure> {
    let can = Can::<policy::ManageExchange>::at_the_console(Scope::Everyone);
    let order = Order {
        completeness: Completeness::Partial,
        mode: Mode::GoodRows,
        large_change: LargeChange::Accept,
        permille: app.config.safety_stop_permille,
    };
    for (dataset, path) in [
        (Dataset::Units, &files.units),
        (Dataset::Majors, &files.majors),
        (Dataset::Students, &files.students),
        (Dataset::Officers, &files.officers),
    ] {
        let mappings = mappings(app.db.reader(), dataset).await?;
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let file = exchange::read_file(path, dataset, &mappings, |_| std::ops::ControlFlow::Continue(()))
            .map_err(|error| error.message())?;
        exchange::write(&app.db, &can, Arc::new(file), &name, &order).await?;
    }
    Ok(())
}

/// The 采集名单 is in force, after the first 院 have confirmed: so that there are doctoral students to add.
async fn receive_doctoral_list(app: &App, files: &demo::Files, year: ClassYear) -> Result<(), Failure> {
    let can = Can::<policy::ManageLists>::at_the_console(Scope::Everyone);
    let upload = Upload {
        kind: ListKind::Doctoral,
        year,
        file_name: "博士采集名单.csv".into(),
        path: files.doctoral.clone(),
    };
    let list = lists::upload(app, &can, upload)
        .await
        .map_err(|error| error.message())?;
    lists::commit(&app.db, &can, list.id)
        .await
        .map_err(|error| error.message())?;
    Ok(())
}

/// The notice's dates; where they are over, dates that are still ahead, so that there is something to do.
fn schedule(year: ClassYear, today: NaiveDate) -> Schedule {
    let roster_due = NaiveDate::from_ymd_opt(year.year() - 1, 9, 15)
        .filter(|due| *due >= today)
        .unwrap_or(today + Days::new(14));
    Schedule {
        roster_due,
        activation_due: roster_due + Days::new(15),
        doctoral_due: None,
        extended_due: None,
        origin_depth: OriginDepth::City,
    }
}

async fn create_accounts(app: &App) -> Result<Vec<DemoSignIn>, Failure> {
    let can = Can::<policy::ManageAccounts>::at_the_console(Scope::Everyone);
    let mut sign_ins = Vec::new();
    for (who, login, role, college) in PEOPLE {
        let password = password::one_time();
        let account = NewAccount {
            login: (*login).to_owned(),
            name: "演示老师".to_owned(),
            role: *role,
            college_code: college.map(str::to_owned),
            password: Some(password.clone()),
        };
        accounts::create(&app.db, &can, account)
            .await
            .map_err(|error| error.message())?;
        sign_ins.push(DemoSignIn {
            who: (*who).to_owned(),
            login: (*login).to_owned(),
            password,
        });
    }
    Ok(sign_ins)
}

/// One student of each kind that a newcomer wants to be: on the roster, of a 学院, with something to mend first, not yet on
/// the roster.
async fn students_to_try(app: &App, year: ClassYear) -> Result<Vec<DemoStudent>, Failure> {
    let kinds = [
        ("本科生，已在生源库，待激活", "S02", Listed::Yes),
        ("研究生，已在生源库，待激活", "001", Listed::Yes),
        ("本科生，须先补全生源所在地", "S02", Listed::OriginIncomplete),
        ("本科生，尚未加入生源库", "S01", Listed::No),
    ];
    let mut students = Vec::new();
    for (who, code, listed) in kinds {
        let college = school::queries::find_college(app.db.reader(), code)
            .await?
            .ok_or("演示数据缺少院系。")?;
        let scope = Scope::of_college(college.id);
        if let Some(student) = demo::student_to_try(app.db.reader(), &scope, year, listed).await? {
            students.push(DemoStudent {
                who: who.to_owned(),
                student_no: student.student_no,
                name: student.name,
            });
        }
    }
    students.extend(directed_student(app, year).await?);
    Ok(students)
}

/// A directed student of the 院 whose officer can be tried, who has no 定向委培单位.
async fn directed_student(app: &App, year: ClassYear) -> Result<Option<DemoStudent>, Failure> {
    let college = school::queries::find_college(app.db.reader(), "S01")
        .await?
        .ok_or("演示数据缺少院系。")?;
    let scope = Scope::of_college(college.id);
    let lacking = demo::without_unit(app.db.reader(), &scope, year).await?;
    // The first ones have proposed a unit already.
    Ok(lacking.into_iter().next_back().map(|student| DemoStudent {
        who: "定向委培本科生，缺定向委培单位".to_owned(),
        student_no: student.student_no,
        name: student.name,
    }))
}

/// Three in five of those on a roster have activated already, so that the figures are alive; not those to be tried.
async fn activate_some(app: &App, kept: &[DemoStudent]) -> Result<Vec<(Entry, student::Model)>, Failure> {
    let listed = demo::on_rosters(app.db.reader(), &Scope::Everyone, MOST_ACTIVATED).await?;
    let others = listed
        .into_iter()
        .filter(|(_, student)| kept.iter().all(|one| one.student_no != student.student_no));
    let mut activated = Vec::new();
    for (number, (entry, student)) in others.enumerate() {
        if number % 5 < 3 && demo::activate(&app.db, entry, &student).await? {
            activated.push((entry, student));
        }
    }
    Ok(activated)
}

/// Forms in every state for some of those who have activated. Answers whom to try: one who has not begun, one whose form was
/// returned, one whose form is approved.
async fn recommend_some(
    app: &App,
    activated: &[(Entry, student::Model)],
) -> Result<Vec<DemoStudent>, Failure> {
    let mut wanted = vec![
        (Reached::NotBegun, "已激活，推荐表未填写"),
        (Reached::Returned, "已激活，推荐表被退回"),
        (Reached::Approved, "已激活，推荐表已通过"),
    ];
    let mut students = Vec::new();
    for (number, (entry, student)) in activated.iter().take(MOST_RECOMMENDED).enumerate() {
        let reached = demo::recommend(app, number, (*entry, student))
            .await
            .map_err(|error| error.to_string())?;
        if let Some(at) = wanted.iter().position(|(one, _)| *one == reached) {
            let (_, who) = wanted.remove(at);
            students.push(DemoStudent {
                who: who.to_owned(),
                student_no: student.student_no.clone(),
                name: student.name.clone(),
            });
        }
    }
    Ok(students)
}

/// Marks the database as a demo one.
async fn remember(app: &App, sign_ins: &[DemoSignIn], students: &[DemoStudent]) -> Result<(), Failure> {
    let change = app.db.change(&Actor::command_line()).await?;
    remember_demo(change.tx(), sign_ins, students).await?;
    let event =
        AuditEvent::new(Action::DemoCreated, "setting/demo").after(json!({"accounts": sign_ins.len()}));
    change.commit(event).await?;
    Ok(())
}
