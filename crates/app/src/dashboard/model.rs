//! What the dashboards show. Pure: from rows to days, piles and their order.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use qihang_db::Clock;

use crate::findings::model::{Group, Kind, Severity};

/// A stay on the roster of the class year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The 院 that answers for the student.
    pub college_id: i64,
    /// From then on.
    pub added_at: DateTime<Utc>,
    /// Until then.
    pub ended_at: Option<DateTime<Utc>>,
    /// When the student activated on it.
    pub activated_at: Option<DateTime<Utc>>,
}

/// How far it was when a day ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// 在库.
    pub listed: i64,
    /// Of these, activated.
    pub activated: i64,
}

/// Days shown at the most: a class year is worked on for less than two.
const MOST_DAYS: usize = 730;

/// How far it was on every day from the first that saw any change up to `today`.
pub fn by_day(stays: &[Stay], today: NaiveDate) -> Vec<Day> {
    let mut changes = BTreeMap::<NaiveDate, (i64, i64)>::new();
    let mut change = |at: DateTime<Utc>, listed, activated| {
        let of_day = changes.entry(Clock::day_of(at)).or_default();
        of_day.0 += listed;
        of_day.1 += activated;
    };
    for stay in stays {
        change(stay.added_at, 1, 0);
        if let Some(at) = stay.activated_at {
            change(at, 0, 1);
        }
        if let Some(at) = stay.ended_at {
            change(at, -1, -i64::from(stay.activated_at.is_some()));
        }
    }
    let Some(first) = changes.keys().next().copied() else {
        return Vec::new();
    };
    let (mut listed, mut activated) = (0, 0);
    let days = first.iter_days().take_while(|day| *day <= today).take(MOST_DAYS);
    days.map(|day| {
        let (more_listed, more_activated) = changes.get(&day).copied().unwrap_or_default();
        listed += more_listed;
        activated += more_activated;
        Day {
            day,
            listed,
            activated,
        }
    })
    .collect()
}

/// Those of the days on which something changed, and the last.
pub fn turning_points(days: &[Day]) -> Vec<Day> {
    let mut points: Vec<Day> = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let is_same = points
            .last()
            .is_some_and(|last| (last.listed, last.activated) == (day.listed, day.activated));
        if !is_same || at + 1 == days.len() {
            points.push(*day);
        }
    }
    points
}

/// The days of the chart: up to the last due day where that is near, so that what is left of the time can be seen.
pub fn axis(days: &[Day], last_due: NaiveDate) -> Vec<NaiveDate> {
    /// Further ahead than this the past would be squeezed together.
    const AHEAD: Days = Days::new(60);
    let Some((first, last)) = days.first().zip(days.last()) else {
        return Vec::new();
    };
    let end = last_due.min(last.day + AHEAD).max(last.day);
    first.day.iter_days().take_while(|day| *day <= end).collect()
}

/// How many pieces there are of something, and since when the oldest waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pile {
    /// How many.
    pub count: u64,
    /// Since when the oldest waits.
    pub oldest: Option<DateTime<Utc>>,
}

impl Pile {
    /// With more on it.
    pub fn add(&mut self, other: Self) {
        self.count += other.count;
        self.oldest = match (self.oldest, other.oldest) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

impl Pile {
    /// How long the oldest has been waiting, in words.
    pub fn age(self, today: NaiveDate) -> String {
        match self.oldest.map(|at| (today - Clock::day_of(at)).num_days()) {
            None => "—".into(),
            Some(0) => "今天".into(),
            Some(days) => format!("{days} 天"),
        }
    }
}

/// The unfinished work of a 院.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// 可能遗漏.
    pub omissions: Pile,
    /// 可能误加.
    pub wrong_additions: Pile,
    /// 数据问题.
    pub faults: Pile,
    /// 信息有误.
    pub corrections: Pile,
    /// 未激活.
    pub pending: Pile,
}

impl Work {
    /// All of it.
    pub fn all(&self) -> Pile {
        let mut all = Pile::default();
        for pile in [
            self.omissions,
            self.wrong_additions,
            self.faults,
            self.corrections,
            self.pending,
        ] {
            all.add(pile);
        }
        all
    }

    /// With open findings of a kind; what needs nothing done is no work.
    pub fn add_findings(&mut self, kind: Kind, pile: Pile) {
        if kind.severity() == Severity::Info {
            return;
        }
        match Group::of(kind) {
            Group::Omissions => self.omissions.add(pile),
            Group::WrongAdditions => self.wrong_additions.add(pile),
            Group::Faults | Group::Infos => self.faults.add(pile),
        }
    }
}

/// Brings 院 into the order of their unfinished work: the most first, of as much the oldest first (R24a).
pub fn rank<T>(rows: &mut [(T, Work)], code: impl Fn(&T) -> &str) {
    rows.sort_by(|(one, work), (other, other_work)| {
        let (all, other_all) = (work.all(), other_work.all());
        other_all
            .count
            .cmp(&all.count)
            .then(match (all.oldest, other_all.oldest) {
                (Some(one), Some(other)) => one.cmp(&other),
                (one, other) => other.is_some().cmp(&one.is_some()),
            })
            .then_with(|| code(one).cmp(code(other)))
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        format!("2026-09-{day:02}T{hour:02}:00:00Z").parse().unwrap()
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, day).unwrap()
    }

    #[test]
    fn a_day_ends_at_midnight_in_shanghai_and_whoever_leaves_takes_the_activation_along() {
        let stay = |added_at, ended_at, activated_at| Stay {
            college_id: 1,
            added_at,
            ended_at,
            activated_at,
        };
        let stays = [
            stay(at(1, 2), None, Some(at(3, 2))),
            // Half past midnight of the 2nd in Shanghai.
            stay(at(1, 17), Some(at(4, 2)), Some(at(2, 2))),
        ];
        let of = |day, listed, activated| Day {
            day,
            listed,
            activated,
        };

        let days = by_day(&stays, day(5));

        assert_eq!(
            days,
            [
                of(day(1), 1, 0),
                of(day(2), 2, 1),
                of(day(3), 2, 2),
                of(day(4), 1, 1),
                of(day(5), 1, 1)
            ]
        );
        assert_eq!(turning_points(&days).len(), 5, "the last day is always there");
        assert_eq!(axis(&days, day(15)).last(), Some(&day(15)));
        assert_eq!(axis(&days, day(2)).last(), Some(&day(5)));
        assert!(by_day(&[], day(5)).is_empty() && axis(&[], day(5)).is_empty());
    }

    #[test]
    fn colleges_are_ranked_by_unfinished_work_and_then_by_its_age() {
        let work = |count, oldest| Work {
            omissions: Pile { count, oldest },
            ..Work::default()
        };
        let mut rows = [
            ("S01", work(0, None)),
            ("S02", work(3, Some(at(5, 0)))),
            ("S03", work(3, Some(at(2, 0)))),
            ("S04", work(9, Some(at(9, 0)))),
            ("S00", work(0, None)),
        ];

        rank(&mut rows, |code| code);

        assert_eq!(rows.map(|(code, _)| code), ["S04", "S03", "S02", "S00", "S01"]);
    }

    proptest! {
        #[test]
        fn nobody_is_activated_who_is_not_listed(
            hours in prop::collection::vec((0i64..500, 0i64..500, 0i64..500, any::<bool>(), any::<bool>()), 0..40),
        ) {
            let start = at(1, 0);
            let after = |hours| start + chrono::TimeDelta::hours(hours);
            let stays: Vec<Stay> = hours
                .into_iter()
                .map(|(added, stayed, waited, is_over, is_activated)| Stay {
                    college_id: 1,
                    added_at: after(added),
                    ended_at: is_over.then(|| after(added + stayed)),
                    activated_at: is_activated.then(|| after(added + waited.min(stayed))),
                })
                .collect();
            let end = day(1) + Days::new(60);
            for of in by_day(&stays, end) {
                prop_assert!(0 <= of.activated && of.activated <= of.listed, "{of:?}");
            }
        }
    }
}
