//! The search form of 名单确认 (R1): what may be asked, read strictly, and its way back into an address.

use qihang_db::entity::{college, major};
use qihang_db::{CollegeKind, DegreeLevel, StudentType};
use serde::{Deserialize, Serialize};

/// The search as it stands in the address. Empty values mean “any”.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchParams {
    /// 届.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_year: Option<i32>,
    /// 类型: code of [`StudentType`].
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub student_type: String,
    /// 学历: code of [`DegreeLevel`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub degree: String,
    /// 入学年份.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub admission_year: String,
    /// 学院: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub school: String,
    /// 书院: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub residence: String,
    /// 专业: its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub major: String,
    /// 学制 in years, such as `4` or `2.5`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub length: String,
    /// 班级.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_name: String,
    /// 姓名 or 学号.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// 本届应毕业: `ready` (可直接添加), `doubtful` (需核实), `any`. Missing means `ready`: the page opens on the work itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// `1` shows the ones already added, too.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub added: String,
}

/// 本届应毕业.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Expected in this class year and studying.
    Ready,
    /// Belongs to this class year by the calendar, but status or length leave a doubt.
    Doubtful,
    /// No matter.
    Any,
}

/// Whether students who are already on the roster are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowAdded {
    /// Only those still to be added.
    No,
    /// Both.
    Yes,
}

/// The search, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// 类型.
    pub student_type: Option<StudentType>,
    /// 学历.
    pub degree: Option<DegreeLevel>,
    /// 入学年份.
    pub admission_year: Option<i32>,
    /// 学院, as row id.
    pub school_id: Option<i64>,
    /// 书院, as row id.
    pub residence_id: Option<i64>,
    /// 专业, as row id.
    pub major_id: Option<i64>,
    /// 学制, in half years.
    pub length_half_years: Option<i32>,
    /// 班级.
    pub class_name: Option<String>,
    /// 姓名 or 学号.
    pub words: Option<String>,
    /// 本届应毕业.
    pub membership: Membership,
    /// The switch.
    pub show_added: ShowAdded,
}

/// A value of the search that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{heading} has the unknown value {value:?}")]
pub struct UnknownValue {
    /// Heading of the field.
    pub heading: &'static str,
    /// The value.
    pub value: String,
}

impl UnknownValue {
    /// For the person.
    pub fn message(&self) -> String {
        format!(
            "查询条件“{}”的取值“{}”无法识别，请重新选择。",
            self.heading, self.value
        )
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A value of a search: `None` where nothing was asked, refused where it means nothing.
pub(crate) fn read<T>(
    heading: &'static str,
    text: &str,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, UnknownValue> {
    given(text)
        .map(|value| {
            find(value).ok_or_else(|| UnknownValue {
                heading,
                value: value.to_owned(),
            })
        })
        .transpose()
}

/// 学制 such as `4` or `2.5`, in half years.
pub fn half_years(text: &str) -> Option<i32> {
    let (years, half) = match text.split_once('.') {
        None => (text, 0),
        Some((years, "0")) => (years, 0),
        Some((years, "5")) => (years, 1),
        Some(_) => return None,
    };
    let years: i32 = years.parse().ok()?;
    (0..=15)
        .contains(&years)
        .then_some(years * 2 + half)
        .filter(|half_years| *half_years > 0)
}

/// 学制 as people write it: half years as `4` or `2.5`.
pub fn years_label(half_years: i32) -> String {
    if half_years % 2 == 0 {
        (half_years / 2).to_string()
    } else {
        format!("{}.5", half_years / 2)
    }
}

/// The longest text that is searched for.
const LONGEST: usize = 64;

/// Free text of a search: one line, not too long.
pub(crate) fn words(text: &str) -> Option<String> {
    (text.chars().count() <= LONGEST && !text.contains(char::is_control)).then(|| text.to_owned())
}

impl SearchParams {
    /// Understands the search. `colleges` and `majors` are all there are.
    ///
    /// # Errors
    ///
    /// [`UnknownValue`] names the first value that means nothing: it is refused, never read as “any”.
    pub fn understand(
        &self,
        colleges: &[college::Model],
        majors: &[major::Model],
    ) -> Result<Search, UnknownValue> {
        let college = |kind: CollegeKind| {
            move |code: &str| {
                colleges
                    .iter()
                    .find(|one| one.code == code && one.kind == kind.code())
                    .map(|one| one.id)
            }
        };
        let school_id = read("学院", &self.school, college(CollegeKind::School))?;
        let of_school = |code: &str| {
            majors
                .iter()
                .find(|one| one.code == code && school_id.is_none_or(|school| one.college_id == school))
                .map(|one| one.id)
        };
        Ok(Search {
            student_type: read("类型", &self.student_type, StudentType::from_code)?,
            degree: read("学历", &self.degree, DegreeLevel::from_code)?,
            admission_year: read("入学年份", &self.admission_year, |text| text.parse().ok())?,
            school_id,
            residence_id: read("书院", &self.residence, college(CollegeKind::Residential))?,
            major_id: read("专业", &self.major, of_school)?,
            length_half_years: read("学制", &self.length, half_years)?,
            class_name: read("班级", &self.class_name, words)?,
            words: read("姓名/学号", &self.q, words)?,
            membership: match self.expected.as_deref().and_then(given) {
                None | Some("ready") => Membership::Ready,
                Some("doubtful") => Membership::Doubtful,
                Some("any") => Membership::Any,
                Some(other) => {
                    return Err(UnknownValue {
                        heading: "本届应毕业",
                        value: other.to_owned(),
                    });
                }
            },
            show_added: match given(&self.added) {
                None => ShowAdded::No,
                Some("1") => ShowAdded::Yes,
                Some(other) => {
                    return Err(UnknownValue {
                        heading: "显示已添加",
                        value: other.to_owned(),
                    });
                }
            },
        })
    }

    /// Back into an address, without what is empty.
    pub fn to_query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// What is remembered of it for the next time that the page is opened; not the class year, as with every list.
    pub fn remembered(&self) -> String {
        let remembered = Self {
            class_year: None,
            expected: self
                .expected
                .clone()
                .filter(|code| !["", "ready"].contains(&code.trim())),
            ..self.clone()
        };
        remembered.to_query()
    }

    /// Whether anything but the class year narrows the search.
    pub fn is_narrowed(&self) -> bool {
        *self
            != Self {
                class_year: self.class_year,
                expected: self.expected.clone(),
                ..Self::default()
            }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_is_read_in_half_years_and_written_as_people_write_it() {
        for (text, half) in [("4", 8), ("2.5", 5), ("7", 14), ("3.0", 6)] {
            assert_eq!(half_years(text), Some(half));
        }
        for text in ["", "0", "-1", "4.25", "四", "99", ".5", "1e1"] {
            assert_eq!(half_years(text), None, "{text}");
        }
        assert_eq!(
            (years_label(8), years_label(5)),
            ("4".to_owned(), "2.5".to_owned())
        );
    }

    #[test]
    fn without_any_condition_the_page_opens_on_the_work_itself() {
        let search = SearchParams::default().understand(&[], &[]).unwrap();
        assert_eq!(
            (search.membership, search.show_added),
            (Membership::Ready, ShowAdded::No)
        );
    }

    #[test]
    fn an_unknown_value_is_refused_by_the_name_of_its_field() {
        let wrong = |params: SearchParams| params.understand(&[], &[]).unwrap_err().heading;
        assert_eq!(
            wrong(SearchParams {
                student_type: "alien".into(),
                ..SearchParams::default()
            }),
            "类型"
        );
        assert_eq!(
            wrong(SearchParams {
                school: "001".into(),
                ..SearchParams::default()
            }),
            "学院"
        );
        assert_eq!(
            wrong(SearchParams {
                admission_year: "二〇二三".into(),
                ..SearchParams::default()
            }),
            "入学年份"
        );
        assert_eq!(
            wrong(SearchParams {
                expected: Some("maybe".into()),
                ..SearchParams::default()
            }),
            "本届应毕业"
        );
        assert_eq!(
            wrong(SearchParams {
                q: "长".repeat(65),
                ..SearchParams::default()
            }),
            "姓名/学号"
        );
    }

    proptest! {
        #[test]
        fn a_search_survives_its_way_through_an_address(
            class_year in proptest::option::of(2000..2100i32), q in "\\PC{0,20}", class_name in "\\PC{0,20}",
            expected in proptest::option::of("ready|doubtful|any"),
        ) {
            let params = SearchParams { class_year, class_name, q, expected, ..SearchParams::default() };
            prop_assert_eq!(serde_html_form::from_str::<SearchParams>(&params.to_query()).unwrap(), params);
        }

        #[test]
        fn every_length_reads_back(half in 1..31i32) {
            prop_assert_eq!(half_years(&years_label(half)), Some(half));
        }
    }
}
