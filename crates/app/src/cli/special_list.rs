//! `qihang special-list …`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use qihang_db::{ListKind, ListOutcome, Scope};
use serde_json::json;

use super::{Failure, Outcome, class_year, say};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::school;
use crate::special_list::queries;
use crate::special_list::rules::{self, Committed, ListError, Surveyed, Undone, Upload};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Receive a list and put it in force (extended, doctoral).
    Import {
        /// 延长学制名单 or 博士采集名单.
        kind: Kind,
        /// A CSV (UTF-8 or GB18030) or xlsx file with 学号 and perhaps 姓名, 学院.
        file: PathBuf,
        /// 届, such as 2027.
        #[arg(long, value_parser = class_year::class_year)]
        class_year: ClassYear,
        /// Show what would be done; write nothing to the database.
        #[arg(long)]
        dry_run: bool,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compare the doctoral list in force with the roster, by 院.
    Compare {
        /// 届.
        #[arg(long, value_parser = class_year::class_year)]
        class_year: ClassYear,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put every listed doctoral student of one 院 on the roster with whom nothing is at odds.
    AddDoctoral {
        /// 届.
        #[arg(long, value_parser = class_year::class_year)]
        class_year: ClassYear,
        /// Code of the 院.
        #[arg(long)]
        college: String,
    },
    /// Take a list back.
    Undo {
        /// Its id, as `import` said.
        id: i64,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Kind {
    Extended,
    Doctoral,
}

impl From<Kind> for ListKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Extended => Self::Extended,
            Kind::Doctoral => Self::Doctoral,
        }
    }
}

fn may_manage() -> Can<policy::ManageLists> {
    Can::at_the_console(Scope::Everyone)
}

pub(super) async fn run(app: &App, command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Import {
            kind,
            file,
            class_year,
            dry_run,
            json,
        } => {
            let upload = Upload {
                kind: kind.into(),
                year: class_year,
                file_name: file
                    .file_name()
                    .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
                path: file,
            };
            import(app, upload, dry_run, json).await
        }
        Command::Compare { class_year, json } => compare(app, class_year, json).await,
        Command::AddDoctoral { class_year, college } => add_doctoral(app, class_year, &college).await,
        Command::Undo { id } => undo(app, id).await,
    }
}

/// Rows that are printed with their reasons.
const PRINTED: usize = 20;

async fn import(app: &App, upload: Upload, dry_run: bool, as_json: bool) -> Result<Outcome, Failure> {
    let can = may_manage();
    let (kind, year) = (upload.kind, upload.year);
    let surveyed = rules::survey(app, &can, &upload)
        .await
        .map_err(|error| error.message())?;
    let mut committed = None;
    let mut list = None;
    if !dry_run {
        let uploaded = rules::upload(app, &can, upload)
            .await
            .map_err(|error| error.message())?;
        match rules::commit(&app.db, &can, uploaded.id).await {
            Ok(done) => committed = Some(done),
            Err(ListError::NothingToDo) => rules::cancel(app, &can, uploaded.id)
                .await
                .map_err(|error| error.message())?,
            Err(error) => return Err(error.message().into()),
        }
        list = Some(uploaded);
    }
    let mut counts = BTreeMap::<ListOutcome, usize>::new();
    for one in &surveyed {
        *counts.entry(one.verdict.outcome).or_default() += 1;
    }
    let (added, changed) = match committed {
        Some(Committed::Extended { added, .. }) => (Some(added), None),
        Some(Committed::Doctoral { changed }) => (None, Some(changed)),
        None => (None, None),
    };
    if as_json {
        let counts: BTreeMap<&str, usize> = counts.iter().map(|(one, count)| (one.code(), *count)).collect();
        say(json!({
            "kind": kind.code(), "class_year": year.year(), "rows": surveyed.len(), "counts": counts,
            "dry_run": dry_run, "written": committed.is_some(), "added": added, "changed": changed,
            "id": list.filter(|_| committed.is_some()).map(|list| list.id),
            "version": list.filter(|_| committed.is_some()).map(|list| list.version),
        }));
        return Ok(Outcome::Done);
    }
    let words: Vec<String> = counts
        .iter()
        .map(|(one, count)| format!("{} {count}", one.label()))
        .collect();
    say(format_args!(
        "{year} 届{}：共 {} 行，{}。",
        kind.label(),
        surveyed.len(),
        words.join("，")
    ));
    let noted = surveyed.iter().filter(|one| !one.verdict.reason.is_empty());
    for Surveyed { line, verdict } in noted.take(PRINTED) {
        say(format_args!(
            "  第 {line} 行（{}）：{}",
            verdict.outcome.label(),
            verdict.reason
        ));
    }
    match (committed, list) {
        (Some(Committed::Extended { added, .. }), Some(list)) => {
            say(format_args!(
                "{added} 人已加入生源库（名单编号 {}，第 {} 版）。",
                list.id, list.version
            ));
        }
        (Some(Committed::Doctoral { changed }), Some(list)) => say(format_args!(
            "名单已生效（编号 {}，第 {} 版），{changed} 名博士生的预计届别有变化。",
            list.id, list.version
        )),
        _ if dry_run => say("这是试算（--dry-run），没有写入数据库。"),
        _ => say("没有任何变化。"),
    }
    Ok(Outcome::Done)
}

async fn compare(app: &App, year: ClassYear, as_json: bool) -> Result<Outcome, Failure> {
    let reader = app.db.reader();
    let list = queries::current(reader, ListKind::Doctoral, year.year())
        .await?
        .ok_or_else(|| format!("{year} 届还没有博士采集名单。"))?;
    let all = queries::numbers(reader, &Scope::Everyone, list.id, year).await?;
    let progress = queries::progress(reader, &Scope::Everyone, list.id, year).await?;
    let colleges = school::queries::colleges(reader).await?;
    let named = |id: i64| colleges.iter().find(|college| college.id == id);
    if as_json {
        let colleges: Vec<_> = progress
            .iter()
            .map(|one| {
                json!({
                    "college": named(one.college_id).map(|college| &college.code),
                    "listed": one.numbers.listed, "missing": one.numbers.missing,
                    "unlisted": one.numbers.unlisted, "unknown": one.numbers.unknown,
                })
            })
            .collect();
        say(json!({
            "class_year": year.year(), "version": list.version, "listed": all.listed, "missing": all.missing,
            "unlisted": all.unlisted, "others_missing": all.others_missing, "unknown": all.unknown, "colleges": colleges,
        }));
        return Ok(Outcome::Done);
    }
    say(format_args!(
        "{year} 届博士采集名单第 {} 版：博士生 {}，未在库 {}；在库不在名单 {}；其他学生未在库 {}；查无此人 {}。",
        list.version, all.listed, all.missing, all.unlisted, all.others_missing, all.unknown
    ));
    for one in progress {
        let name = named(one.college_id).map_or("", |college| college.name.as_str());
        say(format_args!(
            "  {name}：名单 {}，未在库 {}，不在名单 {}，查无此人 {}",
            one.numbers.listed, one.numbers.missing, one.numbers.unlisted, one.numbers.unknown
        ));
    }
    Ok(Outcome::Done)
}

async fn add_doctoral(app: &App, year: ClassYear, code: &str) -> Result<Outcome, Failure> {
    let college = school::queries::find_college(app.db.reader(), code)
        .await?
        .ok_or_else(|| format!("没有代码为 {code} 的院。"))?;
    let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::of_college(college.id));
    let done = rules::add_listed(&app.db, &can, year)
        .await
        .map_err(|error| error.message())?;
    say(format_args!(
        "{}：{} 人已添加到 {year} 届生源库，{} 人须先核实。",
        college.name, done.added, done.left
    ));
    Ok(Outcome::Done)
}

async fn undo(app: &App, id: i64) -> Result<Outcome, Failure> {
    match rules::undo(&app.db, &may_manage(), id).await {
        Ok(Undone::Extended { removed, kept }) => {
            say(format_args!(
                "已撤销，{removed} 人已移出生源库，{} 人保持不变。",
                kept.len()
            ));
            for (student_no, name, why) in kept {
                say(format_args!("  {student_no} {name}：{why}"));
            }
        }
        Ok(Undone::Doctoral { changed }) => {
            say(format_args!("已撤销，{changed} 名博士生的预计届别有变化。"));
        }
        Err(error) => return Err(error.message().into()),
    }
    Ok(Outcome::Done)
}
