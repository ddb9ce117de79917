//! What is to be done: every kind of unfinished work that somebody answers for, with its number, its due day and its age, the
//! most pressing first. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::class_year::model::{DaysLeft, Details};
use crate::dashboard::model::Pile;
use crate::findings::model::{Group, Kind};
use crate::progress::queries::Figures;
use crate::roster::candidates::queries::Summary;

/// What unfinished work is counted from.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// 名单确认.
    pub summary: Summary,
    /// Open findings.
    pub findings: BTreeMap<Kind, Pile>,
    /// 信息有误 that nobody has settled.
    pub corrections: Pile,
    /// Who has activated.
    pub activation: Figures,
    /// Doctoral students of the 采集名单 who are not on the roster; `None` while there is no list.
    pub doctoral_missing: Option<u64>,
    /// 院 that have not reported their 领导小组; 0 for whoever does not answer for that.
    pub unreported_groups: u64,
    /// Whether the head of the one 院 has still to sign 核对无遗漏.
    pub is_unsigned: bool,
}

/// One kind of unfinished work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What there is.
    pub what: &'static str,
    /// How much of it.
    pub count: u64,
    /// What is counted.
    pub unit: &'static str,
    /// Until when.
    pub due: Option<NaiveDate>,
    /// Since when the oldest waits, where that is known.
    pub since: Option<DateTime<Utc>>,
    /// What the press says.
    pub press: &'static str,
    /// Where it leads.
    pub href: &'static str,
}

impl Task {
    /// How the due day stands to today.
    pub fn left(&self, today: NaiveDate) -> Option<DaysLeft> {
        self.due.map(|due| DaysLeft::until(due, today))
    }

    /// How long the oldest has been waiting, in words.
    pub fn age(&self, today: NaiveDate) -> String {
        let pile = Pile {
            count: self.count,
            oldest: self.since,
        };
        pile.age(today)
    }
}

/// The tasks that there are, the one with the nearest due day first (what is over before everything). Of the same day, what has
/// no age comes first; then the oldest.
pub fn tasks(facts: &Facts, details: &Details) -> Vec<Task> {
    let mut tasks = of_the_roster(facts, details);
    tasks.extend(of_activation(facts, details));
    tasks.retain(|task| task.count > 0);
    let roster_due = Some(details.roster_due);
    if facts.is_unsigned && tasks.iter().all(|task| task.due != roster_due) {
        tasks.push(Task {
            what: "名单已核对，尚未签署“核对无遗漏”",
            unit: "份",
            ..people("", 1, roster_due, ("去签署", "/manage/findings"))
        });
    }
    tasks.sort_by_key(|task| (task.due.is_none(), task.due, task.since));
    tasks
}

fn of_the_roster(facts: &Facts, details: &Details) -> Vec<Task> {
    let due = Some(details.roster_due);
    let omissions = heap(facts, Group::Omissions);
    // One press adds them where all can be added; otherwise each has its own reason.
    let way = if facts.summary.ready >= omissions.count {
        ("去名单确认", "/manage/roster/candidates?expected=ready")
    } else {
        ("逐项处理", "/manage/findings?group=omissions")
    };
    vec![
        pile("应毕业、未在库（可能遗漏）", omissions, due, way),
        people(
            "应毕业、需核实",
            facts.summary.doubtful,
            due,
            ("去核实", "/manage/roster/candidates?expected=doubtful"),
        ),
        pile(
            "可能误加",
            heap(facts, Group::WrongAdditions),
            due,
            ("逐项处理", "/manage/findings?group=wrong_additions"),
        ),
        people(
            "采集名单上的博士生未在库",
            facts.doctoral_missing.unwrap_or_default(),
            details.doctoral_due,
            ("去核对", "/manage/doctoral-list"),
        ),
        Task {
            unit: "个院",
            ..people(
                "领导小组名单未报送",
                facts.unreported_groups,
                None,
                ("查看", "/manage/leadership"),
            )
        },
    ]
}

fn of_activation(facts: &Facts, details: &Details) -> Vec<Task> {
    let due = Some(details.activation_due);
    vec![
        pile(
            "数据问题",
            heap(facts, Group::Faults),
            due,
            ("逐项处理", "/manage/findings?group=faults"),
        ),
        pile(
            "信息有误",
            facts.corrections,
            None,
            ("去办理", "/manage/corrections"),
        ),
        people(
            "未激活",
            facts.activation.pending(),
            due,
            ("查看和提醒", "/manage/activation?state=pending"),
        ),
        people(
            "需重新确认激活信息",
            facts.activation.again,
            None,
            ("查看和提醒", "/manage/activation?state=again"),
        ),
    ]
}

/// Work that is counted in students, without an age. The press: what it says, and where it leads.
fn people(
    what: &'static str,
    count: u64,
    due: Option<NaiveDate>,
    (press, href): (&'static str, &'static str),
) -> Task {
    Task {
        what,
        count,
        unit: "人",
        due,
        since: None,
        press,
        href,
    }
}

/// Work that is counted in pieces, each with its age.
fn pile(what: &'static str, pile: Pile, due: Option<NaiveDate>, press: (&'static str, &'static str)) -> Task {
    Task {
        unit: "项",
        since: pile.oldest,
        ..people(what, pile.count, due, press)
    }
}

/// The open findings of a heap.
fn heap(facts: &Facts, group: Group) -> Pile {
    let mut sum = Pile::default();
    for kind in group.kinds() {
        sum.add(facts.findings.get(&kind).copied().unwrap_or_default());
    }
    sum
}

#[cfg(test)]
mod tests {
    use qihang_db::ClassYearState;

    use super::*;
    use crate::class_year::model::{ClassYear, OriginDepth};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn details() -> Details {
        Details {
            year: ClassYear::new(2027).unwrap(),
            state: ClassYearState::Open,
            roster_due: day("2026-09-15"),
            activation_due: day("2026-09-30"),
            doctoral_due: Some(day("2026-11-20")),
            extended_due: None,
            origin_depth: OriginDepth::County,
        }
    }

    fn waiting(count: u64, since: &str) -> Pile {
        Pile {
            count,
            oldest: Some(format!("{since}T02:00:00Z").parse().unwrap()),
        }
    }

    fn words(facts: &Facts) -> Vec<&'static str> {
        tasks(facts, &details()).iter().map(|task| task.what).collect()
    }

    #[test]
    fn the_nearest_due_day_comes_first_then_what_waits_longest_and_what_has_no_due_day_last() {
        let facts = Facts {
            findings: BTreeMap::from([
                (Kind::Omission, waiting(2, "2026-09-08")),
                (Kind::WrongAddition, waiting(1, "2026-09-03")),
                (Kind::OriginMissing, waiting(3, "2026-08-20")),
            ]),
            corrections: waiting(4, "2026-08-01"),
            doctoral_missing: Some(5),
            ..Facts::default()
        };

        let found = tasks(&facts, &details());

        let words: Vec<_> = found.iter().map(|task| (task.what, task.count)).collect();
        assert_eq!(
            words,
            [
                ("可能误加", 1),
                ("应毕业、未在库（可能遗漏）", 2),
                ("数据问题", 3),
                ("采集名单上的博士生未在库", 5),
                ("信息有误", 4)
            ]
        );
        let today = day("2026-09-10");
        assert_eq!(found[0].age(today), "7 天");
        assert_eq!(found[0].left(today), Some(DaysLeft::Left(5)));
        assert_eq!(found[4].left(today), None);
    }

    #[test]
    fn whoever_can_be_added_is_added_in_one_press_and_the_others_are_looked_at_one_by_one() {
        let mut facts = Facts {
            findings: BTreeMap::from([(Kind::Omission, waiting(3, "2026-09-08"))]),
            summary: Summary {
                ready: 3,
                ..Summary::default()
            },
            ..Facts::default()
        };
        assert_eq!(tasks(&facts, &details())[0].press, "去名单确认");
        facts.summary.ready = 2;
        assert_eq!(tasks(&facts, &details())[0].press, "逐项处理");
    }

    #[test]
    fn infos_are_no_work_and_nothing_left_is_nothing_to_do() {
        let facts = Facts {
            findings: BTreeMap::from([(Kind::OriginHistorical, waiting(9, "2026-09-08"))]),
            ..Facts::default()
        };
        assert!(words(&facts).is_empty());
    }

    #[test]
    fn signing_is_the_last_step_of_the_roster_and_not_offered_before() {
        let mut facts = Facts {
            is_unsigned: true,
            ..Facts::default()
        };
        assert_eq!(words(&facts), ["名单已核对，尚未签署“核对无遗漏”"]);
        facts.findings.insert(Kind::Omission, waiting(1, "2026-09-08"));
        assert_eq!(words(&facts), ["应毕业、未在库（可能遗漏）"]);
    }
}
