//! One cell: the text as it was meant, and the code where it can be recognised. Whatever cannot be recognised stays as
//! found: a bad field is a finding, never a reason to lose a student.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use qihang_db::{CollegeKind, DegreeLevel, Role, StudentType, StudyStatus};
use qihang_sheet::normalise;
use qihang_standards::division;

use super::dataset::Kind;

/// The text as it was meant: no spaces around it, runs of them folded, full-width letters and digits made half-width,
/// nothing that cannot be seen. Chinese punctuation (（ ） ·) belongs to names and stays.
pub(crate) fn tidy(text: &str) -> String {
    // Most cells of most files are plain already.
    if text.is_ascii() && !text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return text.to_owned();
    }
    let mut tidy = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() {
            gap = true;
            continue;
        }
        if character.is_control() || is_invisible(character) {
            continue;
        }
        if gap && !tidy.is_empty() {
            tidy.push(' ');
        }
        gap = false;
        tidy.push(match character {
            '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
                char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
            }
            other => other,
        });
    }
    tidy
}

const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{180e}' | '\u{00ad}'
    )
}

/// Brings a cell into the form in which it is stored, as far as that needs nothing but the cell itself.
pub(crate) fn canonical(kind: Kind, text: &str) -> String {
    let tidied = tidy(text);
    if tidied.is_empty() {
        return tidied;
    }
    let recognised = match kind {
        Kind::Identifier => Some(identifier(&tidied)),
        Kind::IdentityNo => Some(identifier(&tidied).to_ascii_uppercase()),
        Kind::Login => Some(identifier(&tidied).to_lowercase()),
        Kind::Coded(table) => table.find(&normalise(&tidied)).map(|code| code.code.to_owned()),
        Kind::StudentType => student_type(&tidied).map(|value| value.code().to_owned()),
        Kind::DegreeLevel => degree_level(&tidied).map(|value| value.code().to_owned()),
        Kind::StudyStatus => study_status(&tidied).map(|value| value.code().to_owned()),
        Kind::CollegeType => CollegeKind::find(&tidied).map(|value| value.code().to_owned()),
        Kind::Role => Role::find(&tidied).map(|value| value.code().to_owned()),
        Kind::Place => place(&tidied),
        Kind::Date => date(&tidied).map(|day| day.format("%Y-%m-%d").to_string()),
        Kind::Length => half_years(&tidied).map(years_text),
        Kind::Year => year(&tidied).map(|year| year.to_string()),
        Kind::Text | Kind::School | Kind::Residence | Kind::Unit | Kind::Major => None,
    };
    recognised.unwrap_or(tidied)
}

/// How a stored value reads on screen.
pub(crate) fn display(kind: Kind, stored: &str) -> String {
    let label = match kind {
        Kind::Coded(table) => table.by_code(stored).map(|code| code.short_name),
        Kind::StudentType => StudentType::from_code(stored).map(StudentType::label),
        Kind::DegreeLevel => DegreeLevel::from_code(stored).map(DegreeLevel::label),
        Kind::StudyStatus => StudyStatus::from_code(stored).map(StudyStatus::label),
        Kind::CollegeType => CollegeKind::from_code(stored).map(CollegeKind::label),
        Kind::Role => Role::from_code(stored).map(Role::label),
        Kind::Place => return division::full_name(stored).unwrap_or_else(|| stored.to_owned()),
        Kind::IdentityNo => return qihang_standards::identity::mask(stored),
        _ => None,
    };
    label.unwrap_or(stored).to_owned()
}

/// Without spaces inside, and without the apostrophe or `="…"` by which a spreadsheet is made to keep a number as text.
fn identifier(tidied: &str) -> String {
    let text: String = normalise(tidied).chars().filter(|one| *one != ' ').collect();
    let inner = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(&text);
    inner.trim_start_matches(['\'', '`', '‘', '’']).to_owned()
}

fn student_type(text: &str) -> Option<StudentType> {
    StudentType::find(text).or(match text {
        "本科" | "普通本科生" | "全日制本科生" | "大学本科生" => {
            Some(StudentType::Undergraduate)
        }
        "硕士" | "博士" | "硕士生" | "博士生" | "硕士研究生" | "博士研究生" | "全日制研究生" => {
            Some(StudentType::Graduate)
        }
        _ => None,
    })
}

fn degree_level(text: &str) -> Option<DegreeLevel> {
    DegreeLevel::find(text).or(match text {
        "本科生" | "大学本科" | "普通本科" | "学士" => Some(DegreeLevel::Bachelor),
        "硕士生" | "硕士研究生" => Some(DegreeLevel::Master),
        "博士生" | "博士研究生" => Some(DegreeLevel::Doctor),
        _ => None,
    })
}

fn study_status(text: &str) -> Option<StudyStatus> {
    StudyStatus::find(text).or(match text {
        "在读生" | "在校" | "在籍在校" => Some(StudyStatus::Active),
        "延长" | "延长学习年限" | "延期毕业" => Some(StudyStatus::Extended),
        "已毕业" => Some(StudyStatus::Graduated),
        _ => None,
    })
}

/// The code of a place given by its full name, where exactly one place has it: today, or else in the past.
fn place(text: &str) -> Option<String> {
    static BY_NAME: LazyLock<HashMap<String, Option<&'static str>>> = LazyLock::new(|| {
        let mut names: HashMap<String, Option<&'static str>> = HashMap::new();
        for current in [true, false] {
            let mut found: HashMap<String, Option<&'static str>> = HashMap::new();
            for row in division::rows().iter().filter(|row| row.is_current() == current) {
                let entry = found.entry(row.full_name()).or_insert(Some(row.code));
                if *entry != Some(row.code) {
                    *entry = None;
                }
            }
            for (name, code) in found {
                names.entry(name).or_insert(code);
            }
        }
        names
    });
    if text.is_ascii() {
        return Some(identifier(text));
    }
    let name: String = text
        .chars()
        .filter(|one| !matches!(one, ' ' | '/' | '-' | '、' | '－' | '／' | ','))
        .collect();
    BY_NAME.get(&name).copied().flatten().map(str::to_owned)
}

/// A day as people and systems write it; `None` for what is no day of the calendar.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.trim_end_matches('日')
            .split(['-', '/', '.', '年', '月', '－', '／'])
            .collect()
    };
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (chrono::Datelike::year(&day) >= 1900).then_some(day)
}

/// 学制 in half years: `4`, `2.5`, `4年`, `四年制`, `两年半`.
pub(crate) fn half_years(text: &str) -> Option<i32> {
    let text = normalise(text);
    let (text, half) = match text.strip_suffix('半') {
        Some(rest) => (rest.to_owned(), 1),
        None => (text, 0),
    };
    let text = text
        .trim_end_matches('制')
        .trim_end_matches('年')
        .trim_end_matches('学')
        .trim();
    let half_years = match text {
        "一" => 2,
        "二" | "两" => 4,
        "三" => 6,
        "四" => 8,
        "五" => 10,
        "六" => 12,
        "七" => 14,
        "八" => 16,
        number => {
            let (whole, part) = number.split_once('.').unwrap_or((number, ""));
            if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let extra = match part.trim_end_matches('0') {
                "" => 0,
                "5" => 1,
                _ => return None,
            };
            whole.parse::<i32>().ok()?.checked_mul(2)? + extra
        }
    } + half;
    (1..=30).contains(&half_years).then_some(half_years)
}

/// Half years as people write them: `4`, `2.5`.
pub(crate) fn years_text(half_years: i32) -> String {
    if half_years % 2 == 0 {
        (half_years / 2).to_string()
    } else {
        format!("{}.5", half_years / 2)
    }
}

/// A year of admission: `2023`, `2023级`, `2023年`, or a day in it.
pub(crate) fn year(text: &str) -> Option<i32> {
    let text = normalise(text);
    let digits = text.trim_end_matches('级').trim_end_matches('年').trim();
    let year = if digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()?
    } else {
        chrono::Datelike::year(&date(&text)?)
    };
    (1950..=2100).contains(&year).then_some(year)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use qihang_standards::codes::{ETHNIC_GROUP, POLITICAL_STATUS, SEX};

    use super::*;

    #[test]
    fn spaces_and_full_width_digits_go_and_the_dot_of_a_name_stays() {
        assert_eq!(tidy("\u{3000} 古丽娜尔·吐尔逊 \u{200b}"), "古丽娜尔·吐尔逊");
        assert_eq!(tidy("１３８００１３８０００"), "13800138000");
        assert_eq!(tidy("软件工程（中外合作）"), "软件工程（中外合作）");
        assert_eq!(
            canonical(Kind::IdentityNo, " 61010419990101231ｘ "),
            "61010419990101231X"
        );
        assert_eq!(canonical(Kind::Identifier, "=\"22201302312\""), "22201302312");
    }

    #[test]
    fn a_coded_field_takes_code_or_name_and_keeps_what_it_cannot_read() {
        assert_eq!(canonical(Kind::Coded(&SEX), "男"), "1");
        assert_eq!(canonical(Kind::Coded(&ETHNIC_GROUP), "1"), "01");
        assert_eq!(canonical(Kind::Coded(&POLITICAL_STATUS), "共青团员"), "03");
        assert_eq!(canonical(Kind::Coded(&POLITICAL_STATUS), "99"), "99");
        assert_eq!(canonical(Kind::StudentType, "本科生"), "undergraduate");
        assert_eq!(canonical(Kind::StudyStatus, "保留入学资格"), "保留入学资格");
    }

    #[test]
    fn a_day_is_read_however_it_is_written_and_an_impossible_one_stays_as_found() {
        for text in [
            "20040107",
            "2004-01-07",
            "2004/1/7",
            "2004年1月7日",
            "2004-01-07 00:00:00",
            "2004.1.7",
        ] {
            assert_eq!(canonical(Kind::Date, text), "2004-01-07", "{text}");
        }
        assert_eq!(canonical(Kind::Date, "20040230"), "20040230");
        assert_eq!(canonical(Kind::Date, "200401"), "200401");
    }

    #[test]
    fn lengths_are_whole_or_half_years() {
        for (text, half) in [
            ("4", 8),
            ("2.5", 5),
            ("4.0", 8),
            ("四年", 8),
            ("4年制", 8),
            ("两年半", 5),
        ] {
            assert_eq!(half_years(text), Some(half), "{text}");
        }
        for text in ["", "0", "四", "99", "4.3", "本科"] {
            assert_eq!(half_years(text).is_some(), text == "四", "{text}");
        }
    }

    #[test]
    fn an_admission_year_is_four_digits() {
        assert_eq!(year("2023"), Some(2023));
        assert_eq!(year("2023级"), Some(2023));
        assert_eq!(year("2023-09-01"), Some(2023));
        for text in ["二〇二三", "23", "20233", "1023", "", "在读"] {
            assert_eq!(year(text), None, "{text}");
        }
    }

    #[test]
    fn a_full_name_of_a_place_becomes_its_code() {
        assert_eq!(canonical(Kind::Place, "陕西省西安市雁塔区"), "610113");
        assert_eq!(canonical(Kind::Place, "陕西省/西安市"), "610100");
        assert_eq!(canonical(Kind::Place, "610113"), "610113");
        assert_eq!(canonical(Kind::Place, "某地"), "某地");
    }

    proptest! {
        #[test]
        fn reading_what_was_stored_changes_nothing(text in "\\PC{0,12}|[0-9]{8}|[0-9./年-]{1,10}") {
            for kind in [Kind::Identifier, Kind::IdentityNo, Kind::Login, Kind::Text, Kind::Coded(&SEX), Kind::StudentType,
                Kind::DegreeLevel, Kind::StudyStatus, Kind::Place, Kind::Date, Kind::Length, Kind::Year, Kind::Role] {
                let once = canonical(kind, &text);
                prop_assert_eq!(canonical(kind, &once), once.clone());
                prop_assert!(!once.chars().any(char::is_control));
            }
        }
    }
}
