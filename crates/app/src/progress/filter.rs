//! What the list of 激活进度 may be asked for: read strictly from the address, and back into one.

use qihang_db::entity::{college, major};
use qihang_db::{CollegeKind, StudentType};
use serde::{Deserialize, Serialize};

use crate::activation::fields::{Field, Source};
use crate::roster::search::{UnknownValue, read, words};

/// The question as it stands in the address. Empty values mean “any”, or the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgressParams {
    /// 届.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_year: String,
    /// Code of [`State`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// 管理院系: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub college: String,
    /// 类型: code of [`StudentType`].
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub student_type: String,
    /// 学院: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub school: String,
    /// 专业: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub major: String,
    /// 班级.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_name: String,
    /// 辅导员, as the record names them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub counsellor: String,
    /// 姓名, 学号, 拼音 or initials.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// What blocks: `yes`, `no`, or the code of a [`Field`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub block: String,
    /// What the groups are by: code of [`By`]. The list does not heed it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of the screen.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code in addresses.
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }

            /// The words on screen.
            pub const fn label(self) -> &'static str { match self { $(Self::$variant => $label,)+ } }

            /// The value with this code.
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
        }
    };
}

coded! {
    /// How far the students are that are asked for.
    State {
        /// Not activated: the work itself.
        #[default]
        Pending = "pending", "未激活";
        /// Activated, and something has changed since.
        Again = "again", "需重新确认";
        /// Activated, whatever has changed since.
        Activated = "activated", "已激活";
        /// Everybody on the roster.
        All = "all", "全部";
    }
}

coded! {
    /// What students are grouped by.
    By {
        /// 管理院系.
        #[default]
        College = "college", "院系";
        /// 专业.
        Major = "major", "专业";
        /// 班级.
        Class = "class", "班级";
        /// 辅导员.
        Counsellor = "counsellor", "辅导员";
    }
}

/// What stands in the way of the students that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Something in the record: somebody has to mend it first.
    Some,
    /// Nothing: the student can activate at once.
    None,
    /// This field.
    Field(Field),
}

/// Which rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// How far the students are.
    pub state: State,
    /// 管理院系, as row id.
    pub college_id: Option<i64>,
    /// 类型.
    pub student_type: Option<StudentType>,
    /// 学院, as row id.
    pub school_id: Option<i64>,
    /// 专业, as row id.
    pub major_id: Option<i64>,
    /// 班级.
    pub class_name: Option<String>,
    /// 辅导员.
    pub counsellor: Option<String>,
    /// 姓名, 学号, 拼音 or initials, from their beginning.
    pub words: Option<String>,
    /// What stands in the way.
    pub block: Option<Block>,
}

impl ProgressParams {
    /// The class year that is named.
    ///
    /// # Errors
    ///
    /// [`UnknownValue`] where it is no year.
    pub fn class_year(&self) -> Result<Option<i32>, UnknownValue> {
        read("届别", &self.class_year, |text| text.parse().ok())
    }

    /// What to group by.
    ///
    /// # Errors
    ///
    /// [`UnknownValue`] where it is nothing known.
    pub fn by(&self) -> Result<By, UnknownValue> {
        Ok(read("分组", &self.by, By::from_code)?.unwrap_or_default())
    }

    /// Understands which rows are asked for. `colleges` and `majors` are all there are.
    ///
    /// # Errors
    ///
    /// [`UnknownValue`] names the first value that means nothing: it is refused, never read as “any”.
    pub fn understand(
        &self,
        colleges: &[college::Model],
        majors: &[major::Model],
    ) -> Result<Filter, UnknownValue> {
        let college = |code: &str| colleges.iter().find(|one| one.code == code);
        let school_id = read("学院", &self.school, |code| {
            college(code)
                .filter(|one| one.kind == CollegeKind::School.code())
                .map(|one| one.id)
        })?;
        let of_school = |code: &str| {
            majors
                .iter()
                .find(|one| one.code == code && school_id.is_none_or(|school| one.college_id == school))
                .map(|one| one.id)
        };
        Ok(Filter {
            state: read("激活状态", &self.state, State::from_code)?.unwrap_or_default(),
            college_id: read("院系", &self.college, |code| college(code).map(|one| one.id))?,
            student_type: read("类型", &self.student_type, StudentType::from_code)?,
            school_id,
            major_id: read("专业", &self.major, of_school)?,
            class_name: read("班级", &self.class_name, words)?,
            counsellor: read("辅导员", &self.counsellor, words)?,
            words: read("姓名/学号", &self.q, words)?,
            block: read("受阻原因", &self.block, Block::from_code)?,
        })
    }

    /// Back into an address, without what is empty.
    pub fn to_query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The address of a page of 激活进度.
    pub fn address(&self, path: &str) -> String {
        match self.to_query() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The same students, of this state.
    #[must_use]
    pub fn in_state(&self, state: State) -> Self {
        Self {
            state: state.code().into(),
            block: String::new(),
            by: String::new(),
            ..self.clone()
        }
    }

    /// The same students, of this state, with this in the way.
    #[must_use]
    pub fn blocked(&self, state: State, block: Block) -> Self {
        Self {
            block: block.code().into(),
            ..self.in_state(state)
        }
    }

    /// The same class year with nothing that narrows the list.
    #[must_use]
    pub fn reset(&self) -> Self {
        Self {
            class_year: self.class_year.clone(),
            ..Self::default()
        }
    }

    /// What is remembered of it for the next time that the list is opened; not the class year, as with every list.
    pub fn remembered(&self) -> String {
        let state = if self.state == State::default().code() {
            String::new()
        } else {
            self.state.clone()
        };
        let remembered = Self {
            class_year: String::new(),
            by: String::new(),
            state,
            ..self.clone()
        };
        remembered.to_query()
    }

    /// Whether anything but class year and state narrows the list.
    pub fn is_narrowed(&self) -> bool {
        *self
            != Self {
                class_year: self.class_year.clone(),
                state: self.state.clone(),
                by: self.by.clone(),
                ..Self::default()
            }
    }

    /// After another 学院 was chosen: a 专业 that it does not teach is let go, as the form then offers only its own.
    pub fn follow_school(&mut self, colleges: &[college::Model], majors: &[major::Model]) {
        let school_id = colleges
            .iter()
            .find(|one| one.code == self.school)
            .map(|one| one.id);
        let is_taught = majors
            .iter()
            .any(|one| one.code == self.major && Some(one.college_id) == school_id);
        if school_id.is_some() && !is_taught {
            self.major.clear();
        }
    }
}

impl Block {
    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Some => "yes",
            Self::None => "no",
            Self::Field(field) => field.code(),
        }
    }

    /// What this code means. Contact data is the student's own and blocks nobody's record.
    fn from_code(code: &str) -> Option<Self> {
        match code {
            "yes" => Some(Self::Some),
            "no" => Some(Self::None),
            code => Field::from_code(code)
                .filter(|field| field.source() != Source::Contact)
                .map(Self::Field),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn understood(params: &ProgressParams) -> Result<Filter, UnknownValue> {
        params.understand(&[], &[])
    }

    #[test]
    fn without_any_condition_the_page_opens_on_those_who_have_not_activated() {
        let filter = understood(&ProgressParams::default()).unwrap();
        assert_eq!((filter.state, filter.block), (State::Pending, None));
    }

    #[test]
    fn what_blocks_is_a_field_of_the_record_or_anything_or_nothing() {
        let block = |code: &str| {
            let params = ProgressParams {
                block: code.into(),
                ..ProgressParams::default()
            };
            understood(&params).map(|filter| filter.block)
        };
        assert_eq!(block("origin"), Ok(Some(Block::Field(Field::Origin))));
        assert_eq!(block("yes"), Ok(Some(Block::Some)));
        assert_eq!(block("no"), Ok(Some(Block::None)));
        assert!(block("mobile").is_err());
        assert!(block("maybe").is_err());
    }

    #[test]
    fn an_unknown_value_is_refused_by_the_name_of_its_field() {
        let wrong = |params: ProgressParams| understood(&params).unwrap_err().heading;
        let state = ProgressParams {
            state: "asleep".into(),
            ..ProgressParams::default()
        };
        assert_eq!(wrong(state), "激活状态");
        let college = ProgressParams {
            college: "S09".into(),
            ..ProgressParams::default()
        };
        assert_eq!(wrong(college), "院系");
        let by = ProgressParams {
            by: "weather".into(),
            ..ProgressParams::default()
        };
        assert_eq!(by.by().unwrap_err().heading, "分组");
    }

    proptest! {
        #[test]
        fn a_question_survives_its_way_through_an_address(
            q in "\\PC{0,20}", class_name in "\\PC{0,20}", counsellor in "\\PC{0,20}", state in "|pending|again|activated|all",
            block in "|yes|no|origin",
        ) {
            let params = ProgressParams { state, class_name, counsellor, q, block, ..ProgressParams::default() };
            prop_assert_eq!(serde_html_form::from_str::<ProgressParams>(&params.to_query()).unwrap(), params);
        }
    }
}
