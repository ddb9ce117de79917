//! Places (行政区划, GB/T 2260) with their history, and whether a 生源所在地 is complete.
//!
//! The table has one row for each name or rank that a code ever had, 1981 to 2024, so a code may have several rows:
//! 419001 was 义马市 until 1990 and is 济源市 since 1996. A code is known if it has any row, whatever the date.
//! [`find`] gives all rows of a code; [`origin`] is the one place that decides what a 生源所在地 is worth.
//!
//! Source: yescallop/areacodes (CC0 1.0), which follows GB/T 2260 and the civil affairs ministry's yearly lists; see
//! `data/README.md`. The printed standard's placeholders (市辖区, 县, 省直辖县级行政区划) are not in the table.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The rank of a place (行政层级).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 省级: province, autonomous region, 直辖市, 特别行政区.
    Province,
    /// 地级: 地级市, 地区, 自治州, 盟.
    Prefecture,
    /// 县级: 区, 县, 县级市, 旗.
    County,
}

/// Whether a row is still valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// 现行: valid in the newest edition.
    Current,
    /// 已更名: ended, but the code was or is used again by a later row.
    Renamed,
    /// 已撤销: the code ended with this row.
    Retired,
}

/// Where a place, or a part of it, went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Successor {
    /// The code of the place it went to; that one may have ended since.
    pub code: &'static str,
    /// The year in which only a part of it went there; `None` if it went there at its end.
    pub part_moved_in: Option<u16>,
}

/// One row of the table: a place under one code, name and rank, for a span of years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// The six-digit GB/T 2260 code.
    pub code: &'static str,
    /// Its own name, without what it lies in: 雁塔区.
    pub name: &'static str,
    /// Its rank.
    pub level: Level,
    /// The name of its province; for a province its own.
    pub province: &'static str,
    /// The name of its prefecture as it was then, for a prefecture its own; `None` for a province, a district of a
    /// 直辖市 and a county directly under its province.
    pub prefecture: Option<&'static str>,
    /// Whether the row is still valid.
    pub status: Status,
    /// The first year of validity; 1981 also for anything older.
    pub from_year: u16,
    /// The year in which it ended; `None` for a current row.
    pub until_year: Option<u16>,
    /// Where it or parts of it went. Current rows can have some: parts that left.
    pub successors: Vec<Successor>,
}

impl Division {
    /// Whether the row is valid today.
    pub fn is_current(&self) -> bool {
        self.status == Status::Current
    }

    /// The full name as it was in the row's years: 陕西省西安市雁塔区.
    pub fn full_name(&self) -> String {
        let prefecture = self
            .prefecture
            .filter(|_| self.level == Level::County)
            .unwrap_or_default();
        let own_name = if self.level == Level::Province {
            ""
        } else {
            self.name
        };
        format!("{}{prefecture}{own_name}", self.province)
    }
}

/// A code that the table has, with all its rows.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Never empty: only [`find`] makes one.
    rows: &'static [Division],
}

impl Known {
    /// Every row of the code, the newest first.
    pub fn rows(&self) -> &'static [Division] {
        self.rows
    }

    /// The row that is valid today; `None` if the code has ended.
    pub fn current(&self) -> Option<&'static Division> {
        self.rows.iter().find(|row| row.is_current())
    }

    /// The row that is valid today, or else the one that ended last.
    pub fn latest(&self) -> &'static Division {
        &self.rows[0]
    }
}

/// A code with its full Chinese name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The six-digit GB/T 2260 code.
    pub code: &'static str,
    /// The full name: 北京市东城区.
    pub name: String,
}

/// How far down a 生源所在地 must go, outside the 直辖市: a rule of the class year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Depth {
    /// 省、市: a prefecture is enough. What the university asks for.
    #[default]
    City,
    /// 省、市、县: a prefecture that has counties needs one of them.
    County,
}

/// What a code is worth as 生源所在地.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A place valid today and named far enough down.
    Complete {
        /// The full name: 陕西省西安市雁塔区.
        name: String,
    },
    /// Complete, but the code is no longer valid: information, no fault.
    Historical {
        /// The full name at its end: 北京市崇文区.
        name: String,
        /// Where it went, as codes valid today.
        successors: Vec<Place>,
    },
    /// Nothing given.
    Missing,
    /// Incomplete: a province, without the city.
    ProvinceOnly {
        /// The province.
        name: String,
    },
    /// Incomplete: a 直辖市 without its district (with [`Depth::County`] also a city without its county).
    DistrictMissing {
        /// The city.
        name: String,
    },
    /// Not in the table for any year.
    Unknown,
}

impl Origin {
    /// Whether the 生源所在地 suffices: true for a complete place, valid today or not.
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Complete { .. } | Self::Historical { .. } => true,
            Self::Missing | Self::ProvinceOnly { .. } | Self::DistrictMissing { .. } | Self::Unknown => false,
        }
    }

    /// The full name, as far as the code names a place.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Complete { name }
            | Self::Historical { name, .. }
            | Self::ProvinceOnly { name }
            | Self::DistrictMissing { name } => Some(name),
            Self::Missing | Self::Unknown => None,
        }
    }
}

/// Judges a 生源所在地 at the depth of [`Depth::City`]: 省、市, and for a 直辖市 the district too.
///
/// Spaces around the code do not count.
pub fn origin(code: &str) -> Origin {
    origin_at(code, Depth::City)
}

/// Judges a 生源所在地 at the depth that a class year asks for.
pub fn origin_at(code: &str, depth: Depth) -> Origin {
    let code = code.trim();
    if code.is_empty() {
        return Origin::Missing;
    }
    if MUNICIPALITY_PLACEHOLDERS.contains(&code) {
        return province_of(code).map_or(Origin::Unknown, |province| Origin::DistrictMissing {
            name: province.full_name(),
        });
    }
    let Some(known) = find(code) else {
        return Origin::Unknown;
    };
    let Some(row) = known.current() else {
        return Origin::Historical {
            name: known.latest().full_name(),
            successors: successors(code),
        };
    };

    let name = row.full_name();
    let lacks_county = match row.level {
        Level::Province if REGIONS_COMPLETE_ALONE.contains(&code) => return Origin::Complete { name },
        Level::Province if !is_in_municipality(code) => return Origin::ProvinceOnly { name },
        Level::Province => true,
        // Some cities have no counties at all (东莞市, 中山市): nothing is missing there.
        Level::Prefecture => depth == Depth::County && !children(code).is_empty(),
        Level::County => false,
    };
    if lacks_county {
        Origin::DistrictMissing { name }
    } else {
        Origin::Complete { name }
    }
}

/// Every row of the table, by code, the newest row of a code first.
pub fn rows() -> &'static [Division] {
    &ROWS
}

/// All that the table has of a code, for any year; `None` if it never was one.
pub fn find(code: &str) -> Option<Known> {
    let start = ROWS.partition_point(|row| row.code < code);
    let count = ROWS[start..].iter().take_while(|row| row.code == code).count();
    (count > 0).then(|| Known {
        rows: &ROWS[start..start + count],
    })
}

/// The place that a code means today; `None` if it ended or never was one.
pub fn current(code: &str) -> Option<&'static Division> {
    find(code)?.current()
}

/// The full name of a code, today's or else the last: 陕西省西安市雁塔区. `None` if the code is not known.
pub fn full_name(code: &str) -> Option<String> {
    Some(find(code)?.latest().full_name())
}

/// The provinces (省级) of today, in the order of their codes.
pub fn provinces() -> Vec<&'static Division> {
    ROWS.iter()
        .filter(|row| row.is_current() && row.level == Level::Province)
        .collect()
}

/// The places of today right below a code, for a picker.
///
/// Below a province: its prefectures and the counties directly under it, so for a 直辖市 its districts. Below a
/// prefecture: its counties. Empty below a county, 台湾, 香港, 澳门, or a code that is not valid today.
pub fn children(code: &str) -> Vec<&'static Division> {
    let Some(parent) = current(code) else {
        return Vec::new();
    };
    let is_child = |row: &Division| match parent.level {
        Level::Province => {
            row.code[..2] == code[..2]
                && (row.level == Level::Prefecture
                    || (row.level == Level::County && row.prefecture.is_none()))
        }
        Level::Prefecture => row.code[..4] == code[..4] && row.level == Level::County,
        Level::County => false,
    };
    ROWS.iter()
        .filter(|row| row.is_current() && is_child(row))
        .collect()
}

/// Where a code that has ended went, as places valid today; empty for a code that is current or unknown.
///
/// Successors that have ended too are followed. A part that left while the place still stood is not its successor. A
/// prefecture without a successor of its own is followed through the counties that ended together with it, to the
/// cities where they lie today: 341400 巢湖市 went to 合肥市, 芜湖市 and 马鞍山市.
pub fn successors(code: &str) -> Vec<Place> {
    let mut ends = BTreeSet::new();
    if let Some(known) = find(code)
        && known.current().is_none()
    {
        follow(known.latest(), &mut ends, &mut Vec::new());
    }
    places(ends)
}

/// Where the place that this row was is found today; empty for a row that is current.
///
/// As [`successors`], but of one row: of a code that was used again (420600 was 襄樊市, is 襄阳市), its older names too.
pub fn heirs(row: &'static Division) -> Vec<Place> {
    if row.is_current() {
        return Vec::new();
    }
    let mut ends = BTreeSet::new();
    follow(row, &mut ends, &mut Vec::new());
    if ends.is_empty() {
        // Only renamed: the code went on.
        match current(row.code) {
            Some(now) => ends.extend([now.code]),
            None => return successors(row.code),
        }
    }
    places(ends)
}

fn places(codes: BTreeSet<&'static str>) -> Vec<Place> {
    codes
        .into_iter()
        .filter_map(|code| {
            Some(Place {
                code,
                name: full_name(code)?,
            })
        })
        .collect()
}

/// The place right above one of today, for a picker: of 雁塔区 西安市, of 西安市 陕西省, of a county directly under its
/// province the province. `None` for a province and for a code that is not valid today.
pub fn parent(code: &str) -> Option<&'static Division> {
    let row = current(code)?;
    match row.level {
        Level::Province => None,
        Level::County if row.prefecture.is_some() => current(&format!("{}00", &code[..4])),
        Level::Prefecture | Level::County => province_of(code),
    }
}

/// The regions that need no city: 台湾, 香港, 澳门.
const REGIONS_COMPLETE_ALONE: [&str; 3] = ["710000", "810000", "820000"];

/// The codes by which other systems write a 直辖市 with no district: its 市辖区, 县 and 市 of the printed standard.
const MUNICIPALITY_PLACEHOLDERS: [&str; 9] = [
    "110100", "110200", "120100", "120200", "310100", "310200", "500100", "500200", "500300",
];

static ROWS: LazyLock<Vec<Division>> = LazyLock::new(|| {
    let lines = include_str!("../data/divisions.csv").lines().skip(1);
    lines
        .map(|line| parse(line).expect("an embedded row is well-formed; a test reads them all"))
        .collect()
});

/// Reads one line of the embedded table.
fn parse(line: &'static str) -> Option<Division> {
    let columns: Vec<&'static str> = line.split(',').collect();
    let [
        code,
        name,
        level,
        province,
        prefecture,
        status,
        from_year,
        until_year,
        successors,
    ] = columns[..]
    else {
        return None;
    };
    let row = Division {
        code,
        name,
        level: match level {
            "1" => Level::Province,
            "2" => Level::Prefecture,
            "3" => Level::County,
            _ => return None,
        },
        province,
        prefecture: (!prefecture.is_empty()).then_some(prefecture),
        status: match status {
            "current" => Status::Current,
            "renamed" => Status::Renamed,
            "retired" => Status::Retired,
            _ => return None,
        },
        from_year: from_year.parse().ok()?,
        until_year: if until_year.is_empty() {
            None
        } else {
            Some(until_year.parse().ok()?)
        },
        successors: successors
            .split(';')
            .filter(|text| !text.is_empty())
            .map(parse_successor)
            .collect::<Option<_>>()?,
    };
    let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    (is_code && row.is_current() == row.until_year.is_none()).then_some(row)
}

/// Reads `340181`, or `340181[2006]` for a part that moved in 2006.
fn parse_successor(text: &'static str) -> Option<Successor> {
    let Some((code, rest)) = text.split_once('[') else {
        return Some(Successor {
            code: text,
            part_moved_in: None,
        });
    };
    let year = rest.strip_suffix(']')?.parse().ok()?;
    Some(Successor {
        code,
        part_moved_in: Some(year),
    })
}

/// Follows a row to the codes of today. `seen` holds the rows already followed: some places went back and forth.
fn follow(row: &'static Division, ends: &mut BTreeSet<&'static str>, seen: &mut Vec<&'static Division>) {
    let Some(ended_in) = row.until_year else {
        ends.insert(row.code);
        return;
    };
    if seen.contains(&row) {
        return;
    }
    seen.push(row);

    let mut has_own = false;
    for successor in row
        .successors
        .iter()
        .filter(|successor| successor.part_moved_in.is_none())
    {
        has_own = true;
        if let Some(next) = row_from(successor.code, ended_in) {
            follow(next, ends, seen);
        }
    }
    if !has_own && row.level == Level::Prefecture {
        let mut county_ends = BTreeSet::new();
        for county in counties_ended_with(row, ended_in) {
            follow(county, &mut county_ends, seen);
        }
        ends.extend(county_ends.into_iter().map(city_of));
    }
}

/// The row of a code that was valid right after `year`, or else its newest.
fn row_from(code: &str, year: u16) -> Option<&'static Division> {
    let rows = find(code)?.rows();
    // Newest first: the last one that outlives the year is the one that was valid then.
    rows.iter()
        .rfind(|row| row.until_year.is_none_or(|until| until > year))
        .or(rows.first())
}

/// The counties of a prefecture that ended in the same year as the prefecture.
fn counties_ended_with(prefecture: &Division, year: u16) -> impl Iterator<Item = &'static Division> {
    let prefix = &prefecture.code[..4];
    ROWS.iter().filter(move |row| {
        row.level == Level::County && row.code.starts_with(prefix) && row.until_year == Some(year)
    })
}

/// The city that a current code lies in: its 直辖市 or prefecture; a county directly under its province is its own.
fn city_of(code: &'static str) -> &'static str {
    let city = if is_in_municipality(code) {
        province_of(code)
    } else {
        current(&format!("{}00", &code[..4]))
    };
    city.map_or(code, |city| city.code)
}

/// The province that a well-formed code lies in.
fn province_of(code: &str) -> Option<&'static Division> {
    current(&format!("{}0000", code.get(..2)?))
}

fn is_in_municipality(code: &str) -> bool {
    matches!(code.get(..2), Some("11" | "12" | "31" | "50"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn complete(name: &str) -> Origin {
        Origin::Complete {
            name: name.to_owned(),
        }
    }

    fn province_only(name: &str) -> Origin {
        Origin::ProvinceOnly {
            name: name.to_owned(),
        }
    }

    fn district_missing(name: &str) -> Origin {
        Origin::DistrictMissing {
            name: name.to_owned(),
        }
    }

    fn historical(name: &str, successors: &[(&'static str, &str)]) -> Origin {
        let place = |&(code, name): &(&'static str, &str)| Place {
            code,
            name: name.to_owned(),
        };
        Origin::Historical {
            name: name.to_owned(),
            successors: successors.iter().map(place).collect(),
        }
    }

    fn class_of(origin: &Origin) -> &'static str {
        match origin {
            Origin::Complete { .. } => "complete",
            Origin::Historical { .. } => "historical",
            Origin::Missing => "missing",
            Origin::ProvinceOnly { .. } => "province only",
            Origin::DistrictMissing { .. } => "district missing",
            Origin::Unknown => "unknown",
        }
    }

    #[test]
    fn the_table_is_whole_and_in_order() {
        assert_eq!(rows().len(), 6823);
        for pair in rows().windows(2) {
            let is_next = pair[0].code < pair[1].code;
            assert!(is_next || (pair[0].code == pair[1].code && pair[0].from_year > pair[1].from_year));
            // So the newest row of a code is the current one, if any is.
            assert!(is_next || !pair[1].is_current());
        }
        let mut reader = csv::Reader::from_reader(include_bytes!("../data/divisions.csv").as_slice());
        for (record, row) in reader.records().zip(rows()) {
            let record = record.unwrap();
            assert_eq!(
                (&record[0], &record[1], &record[3]),
                (row.code, row.name, row.province)
            );
        }
        for row in rows() {
            assert!(
                row.successors
                    .iter()
                    .all(|successor| find(successor.code).is_some()),
                "{row:?}"
            );
        }
    }

    #[test]
    fn every_row_has_its_class_by_level() {
        let mut classes = BTreeMap::new();
        for row in rows() {
            let place = if is_in_municipality(row.code) {
                "municipality"
            } else {
                "elsewhere"
            };
            *classes
                .entry((row.level, place, class_of(&origin(row.code))))
                .or_insert(0) += 1;
        }

        let expected = [
            ((Level::Province, "elsewhere", "complete"), 3),
            ((Level::Province, "elsewhere", "province only"), 27),
            ((Level::Province, "municipality", "district missing"), 4),
            ((Level::Prefecture, "elsewhere", "complete"), 346),
            ((Level::Prefecture, "elsewhere", "historical"), 198),
            ((Level::County, "elsewhere", "complete"), 2973),
            ((Level::County, "elsewhere", "historical"), 3129),
            ((Level::County, "municipality", "complete"), 93),
            ((Level::County, "municipality", "historical"), 50),
        ];
        assert_eq!(classes, BTreeMap::from(expected));
    }

    #[test]
    fn a_row_is_historical_exactly_if_its_code_has_no_current_row() {
        for row in rows() {
            let is_historical = matches!(origin(row.code), Origin::Historical { .. });
            assert_eq!(is_historical, current(row.code).is_none(), "{}", row.code);
        }
    }

    #[test]
    fn every_code_that_ended_leads_to_places_of_today_and_no_other_does() {
        for row in rows() {
            let places = successors(row.code);
            assert_eq!(
                places.is_empty(),
                current(row.code).is_some(),
                "{} {}",
                row.code,
                row.full_name()
            );
            for place in places {
                let heir = current(place.code).expect("a successor is valid today");
                assert_eq!(heir.full_name(), place.name);
                // 海南 left 广东, 重庆 left 四川; nothing else changed its province.
                let moved = [&row.code[..2], &heir.code[..2]];
                assert!(
                    moved[0] == moved[1] || moved == ["44", "46"] || moved == ["51", "50"],
                    "{} to {}",
                    row.code,
                    heir.code
                );
            }
        }
    }

    #[test]
    fn a_place_named_far_enough_is_complete() {
        assert_eq!(origin("610113"), complete("陕西省西安市雁塔区"));
        assert_eq!(origin("610100"), complete("陕西省西安市"));
        assert_eq!(origin(" 610100 "), complete("陕西省西安市"));
        assert_eq!(origin("110101"), complete("北京市东城区"));
        assert_eq!(origin("500229"), complete("重庆市城口县"));
        assert_eq!(origin("710000"), complete("台湾省"));
        assert_eq!(origin("810000"), complete("香港特别行政区"));
        assert_eq!(origin("820000"), complete("澳门特别行政区"));
    }

    #[test]
    fn a_county_directly_under_its_province_stands_for_its_city() {
        assert_eq!(origin("429004"), complete("湖北省仙桃市"));
        assert_eq!(origin("469021"), complete("海南省定安县"));
        assert_eq!(origin("659001"), complete("新疆维吾尔自治区石河子市"));
    }

    #[test]
    fn what_is_not_named_far_enough_is_incomplete() {
        assert_eq!(origin(""), Origin::Missing);
        assert_eq!(origin("  "), Origin::Missing);
        assert_eq!(origin("610000"), province_only("陕西省"));
        for code in ["110000", "110100", "110200"] {
            assert_eq!(origin(code), district_missing("北京市"));
        }
        assert_eq!(origin("120100"), district_missing("天津市"));
        assert_eq!(origin("310100"), district_missing("上海市"));
        for code in ["500000", "500100", "500200", "500300"] {
            assert_eq!(origin(code), district_missing("重庆市"));
        }
    }

    #[test]
    fn what_the_table_never_had_is_unknown() {
        for code in [
            "000000",
            "999999",
            "610199",
            "130000X",
            "61011",
            "陕西省",
            "６１０１１３",
            "429000",
            "110300",
        ] {
            assert_eq!(origin(code), Origin::Unknown, "{code}");
        }
    }

    #[test]
    fn a_code_that_is_used_again_is_what_it_is_today() {
        assert_eq!(origin("419001"), complete("河南省济源市"));
        assert_eq!(find("419001").unwrap().rows().len(), 2);
        assert!(successors("419001").is_empty());
    }

    #[test]
    fn a_place_that_ended_is_complete_with_its_successor() {
        assert_eq!(
            origin("110103"),
            historical("北京市崇文区", &[("110101", "北京市东城区")])
        );
        // 重庆 was a city of 四川 until 1997; the district has had another code, and kept its name.
        assert_eq!(
            origin("510203"),
            historical("四川省重庆市大渡口区", &[("500104", "重庆市大渡口区")])
        );
        // 潼南县 went twice: to 500223 in 1997, to 500152 in 2015.
        assert_eq!(
            origin("510227"),
            historical("四川省重庆市潼南县", &[("500152", "重庆市潼南区")])
        );
        // Parts of 沙坪坝区 left in 1994; the district itself is 500106.
        assert_eq!(
            origin("510212"),
            historical("四川省重庆市沙坪坝区", &[("500106", "重庆市沙坪坝区")])
        );
        assert_eq!(origin("442100").name(), Some("广东省海南行政区"));
        assert_eq!(
            origin("469003"),
            historical("海南省儋州市", &[("460400", "海南省儋州市")])
        );
        // Back and forth between two codes.
        assert_eq!(
            origin("422921"),
            historical("湖北省神农架林区", &[("429021", "湖北省神农架林区")])
        );
    }

    #[test]
    fn a_prefecture_that_ended_is_followed_through_its_counties() {
        assert_eq!(
            origin("341400"),
            historical(
                "安徽省巢湖市",
                &[
                    ("340100", "安徽省合肥市"),
                    ("340200", "安徽省芜湖市"),
                    ("340500", "安徽省马鞍山市")
                ]
            )
        );
        assert_eq!(
            origin("371200"),
            historical("山东省莱芜市", &[("370100", "山东省济南市")])
        );
        assert_eq!(
            origin("510200"),
            historical("四川省重庆市", &[("500000", "重庆市")])
        );
        assert_eq!(
            origin("152100"),
            historical("内蒙古自治区呼伦贝尔盟", &[("150700", "内蒙古自治区呼伦贝尔市")])
        );
        // Its own successor, where it has one.
        assert_eq!(
            origin("530200"),
            historical("云南省东川市", &[("530113", "云南省昆明市东川区")])
        );
    }

    #[test]
    fn a_class_year_can_ask_for_the_county() {
        assert_eq!(
            origin_at("610100", Depth::County),
            district_missing("陕西省西安市")
        );
        assert_eq!(origin_at("610113", Depth::County), complete("陕西省西安市雁塔区"));
        assert_eq!(origin_at("441900", Depth::County), complete("广东省东莞市"));
        assert_eq!(origin_at("429004", Depth::County), complete("湖北省仙桃市"));
        assert_eq!(origin_at("810000", Depth::County), complete("香港特别行政区"));
        assert_eq!(origin_at("610000", Depth::County), province_only("陕西省"));
    }

    #[test]
    fn every_row_that_ended_is_found_today_under_its_heirs() {
        for row in rows() {
            let heirs = heirs(row);
            assert_eq!(heirs.is_empty(), row.is_current(), "{row:?}");
            assert!(heirs.iter().all(|place| current(place.code).is_some()), "{row:?}");
        }
        let named = |code: &str, name: &str| {
            let row = find(code).unwrap().rows().iter().find(|row| row.name == name);
            heirs(row.unwrap())
                .into_iter()
                .map(|place| place.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(named("420600", "襄樊市"), ["湖北省襄阳市"]);
        assert_eq!(named("419001", "义马市"), ["河南省三门峡市义马市"]);
    }

    #[test]
    fn a_place_lies_in_its_parent() {
        for row in rows().iter().filter(|row| row.is_current()) {
            match parent(row.code) {
                Some(above) => assert!(children(above.code).contains(&row), "{}", row.code),
                None => assert_eq!(row.level, Level::Province, "{}", row.code),
            }
        }
        assert_eq!(parent("110103"), None);
    }

    #[test]
    fn a_picker_reaches_every_current_place_exactly_once() {
        let mut reached = Vec::new();
        for province in provinces() {
            reached.push(province.code);
            for child in children(province.code) {
                reached.push(child.code);
                reached.extend(children(child.code).iter().map(|row| row.code));
            }
        }
        reached.sort_unstable();

        let all: Vec<_> = rows()
            .iter()
            .filter(|row| row.is_current())
            .map(|row| row.code)
            .collect();
        assert_eq!(reached, all);
        assert_eq!(provinces().len(), 34);
        assert!(children("810000").is_empty());
        assert!(children("341400").is_empty());
        assert!(children("不是").is_empty());
    }

    proptest! {
        #[test]
        fn any_text_has_a_class(text in ".{0,12}") {
            let verdict = origin(&text);
            prop_assert_eq!(matches!(verdict, Origin::Missing), text.trim().is_empty());
            full_name(&text);
            successors(&text);
            children(&text);
        }

        #[test]
        fn six_digits_are_known_exactly_if_the_table_or_a_placeholder_has_them(code in "[1-8][0-9][0-9]{2}(00|[0-9]{2})") {
            let is_known = rows().iter().any(|row| row.code == code) || MUNICIPALITY_PLACEHOLDERS.contains(&code.as_str());
            prop_assert_eq!(origin(&code) != Origin::Unknown, is_known);
        }
    }
}
