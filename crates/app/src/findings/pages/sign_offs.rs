//! 核对签署情况.

use chrono::NaiveDate;
use qihang_db::{Clock, Scope};

use super::{Choice, YearView, day, minute, year_choices};
use crate::findings::model::Counts;
use crate::findings::queries::Sheet;
use crate::web::Shell;

/// How far a 院 is, on screen.
pub(super) struct SheetView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) counts: Counts,
    /// How long the oldest open fault has been waiting.
    pub(super) age: Option<String>,
    pub(super) signed: Option<String>,
    pub(super) reopened: Option<String>,
    pub(super) may_sign: bool,
    pub(super) href: String,
}

impl SheetView {
    pub(super) fn new(sheet: Sheet, year: i32, signs: Option<&Scope>) -> Self {
        let query = serde_html_form::to_string([
            ("class_year", year.to_string().as_str()),
            ("college", &sheet.college.code),
        ]);
        Self {
            href: format!("/manage/findings?{}", query.unwrap_or_default()),
            may_sign: signs.is_some_and(|scope| scope.covers(sheet.college.id)),
            code: sheet.college.code,
            name: sheet.college.name,
            counts: sheet.counts,
            age: sheet.oldest.map(day),
            signed: sheet
                .signed
                .map(|(name, at)| format!("{} 由{name}签署", minute(at))),
            reopened: sheet.reopened_at.map(minute),
        }
    }

    pub(super) fn may_be_signed(&self) -> bool {
        self.signed.is_none() && self.counts.to_do() == 0
    }
}

/// 各院核对情况.
#[derive(askama::Template)]
#[template(path = "findings/sign_offs.html")]
pub(in crate::findings) struct SheetsPage {
    shell: Shell,
    year: YearView,
    years: Vec<Choice>,
    sheets: Vec<SheetView>,
    signed: usize,
}

impl SheetsPage {
    pub fn new(
        shell: Shell,
        year: YearView,
        sheets: Vec<Sheet>,
        signs: Option<&Scope>,
        today: NaiveDate,
    ) -> Self {
        let sheets: Vec<SheetView> = sheets
            .into_iter()
            .map(|sheet| {
                let oldest = sheet.oldest;
                let mut view = SheetView::new(sheet, year.year, signs);
                view.age = oldest.map(|at| match (today - Clock::day_of(at)).num_days() {
                    0 => "今天".to_owned(),
                    days => format!("{days} 天"),
                });
                view
            })
            .collect();
        Self {
            signed: sheets.iter().filter(|sheet| sheet.signed.is_some()).count(),
            years: year_choices(&year),
            shell,
            year,
            sheets,
        }
    }
}
