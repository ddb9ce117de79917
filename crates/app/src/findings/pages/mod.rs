//! What the pages of findings show.

mod explanation;
mod list;
mod query;
mod settling;
mod sign_offs;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::{ClassYearState, Clock};

use crate::class_year::model::{Chosen, DaysLeft, Details};

pub(super) use explanation::ExplanationPage;
pub(super) use list::{FindingsPage, PAGE_SIZE};
pub(super) use query::ListQuery;
pub(super) use settling::{Settling, Template};
pub(super) use sign_offs::SheetsPage;

/// The class year that a page is about.
pub(super) struct YearView {
    pub year: i32,
    pub is_current: bool,
    pub is_open: bool,
    /// Why nothing can be done, where nothing can.
    pub closed_notice: Option<String>,
    /// The due date with the days left.
    pub due: Option<String>,
}

impl YearView {
    pub fn new(chosen: Chosen, details: Option<Details>, today: NaiveDate) -> Self {
        let year = chosen.year.year();
        let state = details.as_ref().map(|details| details.state);
        Self {
            year,
            is_current: chosen.is_current,
            is_open: state == Some(ClassYearState::Open),
            closed_notice: match state {
                Some(ClassYearState::Open) => None,
                Some(ClassYearState::Closed) => Some(format!(
                    "{year} 届已关闭：以下是关闭时的核查结果，不再更新，也不能再处理。"
                )),
                Some(ClassYearState::Planned) | None => Some(format!(
                    "{year} 届尚未开启：就业中心开启后，系统自动核查并在这里列出问题。"
                )),
            },
            due: details
                .filter(|_| state == Some(ClassYearState::Open))
                .map(|details| {
                    let left = DaysLeft::until(details.roster_due, today).label();
                    format!("名单 {} 截止，{left}", details.roster_due.format("%-m月%-d日"))
                }),
        }
    }

    pub fn label(&self) -> String {
        format!("{} 届", self.year)
    }
}

/// A choice of a select.
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

fn year_choices(view: &YearView) -> Vec<Choice> {
    let current = if view.is_current { view.year } else { view.year + 1 };
    [current, current - 1]
        .into_iter()
        .map(|year| Choice {
            value: year.to_string(),
            label: format!("{year} 届"),
            is_chosen: year == view.year,
        })
        .collect()
}

fn day(instant: DateTime<Utc>) -> String {
    Clock::day_of(instant).format("%Y-%m-%d").to_string()
}

fn minute(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&chrono_tz::Asia::Shanghai)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}
