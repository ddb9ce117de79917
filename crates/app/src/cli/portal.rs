//! `qihang portal`.

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::{Actor, Clock, Scope};

use super::{Failure, Outcome, put, quoted};
use crate::app::App;
use crate::portal::changes::model::{Filter, Line, Which};
use crate::portal::changes::rules::{Order, Way, hand_on, lines};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print what students mended and the data exchange does not have, in the order of the changes.
    Changes(Changes),
}

#[derive(Debug, clap::Args)]
pub(super) struct Changes {
    /// Only what was changed on this day or later, for example 2026-09-01; or since an instant, 2026-09-01T08:00:00Z.
    #[arg(long, value_parser = since)]
    since: Option<DateTime<Utc>>,
    /// csv or json.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// What the data exchange has taken over, too.
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// With a header, without a byte-order mark.
    Csv,
    /// One array of objects.
    Json,
}

fn since(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let day: NaiveDate = text
        .parse()
        .map_err(|_| "a day such as 2026-09-01, or an instant such as 2026-09-01T08:00:00Z".to_owned())?;
    let before = day.pred_opt().ok_or("the day is too early")?;
    Ok(Clock::end_of(before))
}

pub(super) async fn run(app: &App, command: Command) -> Result<Outcome, Failure> {
    let Command::Changes(args) = command;
    let order = Order {
        filter: Filter {
            which: if args.all { Which::All } else { Which::Open },
            field: None,
            since: args.since,
        },
        after: 0,
        limit: None,
        way: match args.format {
            Format::Csv => Way::Csv,
            Format::Json => Way::Json,
        },
    };
    let mended = hand_on(&app.db, &Actor::command_line(), &Scope::Everyone, order).await?;
    let lines = lines(&mended);
    let text = match args.format {
        Format::Csv => csv(&lines),
        Format::Json => serde_json::to_string_pretty(&lines)? + "\n",
    };
    put(text);
    Ok(Outcome::Done)
}

fn csv(lines: &[Line]) -> String {
    let row = |cells: &[&str]| {
        let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
        cells.join(",") + "\n"
    };
    let mut text = row(&Line::NAMES);
    for line in lines {
        text.push_str(&row(&line.cells()));
    }
    text
}
