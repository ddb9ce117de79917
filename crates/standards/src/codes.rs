//! The closed code tables (代码表) of a graduate's record, all by one mechanism.
//!
//! A [`CodeTable`] is a file of `data/`; a [`Code`] is a line of it. The usual ways of writing a name are accepted by
//! [`CodeTable::find`] and are ours; codes and names are those of the standard that each table names. Each is also
//! listed, with how sure we are of it, in `data/README.md`.

use std::sync::OnceLock;

/// One line of a code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code as the standard writes it, leading zeros included.
    pub code: &'static str,
    /// The full Chinese name.
    pub name: &'static str,
    /// What people say and what fits a narrow column (男, 汉, 中共党员); the full name where there is nothing shorter.
    pub short_name: &'static str,
    aliases: Vec<&'static str>,
}

impl Code {
    /// The other usual ways of writing it (团员, 委托培养), which [`CodeTable::find`] accepts.
    pub fn aliases(&self) -> &[&'static str] {
        &self.aliases
    }

    /// Whether `text` is the code, the name, the short name or a usual way of writing it.
    fn is_called(&self, text: &str) -> bool {
        text == self.name || text == self.short_name || self.aliases.contains(&text)
    }
}

/// A closed table of codes (代码表).
#[derive(Debug)]
pub struct CodeTable {
    title: &'static str,
    standard: &'static str,
    text: &'static str,
    codes: OnceLock<Vec<Code>>,
}

impl CodeTable {
    const fn new(title: &'static str, standard: &'static str, text: &'static str) -> Self {
        Self {
            title,
            standard,
            text,
            codes: OnceLock::new(),
        }
    }

    /// What the table is about, in Chinese: 性别, 民族.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// The standard or convention that the codes come from.
    pub fn standard(&self) -> &'static str {
        self.standard
    }

    /// Every line, in the order of the standard.
    pub fn iter(&self) -> impl Iterator<Item = &Code> {
        self.codes().iter()
    }

    /// The line with exactly this code; `None` if the table has no such code.
    pub fn by_code(&self, code: &str) -> Option<&Code> {
        self.iter().find(|line| line.code == code)
    }

    /// The line that a person or another system means: by code, full name, short name or usual name.
    ///
    /// Spaces around it do not count, nor the case of a letter; in a table of two-digit codes a spreadsheet's `1` is
    /// `01`. `None` if the table knows no such thing, or the text is empty.
    pub fn find(&self, code_or_name: &str) -> Option<&Code> {
        let text = code_or_name.trim();
        if let Some(line) = self.iter().find(|line| line.code.eq_ignore_ascii_case(text)) {
            return Some(line);
        }
        if text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.by_code(&format!("0{text}"));
        }
        self.iter().find(|line| line.is_called(text))
    }

    fn codes(&self) -> &[Code] {
        self.codes.get_or_init(|| {
            let lines = self.text.lines().skip(1);
            lines
                .map(|line| parse(line).expect("an embedded table has four columns; a test reads them all"))
                .collect()
        })
    }
}

/// Reads one line: code, name, short name, other names separated by semicolons.
fn parse(line: &'static str) -> Option<Code> {
    let mut columns = line.split(',');
    let (code, name, short_name) = (columns.next()?, columns.next()?, columns.next()?);
    let aliases = columns
        .next()?
        .split(';')
        .filter(|alias| !alias.is_empty())
        .collect();
    columns.next().is_none().then_some(Code {
        code,
        name,
        short_name,
        aliases,
    })
}

/// 性别, GB/T 2261.1-2003 (secondary source).
///
/// 0 未知 and 9 未说明 are codes of the standard and found here, but say nothing about a graduate: see [`is_stated`].
pub static SEX: CodeTable = CodeTable::new("性别", "GB/T 2261.1-2003", include_str!("../data/sex.csv"));

/// 民族, GB/T 3304-1991 (secondary source), with 97 其他 and 98 外国血统中国籍人士, which are known in practice.
pub static ETHNIC_GROUP: CodeTable =
    CodeTable::new("民族", "GB/T 3304-1991", include_str!("../data/ethnic_group.csv"));

/// 政治面貌, GB/T 4762-1984 (secondary source).
pub static POLITICAL_STATUS: CodeTable = CodeTable::new(
    "政治面貌",
    "GB/T 4762-1984",
    include_str!("../data/political_status.csv"),
);

/// 婚姻状况, GB/T 2261.2-2003 (secondary source).
pub static MARITAL_STATUS: CodeTable = CodeTable::new(
    "婚姻状况",
    "GB/T 2261.2-2003",
    include_str!("../data/marital_status.csv"),
);

/// 学历 (xldm), the ministry's employment code table (main codes verified). 本科 alone is 31 本科生毕业, and so on.
pub static EDUCATION: CodeTable = CodeTable::new(
    "学历",
    "高校毕业生就业代码表 xldm",
    include_str!("../data/education.csv"),
);

/// 培养方式 (pyfs), the ministry's employment code table (verified).
pub static TRAINING_MODE: CodeTable = CodeTable::new(
    "培养方式",
    "高校毕业生就业代码表 pyfs",
    include_str!("../data/training_mode.csv"),
);

/// 身份证件类型, a convention of this project.
///
/// 1 居民身份证 and 6 港澳台居民通行证 are what the data exchange delivers; 9 外国人永久居留身份证, A 护照,
/// C 港澳台居民居住证 and Z 其他 were added here and come from no standard.
pub static DOCUMENT_TYPE: CodeTable = CodeTable::new(
    "身份证件类型",
    "本系统约定",
    include_str!("../data/document_type.csv"),
);

/// A graduate's sex (性别) as far as it can be used: the two stated values of GB/T 2261.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男, code 1.
    Male,
    /// 女, code 2.
    Female,
}

impl Sex {
    /// The sex of a GB/T 2261.1 code; `None` for 0 未知, 9 未说明 and anything that is no code.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "1" => Some(Self::Male),
            "2" => Some(Self::Female),
            _ => None,
        }
    }

    /// The GB/T 2261.1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }

    /// 男 or 女.
    pub fn name(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }
}

/// Whether a 性别 code says which sex: true for 1 and 2 only; 0 and 9 are valid codes that say nothing.
pub fn is_stated(sex: &str) -> bool {
    Sex::from_code(sex).is_some()
}

/// Whether a 培养方式 code asks for a 定向委培单位: true for 2 定向 and 4 委培.
pub fn needs_unit(code: &str) -> bool {
    matches!(code, "2" | "4")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn tables() -> [&'static CodeTable; 7] {
        [
            &SEX,
            &ETHNIC_GROUP,
            &POLITICAL_STATUS,
            &MARITAL_STATUS,
            &EDUCATION,
            &TRAINING_MODE,
            &DOCUMENT_TYPE,
        ]
    }

    #[test]
    fn every_line_is_found_by_its_code_and_by_every_name() {
        for table in tables() {
            for line in table.iter() {
                assert_eq!(table.by_code(line.code), Some(line));
                for text in [line.code, line.name, line.short_name]
                    .iter()
                    .chain(line.aliases())
                {
                    assert_eq!(table.find(text), Some(line), "{}: {text}", table.title());
                    assert_eq!(table.find(&format!(" {text}\u{3000}")), Some(line));
                }
            }
        }
    }

    #[test]
    fn no_code_or_name_means_two_lines() {
        for table in tables() {
            let mut owner = HashMap::new();
            for line in table.iter() {
                for text in [line.code, line.name, line.short_name]
                    .iter()
                    .chain(line.aliases())
                {
                    let other = owner.insert(*text, line.code).unwrap_or(line.code);
                    assert_eq!(other, line.code, "{}: {text}", table.title());
                }
            }
        }
    }

    #[test]
    fn the_tables_have_their_sizes_and_agree_with_a_csv_reader() {
        assert_eq!(
            tables().map(|table| table.iter().count()),
            [4, 58, 13, 8, 15, 5, 6]
        );
        for table in tables() {
            let mut reader = csv::Reader::from_reader(table.text.as_bytes());
            assert_eq!(
                reader.headers().unwrap(),
                vec!["code", "name", "short_name", "aliases"]
            );
            for (record, line) in reader.records().zip(table.iter()) {
                let record = record.unwrap();
                let aliases = line.aliases.join(";");
                assert_eq!(
                    record,
                    vec![line.code, line.name, line.short_name, aliases.as_str()]
                );
            }
        }
    }

    #[test]
    fn usual_forms_are_understood() {
        let code = |table: &CodeTable, text| {
            table
                .find(text)
                .map(|line| line.code.to_owned())
                .unwrap_or_default()
        };

        assert_eq!(code(&SEX, "男"), "1");
        assert_eq!(code(&SEX, "女性"), "2");
        assert_eq!(code(&ETHNIC_GROUP, "汉"), "01");
        assert_eq!(code(&ETHNIC_GROUP, "1"), "01");
        assert_eq!(code(&ETHNIC_GROUP, "汉族"), "01");
        assert_eq!(code(&ETHNIC_GROUP, "97"), "97");
        assert_eq!(code(&ETHNIC_GROUP, "98"), "98");
        assert_eq!(code(&POLITICAL_STATUS, "党员"), "01");
        assert_eq!(code(&POLITICAL_STATUS, "中共党员"), "01");
        assert_eq!(code(&POLITICAL_STATUS, "团员"), "03");
        assert_eq!(code(&POLITICAL_STATUS, "共青团员"), "03");
        assert_eq!(code(&POLITICAL_STATUS, "群众"), "13");
        assert_eq!(code(&EDUCATION, "本科"), "31");
        assert_eq!(code(&TRAINING_MODE, "委托培养"), "4");
        assert_eq!(code(&DOCUMENT_TYPE, "a"), "A");
    }

    #[test]
    fn what_no_table_has_is_not_found() {
        assert_eq!(ETHNIC_GROUP.find("60"), None);
        assert_eq!(ETHNIC_GROUP.find("A1"), None);
        assert_eq!(ETHNIC_GROUP.find("族"), None);
        assert_eq!(POLITICAL_STATUS.find("99"), None);
        assert_eq!(MARITAL_STATUS.find("1"), None);
        for table in tables() {
            assert_eq!(table.find(""), None);
            assert_eq!(table.find("  "), None);
        }
    }

    #[test]
    fn unknown_and_unstated_are_codes_but_no_sex() {
        for line in SEX.iter() {
            assert_eq!(is_stated(line.code), ["1", "2"].contains(&line.code));
        }
        for sex in [Sex::Male, Sex::Female] {
            assert_eq!(Sex::from_code(sex.code()), Some(sex));
            assert_eq!(SEX.find(sex.name()).map(|line| line.code), Some(sex.code()));
        }
        assert_eq!(Sex::from_code("男"), None);
    }

    #[test]
    fn directed_and_commissioned_students_need_a_unit() {
        let needing: Vec<_> = TRAINING_MODE
            .iter()
            .filter(|line| needs_unit(line.code))
            .map(|line| line.name)
            .collect();
        assert_eq!(needing, ["定向", "委培"]);
    }
}
