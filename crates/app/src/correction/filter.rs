//! What the list of the office is cut down to. Read strictly: what is not understood is refused, never read as "all".

use qihang_db::Office;
use serde::{Deserialize, Serialize};

use super::offices::Offices;
use crate::activation::fields::Field;
use crate::class_year::model::ClassYear;
use crate::web::AppError;

/// Which half of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// 处理中.
    #[default]
    Open,
    /// 已办结.
    Closed,
}

impl Shown {
    /// The code in the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// For how long something waits at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// More than three days.
    Days3,
    /// More than a week.
    Days7,
    /// More than a month.
    Days30,
}

impl Age {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Days3, Self::Days7, Self::Days30];

    /// How many days.
    pub const fn days(self) -> i64 {
        match self {
            Self::Days3 => 3,
            Self::Days7 => 7,
            Self::Days30 => 30,
        }
    }

    /// The value of so many days.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|age| age.days().to_string() == code)
    }
}

/// The address as it was asked for; empty values mean "all".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    /// `open` or `closed`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// Code of the office.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub office: String,
    /// 届.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_year: String,
    /// Code of the field.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// Code of the 院.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub college: String,
    /// Days.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub age: String,
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrectionFilter {
    /// Which half.
    pub shown: Shown,
    /// Of one office.
    pub office: Option<Office>,
    /// Of one class year.
    pub class_year: Option<i32>,
    /// About one field.
    pub field: Option<Field>,
    /// Of one 院.
    pub college_id: Option<i64>,
    /// Waiting for longer.
    pub older_than: Option<Age>,
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

impl CorrectionFilter {
    /// Reads an address; `colleges` are the 院 that may be asked for, by code.
    ///
    /// # Errors
    ///
    /// [`AppError::BadRequest`] names what is not understood.
    pub fn read(params: &Params, colleges: &[(String, i64)]) -> Result<Self, AppError> {
        let year = |text: &str| {
            let year = text.parse().ok().and_then(ClassYear::new)?;
            Some(year.year())
        };
        let college = |code: &str| {
            let found = colleges.iter().find(|(known, _)| known == code)?;
            Some(found.1)
        };
        Ok(Self {
            shown: match params.state.as_str() {
                "" | "open" => Shown::Open,
                "closed" => Shown::Closed,
                _ => return Err(AppError::BadRequest("没有这种状态。".into())),
            },
            office: asked(&params.office, "更正单位", Office::from_code)?,
            class_year: asked(&params.class_year, "届别", year)?,
            field: asked(&params.field, "字段", |code| {
                Field::from_code(code).filter(|field| Offices::fields().any(|one| one == *field))
            })?,
            college_id: asked(&params.college, "院系", college)?,
            older_than: asked(&params.age, "等待时间", Age::from_code)?,
            words: Some(params.q.trim().to_owned()).filter(|words| !words.is_empty()),
        })
    }
}
