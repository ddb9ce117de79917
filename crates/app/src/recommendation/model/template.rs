//! Sentences that officers use often, with fields that are filled in from the record.

use super::facts::Fact;
use super::section::{length, tidy};

/// What a sentence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 院系推荐意见.
    Opinion,
    /// Why a form is returned.
    Reason,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Opinion, Self::Reason];

    /// The code in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Opinion => "opinion",
            Self::Reason => "reason",
        }
    }

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Opinion => "院系推荐意见",
            Self::Reason => "退回原因",
        }
    }

    /// The sentences where the 院 has none of its own.
    pub const fn defaults(self) -> &'static [&'static str] {
        match self {
            Self::Opinion => &[
                "所填情况属实，同意推荐。",
                "该生{姓名}系我院{专业}专业{学历}毕业生，在校期间遵守校规校纪，学习认真，所填情况属实，同意推荐。",
                "该生品学兼优，专业基础扎实，综合素质较高，所填情况属实，推荐就业。",
            ],
            Self::Reason => &[
                "与事实不符，请核实后修改。",
                "请写明时间和奖项、职务或单位的全称。",
                "过于简单，请补充具体内容。",
                "有错别字或语句不通，请检查。",
                "含有不宜写入推荐表的个人信息，请删去。",
            ],
        }
    }
}

/// Wide characters of an opinion or a reason at the most: what the box on the form holds.
pub const MOST_CHARS: usize = 200;
/// Sentences of a kind at the most.
pub const MOST_TEMPLATES: usize = 20;

/// The fields that a sentence may have.
pub const FIELDS: [&str; 7] = ["姓名", "性别", "学号", "学历", "学院", "专业", "学制"];

/// Fills the fields of a sentence in. A brace that is no field is a brace.
pub fn fill(template: &str, facts: &[Fact]) -> String {
    FIELDS.iter().fold(template.to_owned(), |text, field| {
        let value = facts
            .iter()
            .find(|fact| fact.heading == *field)
            .map_or("", |fact| &fact.value);
        text.replace(&format!("{{{field}}}"), value)
    })
}

/// The sentences of a kind, one a line.
///
/// # Errors
///
/// What is wrong, for the officer.
pub fn read(kind: Kind, lines: &str) -> Result<Vec<String>, String> {
    let sentences: Vec<String> = tidy(lines)
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    if sentences.len() > MOST_TEMPLATES {
        return Err(format!("{}模板不超过 {MOST_TEMPLATES} 条。", kind.label()));
    }
    for (number, sentence) in (1..).zip(&sentences) {
        if length(sentence) > MOST_CHARS {
            return Err(format!("第 {number} 条超过 {MOST_CHARS} 字。"));
        }
        let unknown = sentence
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .find(|name| kind == Kind::Reason || !FIELDS.contains(name));
        if let Some(name) = unknown {
            return Err(match kind {
                Kind::Opinion => format!(
                    "第 {number} 条有不认识的字段 {{{name}}}，可用的有：{}。",
                    FIELDS.join("、")
                ),
                Kind::Reason => format!("第 {number} 条：退回原因不能带字段 {{{name}}}。"),
            });
        }
    }
    Ok(sentences)
}

/// An opinion or a reason as an officer wrote it.
///
/// # Errors
///
/// What is wrong, for the officer.
pub fn words(text: &str, what: &str) -> Result<String, String> {
    let text = tidy(text);
    let length = length(&text);
    if length == 0 {
        Err(format!("请填写{what}"))
    } else if length > MOST_CHARS {
        Err(format!("{what}最多 {MOST_CHARS} 字，现在 {length} 字"))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(heading: &str, value: &str) -> Fact {
        Fact {
            code: String::new(),
            heading: heading.into(),
            value: value.into(),
        }
    }

    #[test]
    fn fields_are_filled_in_and_other_braces_stay() {
        let facts = [fact("姓名", "卢宇玉"), fact("专业", "机械工程")];
        assert_eq!(
            fill("{姓名}，{专业}专业{专业}，{x}", &facts),
            "卢宇玉，机械工程专业机械工程，{x}"
        );
        assert_eq!(fill("{学历}生", &facts), "生");
    }

    #[test]
    fn the_sentences_that_come_with_the_system_are_good() {
        for kind in Kind::ALL {
            let lines = kind.defaults().join("\n");
            assert_eq!(read(kind, &lines).unwrap(), kind.defaults());
        }
    }

    #[test]
    fn a_field_that_is_none_is_named() {
        assert!(
            read(Kind::Opinion, "好\n{年龄}岁")
                .unwrap_err()
                .contains("第 2 条")
        );
        assert!(read(Kind::Reason, "{姓名}").is_err());
        assert!(read(Kind::Opinion, &"一\n".repeat(21)).is_err());
        assert!(read(Kind::Opinion, &"长".repeat(201)).is_err());
        assert_eq!(read(Kind::Opinion, " \n\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_opinion_is_neither_empty_nor_longer_than_its_box() {
        assert!(words(" \n", "意见").is_err());
        assert!(words(&"长".repeat(201), "意见").is_err());
        assert_eq!(words(" 同意推荐。\n", "意见").unwrap(), "同意推荐。");
    }
}
