//! What the page shows. Everything in it is a table with links; where there is script, charts are drawn from the same numbers.

use std::collections::BTreeMap;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::Clock;
use qihang_db::entity::college;
use serde_json::json;

use super::PATH;
use super::model::{Day, Pile, Stay, Work, axis, by_day, rank};
use crate::assessment::{self, YearChoice};
use crate::class_year::model::{ClassYear, DaysLeft, Details};
use crate::findings::model::{Group, Kind, Severity};
use crate::web::Shell;

/// A number of the head.
pub(super) struct Tile {
    title: &'static str,
    number: u64,
    href: String,
    /// `success`, `warning`, `danger` or nothing.
    kind: &'static str,
}

/// A number of a table, with its list.
pub(super) struct Linked {
    title: &'static str,
    number: u64,
    href: String,
}

/// A 院 with its unfinished work.
pub(super) struct CollegeRow {
    name: String,
    href: String,
    all: u64,
    age: String,
    /// 可能遗漏, 可能误加, 数据问题, 信息有误, 未激活.
    parts: Vec<Linked>,
}

/// A kind of what is open.
pub(super) struct KindRow {
    label: &'static str,
    group: &'static str,
    found: Linked,
    age: String,
}

pub(super) struct CollegeChoice {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

/// The headings of [`CollegeRow::parts`].
const PARTS: [&str; 5] = ["可能遗漏", "可能误加", "数据问题", "信息有误", "未激活"];

pub(super) struct Due {
    what: &'static str,
    day: NaiveDate,
    left: DaysLeft,
}

#[derive(Template)]
#[template(path = "dashboard/index.html")]
pub(super) struct IndexPage {
    pub(super) shell: Shell,
    pub(super) years: Vec<YearChoice>,
    pub(super) year: ClassYear,
    /// 院 to choose from, where there are several.
    pub(super) colleges: Vec<CollegeChoice>,
    pub(super) whose: String,
    pub(super) dues: Vec<Due>,
    pub(super) tiles: Vec<Tile>,
    pub(super) days: Vec<Day>,
    pub(super) rows: Vec<CollegeRow>,
    pub(super) kinds: Vec<KindRow>,
    /// The charts' data as JSON.
    pub(super) trend: String,
    pub(super) ranking: String,
    pub(super) open: String,
}

impl IndexPage {
    /// The state of a day in all its parts.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "called by a template, which passes what it iterates over"
    )]
    fn as_of(&self, day: &NaiveDate) -> String {
        format!("{}?class_year={}&at={day}", assessment::PATH, self.year)
    }

    /// The headings of the parts.
    #[expect(clippy::unused_self, reason = "called by a template")]
    fn parts(&self) -> [&'static str; 5] {
        PARTS
    }
}

#[derive(Template)]
#[template(path = "dashboard/none.html")]
pub(super) struct NonePage {
    pub(super) shell: Shell,
}

/// The addresses of the lists behind the numbers.
pub(super) struct Lists {
    pub(super) year: ClassYear,
    /// The 院 that the page is cut down to.
    pub(super) college: String,
}

impl Lists {
    fn list(&self, path: &str, college: &str, more: &[(&str, &str)]) -> String {
        let year = self.year.to_string();
        let mut query = vec![("class_year", year.as_str())];
        query.extend(more);
        query.extend((!college.is_empty()).then_some(("college", college)));
        format!("{path}?{}", serde_html_form::to_string(query).unwrap_or_default())
    }

    fn findings(&self, college: &str, group: Group) -> String {
        self.list("/manage/findings", college, &[("group", group.code())])
    }

    fn kind(&self, kind: Kind) -> String {
        self.list("/manage/findings", &self.college, &[("kind", kind.code())])
    }

    fn corrections(&self, college: &str) -> String {
        self.list("/manage/corrections", college, &[])
    }

    fn activation(&self, college: &str, state: &str) -> String {
        self.list("/manage/activation", college, &[("state", state)])
    }
}

/// What is counted.
pub(super) struct Counted {
    pub(super) expected: u64,
    pub(super) stays: Vec<Stay>,
    pub(super) by_college: BTreeMap<i64, Work>,
    pub(super) by_kind: BTreeMap<Kind, Pile>,
    /// 信息有误.
    pub(super) corrections: Pile,
}

/// What the page is made from.
pub(super) struct View<'a> {
    pub(super) lists: Lists,
    pub(super) details: &'a Details,
    pub(super) colleges: Vec<&'a college::Model>,
    pub(super) counted: Counted,
    pub(super) now: DateTime<Utc>,
}

impl View<'_> {
    fn today(&self) -> NaiveDate {
        Clock::day_of(self.now)
    }

    pub(super) fn dues(&self) -> Vec<Due> {
        let today = self.today();
        [
            ("名单截止", Some(self.details.roster_due)),
            ("激活截止", Some(self.details.activation_due)),
            ("博士生名单截止", self.details.doctoral_due),
            ("延长学制名单截止", self.details.extended_due),
        ]
        .into_iter()
        .filter_map(|(what, day)| {
            let day = day?;
            Some(Due {
                what,
                day,
                left: DaysLeft::until(day, today),
            })
        })
        .collect()
    }

    pub(super) fn days(&self) -> Vec<Day> {
        by_day(&self.counted.stays, self.today())
    }

    pub(super) fn tiles(&self) -> Vec<Tile> {
        let standing = self.counted.stays.iter().filter(|stay| stay.ended_at.is_none());
        let (mut listed, mut activated) = (0, 0);
        for stay in standing {
            listed += 1;
            activated += u64::from(stay.activated_at.is_some());
        }
        let lists = &self.lists;
        let roster = if lists.college.is_empty() {
            lists.list("/manage/roster", "", &[])
        } else {
            lists.activation(&lists.college, "")
        };
        let omissions = self
            .counted
            .by_kind
            .get(&Kind::Omission)
            .copied()
            .unwrap_or_default();
        let tile = |title, number, href, kind| Tile {
            title,
            number,
            href,
            kind,
        };
        // 名单确认 finds by 学院 and 书院, not by who answers for the student: of one 院 it has no list of this.
        let expected = lists.college.is_empty().then(|| {
            let all = [("expected", "ready"), ("added", "1")];
            let list = lists.list("/manage/roster/candidates", "", &all);
            tile("应毕业", self.counted.expected, list, "")
        });
        let tiles = [
            tile("在库", listed, roster, ""),
            tile(
                "可能遗漏",
                omissions.count,
                lists.findings(&lists.college, Group::Omissions),
                if omissions.count > 0 { "warning" } else { "success" },
            ),
            tile(
                "已激活",
                activated,
                lists.activation(&lists.college, "activated"),
                "success",
            ),
            tile(
                "未激活",
                listed - activated,
                lists.activation(&lists.college, "pending"),
                "warning",
            ),
            tile(
                "信息有误待办结",
                self.counted.corrections.count,
                lists.corrections(&lists.college),
                "",
            ),
        ];
        expected.into_iter().chain(tiles).collect()
    }

    pub(super) fn ranking(&self) -> Vec<CollegeRow> {
        let (today, lists) = (self.today(), &self.lists);
        let mut rows: Vec<(&college::Model, Work)> = self
            .colleges
            .iter()
            .map(|college| {
                let work = self
                    .counted
                    .by_college
                    .get(&college.id)
                    .copied()
                    .unwrap_or_default();
                (*college, work)
            })
            .collect();
        rank(&mut rows, |college| &college.code);
        rows.into_iter()
            .map(|(college, work)| {
                let code = college.code.as_str();
                let linked = |at: usize, pile: Pile, href| Linked {
                    title: PARTS[at],
                    number: pile.count,
                    href,
                };
                CollegeRow {
                    name: college.name.clone(),
                    href: lists.list(PATH, code, &[]),
                    all: work.all().count,
                    age: work.all().age(today),
                    parts: vec![
                        linked(0, work.omissions, lists.findings(code, Group::Omissions)),
                        linked(
                            1,
                            work.wrong_additions,
                            lists.findings(code, Group::WrongAdditions),
                        ),
                        linked(2, work.faults, lists.findings(code, Group::Faults)),
                        linked(3, work.corrections, lists.corrections(code)),
                        linked(4, work.pending, lists.activation(code, "pending")),
                    ],
                }
            })
            .collect()
    }

    pub(super) fn kinds(&self) -> Vec<KindRow> {
        let mut kinds: Vec<(&Kind, &Pile)> = self
            .counted
            .by_kind
            .iter()
            .filter(|(kind, _)| kind.severity() != Severity::Info)
            .collect();
        kinds.sort_by_key(|(kind, pile)| (std::cmp::Reverse(pile.count), **kind));
        kinds
            .into_iter()
            .map(|(kind, pile)| KindRow {
                label: kind.label(),
                group: Group::of(*kind).label(),
                found: Linked {
                    title: kind.label(),
                    number: pile.count,
                    href: self.lists.kind(*kind),
                },
                age: pile.age(self.today()),
            })
            .collect()
    }

    pub(super) fn trend(&self) -> String {
        let days = self.days();
        let of = |value: fn(&Day) -> i64| days.iter().map(value).collect::<Vec<_>>();
        let dues = [
            ("名单截止", self.details.roster_due),
            ("激活截止", self.details.activation_due),
        ];
        json!({
            "days": axis(&days, self.details.activation_due),
            "series": [
                {"name": "在库", "values": of(|day| day.listed)},
                {"name": "已激活", "values": of(|day| day.activated)},
            ],
            "expected": self.counted.expected,
            "dues": dues.map(|(name, day)| json!({"name": name, "day": day})),
        })
        .to_string()
    }

    pub(super) fn open(&self) -> String {
        let kinds = self.kinds();
        json!({
            "names": kinds.iter().map(|row| row.label).collect::<Vec<_>>(),
            "series": [{
                "name": "未处理",
                "values": kinds.iter().map(|row| row.found.number).collect::<Vec<_>>(),
                "hrefs": kinds.iter().map(|row| row.found.href.as_str()).collect::<Vec<_>>(),
            }],
        })
        .to_string()
    }
}

/// The unfinished work of every 院, one bar each, made of its parts.
pub(super) fn ranking_chart(rows: &[CollegeRow]) -> String {
    let part = |at: usize| {
        let of = rows.iter().filter_map(move |row| row.parts.get(at));
        json!({
            "name": PARTS[at],
            "values": of.clone().map(|part| part.number).collect::<Vec<_>>(),
            "hrefs": of.map(|part| part.href.as_str()).collect::<Vec<_>>(),
        })
    };
    json!({
        "names": rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
        "series": (0..PARTS.len()).map(part).collect::<Vec<_>>(),
    })
    .to_string()
}
