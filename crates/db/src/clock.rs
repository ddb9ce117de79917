//! The time, passed in. Class years and due dates are questions of the calendar in Asia/Shanghai.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;

/// Where the time comes from: the machine, or a test, or `QIHANG_TODAY`.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Machine,
    /// The machine's clock, moved by so much.
    Shifted(TimeDelta),
    Still(Arc<std::sync::Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Self(Source::Machine)
    }

    /// A clock that stands still at `instant` until [`Clock::set`].
    pub fn still(instant: DateTime<Utc>) -> Self {
        Self(Source::Still(Arc::new(std::sync::Mutex::new(instant))))
    }

    /// A clock that runs, but says that today is `day` (in Asia/Shanghai).
    pub fn pretending(day: NaiveDate) -> Self {
        let machine = Self::machine();
        Self(Source::Shifted(day.signed_duration_since(machine.today())))
    }

    /// Moves a still clock; the others do not move.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Source::Still(at) = &self.0 {
            *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = instant;
        }
    }

    /// The present instant, in whole microseconds: what both engines keep.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            Source::Machine => Utc::now(),
            Source::Shifted(by) => Utc::now() + *by,
            Source::Still(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Today in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        Self::day_of(self.now())
    }

    /// The day in Asia/Shanghai that an instant falls on.
    pub fn day_of(instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&Shanghai).date_naive()
    }

    /// The instant at which a due day is over: 24:00 of the day in Asia/Shanghai.
    pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
        let midnight = (day + Days::new(1)).and_time(NaiveTime::MIN);
        // China has had no summer time since 1991, so midnight exists exactly once; the fallback is the same offset.
        midnight.and_local_timezone(Shanghai).earliest().map_or_else(
            || midnight.and_utc() - TimeDelta::hours(8),
            |at| at.with_timezone(&Utc),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_shanghai_not_in_greenwich() {
        let clock = Clock::still("2026-08-31T15:59:59Z".parse().unwrap());
        assert_eq!(clock.today(), NaiveDate::from_ymd_opt(2026, 8, 31).unwrap());

        clock.set("2026-08-31T16:00:00Z".parse().unwrap());

        assert_eq!(clock.today(), NaiveDate::from_ymd_opt(2026, 9, 1).unwrap());
    }

    #[test]
    fn a_due_day_ends_at_24_hours_in_shanghai() {
        let due = NaiveDate::from_ymd_opt(2026, 9, 15).unwrap();
        assert_eq!(
            Clock::end_of(due),
            "2026-09-15T16:00:00Z".parse::<DateTime<Utc>>().unwrap()
        );
    }
}
