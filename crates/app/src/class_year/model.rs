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

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::City => "省、市（直辖市到行政区）",
            Self::County => "省、市、县（区）",
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

impl Details {
    /// The dates and rules alone.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            roster_due: self.roster_due,
            activation_due: self.activation_due,
            doctoral_due: self.doctoral_due,
            extended_due: self.extended_due,
            origin_depth: self.origin_depth,
        }
    }
}

/// The dates and rules that the centre gives a class year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Last day for the roster.
    pub roster_due: NaiveDate,
    /// Last day for activation.
    pub activation_due: NaiveDate,
    /// Last day for doctoral students; `None` while there is none.
    pub doctoral_due: Option<NaiveDate>,
    /// Last day for extended students; `None` while there is none.
    pub extended_due: Option<NaiveDate>,
    /// How deep a place of origin must be.
    pub origin_depth: OriginDepth,
}

/// Which of the due days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// 名单.
    Roster,
    /// 激活.
    Activation,
    /// 博士生.
    Doctoral,
    /// 延长学制学生.
    Extended,
}

impl Due {
    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Roster => "名单确认截止日",
            Self::Activation => "账户激活截止日",
            Self::Doctoral => "博士生截止日",
            Self::Extended => "延长学制学生截止日",
        }
    }
}

/// Why dates make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSchedule {
    /// The class works in its last autumn and graduates in the year after; a day of another year is a slip.
    #[error("the day lies outside the two calendar years of the class")]
    OutOfSeason(Due),
    /// Nobody can activate before being on the roster.
    #[error("activation is due before the roster")]
    ActivationBeforeRoster,
}

impl BadSchedule {
    /// The due day at fault.
    pub const fn due(self) -> Due {
        match self {
            Self::OutOfSeason(due) => due,
            Self::ActivationBeforeRoster => Due::Activation,
        }
    }

    /// For the person.
    pub fn message(self, year: ClassYear) -> String {
        match self {
            Self::OutOfSeason(due) => format!(
                "{}应在 {} 年 1 月 1 日至 {year} 年 12 月 31 日之间。",
                due.label(),
                year.year() - 1
            ),
            Self::ActivationBeforeRoster => "账户激活截止日不能早于名单确认截止日。".into(),
        }
    }
}

impl Schedule {
    /// As the notice has it: the roster on 15 September, activation on 30 September of the year before graduation.
    pub fn usual(year: ClassYear) -> Option<Self> {
        let september = |day| NaiveDate::from_ymd_opt(year.year() - 1, 9, day);
        Some(Self {
            roster_due: september(15)?,
            activation_due: september(30)?,
            doctoral_due: None,
            extended_due: None,
            origin_depth: OriginDepth::City,
        })
    }

    /// Whether the dates make sense for `year`.
    ///
    /// # Errors
    ///
    /// [`BadSchedule`] names the first day at fault.
    pub fn check(&self, year: ClassYear) -> Result<(), BadSchedule> {
        let days = [
            (Due::Roster, Some(self.roster_due)),
            (Due::Activation, Some(self.activation_due)),
            (Due::Doctoral, self.doctoral_due),
            (Due::Extended, self.extended_due),
        ];
        for (due, day) in days {
            if day.is_some_and(|day| day.year() != year.year() - 1 && day.year() != year.year()) {
                return Err(BadSchedule::OutOfSeason(due));
            }
        }
        if self.activation_due < self.roster_due {
            return Err(BadSchedule::ActivationBeforeRoster);
        }
        Ok(())
    }
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

    #[test]
    fn dates_of_another_year_or_in_the_wrong_order_are_refused() {
        let year = ClassYear::new(2027).unwrap();
        let usual = Schedule::usual(year).unwrap();
        assert_eq!(usual.check(year), Ok(()));
        assert_eq!(
            (usual.roster_due, usual.activation_due),
            (day("2026-09-15"), day("2026-09-30"))
        );
        let other_year = Schedule {
            roster_due: day("2025-09-15"),
            ..usual.clone()
        };
        assert_eq!(other_year.check(year), Err(BadSchedule::OutOfSeason(Due::Roster)));
        let too_late = Schedule {
            extended_due: Some(day("2028-01-01")),
            ..usual.clone()
        };
        assert_eq!(too_late.check(year), Err(BadSchedule::OutOfSeason(Due::Extended)));
        let reversed = Schedule {
            activation_due: day("2026-09-14"),
            ..usual
        };
        assert_eq!(reversed.check(year), Err(BadSchedule::ActivationBeforeRoster));
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
