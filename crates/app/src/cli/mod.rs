//! The command line. A file a command; what a command does stands in the features.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Parser, Subcommand};
use qihang_db::{Actor, Clock, Db};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::config::Config;
use crate::findings::rules::{Touched, refresh};

mod account;
mod class_year;
mod demo;
mod explain;
mod findings;
mod import;
mod portal;
mod roster;
mod serve;
mod special_list;
mod verify;
mod verify_form;

/// 启航 Qihang: graduate-employment administration.
#[derive(Debug, Parser)]
#[command(name = "qihang", version, about)]
struct Cli {
    /// Settings file; need not exist.
    #[arg(long, global = true, default_value = "qihang.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages.
    Serve(serve::Args),
    /// Bring the database's schema up to date, making the SQLite file when there is none.
    Migrate,
    /// Import 院系, 专业, students or officers from a file (units, majors, students, officers).
    Import(import::Args),
    /// Fill an empty database with an invented university, and print its sign-ins.
    Demo(demo::Args),
    /// Create accounts and passwords.
    #[command(subcommand)]
    Account(account::Command),
    /// Open, close and list class years.
    #[command(subcommand)]
    ClassYear(class_year::Command),
    /// Confirm and export rosters.
    #[command(subcommand)]
    Roster(roster::Command),
    /// Receive lists of extended and doctoral students, compare them, take them back.
    #[command(subcommand)]
    SpecialList(special_list::Command),
    /// What students mended of their own records.
    #[command(subcommand)]
    Portal(portal::Command),
    /// Print the open findings of a class year, computed as of the call.
    Findings(findings::Args),
    /// Prove the audit log unbroken and the data whole.
    Verify(verify::Args),
    /// Check the signature of printed recommendation forms, without database or network.
    VerifyForm(verify_form::Args),
    /// Say why a student is, or is not, on the roster of a class year.
    Explain(explain::Args),
}

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done (0).
    Done,
    /// Refused or partly done, with reasons (1).
    Refused,
}

/// Anything that stops a command: printed in Chinese where it is for the person, and exit status 1.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Logs go to standard error: standard output belongs to what a command prints. A command that is not a server has
    // nothing to tell but what it prints.
    let level = if matches!(cli.command, Command::Serve(_)) {
        "info,sqlx=warn,sea_orm_migration=warn"
    } else {
        "warn"
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("QIHANG_LOG").unwrap_or_else(|_| level.into()),
        )
        .with_writer(std::io::stderr)
        // Where nobody reads standard error, there is nobody to tell that nobody reads it.
        .log_internal_errors(false)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match (runtime.block_on(run(cli)), UNSAID.get()) {
        (Err(failure), _) => fail(&failure),
        (Ok(_), Some(error)) => fail(&format!("无法写出结果：{error}").into()),
        (Ok(Outcome::Done), None) => ExitCode::SUCCESS,
        (Ok(Outcome::Refused), None) => ExitCode::from(1),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    // `eprintln!` panics where nobody reads; the exit status says it then.
    let _ = writeln!(std::io::stderr(), "qihang: {failure}");
    ExitCode::from(1)
}

/// Why part of an answer could not be written, such as a full disk.
static UNSAID: OnceLock<std::io::Error> = OnceLock::new();

/// Writes part of a command's answer to standard output.
///
/// Whoever reads may have seen enough (`qihang import … | head`): the command then goes on to its end and says no more, and
/// its exit status tells what it did, as always.
pub(crate) fn put(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            // The first reason is the one that is told.
            let _ = UNSAID.set(error);
        }
        Ok(()) | Err(_) => {}
    }
}

/// Writes a line of a command's answer.
pub(crate) fn say(line: impl std::fmt::Display) {
    put(format_args!("{line}\n"));
}

/// A cell of a CSV file: in quotes where it has to be.
pub(crate) fn quoted(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}

async fn run(cli: Cli) -> Result<Outcome, Failure> {
    let config = Config::load(&cli.config, |name| std::env::var(name).ok())?;
    if let Command::VerifyForm(args) = cli.command {
        return verify_form::run(&config, &args);
    }
    let clock = config.today.map_or_else(Clock::machine, Clock::pretending);
    let db = Db::open(config.database_url.expose_secret(), clock).await?;
    if let Command::Migrate = cli.command {
        let pending = db.pending_migrations().await?;
        db.migrate().await?;
        // What is stored of findings was judged, and worded, by the version before.
        let change = db.change(&Actor::system()).await?;
        refresh(&change, Touched::Everyone).await?;
        change.keep_without_event().await?;
        say(format_args!("数据库结构已是最新（本次执行 {pending} 项变更）。"));
        return Ok(Outcome::Done);
    }
    if db.pending_migrations().await? > 0 {
        return Err("数据库结构不是最新，请先运行 qihang migrate。".into());
    }
    let app = App::new(db, config);
    if let Command::Verify(args) = cli.command {
        // Before anything is sealed, and without sealing: what was tampered with must not get a seal of its own.
        return verify::run(&app, &args).await;
    }
    let outcome = match cli.command {
        Command::Serve(args) => serve::run(app.clone(), args).await?,
        Command::Import(args) => import::run(&app, args).await?,
        Command::Demo(args) => demo::run(&app, args).await?,
        Command::Migrate | Command::Verify(_) | Command::VerifyForm(_) => Outcome::Done,
        Command::Account(command) => account::run(&app, command).await?,
        Command::ClassYear(command) => class_year::run(&app, command).await?,
        Command::Roster(command) => roster::run(&app, command).await?,
        Command::SpecialList(command) => special_list::run(&app, command).await?,
        Command::Portal(command) => portal::run(&app, command).await?,
        Command::Findings(args) => findings::run(&app, args).await?,
        Command::Explain(args) => explain::run(&app, args).await?,
    };
    qihang_db::audit::seal(&app.db).await?;
    // A SQLite file that is closed properly is one file: it can be copied and moved.
    app.db.close().await?;
    Ok(outcome)
}
