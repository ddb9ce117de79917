//! `qihang roster export`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use qihang_db::{ClassYearState, Scope};
use tempfile::NamedTempFile;

use serde_json::json;

use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::cli::class_year::class_year;
use crate::cli::{Failure, Outcome, say};
use crate::roster::disclosure::rules::Purpose;
use crate::roster::export::model::{ExportError, Format, Offence, Order};
use crate::roster::export::rules::Export;
use crate::roster::list::columns::local_minute;
use crate::roster::list::filter::{ListFilter, View};
use crate::school;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ViewArg {
    /// 信息视图.
    Info,
    /// 签约视图.
    Signing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArg {
    /// An Excel workbook.
    Xlsx,
    /// UTF-8 with a mark.
    Csv,
    /// dBASE in GBK.
    Dbf,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// 毕业年份, such as 2027.
    #[arg(long, value_parser = class_year)]
    class_year: ClassYear,
    /// Code of a 院; all of them when missing.
    #[arg(long)]
    college: Option<String>,
    /// Which columns.
    #[arg(long, value_enum)]
    view: ViewArg,
    /// Which kind of file.
    #[arg(long, value_enum)]
    format: FormatArg,
    /// The file; it is replaced as a whole, or not at all.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// What identity numbers are needed in full for; without it they are masked.
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Result<Outcome, Failure> {
    let year = args.class_year;
    ensure_started(app, year).await?;
    let scope = scope_of(app, args.college.as_deref()).await?;
    let view = match args.view {
        ViewArg::Info => View::Info,
        ViewArg::Signing => View::Signing,
    };
    let order = Order {
        year,
        view,
        columns: view.columns().to_vec(),
        filter: ListFilter::default(),
        address: args
            .college
            .as_ref()
            .map(|code| format!("college={code}"))
            .unwrap_or_default(),
        format: match args.format {
            FormatArg::Xlsx => Format::Xlsx,
            FormatArg::Csv => Format::Csv,
            FormatArg::Dbf => Format::Dbf,
        },
        purpose: args.purpose.as_deref().map(Purpose::parse).transpose()?,
    };
    let can = Can::<policy::ExportRoster>::at_the_console(scope);
    let export = Export::open(&app.db, can, order).await?;
    match write(app, export, &args.output).await {
        Ok(rows) => {
            if args.json {
                say(json!({"class_year": year.year(), "rows": rows, "file": args.output}));
            } else {
                say(format_args!("已导出 {rows} 人到 {}。", args.output.display()));
            }
            Ok(Outcome::Done)
        }
        Err(ExportError::Unfit(offences)) => {
            refuse(&offences, args.json);
            Ok(Outcome::Refused)
        }
        Err(ExportError::Write(error)) => Err(error.message().into()),
        Err(ExportError::Io(error)) => Err(format!("无法写入 {}：{error}", args.output.display()).into()),
        Err(error) => Err(error.into()),
    }
}

/// Names every cell that the format cannot hold.
fn refuse(offences: &[Offence], as_json: bool) {
    if as_json {
        let messages: Vec<_> = offences.iter().map(Offence::message).collect();
        say(json!({"rows": 0, "refused": messages}));
        return;
    }
    say(format_args!(
        "有 {} 处内容无法写入 DBF，没有生成文件：",
        offences.len()
    ));
    for offence in offences {
        say(offence.message());
    }
}

/// Looked at whole before it is recorded, and recorded before it is where somebody finds it.
async fn write(app: &App, export: Export, output: &Path) -> Result<usize, ExportError> {
    let folder = output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let file = NamedTempFile::new_in(folder)?;
    let notes = export.notes("命令行", &local_minute(app.db.clock().now()));
    let rows = export.write(file.as_file().try_clone()?, notes, |_| {}).await?;
    export.record(&app.db).await?;
    file.as_file().sync_all()?;
    file.persist(output)
        .map_err(|error| ExportError::Io(error.error))?;
    Ok(rows)
}

async fn ensure_started(app: &App, year: ClassYear) -> Result<(), Failure> {
    match crate::class_year::queries::find(app.db.reader(), year).await? {
        Some(details) if details.state != ClassYearState::Planned => Ok(()),
        Some(_) | None => Err(format!("{year} 届尚未开启，没有名单可以导出。").into()),
    }
}

async fn scope_of(app: &App, college: Option<&str>) -> Result<Scope, Failure> {
    let Some(code) = college else {
        return Ok(Scope::Everyone);
    };
    let found = school::queries::find_college(app.db.reader(), code).await?;
    Ok(Scope::of_college(
        found.ok_or_else(|| format!("没有代码为 {code} 的院系。"))?.id,
    ))
}
