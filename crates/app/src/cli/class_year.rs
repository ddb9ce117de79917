//! `qihang class-year …`.

use chrono::NaiveDate;

use super::{Failure, Outcome, say};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::{ClassYear, Details, OriginDepth, Schedule};
use crate::class_year::{queries, rules};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Open a class year with its dates: a new one, a planned one, or again after it was closed.
    Open {
        /// 毕业年份, such as 2027.
        #[arg(value_parser = class_year)]
        year: ClassYear,
        /// Last day for the roster, such as 2026-09-15.
        #[arg(long)]
        roster_due: NaiveDate,
        /// Last day for activation.
        #[arg(long)]
        activation_due: NaiveDate,
        /// Last day for doctoral students.
        #[arg(long)]
        doctoral_due: Option<NaiveDate>,
        /// Last day for extended students.
        #[arg(long)]
        extended_due: Option<NaiveDate>,
        /// How deep a place of origin must be given: city or county.
        #[arg(long, default_value = "city", value_parser = origin_depth)]
        origin_depth: OriginDepth,
    },
    /// Close a class year: nobody can be added any more.
    Close {
        /// 毕业年份.
        #[arg(value_parser = class_year)]
        year: ClassYear,
    },
    /// Show all class years.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Reads a 毕业年份 from the command line.
pub(super) fn class_year(text: &str) -> Result<ClassYear, String> {
    text.parse()
        .ok()
        .and_then(ClassYear::new)
        .ok_or_else(|| "届别应为四位年份，例如 2027".to_owned())
}

fn origin_depth(text: &str) -> Result<OriginDepth, String> {
    OriginDepth::from_code(text).ok_or_else(|| "应为 city 或 county".to_owned())
}

pub(super) async fn run(app: &App, command: Command) -> Result<Outcome, Failure> {
    let can = Can::<policy::ManageClassYears>::at_the_console(qihang_db::Scope::Everyone);
    match command {
        Command::Open {
            year,
            roster_due,
            activation_due,
            doctoral_due,
            extended_due,
            origin_depth,
        } => {
            let schedule = Schedule {
                roster_due,
                activation_due,
                doctoral_due,
                extended_due,
                origin_depth,
            };
            match rules::open(&app.db, &can, year, &schedule).await {
                Ok(0) => say(format_args!("{year} 届已开启。")),
                Ok(entries) => say(format_args!("{year} 届已重新开启，{entries} 名学生恢复在库。")),
                Err(error) => return Err(error.message(year).into()),
            }
        }
        Command::Close { year } => match rules::close(&app.db, &can, year).await {
            Ok(entries) => say(format_args!("{year} 届已关闭，{entries} 名在库学生已归档。")),
            Err(error) => return Err(error.message(year).into()),
        },
        Command::List { json } => {
            let years = queries::list(app.db.reader()).await?;
            if json {
                let years: Vec<_> = years.iter().map(as_json).collect();
                say(serde_json::Value::from(years));
            } else if years.is_empty() {
                say("还没有届别，请先运行 qihang class-year open。");
            } else {
                years.iter().for_each(say_line);
            }
        }
    }
    Ok(Outcome::Done)
}

fn as_json(details: &Details) -> serde_json::Value {
    serde_json::json!({
        "year": details.year.year(),
        "state": details.state.code(),
        "roster_due": details.roster_due,
        "activation_due": details.activation_due,
        "doctoral_due": details.doctoral_due,
        "extended_due": details.extended_due,
        "origin_depth": details.origin_depth.code(),
    })
}

fn say_line(details: &Details) {
    say(format_args!(
        "{} 届  {}  名单 {}  激活 {}",
        details.year,
        details.state.label(),
        details.roster_due,
        details.activation_due
    ));
}
