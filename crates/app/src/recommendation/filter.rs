//! What the list of the 院 may be asked for: read strictly from the address, and back into one.

use qihang_db::RecommendationState;
use qihang_db::entity::{college, major};
use serde::{Deserialize, Serialize};

use crate::class_year::model::ClassYear;
use crate::roster::search::{UnknownValue, read, words};
use crate::web::with_query;

/// Which forms are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Under review: the work itself.
    #[default]
    Submitted,
    /// Returned.
    Returned,
    /// Being written.
    Draft,
    /// Approved.
    Approved,
    /// Activated, and no form.
    NotBegun,
    /// Every form that was begun.
    All,
}

impl State {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 6] = [
        Self::Submitted,
        Self::Returned,
        Self::Draft,
        Self::Approved,
        Self::NotBegun,
        Self::All,
    ];

    /// What stands in the column; `None` where that does not matter.
    pub const fn in_column(self) -> Option<RecommendationState> {
        match self {
            Self::Submitted => Some(RecommendationState::Submitted),
            Self::Returned => Some(RecommendationState::Returned),
            Self::Draft => Some(RecommendationState::Draft),
            Self::Approved => Some(RecommendationState::Approved),
            Self::NotBegun | Self::All => None,
        }
    }

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match (self, self.in_column()) {
            (_, Some(state)) => state.code(),
            (Self::NotBegun, _) => "not_begun",
            (_, None) => "all",
        }
    }

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match (self, self.in_column()) {
            (_, Some(state)) => state.label(),
            (Self::NotBegun, _) => "未开始",
            (_, None) => "全部",
        }
    }

    /// Whether those in it still have to submit, so that they can be reminded of it.
    pub const fn is_to_submit(self) -> bool {
        matches!(self, Self::NotBegun | Self::Draft | Self::Returned)
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// The question as it stands in the address. Empty values mean “any”, or the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    /// 届.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_year: String,
    /// Code of [`State`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// 管理院系: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub college: String,
    /// 专业: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub major: String,
    /// 班级.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_name: String,
    /// 姓名, 学号, 拼音 or initials.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
}

/// Which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Of which class year.
    pub year: ClassYear,
    /// In which state.
    pub state: State,
    /// 管理院系, as row id.
    pub college_id: Option<i64>,
    /// 专业, as row id.
    pub major_id: Option<i64>,
    /// 班级.
    pub class_name: Option<String>,
    /// 姓名, 学号, 拼音 or initials, from their beginning.
    pub words: Option<String>,
}

impl Params {
    /// The class year that is named.
    ///
    /// # Errors
    ///
    /// [`UnknownValue`] where it is no year.
    pub fn class_year(&self) -> Result<Option<i32>, UnknownValue> {
        read("届别", &self.class_year, |text| text.parse().ok())
    }

    /// Understands which rows are asked for. `colleges` and `majors` are all there are.
    ///
    /// # Errors
    ///
    /// [`UnknownValue`] names the first value that means nothing: it is refused, never read as “any”.
    pub fn understand(
        &self,
        year: ClassYear,
        colleges: &[college::Model],
        majors: &[major::Model],
    ) -> Result<Filter, UnknownValue> {
        let college = |code: &str| colleges.iter().find(|one| one.code == code).map(|one| one.id);
        let major = |code: &str| majors.iter().find(|one| one.code == code).map(|one| one.id);
        Ok(Filter {
            year,
            state: read("状态", &self.state, State::from_code)?.unwrap_or_default(),
            college_id: read("院系", &self.college, college)?,
            major_id: read("专业", &self.major, major)?,
            class_name: read("班级", &self.class_name, words)?,
            words: read("姓名/学号", &self.q, words)?,
        })
    }

    /// Back into an address, without what is empty.
    pub fn to_query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The address of a page with this question.
    pub fn address(&self, path: &str) -> String {
        with_query(path, &self.to_query())
    }

    /// The same students, in another state.
    #[must_use]
    pub fn in_state(&self, state: State) -> Self {
        Self {
            state: if state == State::default() {
                String::new()
            } else {
                state.code().to_owned()
            },
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn understood(params: &Params) -> Result<Filter, UnknownValue> {
        params.understand(ClassYear::new(2027).unwrap(), &[], &[])
    }

    #[test]
    fn without_any_condition_the_list_opens_on_what_waits() {
        assert_eq!(understood(&Params::default()).unwrap().state, State::Submitted);
    }

    #[test]
    fn an_unknown_value_is_refused_by_the_name_of_its_field() {
        for (params, heading) in [
            (
                Params {
                    state: "lost".into(),
                    ..Params::default()
                },
                "状态",
            ),
            (
                Params {
                    major: "B999".into(),
                    ..Params::default()
                },
                "专业",
            ),
            (
                Params {
                    college: "S09".into(),
                    ..Params::default()
                },
                "院系",
            ),
        ] {
            assert_eq!(understood(&params).unwrap_err().heading, heading);
        }
    }

    proptest! {
        #[test]
        fn a_question_survives_its_way_through_an_address(q in "\\PC{0,20}", class_name in "\\PC{0,20}", state in "|submitted|all") {
            let params = Params { state, class_name, q, ..Params::default() };
            prop_assert_eq!(serde_html_form::from_str::<Params>(&params.to_query()).unwrap(), params);
        }
    }
}
