//! `qihang roster …`.

use qihang_db::Scope;
use serde_json::json;

use super::{Failure, Outcome, class_year, say};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::roster::rules::{self, AddError};
use crate::school;

mod export;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add everyone of one 院 who is expected in a class year (R5) to its roster.
    Confirm {
        /// 届, such as 2027.
        #[arg(long, value_parser = class_year::class_year)]
        class_year: ClassYear,
        /// Code of the 院.
        #[arg(long)]
        college: String,
        /// Everyone expected: the only way to choose without looking.
        #[arg(long, required = true)]
        expected: bool,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a class year's roster to a file.
    Export(export::Args),
}

pub(super) async fn run(app: &App, command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Confirm {
            class_year,
            college,
            expected: _,
            json,
        } => confirm(app, class_year, &college, json).await,
        Command::Export(args) => export::run(app, args).await,
    }
}

async fn confirm(app: &App, year: ClassYear, code: &str, as_json: bool) -> Result<Outcome, Failure> {
    let college = school::queries::find_college(app.db.reader(), code)
        .await?
        .ok_or_else(|| format!("没有代码为 {code} 的院。"))?;
    let can = Can::<policy::ConfirmRoster>::at_the_console(Scope::of_college(college.id));
    match rules::add_expected(&app.db, &can, year).await {
        Ok(added) if as_json => {
            say(json!({"class_year": year.year(), "college": college.code, "added": added.len()}));
            Ok(Outcome::Done)
        }
        Ok(added) => {
            say(format_args!(
                "{}：{} 人已添加到 {year} 届生源库。",
                college.name,
                added.len()
            ));
            Ok(Outcome::Done)
        }
        Err(AddError::NotOpen(year)) => Err(format!("{year} 届未开启或已关闭，不能添加。").into()),
        Err(error) => Err(error.into()),
    }
}
