//! `qihang import …`.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qihang_db::Scope;

use super::{Failure, Outcome, say};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::exchange::model::{Completeness, Dataset, Plan};
use crate::exchange::queries;
use crate::exchange::rules::{self, ImportError, ImportFile, LargeChange, Mode, Order};

#[expect(clippy::struct_excessive_bools, reason = "a command has the flags it has")]
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the file holds; units come first, then majors, then students and officers.
    dataset: Kind,
    /// A CSV (UTF-8 or GB18030) or xlsx file.
    file: PathBuf,
    /// Show what would be done; write nothing to the database.
    #[arg(long)]
    dry_run: bool,
    /// The file has everybody: students it does not have are marked as gone.
    #[arg(long)]
    complete: bool,
    /// Write nothing unless all rows are good.
    #[arg(long)]
    all_or_nothing: bool,
    /// Write even if more students than usual would change or vanish.
    #[arg(long)]
    accept_large_change: bool,
    /// Where the file with the reasons goes; otherwise next to FILE, with `.result` before its ending.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Units,
    Majors,
    Students,
    Officers,
}

impl From<Kind> for Dataset {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Units => Self::Units,
            Kind::Majors => Self::Majors,
            Kind::Students => Self::Students,
            Kind::Officers => Self::Officers,
        }
    }
}

/// How an import ended.
struct Ending {
    plan: Plan,
    batch_id: Option<i64>,
    /// Why nothing was written, where that was not asked for.
    stopped: Option<String>,
}

pub(super) async fn run(app: &App, args: Args) -> Result<Outcome, Failure> {
    let dataset = Dataset::from(args.dataset);
    let can = Can::<policy::ManageExchange>::at_the_console(Scope::Everyone);
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    let path = args.file.clone();
    let read =
        tokio::task::spawn_blocking(move || rules::read_file(&path, dataset, &mappings, show_progress))
            .await?;
    let file = Arc::new(read.map_err(|error| error.message())?);
    let order = Order {
        completeness: if args.complete {
            Completeness::Complete
        } else {
            Completeness::Partial
        },
        mode: if args.all_or_nothing {
            Mode::AllOrNothing
        } else {
            Mode::GoodRows
        },
        large_change: if args.accept_large_change {
            LargeChange::Accept
        } else {
            LargeChange::Stop
        },
        permille: app.config.safety_stop_permille,
    };
    let ending = carry_out(app, &can, &args, Arc::clone(&file), &order).await?;
    let answer = answer_file(&args, &ending.plan).await;
    report(&args, &file, &ending, &answer);
    let all_good = ending.stopped.is_none() && ending.plan.counts().refused == 0;
    Ok(if all_good { Outcome::Done } else { Outcome::Refused })
}

async fn carry_out(
    app: &App,
    can: &Can<policy::ManageExchange>,
    args: &Args,
    file: Arc<ImportFile>,
    order: &Order,
) -> Result<Ending, Failure> {
    if args.dry_run {
        let snapshot = app.db.begin_read().await?;
        let survey = rules::survey(&snapshot, file, order.completeness, app.db.clock().today()).await?;
        let stopped = survey
            .plan
            .exceeds(order.permille)
            .then(|| large_change(&survey.plan))
            .filter(|_| order.large_change == LargeChange::Stop);
        return Ok(Ending {
            plan: survey.plan,
            batch_id: None,
            stopped,
        });
    }
    let name = args
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match rules::write(&app.db, can, file, &name, order).await {
        Ok(written) => {
            keep_copy(app, written.batch_id, &args.file);
            Ok(Ending {
                plan: written.plan,
                batch_id: Some(written.batch_id),
                stopped: None,
            })
        }
        Err(ImportError::NotAllGood(plan)) => Ok(Ending {
            stopped: Some("有被拒收的行，按“全部成功才写入”没有写入任何数据。".into()),
            plan: *plan,
            batch_id: None,
        }),
        Err(ImportError::TooMuchChange(plan)) => Ok(Ending {
            stopped: Some(large_change(&plan)),
            plan: *plan,
            batch_id: None,
        }),
        Err(ImportError::Outdated(_)) => Err("数据在导入期间发生变化，没有写入，请重试。".into()),
        Err(ImportError::Db(error)) => Err(error.into()),
    }
}

/// Keeps the file beside those that were uploaded, so that its answer can be had from the history. The import stands,
/// whatever becomes of this.
fn keep_copy(app: &App, batch_id: i64, file: &Path) {
    if let Err(error) = rules::keep_copy(app, batch_id, file) {
        tracing::warn!(batch.id = batch_id, %error, "The imported file could not be kept for the history.");
    }
}

fn large_change(plan: &Plan) -> String {
    let counts = plan.counts();
    format!(
        "现有学生 {} 人，本次将修改 {} 人、消失 {} 人，超过安全比例，没有写入。核对无误后加 --accept-large-change 再运行。",
        plan.existing, counts.changed, counts.vanished
    )
}

#[expect(clippy::print_stderr, reason = "progress is for whoever sits at the terminal")]
fn show_progress(rows: usize) -> ControlFlow<()> {
    if rows.is_multiple_of(5_000) && std::io::stderr().is_terminal() {
        eprint!("\r已读取 {rows} 行");
    }
    ControlFlow::Continue(())
}

/// `students.csv` → `students.result.csv`.
fn beside(file: &Path) -> PathBuf {
    let name = match file.extension() {
        Some(ending) => format!("result.{}", ending.to_string_lossy()),
        None => "result".into(),
    };
    file.with_extension(name)
}

/// Writes the person's file with its reasons. The import stands, whatever becomes of this.
async fn answer_file(args: &Args, plan: &Plan) -> Result<PathBuf, String> {
    let original = args.file.clone();
    let out = args.report.clone().unwrap_or_else(|| beside(&args.file));
    let reasons = rules::reasons(&plan.rows);
    let written = {
        let out = out.clone();
        tokio::task::spawn_blocking(move || rules::annotate(&original, &out, &reasons)).await
    };
    match written {
        Ok(Ok(_)) => Ok(out),
        Ok(Err(error)) => Err(format!("{}：{}", out.display(), error.message())),
        Err(error) => Err(error.to_string()),
    }
}

fn report(args: &Args, file: &ImportFile, ending: &Ending, answer: &Result<PathBuf, String>) {
    if args.json {
        say(as_json(args, file, ending, answer));
    } else {
        as_text(args, file, ending, answer);
    }
}

/// Refused rows that are printed; all of them are in the answer file.
const PRINTED_REFUSALS: usize = 20;

fn as_text(args: &Args, file: &ImportFile, ending: &Ending, answer: &Result<PathBuf, String>) {
    let counts = ending.plan.counts();
    let verb = if ending.batch_id.is_some() {
        "导入"
    } else {
        "试算"
    };
    say(format_args!(
        "{}{verb}：共 {} 行，新增 {}，修改 {}，消失 {}，无变化 {}，重复 {}，拒收 {}。",
        file.dataset.label(),
        counts.total,
        counts.added,
        counts.changed,
        counts.vanished,
        counts.unchanged,
        counts.repeated,
        counts.refused
    ));
    if counts.added + counts.changed + counts.vanished == 0 {
        say("没有任何变化。");
    }
    if let Some(why) = &ending.stopped {
        say(why);
    } else if args.dry_run {
        say("这是试算（--dry-run），没有写入数据库。");
    }
    if !file.columns.unknown.is_empty() {
        say(format_args!(
            "未识别、未导入的列：{}。",
            file.columns.unknown.join("、")
        ));
    }
    if !file.columns.left_out.is_empty() {
        say(format_args!(
            "按设置不导入的列：{}。",
            file.columns.left_out.join("、")
        ));
    }
    if args.complete && !file.dataset.can_vanish() {
        say("院系和专业不会因文件中没有而删除。");
    }
    let refused = ending.plan.rows.iter().filter(|row| !row.reason.is_empty());
    for row in refused.take(PRINTED_REFUSALS) {
        let number = row.number.unwrap_or_default();
        say(format_args!(
            "  第 {number} 行（{}）：{}",
            row.effect.label(),
            row.reason
        ));
    }
    match answer {
        Ok(path) => say(format_args!("带“原因”列的文件：{}", path.display())),
        Err(why) => say(format_args!("带“原因”列的文件没有写成：{why}")),
    }
}

fn as_json(args: &Args, file: &ImportFile, ending: &Ending, answer: &Result<PathBuf, String>) -> String {
    let rows: Vec<_> = ending
        .plan
        .rows
        .iter()
        .filter(|row| !row.reason.is_empty())
        .map(|row| {
            serde_json::json!({"row": row.number, "key": row.key, "outcome": row.effect.code(), "reason": row.reason})
        })
        .collect();
    serde_json::json!({
        "dataset": file.dataset.code(),
        "batch_id": ending.batch_id,
        "written": ending.batch_id.is_some(),
        "dry_run": args.dry_run,
        "counts": ending.plan.counts(),
        "stopped": ending.stopped,
        "unknown_headings": file.columns.unknown,
        "rows": rows,
        "answer_file": answer.as_ref().ok().map(|path| path.display().to_string()),
        "answer_file_error": answer.as_ref().err(),
    })
    .to_string()
}
