//! `qihang findings`.

use serde::Serialize;

use super::{Failure, Outcome, put, quoted};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::findings::rules::{self, Computed};
use crate::school;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// 届, for example 2027; need not be open yet.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1950..=2200))]
    class_year: i32,
    /// Code of one 院; without it all.
    #[arg(long)]
    college: Option<String>,
    /// csv or json.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// The settled ones too, with when and why.
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

/// A line of the answer; the names of its fields are a contract with scripts.
#[derive(Serialize)]
struct Line<'a> {
    student_no: &'a str,
    name: &'a str,
    college: &'a str,
    kind: &'a str,
    severity: &'a str,
    field: &'a str,
    value: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_reason: Option<String>,
}

impl<'a> Line<'a> {
    fn new(computed: &'a Computed, all: bool) -> Self {
        let found = &computed.found;
        let settled = |text: Option<String>| all.then(|| text.unwrap_or_default());
        Self {
            student_no: &computed.student_no,
            name: &computed.name,
            college: &computed.college,
            kind: found.kind.code(),
            severity: found.kind.severity().code(),
            field: found.kind.field(),
            value: &found.value,
            reason: &found.reason,
            settled_at: settled(computed.settled.as_ref().map(|(at, _)| at.to_rfc3339())),
            settled_reason: settled(computed.settled.as_ref().map(|(_, reason)| reason.clone())),
        }
    }

    fn cells(&self) -> Vec<&str> {
        let mut cells = vec![
            self.student_no,
            self.name,
            self.college,
            self.kind,
            self.severity,
            self.field,
            self.value,
            self.reason,
        ];
        cells.extend(self.settled_at.as_deref());
        cells.extend(self.settled_reason.as_deref());
        cells
    }
}

pub(super) async fn run(app: &App, args: Args) -> Result<Outcome, Failure> {
    let mut can = Can::<policy::ViewFindings>::at_the_console(qihang_db::Scope::Everyone);
    if let Some(code) = &args.college {
        let college = school::queries::find_college(app.db.reader(), code)
            .await?
            .ok_or_else(|| format!("没有代码为 {code} 的院系。"))?;
        can = can.narrow(college.id).map_err(|error| error.to_string())?;
    }
    let reader = app.db.begin_read().await?;
    let computed = rules::compute(&reader, can.scope(), args.class_year, app.db.clock().today()).await?;
    let lines: Vec<Line<'_>> = computed
        .iter()
        .filter(|computed| args.all || computed.settled.is_none())
        .map(|computed| Line::new(computed, args.all))
        .collect();
    let text = match args.format {
        Format::Csv => csv(&lines, args.all),
        Format::Json => serde_json::to_string_pretty(&lines)? + "\n",
    };
    put(text);
    Ok(Outcome::Done)
}

fn csv(lines: &[Line<'_>], all: bool) -> String {
    let mut text = "student_no,name,college,kind,severity,field,value,reason".to_owned();
    if all {
        text.push_str(",settled_at,settled_reason");
    }
    text.push('\n');
    for line in lines {
        for (index, cell) in line.cells().into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&quoted(cell));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_a_comma_or_a_quote_is_quoted() {
        let line = Line {
            student_no: "1",
            name: "a,b",
            college: "S01",
            kind: "omission",
            severity: "fault",
            field: "",
            value: "\"",
            reason: "r",
            settled_at: None,
            settled_reason: None,
        };
        let text = csv(&[line], false);
        assert_eq!(
            text.lines().nth(1),
            Some("1,\"a,b\",S01,omission,fault,,\"\"\"\",r")
        );
    }
}
