//! What the list of 学生用户管理 may be asked for: read strictly from the address, and back into one.

use qihang_db::entity::{college, major};
use qihang_db::{CollegeKind, DegreeLevel, How, StudentType, StudyStatus};
use serde::{Deserialize, Serialize};

pub use super::view::{Direction, Sort, View};
use crate::activation::model::Stage;
use crate::roster::search::{UnknownValue, half_years, read, words};
use crate::web::{Step, page_address};

/// The question as it stands in the address. Empty values mean “any”, or the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListParams {
    /// 信息视图 or 签约视图: code of [`View`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub view: String,
    /// 届.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class_year: String,
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
    /// 姓名, 学号, 拼音 or initials.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// 学籍状态: code of [`StudyStatus`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// 核查问题: `yes` or `no`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub has_finding: String,
    /// 添加方式: code of [`How`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub how: String,
    /// 激活状态: code of [`Stage`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub activation: String,
    /// Code of [`Sort`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// `asc` or `desc`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dir: String,
    /// Rows on a page: 25, 50 or 100.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub size: String,
    /// `1` when a choice that others hang on was changed (学院 → 专业), and not yet searched for.
    #[serde(skip_serializing)]
    pub refresh: String,
}

/// Whether something must be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// It must.
    Yes,
    /// It must not.
    No,
}

/// Sizes of a page.
pub const PAGE_SIZES: [u64; 3] = [25, 50, 100];

/// Which rows, in which order: what the screen and every export share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
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
    /// 姓名, 学号, 拼音 or initials, from their beginning.
    pub words: Option<String>,
    /// 学籍状态.
    pub status: Option<StudyStatus>,
    /// Whether there is an open fault among the findings.
    pub has_finding: Option<Has>,
    /// 添加方式.
    pub how: Option<How>,
    /// 激活状态.
    pub activation: Option<Stage>,
    /// The order.
    pub sort: Sort,
    /// Its direction.
    pub direction: Direction,
}

impl ListParams {
    /// The view; the first of them when none is named.
    pub fn view(&self) -> Result<View, UnknownValue> {
        Ok(read("视图", &self.view, View::from_code)?.unwrap_or(View::Info))
    }

    /// The class year that is named.
    pub fn class_year(&self) -> Result<Option<i32>, UnknownValue> {
        read("届别", &self.class_year, |text| text.parse().ok())
    }

    /// Rows on a page.
    pub fn page_size(&self) -> Result<u64, UnknownValue> {
        let size = read("每页行数", &self.size, |text| {
            text.parse().ok().filter(|size| PAGE_SIZES.contains(size))
        });
        Ok(size?.unwrap_or(PAGE_SIZES[0]))
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
    ) -> Result<ListFilter, UnknownValue> {
        let college = |kind: CollegeKind| {
            move |code: &str| {
                colleges
                    .iter()
                    .find(|one| one.code == code && one.kind == kind.code())
                    .map(|one| one.id)
            }
        };
        let school_id = read("学院", &self.school, college(CollegeKind::School))?;
        // 专业 follows 学院: one of another 学院 is no value of the field any more.
        let of_school = |code: &str| {
            majors
                .iter()
                .find(|one| one.code == code && school_id.is_none_or(|school| one.college_id == school))
                .map(|one| one.id)
        };
        let yes_or_no = |text: &str| match text {
            "yes" => Some(Has::Yes),
            "no" => Some(Has::No),
            _ => None,
        };
        Ok(ListFilter {
            student_type: read("类型", &self.student_type, StudentType::from_code)?,
            degree: read("学历", &self.degree, DegreeLevel::from_code)?,
            admission_year: read("入学年份", &self.admission_year, |text| text.parse().ok())?,
            school_id,
            residence_id: read("书院", &self.residence, college(CollegeKind::Residential))?,
            major_id: read("专业", &self.major, of_school)?,
            length_half_years: read("学制", &self.length, half_years)?,
            class_name: read("班级", &self.class_name, words)?,
            words: read("姓名/学号", &self.q, words)?,
            status: read("学籍状态", &self.status, StudyStatus::from_code)?,
            has_finding: read("核查问题", &self.has_finding, yes_or_no)?,
            how: read("添加方式", &self.how, How::from_code)?,
            activation: read("激活状态", &self.activation, Stage::from_code)?,
            sort: read("排序", &self.sort, Sort::from_code)?.unwrap_or_default(),
            direction: read("排序方向", &self.dir, Direction::from_code)?.unwrap_or_default(),
        })
    }

    /// Back into an address, without what is empty.
    pub fn to_query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The address of a page of the list.
    pub fn page_address(&self, step: &Step) -> String {
        page_address(super::PATH, self, step)
    }

    /// The same rows in the other view.
    #[must_use]
    pub fn in_view(&self, view: View) -> Self {
        Self {
            view: view.code().to_owned(),
            ..self.clone()
        }
    }

    /// The same rows in another order.
    #[must_use]
    pub fn sorted(&self, sort: Sort, direction: Direction) -> Self {
        Self {
            sort: sort.code().to_owned(),
            dir: direction.code().to_owned(),
            ..self.clone()
        }
    }

    /// The same view and class year with nothing that narrows the list.
    #[must_use]
    pub fn reset(&self) -> Self {
        Self {
            view: self.view.clone(),
            class_year: self.class_year.clone(),
            size: self.size.clone(),
            ..Self::default()
        }
    }

    /// What is remembered of it for the next time that the list is opened. Not the class year: whoever looked at the year before
    /// is to begin with this one again.
    pub fn remembered(&self) -> String {
        let unless = |text: &str, usual: &str| {
            if text == usual {
                String::new()
            } else {
                text.to_owned()
            }
        };
        let remembered = Self {
            class_year: String::new(),
            view: unless(&self.view, View::Info.code()),
            sort: unless(&self.sort, Sort::default().code()),
            dir: unless(&self.dir, Direction::default().code()),
            size: unless(&self.size, &PAGE_SIZES[0].to_string()),
            ..self.clone()
        };
        remembered.to_query()
    }

    /// After another 学院 was chosen: a 专业 that it does not teach is let go, as the form then offers only its own.
    pub fn follow_school(&mut self, colleges: &[college::Model], majors: &[major::Model]) {
        if std::mem::take(&mut self.refresh).is_empty() || self.school.is_empty() {
            return;
        }
        let school_id = colleges
            .iter()
            .find(|one| one.code == self.school)
            .map(|one| one.id);
        if majors
            .iter()
            .any(|one| one.code == self.major && Some(one.college_id) != school_id)
        {
            self.major.clear();
        }
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        Self {
            sort: String::new(),
            dir: String::new(),
            refresh: String::new(),
            ..self.clone()
        } != self.reset()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_unknown_value_is_refused_by_the_name_of_its_field() {
        let wrong = |params: ListParams| params.understand(&[], &[]).unwrap_err().heading;
        let none = ListParams::default;
        assert_eq!(
            wrong(ListParams {
                student_type: "alien".into(),
                ..none()
            }),
            "类型"
        );
        assert_eq!(
            wrong(ListParams {
                school: "001".into(),
                ..none()
            }),
            "学院"
        );
        assert_eq!(
            wrong(ListParams {
                major: "B001".into(),
                ..none()
            }),
            "专业"
        );
        assert_eq!(
            wrong(ListParams {
                length: "4.25".into(),
                ..none()
            }),
            "学制"
        );
        assert_eq!(
            wrong(ListParams {
                has_finding: "maybe".into(),
                ..none()
            }),
            "核查问题"
        );
        assert_eq!(
            wrong(ListParams {
                activation: "half".into(),
                ..none()
            }),
            "激活状态"
        );
        assert_eq!(
            wrong(ListParams {
                sort: "salary".into(),
                ..none()
            }),
            "排序"
        );
        assert!(
            ListParams {
                size: "26".into(),
                ..none()
            }
            .page_size()
            .is_err()
        );
        assert!(
            ListParams {
                view: "all".into(),
                ..none()
            }
            .view()
            .is_err()
        );
        assert!(
            ListParams {
                class_year: "二〇二七".into(),
                ..none()
            }
            .class_year()
            .is_err()
        );
    }

    #[test]
    fn the_order_alone_does_not_narrow_the_list() {
        let ordered = ListParams::default().sorted(Sort::Name, Direction::Descending);
        assert!(!ordered.is_narrowed());
        assert!(
            ListParams {
                q: "卢".into(),
                ..ordered
            }
            .is_narrowed()
        );
    }

    proptest! {
        #[test]
        fn a_question_survives_its_way_through_an_address(q in "\\PC{0,20}", class_name in "\\PC{0,20}", year in "20[0-9]{2}|") {
            let params = ListParams { q, class_name, class_year: year, ..ListParams::default() };
            prop_assert_eq!(serde_html_form::from_str::<ListParams>(&params.to_query()).unwrap(), params);
        }
    }
}
