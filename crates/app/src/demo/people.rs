//! Invented people: names, identity numbers that check, candidate numbers. Nobody real.

use chrono::{Datelike, NaiveDate};
use qihang_standards::division;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田",
    "董", "潘", "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任", "卢", "姚",
    "沈", "钟", "姜", "崔", "谭", "陆", "范", "汪", "廖", "欧阳", "司马", "单", "仇", "解",
];

const GIVEN: &[&str] = &[
    "宇", "轩", "子", "涵", "欣", "怡", "梓", "浩", "然", "博", "文", "思", "远", "佳", "琪", "雨", "晨",
    "志", "明", "雅", "婷", "俊", "杰", "慧", "敏", "建", "华", "玉", "兰", "国", "强", "海", "燕", "晓",
    "东", "瑞", "雪", "梅", "立", "群", "若", "溪", "清", "和", "安", "宁", "嘉", "诚", "书", "言", "𬭎",
    "䶮",
];

/// Names that a system written for three characters breaks on.
const LONG_NAMES: &[&str] = &[
    "古丽娜尔·吐尔逊",
    "买合木提江·艾合买提",
    "艾力·亚生",
    "阿不都热依木·买买提",
];

/// An invented name.
pub(super) fn name(rng: &mut StdRng) -> String {
    if rng.random_ratio(1, 200) {
        return pick(rng, LONG_NAMES).to_owned();
    }
    let mut name = pick(rng, SURNAMES).to_owned();
    for _ in 0..rng.random_range(1..=2) {
        name.push_str(pick(rng, GIVEN));
    }
    name
}

/// One of a few.
pub(super) fn pick<'a>(rng: &mut impl Rng, some: &[&'a str]) -> &'a str {
    some.choose(rng).copied().unwrap_or_default()
}

/// Codes that are complete as a place of origin and valid today: cities, and districts of the 直辖市.
pub(super) fn origins() -> Vec<&'static str> {
    division::rows()
        .iter()
        .filter(|row| row.is_current() && row.level != division::Level::Province)
        .filter(|row| matches!(division::origin(row.code), division::Origin::Complete { .. }))
        .map(|row| row.code)
        .collect()
}

/// A birthday about `age` years before the first of September of `admission_year`.
pub(super) fn birthday(rng: &mut StdRng, admission_year: i32, age: i32) -> NaiveDate {
    let first = NaiveDate::from_yo_opt(admission_year - age, 1).unwrap_or_default();
    first + chrono::Days::new(rng.random_range(0..365))
}

/// An identity number by GB 11643 with a right check digit; the place is not checked by anybody.
pub(super) fn identity_number(rng: &mut StdRng, area: &str, birthday: NaiveDate, is_female: bool) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let order = rng.random_range(0..500) * 2 + u32::from(!is_female);
    let digits = format!("{area}{}{order:03}", birthday.format("%Y%m%d"));
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize];
    format!("{digits}{check}")
}

/// A 考生号: 14 digits for 本科生, 15 for 研究生.
pub(super) fn exam_no(rng: &mut StdRng, admission_year: i32, is_graduate: bool) -> String {
    if is_graduate {
        format!(
            "10698{}{:09}",
            admission_year % 10,
            rng.random_range(0..1_000_000_000_u32)
        )
    } else {
        format!(
            "{:02}61{:010}",
            admission_year % 100,
            rng.random_range(0..10_000_000_000_u64)
        )
    }
}

/// A telephone number nobody has: mobile numbers do not begin with 100.
pub(super) fn mobile(rng: &mut StdRng) -> String {
    format!("100{:08}", rng.random_range(0..100_000_000_u32))
}

/// As the exchange writes days.
pub(super) fn compact(day: NaiveDate) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}
