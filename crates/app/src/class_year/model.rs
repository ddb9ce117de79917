//! 届: which class year a day belongs to, which may be worked on, what its dates mean. Pure.

use chrono::{Datelike, NaiveDate};
use qihang_db::ClassYearState;

/// A 毕业年份 such as 2027.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassYear(i32);

impl ClassYear {
    /// A class year that a graduate of today can have had; `None` for a number that is no such year.
    pub fn new(year: i32) -> Option<Self> {
        (1950..=2200).contains(&year).then_some(Self(year))
    }

    /// The default class year of a day (R3): from 1 September the next calendar year, before that the current one.
    pub fn of_day(day: NaiveDate) -> Self {
        Self(if day.month() >= 9 {
            day.year() + 1
        } else {
            day.year()
        })
    }

    /// The number.
    pub const fn year(self) -> i32 {
        self.0
    }

    /// The class year before.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(self.0 - 1)
    }
}

impl std::fmt::Display for ClassYear {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A class year that somebody chose to work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Which.
    pub year: ClassYear,
    /// Whether it is the default of today; if not, the page says so plainly.
    pub is_current: bool,
}

/// Which class year a request works on (R3): none named means the default of today; the one before may be named;
/// `None` for every other, which is refused.
pub fn choose(named: Option<i32>, today: NaiveDate) -> Option<Chosen> {
    let current = ClassYear::of_day(today);
    match named {
        None => Some(Chosen {
            year: current,
            is_current: true,
        }),
        Some(year) if year == current.year() => Some(Chosen {
            year: current,
            is_current: true,
        }),
        Some(year) if year == current.before().year() => Some(Chosen {
            year: current.before(),
            is_current: false,
        }),
        Some(_) => None,
    }
}

/// How deep a 生源所在地 must be given outside the 直辖市 (R16); a rule of the class year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginDepth {
    /// 省、市: the notice's rule.
    City,
    /// 省、市、县.
    County,
}

impl OriginDepth {
    /// The code in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::County => "county",
        }
    }

    /// The value with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "city" => Some(Self::City),
            "county" => Some(Self::County),
            _ => None,
        }
    }
}

/// A class year with its dates and rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Which.
    pub year: ClassYear,
    /// Planned, open or closed.
    pub state: ClassYearState,
    /// Last day for the roster.
    pub roster_due: NaiveDate,
    /// Last day for activation.
    pub activation_due: NaiveDate,
    /// Last day for doctoral students.
    pub doctoral_due: Option<NaiveDate>,
    /// Last day for extended students.
    pub extended_due: Option<NaiveDate>,
    /// How deep a place of origin must be.
    pub origin_depth: OriginDepth,
}

/// How a due day stands to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaysLeft {
    /// So many days after today; 0 is today, which counts until 24:00.
    Left(i64),
    /// So many days ago.
    Over(i64),
}

impl DaysLeft {
    /// From today to the due day.
    pub fn until(due: NaiveDate, today: NaiveDate) -> Self {
        let days = (due - today).num_days();
        if days >= 0 {
            Self::Left(days)
        } else {
            Self::Over(-days)
        }
    }

    /// On screen.
    pub fn label(self) -> String {
        match self {
            Self::Left(0) => "今天 24:00 截止".into(),
            Self::Left(days) => format!("还有 {days} 天"),
            Self::Over(days) => format!("已过期 {days} 天"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn on_the_last_of_august_it_is_still_this_year_and_on_the_first_of_september_the_next() {
        assert_eq!(ClassYear::of_day(day("2013-08-31")).year(), 2013);
        assert_eq!(ClassYear::of_day(day("2013-09-01")).year(), 2014);
        assert_eq!(ClassYear::of_day(day("2013-12-31")).year(), 2014);
        assert_eq!(ClassYear::of_day(day("2014-01-01")).year(), 2014);
    }

    #[test]
    fn the_class_year_before_may_be_chosen_and_no_other() {
        let today = day("2026-11-24");
        assert_eq!(
            choose(None, today).map(|chosen| (chosen.year.year(), chosen.is_current)),
            Some((2027, true))
        );
        assert_eq!(
            choose(Some(2027), today).map(|chosen| chosen.is_current),
            Some(true)
        );
        assert_eq!(
            choose(Some(2026), today).map(|chosen| chosen.is_current),
            Some(false)
        );
        for year in [2025, 2028, 0, -1, i32::MAX, i32::MIN] {
            assert_eq!(choose(Some(year), today), None, "{year}");
        }
    }

    #[test]
    fn the_due_day_itself_is_still_in_time() {
        assert_eq!(
            DaysLeft::until(day("2026-09-15"), day("2026-09-15")).label(),
            "今天 24:00 截止"
        );
        assert_eq!(
            DaysLeft::until(day("2026-09-15"), day("2026-09-14")),
            DaysLeft::Left(1)
        );
        assert_eq!(
            DaysLeft::until(day("2026-09-15"), day("2026-09-16")),
            DaysLeft::Over(1)
        );
    }

    proptest! {
        #[test]
        fn a_class_graduates_within_a_year_of_its_days(days in 0i32..80_000) {
            let day = NaiveDate::from_num_days_from_ce_opt(715_000 + days).unwrap();
            let difference = ClassYear::of_day(day).year() - day.year();
            prop_assert_eq!(difference, i32::from(day.month() >= 9));
        }
    }
}
