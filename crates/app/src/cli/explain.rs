//! `qihang explain`.

use super::{Failure, Outcome, say};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::findings::explain::Verdict;
use crate::findings::rules;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// 学号.
    student_no: String,
    /// 届, for example 2027.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1950..=2200))]
    class_year: i32,
    /// For a script.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Result<Outcome, Failure> {
    let can = Can::<policy::ViewFindings>::at_the_console(qihang_db::Scope::Everyone);
    let reader = app.db.reader();
    let student_no = args.student_no.trim();
    let today = app.db.clock().today();
    let answer = rules::explain(reader, can.scope(), student_no, args.class_year, today).await?;
    let Some(answer) = answer else {
        return Err(format!("没有学号为 {student_no} 的学生。").into());
    };
    if args.json {
        say(serde_json::to_string_pretty(&answer)?);
        return Ok(Outcome::Done);
    }
    say(format_args!("{} {}", answer.student_no, answer.name));
    say(&answer.conclusion);
    for condition in &answer.conditions {
        let mark = match condition.verdict {
            Verdict::Met => "✓",
            Verdict::Unmet => "✗",
        };
        let mender = if condition.mender.is_empty() {
            String::new()
        } else {
            format!("（可由{}处理）", condition.mender)
        };
        say(format_args!(
            "{mark} {}：{}{mender}",
            condition.label, condition.value
        ));
    }
    Ok(Outcome::Done)
}
