//! What a 定向委培单位 may be, and what becomes of it when the data exchange brings one. Pure.

use qihang_db::UnitState;
use qihang_db::entity::{directed_unit, student};
use qihang_standards::codes::needs_unit;

use super::filter::{Missing, Shown};
use crate::exchange::model::tidy;
use crate::findings::model::digest;

/// Characters of a unit at the most.
pub const LONGEST_UNIT: usize = 100;
/// Characters of the evidence, or of the reason of a refusal, at the most.
pub const LONGEST_NOTE: usize = 300;

/// Characters of a unit at the least: no organisation is called by one.
const SHORTEST_UNIT: usize = 2;
/// Characters of the evidence at the least.
const SHORTEST_NOTE: usize = 4;

/// The name of a unit that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit(String);

impl Unit {
    /// Reads what was typed.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = tidy(text);
        match text.chars().count() {
            0 => Err("请填写定向委培单位。"),
            count if count < SHORTEST_UNIT => Err("请填写单位的全称。"),
            count if count > LONGEST_UNIT => Err("单位名称不超过 100 字，请填写全称。"),
            _ if !text.chars().any(char::is_alphabetic) => Err("请填写单位的全称，不能只有数字或符号。"),
            _ if NOTHING.contains(&text.as_str()) => Err("请填写单位的全称；没有单位的不在这里填写。"),
            _ => Ok(Self(text)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What people write where they have nothing to write.
const NOTHING: &[&str] = &["没有", "暂无", "不详", "未知", "不知道", "无单位"];

/// Why an officer believes a unit, or does not. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// Reads what was typed.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = tidy(text);
        match text.chars().count() {
            0 => Err("请写明依据，例如：已电话联系学生，见定向就业协议。"),
            count if count < SHORTEST_NOTE => Err("太短，请写明联系了谁、依据是什么。"),
            count if count > LONGEST_NOTE => Err("不超过 300 字。"),
            _ => Ok(Self(text)),
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a unit that stands lies to the data exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// The data exchange has none: this one counts.
    Over,
    /// The data exchange has brought another: that one counts.
    Against,
}

impl Lies {
    /// How a row lies; `None` where it does not stand.
    pub fn of(row: &directed_unit::Model) -> Option<Self> {
        if row.state != UnitState::Standing.code() {
            None
        } else if row.exchange_value.is_empty() {
            Some(Self::Over)
        } else {
            Some(Self::Against)
        }
    }
}

/// What becomes of a unit that stands when the data exchange brings one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same: nothing lies over the data exchange any more.
    Adopted,
    /// None: the officer's counts.
    Over,
    /// Another: the exchange's counts, and somebody has to find out which is right.
    Against,
}

/// The rule of R11: an officer's unit counts until the data exchange brings one.
pub fn outcome(unit: &str, brought: &str) -> Outcome {
    if unit == brought {
        Outcome::Adopted
    } else if brought.is_empty() {
        Outcome::Over
    } else {
        Outcome::Against
    }
}

/// What decides where a student stands in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of a record")]
pub struct Line {
    /// Row id.
    pub id: i64,
    /// 学号.
    pub student_no: String,
    /// 定向 or 委培; otherwise the student is here because an officer filled in a unit.
    pub is_directed: bool,
    /// Whether there is a 生源所在地.
    pub has_origin: bool,
    /// Whether there is a unit, whoever brought it.
    pub has_unit: bool,
    /// What was proposed or filled in.
    pub state: Option<UnitState>,
    /// Whether the data exchange has a unit, where an officer filled one in.
    pub exchange_has_unit: bool,
}

impl Line {
    /// Whether the student is in this part of the list.
    pub fn is_in(&self, shown: Shown) -> bool {
        let stands = self.state == Some(UnitState::Standing);
        match shown {
            Shown::Open => self.is_directed && !(self.has_origin && self.has_unit),
            Shown::Filled => stands && !self.exchange_has_unit,
            Shown::Conflict => stands && self.exchange_has_unit,
            Shown::All => self.is_directed,
        }
    }

    /// Whether this is missing.
    pub fn lacks(&self, missing: Missing) -> bool {
        match missing {
            Missing::Origin => !self.has_origin,
            Missing::Unit => !self.has_unit,
            Missing::Proposed => self.is_proposed(),
        }
    }

    /// Whether the student has proposed a unit, and there is none.
    fn is_proposed(&self) -> bool {
        !self.has_unit && self.state == Some(UnitState::Proposed)
    }

    /// Where it stands in the list: proposals first, then by 学号.
    pub fn place(&self) -> (bool, &str) {
        (!self.is_proposed(), &self.student_no)
    }
}

/// Whether a student of this record can be given a unit: 定向 or 委培, and the data exchange has none.
pub fn lacks_unit(student: &student::Model) -> bool {
    needs_unit(&student.training_mode) && student.directed_unit.is_empty()
}

/// A mark of what somebody has seen of a student, to know whether it is still so when they answer.
pub fn seen(student: &student::Model, row: Option<&directed_unit::Model>) -> String {
    let row = row.map(|row| {
        [
            row.id.to_string(),
            row.state.clone(),
            row.unit.clone(),
            row.note.clone(),
        ]
    });
    let parts = [student.training_mode.clone(), student.directed_unit.clone()];
    let parts: Vec<String> = parts.into_iter().chain(row.into_iter().flatten()).collect();
    digest(parts.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_tidied_and_must_be_a_name() {
        assert_eq!(Unit::parse(" 某县 人民医院 ").unwrap().as_str(), "某县 人民医院");
        for bad in ["", " ", "某", "2027", "---", "暂无", &"甲".repeat(101)] {
            assert!(Unit::parse(bad).is_err(), "{bad}");
        }
        assert!(Unit::parse(&"甲".repeat(100)).is_ok());
    }

    #[test]
    fn evidence_says_more_than_yes() {
        assert!(Note::parse("已电话核实").is_ok());
        for bad in ["", "已核", &"甲".repeat(301)] {
            assert!(Note::parse(bad).is_err(), "{bad}");
        }
    }
}
