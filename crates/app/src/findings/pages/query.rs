//! The address of the list.

use serde::{Deserialize, Serialize};

use crate::findings::model::{Group, Kind};
use crate::findings::queries::{Filter, StateFilter};
use crate::web::{AppError, Step};

/// Where the list is.
pub(in crate::findings) const PATH: &str = "/manage/findings";

/// The list's address, as text; [`ListQuery::filter`] judges it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::findings) struct ListQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_year: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub college: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<u8>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl ListQuery {
    /// The query in a posted form.
    pub fn read(text: &str) -> Result<Self, AppError> {
        serde_html_form::from_str(text).map_err(|_| AppError::BadRequest("返回地址无法识别。".into()))
    }

    /// What it asks for.
    ///
    /// # Errors
    ///
    /// [`AppError::BadRequest`] for a value that is none of the choices; it is never read as "all".
    pub fn filter(&self, year: i32) -> Result<Filter, AppError> {
        let unknown = |what: &str| AppError::BadRequest(format!("查询条件“{what}”的值无法识别。"));
        let kind = match given(self.kind.as_ref()) {
            None => None,
            Some(code) => Some(Kind::from_code(code).ok_or_else(|| unknown("问题"))?),
        };
        let group = match (given(self.group.as_ref()), kind) {
            (Some(code), _) => Group::from_code(code).ok_or_else(|| unknown("类别"))?,
            (None, Some(kind)) => Group::of(kind),
            (None, None) => Group::Omissions,
        };
        if kind.is_some_and(|kind| Group::of(kind) != group) {
            return Err(unknown("问题"));
        }
        let state = match given(self.state.as_ref()) {
            None | Some("open") => StateFilter::Open,
            Some("settled") => StateFilter::Settled,
            Some(_) => return Err(unknown("状态")),
        };
        let text = given(self.q.as_ref()).map(str::to_owned);
        Ok(Filter {
            year,
            group,
            kind,
            state,
            text,
        })
    }

    /// What is remembered of it for the next time that the list is opened; not the class year, as with every list, nor where the
    /// page began.
    pub fn remembered(&self) -> String {
        let kept = |text: &Option<String>| given(text.as_ref()).map(str::to_owned);
        let remembered = Self {
            group: kept(&self.group),
            kind: kept(&self.kind),
            college: kept(&self.college),
            state: kept(&self.state).filter(|code| code != "open"),
            q: kept(&self.q),
            ..Self::default()
        };
        remembered.text()
    }

    /// Whether it says which heap to show, by itself or by a kind.
    pub fn names_group(&self) -> bool {
        given(self.group.as_ref()).or(given(self.kind.as_ref())).is_some()
    }

    /// Where the page begins.
    pub fn step(&self) -> Step {
        Step {
            after: self.after.clone(),
            before: self.before.clone(),
            last: self.last,
        }
    }

    /// The same list at another step.
    pub(super) fn at(&self, step: &Step) -> Self {
        Self {
            after: step.after.clone(),
            before: step.before.clone(),
            last: step.last,
            ..self.clone()
        }
    }

    /// The query string.
    pub(super) fn text(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The whole address.
    pub fn address(&self) -> String {
        format!("{PATH}?{}", self.text())
    }
}
