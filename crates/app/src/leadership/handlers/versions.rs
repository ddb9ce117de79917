//! An earlier version, compared with another.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::Here;
use crate::accounts;
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::leadership::PATH;
use crate::leadership::edit::{Compared, compare};
use crate::leadership::model::MemberField;
use crate::leadership::queries;
use crate::web::{AppError, Path, Query, Shell, html, instant_text};

/// A cell of a comparison.
pub(super) struct Cell {
    pub(super) heading: &'static str,
    pub(super) was: Option<String>,
    pub(super) is: String,
}

/// A line of a comparison.
pub(super) struct Line {
    /// Kind and word of the badge.
    pub(super) state: (&'static str, &'static str),
    pub(super) cells: Vec<Cell>,
}

/// The lines of a comparison, for a page.
pub(super) fn lines(compared: Vec<Compared>) -> Vec<Line> {
    compared
        .into_iter()
        .map(|one| {
            let (state, member, before, fields) = match one {
                Compared::Added(member) => (("success", "新增"), member, None, Vec::new()),
                Compared::Removed(member) => (("danger", "删除"), member, None, Vec::new()),
                Compared::Changed(before, member, fields) => {
                    (("warning", "修改"), member, Some(before), fields)
                }
                Compared::Same(member) => (("muted", "不变"), member, None, Vec::new()),
            };
            let (is, was) = (member.typed(), before.map(|before| before.typed()));
            let cell = |field: MemberField| Cell {
                heading: field.heading(),
                was: was
                    .as_ref()
                    .filter(|_| fields.contains(&field))
                    .map(|was| was.get(field).to_owned()),
                is: is.get(field).to_owned(),
            };
            Line {
                state,
                cells: MemberField::ALL.map(cell).into(),
            }
        })
        .collect()
}

#[derive(Template)]
#[template(path = "leadership/version.html")]
struct VersionPage {
    shell: Shell,
    college: String,
    href: String,
    year: i32,
    number: i32,
    is_draft: bool,
    by: String,
    at: String,
    /// What it is compared with; `None` where there is nothing earlier.
    against: Option<i32>,
    /// The others that it can be compared with.
    others: Vec<i32>,
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
pub(in crate::leadership) struct Asked {
    /// With which version it is compared; the one before where none is named.
    against: Option<i32>,
}

pub(in crate::leadership) async fn version(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code, number)): Path<(i32, String, i32)>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let reader = app.db.reader();
    let report = queries::version(reader, here.place, number)
        .await?
        .ok_or(AppError::NotFound)?;
    let all = queries::versions(reader, here.place).await?;
    let others: Vec<i32> = all
        .iter()
        .map(|row| row.number)
        .filter(|one| *one != number)
        .collect();
    let against = match asked.against {
        Some(named) if !others.contains(&named) => {
            return Err(AppError::BadRequest("没有可以比较的这个版本。".into()));
        }
        Some(named) => Some(named),
        None => others.iter().copied().find(|one| *one < number),
    };
    let other = match against {
        Some(against) => queries::version(reader, here.place, against).await?,
        None => None,
    };
    let row = &report.row;
    let by = row.submitted_at.map_or(row.changed_by, |_| row.submitted_by);
    let names = accounts::names(reader, by).await?;
    let compared = match &other {
        // Whichever is named first, the earlier is what was.
        Some(other) if other.row.number > number => compare(&report.members, &other.members),
        Some(other) => compare(&other.members, &report.members),
        None => report.members.iter().cloned().map(Compared::Same).collect(),
    };
    html(&VersionPage {
        shell: home::shell(&app, &staff, PATH).await?,
        college: here.college.name.clone(),
        href: here.href(),
        year,
        number,
        is_draft: row.submitted_at.is_none(),
        by: names.into_values().next().unwrap_or_else(|| "系统".into()),
        at: instant_text(row.submitted_at.unwrap_or(row.changed_at)),
        against,
        others,
        lines: lines(compared),
    })
}
