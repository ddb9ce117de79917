//! The sections that the student writes: which, how long, and what is wrong with a text. Counted as the print does: a wide
//! character is one, two narrow ones are one, a line break is one.

use std::collections::BTreeSet;

/// A section of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its code; texts are kept under it.
    pub code: String,
    /// The words over it.
    pub heading: String,
    /// What is to be written; may be empty.
    pub hint: String,
    /// So long it may be, in wide characters.
    pub most: usize,
    /// Whether the form can be submitted without it.
    pub is_required: bool,
}

/// The code of 学习成绩/专业排名, without which a form is not approved in a batch.
pub const RANK: &str = "rank";

/// Code, heading, hint, limit, whether required.
const DEFAULTS: [(&str, &str, &str, usize, bool); 8] = [
    (
        RANK,
        "学习成绩/专业排名",
        "如：平均学分绩点 3.6/4.3，专业排名 12/98",
        100,
        false,
    ),
    (
        "languages",
        "外语与计算机水平",
        "语种、等级或分数，计算机等级和常用软件",
        120,
        false,
    ),
    (
        "duties",
        "担任职务",
        "起止时间、单位、职务；没有请写“无”",
        160,
        false,
    ),
    (
        "awards",
        "奖惩情况",
        "时间、授予单位、名称；受过处分的如实填写",
        300,
        false,
    ),
    (
        "practice",
        "社会实践",
        "实习、科研、志愿服务：时间、单位、做了什么",
        400,
        false,
    ),
    ("strengths", "特长", "", 100, false),
    ("intention", "求职意向", "地区、行业、岗位", 100, true),
    ("appraisal", "自我评价", "", 500, true),
];

/// The sections of a class year for which the centre has not said otherwise.
pub fn defaults() -> Vec<Section> {
    DEFAULTS
        .into_iter()
        .map(|(code, heading, hint, most, is_required)| Section {
            code: code.to_owned(),
            heading: heading.to_owned(),
            hint: hint.to_owned(),
            most,
            is_required,
        })
        .collect()
}

/// The length of a text in wide characters, by the measure of the print. The script of the page counts by the same ranges
/// (`autosave.js`).
pub fn length(text: &str) -> usize {
    qihang_paper::print_length(text)
}

/// The text without what is no text: other line breaks are line breaks, tabs are spaces, control and invisible direction
/// characters are nothing. What a student types is kept so; blanks at the ends stay, because the typing goes on there.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut after_return = false;
    for character in text.chars() {
        match character {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => plain.push('\n'),
            '\t' => plain.push(' '),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {}
            other if other.is_control() => {}
            other => plain.push(other),
        }
        after_return = character == '\r';
    }
    plain
}

/// The text as it is submitted and printed: plain, without blanks at the ends of lines, without blank lines at its ends, and
/// with no more than one between paragraphs.
pub fn tidy(text: &str) -> String {
    let plain = plain(text);
    let mut tidy = String::with_capacity(plain.len());
    let mut blank = 0;
    for line in plain.lines().map(str::trim_end) {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if !tidy.is_empty() {
            tidy.push_str(if blank > 0 { "\n\n" } else { "\n" });
        }
        blank = 0;
        tidy.push_str(line);
    }
    tidy.trim().to_owned()
}

/// Characters of a text that is kept while it is written, at the most: far more than any section may have, far less than would
/// harm.
pub const LONGEST_DRAFT: usize = 20_000;

/// Why a text cannot be submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// There is none, and there must be.
    Missing,
    /// It is longer than the section.
    TooLong {
        /// So long it is.
        length: usize,
        /// So long it may be.
        most: usize,
    },
    /// There are characters that no font of the print has, quoted here.
    Unprintable(String),
}

impl Mistake {
    /// For the student.
    pub fn message(&self) -> String {
        match self {
            Self::Missing => "此项必填；确实没有的，请写明原因".into(),
            Self::TooLong { length, most } => {
                format!("超出 {} 字：最多 {most} 字，现在 {length} 字", length - most)
            }
            Self::Unprintable(characters) => {
                format!("{characters}无法打印（表情符号或极生僻的字），请删去或改写")
            }
        }
    }
}

impl Section {
    /// What is wrong with a text of this section; it is judged as it would be printed.
    pub fn mistake(&self, text: &str) -> Option<Mistake> {
        let length = length(&tidy(text));
        if length == 0 {
            return self.is_required.then_some(Mistake::Missing);
        }
        (length > self.most).then_some(Mistake::TooLong {
            length,
            most: self.most,
        })
    }
}

/// Sections of a form at the most.
pub const MOST_SECTIONS: usize = 12;
/// Wide characters of a section at the most.
pub const MOST_CHARS: usize = 2_000;
/// Characters of a heading at the most.
const LONGEST_HEADING: usize = 20;
/// Characters of a hint at the most.
const LONGEST_HINT: usize = 60;

/// A line of the centre's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectionLine {
    /// Code of a section that there is; empty for a new one.
    pub code: String,
    /// Its place, as typed.
    pub position: String,
    /// The words over it; none takes the section away.
    pub heading: String,
    /// What is to be written.
    pub hint: String,
    /// Its limit, as typed.
    pub most: String,
    /// Whether it is required.
    pub is_required: bool,
}

/// Reads what the centre wrote: the sections in order of their places. A new section gets a code that no other has.
///
/// # Errors
///
/// For each line that is wrong its number and what is wrong, for the person; line 0 is the whole.
pub fn read_sections(lines: &[SectionLine]) -> Result<Vec<Section>, Vec<(usize, String)>> {
    let mut mistakes = Vec::new();
    let mut sections = Vec::new();
    let mut headings = BTreeSet::new();
    let mut codes: BTreeSet<String> = lines.iter().map(|line| line.code.clone()).collect();
    for (number, line) in (1..).zip(lines) {
        let heading = tidy(&line.heading);
        if heading.is_empty() {
            continue;
        }
        let hint = tidy(&line.hint);
        let position: Option<u32> = line.position.trim().parse().ok();
        let most = line
            .most
            .trim()
            .parse()
            .ok()
            .filter(|most| (1..=MOST_CHARS).contains(most));
        if heading.chars().count() > LONGEST_HEADING || heading.contains('\n') {
            mistakes.push((number, format!("栏目名称为一行，不超过 {LONGEST_HEADING} 字")));
        } else if !headings.insert(heading.clone()) {
            mistakes.push((number, "栏目名称重复".into()));
        }
        if hint.chars().count() > LONGEST_HINT || hint.contains('\n') {
            mistakes.push((number, format!("填写说明为一行，不超过 {LONGEST_HINT} 字")));
        }
        let (Some(position), Some(most)) = (position, most) else {
            mistakes.push((number, format!("顺序为整数，字数为 1 到 {MOST_CHARS} 的整数")));
            continue;
        };
        let code = if line.code.is_empty() {
            let fresh = (1..).map(|number| format!("own{number}"));
            let code = fresh
                .into_iter()
                .find(|code| !codes.contains(code))
                .unwrap_or_default();
            codes.insert(code.clone());
            code
        } else {
            line.code.clone()
        };
        let section = Section {
            code,
            heading,
            hint,
            most,
            is_required: line.is_required,
        };
        sections.push((position, section));
    }
    if sections.is_empty() {
        mistakes.push((0, "至少保留一个栏目".into()));
    }
    if sections.len() > MOST_SECTIONS {
        mistakes.push((0, format!("栏目不超过 {MOST_SECTIONS} 个")));
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    sections.sort_by_key(|(position, _)| *position);
    Ok(sections.into_iter().map(|(_, section)| section).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wide_character_counts_one_and_two_narrow_ones_count_one() {
        for (text, expected) in [
            ("", 0),
            ("自我评价", 4),
            ("GPA", 2),
            ("CET-6 580", 5),
            ("𬭎䶮", 2),
            ("“引号”……", 6),
            ("ｱｲｳｴ", 2),
            ("甲\n乙", 3),
            ("葛\u{e0100}", 1),
        ] {
            assert_eq!(length(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_text_does_not_get_onto_the_page() {
        assert_eq!(plain("甲\r\n乙\r丙\u{b}丁\u{2028}戊"), "甲\n乙\n丙\n丁\n戊");
        assert_eq!(plain("a\0b\u{7}c\td\u{202e}e\u{feff}f\u{200b}"), "abc def");
        assert_eq!(tidy("  \n\n 甲  \n\n\n\n乙\t \n丙\n\n"), "甲\n\n乙\n丙");
        // Mark-up and commands are text like any other.
        assert_eq!(tidy("<b>#set page()</b> $x$ \\"), "<b>#set page()</b> $x$ \\");
    }

    #[test]
    fn a_text_is_judged_as_it_would_be_printed() {
        let section = Section {
            code: "x".into(),
            heading: "特长".into(),
            hint: String::new(),
            most: 4,
            is_required: true,
        };
        assert_eq!(section.mistake(" \n\t "), Some(Mistake::Missing));
        assert_eq!(section.mistake("  四个汉字  \n\n"), None);
        assert_eq!(
            section.mistake("五个汉字呢"),
            Some(Mistake::TooLong { length: 5, most: 4 })
        );
        assert_eq!(section.mistake("eight8ok"), None);
        assert_eq!(
            Mistake::TooLong { length: 5, most: 4 }.message(),
            "超出 1 字：最多 4 字，现在 5 字"
        );
    }

    fn line(code: &str, position: &str, heading: &str, most: &str) -> SectionLine {
        SectionLine {
            code: code.into(),
            position: position.into(),
            heading: heading.into(),
            most: most.into(),
            ..SectionLine::default()
        }
    }

    #[test]
    fn the_sections_stand_in_order_and_a_new_one_has_a_code_of_its_own() {
        let lines = [
            line("own1", "3", "科研成果", "200"),
            line("rank", "2", "专业排名", "50"),
            line("", "1", "证书", "80"),
            line("awards", "4", " ", "1"),
        ];
        let sections = read_sections(&lines).unwrap();
        let codes: Vec<&str> = sections.iter().map(|section| section.code.as_str()).collect();
        assert_eq!(codes, ["own2", "rank", "own1"]);
    }

    #[test]
    fn every_wrong_line_is_named() {
        let lines = [
            line("a", "x", "甲", "10"),
            line("b", "2", "乙", "0"),
            line("c", "3", "丙", "10"),
            line("d", "4", "丙", "10"),
        ];
        let numbers: Vec<usize> = read_sections(&lines)
            .unwrap_err()
            .into_iter()
            .map(|(number, _)| number)
            .collect();
        assert_eq!(numbers, [1, 2, 4]);
        assert_eq!(read_sections(&[]).unwrap_err()[0].0, 0);
    }

    proptest! {
        #[test]
        fn tidying_is_done_once_and_never_makes_a_text_longer(text in "[\\PC\n\r\t \u{0}\u{202e}]{0,80}") {
            let once = tidy(&text);
            prop_assert_eq!(&tidy(&once), &once);
            prop_assert!(length(&once) <= length(&plain(&text)));
            prop_assert!(!once.contains("\n\n\n") && !once.chars().any(|one| one.is_control() && one != '\n'));
            prop_assert_eq!(once.trim(), once.as_str());
        }

        #[test]
        fn what_is_kept_while_it_is_written_is_printed_the_same(text in "\\PC{0,60}") {
            prop_assert_eq!(tidy(&plain(&text)), tidy(&text));
        }
    }
}
