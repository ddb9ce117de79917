//! Places found as people look for them: by name, by pinyin, by initials, by code; also by a name that is no more.
//!
//! 重庆 is found by `chongqing`, `cq`, `重庆` and `50`. Several words narrow each other down: `shanxi yanta`. How names are
//! read where the usual reading of a character is another stands in `data/place_readings.csv`.

use std::sync::LazyLock;

use pinyin::ToPinyin;

use crate::division::{Division, Level, rows};

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The best, best first.
    pub places: Vec<&'static Division>,
    /// How many there are in all.
    pub total: usize,
}

/// Words of a query that count; the rest is left out.
const WORDS: usize = 4;

/// The places that a query means, the best first, at most `limit` of them. Nothing for an empty query.
pub fn search(query: &str, limit: usize) -> Found {
    let words: Vec<String> = query.split_whitespace().take(WORDS).map(normalise).collect();
    if words.is_empty() {
        return Found::default();
    }
    let mut hits: Vec<(u32, &Entry)> = ENTRIES
        .iter()
        .filter_map(|entry| Some((entry.distance(&words)?, entry)))
        .collect();
    // Places of today first, then the higher rank, then the order of the codes.
    hits.sort_by_key(|(distance, entry)| {
        let row = entry.row;
        (
            *distance,
            !row.is_current(),
            row.level,
            row.code,
            u16::MAX - row.from_year,
        )
    });
    Found {
        total: hits.len(),
        places: hits.into_iter().take(limit).map(|(_, entry)| entry.row).collect(),
    }
}

/// How a place name is read, a syllable a character, without tones; ü is v.
pub fn reading(name: &str) -> Vec<String> {
    let mut syllables = Vec::new();
    let mut rest = name;
    while let Some(character) = rest.chars().next() {
        // The table is sorted by nothing in particular; the longest word that fits counts.
        let word = READINGS
            .iter()
            .filter(|(word, _)| rest.starts_with(word))
            .max_by_key(|(word, _)| word.len());
        if let Some((word, reading)) = word {
            syllables.extend(reading.split(' ').map(str::to_owned));
            rest = &rest[word.len()..];
            continue;
        }
        if let Some(reading) = character.to_pinyin() {
            syllables.push(reading.plain().replace('ü', "v"));
        }
        rest = &rest[character.len_utf8()..];
    }
    syllables
}

/// As the keys are written: lower case, ü as v, no apostrophes (`xi'an`).
fn normalise(word: &str) -> String {
    word.to_lowercase().replace('ü', "v").replace(['\'', '’'], "")
}

/// What names of ranks end with; people leave it out.
const RANKS: [&str; 14] = [
    "特别行政区",
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "省",
    "市",
    "区",
    "县",
    "盟",
];

/// A name without its rank: 西安; a name that would be left with one character keeps it (盘县).
fn short(name: &str) -> &str {
    let ranks = RANKS.iter();
    ranks
        .filter_map(|rank| name.strip_suffix(rank))
        .find(|short| short.chars().count() > 1)
        .unwrap_or(name)
}

/// A name as it can be typed.
struct Key {
    name: &'static str,
    short: &'static str,
    pinyin: String,
    short_pinyin: String,
    initials: String,
    short_initials: String,
}

impl Key {
    fn of(name: &'static str) -> Self {
        let short = short(name);
        let (syllables, short_syllables) = (reading(name), reading(short));
        let initials = |syllables: &[String]| -> String {
            syllables
                .iter()
                .filter_map(|syllable| syllable.chars().next())
                .collect()
        };
        Self {
            name,
            short,
            pinyin: syllables.concat(),
            short_pinyin: short_syllables.concat(),
            initials: initials(&syllables),
            short_initials: initials(&short_syllables),
        }
    }

    /// How far a word is from meaning this name; `None` when it does not.
    fn distance(&self, word: &str) -> Option<u32> {
        if [self.name, self.short].contains(&word) || word == self.short_pinyin || word == self.pinyin {
            Some(0)
        } else if self.name.starts_with(word) {
            Some(1)
        } else if word == self.short_initials || word == self.initials {
            Some(2)
        } else if word.len() > 1 && self.pinyin.starts_with(word) {
            Some(3)
        } else if self.name.contains(word) {
            Some(4)
        } else if word.len() > 1 && self.initials.starts_with(word) {
            Some(5)
        } else {
            None
        }
    }
}

/// A row of the table with everything it is found by.
struct Entry {
    row: &'static Division,
    /// The own name, then those of the prefecture and the province that it lies in.
    keys: Vec<Key>,
    /// The names of all of them in a row, with and without ranks: 陕西西安雁塔.
    paths: [String; 2],
}

impl Entry {
    fn of(row: &'static Division) -> Self {
        let mut names = vec![row.name];
        if row.level == Level::County {
            names.extend(row.prefecture);
        }
        if row.level != Level::Province {
            names.push(row.province);
        }
        let outermost_first = || names.iter().rev();
        Self {
            row,
            paths: [
                outermost_first().copied().collect(),
                outermost_first().map(|name| short(name)).collect(),
            ],
            keys: names.into_iter().map(Key::of).collect(),
        }
    }

    /// How far the words are from meaning this place: every one of them has to fit. A word that fits only what the place
    /// lies in counts for less, and one word has to be enough for one name.
    fn distance(&self, words: &[String]) -> Option<u32> {
        words
            .iter()
            .try_fold(0, |sum, word| Some(sum + self.word_distance(word)?))
    }

    fn word_distance(&self, word: &str) -> Option<u32> {
        const OUTER: u32 = 10;
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            return match self.row.code.strip_prefix(word) {
                Some("") => Some(0),
                Some(rest) => Some(u32::try_from(rest.len()).unwrap_or(OUTER)),
                None => None,
            };
        }
        let named = self.keys.iter().enumerate().filter_map(|(index, key)| {
            let outer = if index == 0 { 0 } else { OUTER };
            key.distance(word).map(|distance| distance + outer)
        });
        let in_path = || {
            self.paths
                .iter()
                .any(|path| path.contains(word))
                .then_some(OUTER / 2)
        };
        named.min().or_else(in_path)
    }
}

static READINGS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    include_str!("../data/place_readings.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect()
});

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| rows().iter().map(Entry::of).collect());

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The full name of the first place found.
    fn first(query: &str) -> String {
        let found = search(query, 1);
        found
            .places
            .first()
            .map_or_else(String::new, |row| row.full_name())
    }

    #[test]
    fn a_place_is_found_by_name_pinyin_initials_and_code() {
        for query in ["西安市", "西安", "xian", "Xi'an", "610100"] {
            assert_eq!(first(query), "陕西省西安市", "{query}");
        }
        for query in [
            "雁塔区",
            "雁塔",
            "yanta",
            "陕西西安雁塔",
            "陕西省西安市雁塔区",
            "西安 yanta",
            "xian yt",
            "610113",
        ] {
            assert_eq!(first(query), "陕西省西安市雁塔区", "{query}");
        }
        assert!(search("xa", 40).places.iter().any(|row| row.code == "610100"));
        assert_eq!(first("吕梁"), "山西省吕梁市");
        assert_eq!(first("lvliang"), "山西省吕梁市");
        assert_eq!(first("lüliang"), "山西省吕梁市");
    }

    #[test]
    fn names_with_more_than_one_reading_are_found_as_they_are_read() {
        for (query, name) in [
            ("chongqing", "重庆市"),
            ("cq", "重庆市"),
            ("changchun", "吉林省长春市"),
            ("changsha", "湖南省长沙市"),
            ("xiamen", "福建省厦门市"),
            ("luan", "安徽省六安市"),
            ("panyu", "广东省广州市番禺区"),
            ("chengdu", "四川省成都市"),
            ("foshan", "广东省佛山市"),
            ("bengbu", "安徽省蚌埠市"),
            ("yueqing", "浙江省温州市乐清市"),
            ("leshan", "四川省乐山市"),
            ("zhangzi", "山西省长治市长子县"),
            ("changzhi", "山西省长治市"),
            ("hunchun", "吉林省延边朝鲜族自治州珲春市"),
            ("xizang", "西藏自治区"),
            ("liupanshui", "贵州省六盘水市"),
            ("kashi", "新疆维吾尔自治区喀什地区"),
            ("minhang", "上海市闵行区"),
            ("baise", "广西壮族自治区百色市"),
            ("lishui", "浙江省丽水市"),
            ("dongguan", "广东省东莞市"),
            ("bozhou", "安徽省亳州市"),
        ] {
            assert_eq!(first(query), name, "{query}");
        }
    }

    #[test]
    fn a_name_that_is_no_more_is_found_after_those_of_today() {
        let names: Vec<_> = search("襄樊", 10).places.iter().map(|row| row.name).collect();
        assert_eq!(names.first(), Some(&"襄樊市"));
        assert_eq!(first("崇文"), "北京市崇文区");
        let found = search("渠县", 10).places;
        assert!(found[0].is_current() && found.len() > 1);
    }

    #[test]
    fn what_lies_in_a_place_comes_after_it_and_the_limit_holds() {
        let found = search("西安", 5);
        assert_eq!(found.places.len(), 5);
        assert!(found.total > 10);
        assert_eq!(search("", 5), Found::default());
        assert_eq!(search("   ", 5), Found::default());
        assert_eq!(search("没有这个地方", 5), Found::default());
    }

    #[test]
    fn every_reading_of_the_table_is_of_a_place_and_has_a_syllable_a_character() {
        for (word, reading) in READINGS.iter() {
            assert!(rows().iter().any(|row| row.name.contains(word)), "{word}");
            assert_eq!(reading.split(' ').count(), word.chars().count(), "{word}");
        }
    }

    #[test]
    fn every_name_can_be_read_and_every_place_of_today_is_found_by_its_code_and_its_name() {
        for row in rows() {
            let syllables = reading(row.name).len();
            // One place outside the administration of today has a comma in its name.
            assert_eq!(
                syllables,
                row.name.chars().filter(|one| *one != '、').count(),
                "{}",
                row.name
            );
        }
        for row in rows().iter().filter(|row| row.is_current()).step_by(37) {
            assert_eq!(search(row.code, 1).places, [row]);
            assert!(
                search(&row.full_name(), 5).places.contains(&row),
                "{}",
                row.full_name()
            );
            assert!(
                search(&reading(row.name).concat(), 60).places.contains(&row),
                "{}",
                row.full_name()
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer_or_none(text in "\\PC{0,30}", limit in 0usize..50) {
            let found = search(&text, limit);
            prop_assert!(found.places.len() <= limit && found.places.len() <= found.total);
        }
    }
}
