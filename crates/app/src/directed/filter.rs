//! What the list is cut down to. Read strictly: what is not understood is refused, never read as "all".

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::class_year::model::{Chosen, choose};
use crate::web::AppError;

/// Which part of the students.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// 待补: no origin, or no unit.
    #[default]
    Open,
    /// 已填写: an officer's unit lies over the data exchange.
    Filled,
    /// 与平台不一致: the data exchange has brought another.
    Conflict,
    /// 全部.
    All,
}

impl Shown {
    /// All of them, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Open, Self::Filled, Self::Conflict, Self::All];

    /// The code in the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Filled => "filled",
            Self::Conflict => "conflict",
            Self::All => "all",
        }
    }

    /// The word on the tab.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "待补",
            Self::Filled => "已由院系填写",
            Self::Conflict => "与平台不一致",
            Self::All => "全部定向委培学生",
        }
    }
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// 生源所在地.
    Origin,
    /// 定向委培单位.
    Unit,
    /// 定向委培单位, and the student has proposed one.
    Proposed,
}

impl Missing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Origin, Self::Unit, Self::Proposed];

    /// The code in the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Unit => "unit",
            Self::Proposed => "proposed",
        }
    }

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Origin => "缺生源所在地",
            Self::Unit => "缺定向委培单位",
            Self::Proposed => "学生已提出单位",
        }
    }
}

/// The address as it was asked for; empty values mean "all".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    /// 届.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_year: String,
    /// Which part.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub show: String,
    /// What is missing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub missing: String,
    /// Code of the 院.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub college: String,
    /// 姓名 or 学号.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
}

impl Params {
    /// As a query string; empty without any.
    pub fn to_query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectedFilter {
    /// The class year.
    pub year: Chosen,
    /// Which part.
    pub shown: Shown,
    /// What is missing.
    pub missing: Option<Missing>,
    /// Of one 院.
    pub college_id: Option<i64>,
    /// 姓名 or 学号.
    pub words: Option<String>,
}

fn asked<T>(text: &str, what: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text)
        .map(Some)
        .ok_or_else(|| AppError::BadRequest(format!("查询条件“{what}”无法识别：{text}。")))
}

/// The class year of an address: this one or the one before.
///
/// # Errors
///
/// [`AppError::BadRequest`] for every other.
pub fn year_of(text: &str, today: NaiveDate) -> Result<Chosen, AppError> {
    let unknown = || AppError::BadRequest("届别只能是本届或上一届，请重新选择。".into());
    let named = asked(text, "届别", |text| text.parse().ok())?;
    choose(named, today).ok_or_else(unknown)
}

impl DirectedFilter {
    /// Reads an address; `colleges` are the 院 that may be asked for, by code.
    ///
    /// # Errors
    ///
    /// [`AppError::BadRequest`] names what is not understood.
    pub fn read(params: &Params, colleges: &[(String, i64)], today: NaiveDate) -> Result<Self, AppError> {
        let college = |code: &str| {
            let found = colleges.iter().find(|(known, _)| known == code)?;
            Some(found.1)
        };
        let shown = |code: &str| Shown::ALL.into_iter().find(|shown| shown.code() == code);
        let missing = |code: &str| Missing::ALL.into_iter().find(|missing| missing.code() == code);
        Ok(Self {
            year: year_of(&params.class_year, today)?,
            shown: asked(&params.show, "范围", shown)?.unwrap_or_default(),
            missing: asked(&params.missing, "缺少", missing)?,
            college_id: asked(&params.college, "院系", college)?,
            words: Some(params.q.trim().to_owned()).filter(|words| !words.is_empty()),
        })
    }
}
