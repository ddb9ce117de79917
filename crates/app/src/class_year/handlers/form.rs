//! The form with the dates and rules of a class year.

use chrono::NaiveDate;
use serde::Deserialize;

use super::super::model::{ClassYear, Due, OriginDepth, Schedule};
use super::super::rules::ClassYearError;
use crate::web::AppError;

/// The form as it was posted; the text is kept when there is a mistake in it.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::class_year) struct ScheduleForm {
    #[serde(default)]
    pub(super) year: String,
    pub(super) roster_due: String,
    pub(super) activation_due: String,
    #[serde(default)]
    pub(super) doctoral_due: String,
    #[serde(default)]
    pub(super) extended_due: String,
    pub(super) origin_depth: String,
    /// Which button was pressed on the page of a new one.
    #[serde(default)]
    pub(super) then: Then,
}

/// What follows when a new one is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Then {
    #[default]
    Plan,
    Open,
}

/// What is wrong with a form, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::class_year) struct Mistakes {
    pub(super) general: Option<String>,
    pub(super) year: Option<String>,
    pub(super) roster_due: Option<String>,
    pub(super) activation_due: Option<String>,
    pub(super) doctoral_due: Option<String>,
    pub(super) extended_due: Option<String>,
    pub(super) origin_depth: Option<String>,
}

impl Mistakes {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A refusal of the rules, beside the field it is about.
    pub(super) fn of(error: &ClassYearError, year: ClassYear) -> Result<Self, AppError> {
        let text = Some(error.message(year));
        let mut mistakes = Self::default();
        match error {
            ClassYearError::Db(cause) => return Err(AppError::internal(cause)),
            ClassYearError::Exists | ClassYearError::TooFar => mistakes.year = text,
            ClassYearError::Schedule(bad) => *mistakes.beside(bad.due()) = text,
            ClassYearError::Unknown
            | ClassYearError::AlreadyOpen
            | ClassYearError::NotOpen
            | ClassYearError::Closed
            | ClassYearError::OnAnotherRoster(_) => mistakes.general = text,
        }
        Ok(mistakes)
    }

    fn beside(&mut self, due: Due) -> &mut Option<String> {
        match due {
            Due::Roster => &mut self.roster_due,
            Due::Activation => &mut self.activation_due,
            Due::Doctoral => &mut self.doctoral_due,
            Due::Extended => &mut self.extended_due,
        }
    }
}

impl ScheduleForm {
    pub(super) fn of(year: ClassYear, schedule: &Schedule) -> Self {
        let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            year: year.to_string(),
            roster_due: schedule.roster_due.to_string(),
            activation_due: schedule.activation_due.to_string(),
            doctoral_due: text(schedule.doctoral_due),
            extended_due: text(schedule.extended_due),
            origin_depth: schedule.origin_depth.code().to_owned(),
            then: Then::Plan,
        }
    }

    /// The class year of the address, whatever the form says.
    pub(super) fn for_year(self, year: ClassYear) -> Self {
        Self {
            year: year.to_string(),
            ..self
        }
    }

    pub(super) fn opens_at_once(&self) -> bool {
        self.then == Then::Open
    }

    /// Reads all fields, or says what is wrong with each.
    pub(super) fn read(&self) -> Result<(ClassYear, Schedule), Box<Mistakes>> {
        let mut mistakes = Box::<Mistakes>::default();
        let year = self.year.trim().parse().ok().and_then(ClassYear::new);
        if year.is_none() {
            mistakes.year = Some("请填写四位年份，例如 2027。".into());
        }
        let origin_depth = OriginDepth::from_code(&self.origin_depth);
        if origin_depth.is_none() {
            mistakes.origin_depth = Some("请选择。".into());
        }
        let mut day = |text: &str, due: Due, is_required: bool| {
            let text = text.trim();
            let day = text.parse::<NaiveDate>().ok();
            if day.is_none() && (is_required || !text.is_empty()) {
                *mistakes.beside(due) = Some(format!("请填写{}，例如 2026-09-15。", due.label()));
            }
            day
        };
        let roster_due = day(&self.roster_due, Due::Roster, true);
        let activation_due = day(&self.activation_due, Due::Activation, true);
        let doctoral_due = day(&self.doctoral_due, Due::Doctoral, false);
        let extended_due = day(&self.extended_due, Due::Extended, false);
        match (year, roster_due, activation_due, origin_depth) {
            (Some(year), Some(roster_due), Some(activation_due), Some(origin_depth))
                if mistakes.is_empty() =>
            {
                let schedule = Schedule {
                    roster_due,
                    activation_due,
                    doctoral_due,
                    extended_due,
                    origin_depth,
                };
                Ok((year, schedule))
            }
            _ => Err(mistakes),
        }
    }
}
