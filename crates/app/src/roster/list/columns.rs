//! The columns of 学生用户管理: one definition for screen, xlsx, CSV and DBF.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;
use qihang_db::entity::{college, major, roster_entry, student};
use qihang_db::{DegreeLevel, How, StudentType, StudyStatus};
use qihang_standards::codes::{self, CodeTable};
use qihang_standards::{division, identity};

use super::filter::{Sort, View};
use crate::activation::model::Stage;
use crate::roster::search::years_label;

/// A student on the roster, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// How and when the student came onto it.
    pub entry: roster_entry::Model,
    /// The student.
    pub student: student::Model,
    /// How far the activation is.
    pub activation: Stage,
}

/// The names that a row refers to by id.
#[derive(Clone, Debug, Default)]
pub struct Names {
    colleges: HashMap<i64, (String, String)>,
    majors: HashMap<i64, String>,
}

impl Names {
    /// The names of these 院 and 专业.
    pub fn new(colleges: &[college::Model], majors: &[major::Model]) -> Self {
        Self {
            colleges: colleges
                .iter()
                .map(|one| (one.id, (one.code.clone(), one.name.clone())))
                .collect(),
            majors: majors.iter().map(|one| (one.id, one.name.clone())).collect(),
        }
    }

    /// Code of a 院.
    pub fn college_code(&self, id: i64) -> &str {
        self.colleges.get(&id).map_or("", |(code, _)| code)
    }

    /// Name of a 院.
    pub fn college(&self, id: i64) -> &str {
        self.colleges.get(&id).map_or("", |(_, name)| name)
    }

    /// Name of a 专业.
    pub fn major(&self, id: i64) -> &str {
        self.majors.get(&id).map_or("", String::as_str)
    }
}

/// How identity numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Most of it hidden: on screen, and in exports without a purpose.
    Masked,
    /// In full, for a purpose that was recorded.
    InFull,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $heading:literal, $width:literal, $dbf:literal, $bytes:literal, $sort:expr;)+) => {
        /// A column. What it is called, how wide it is, what it is in DBF: all said once, in the definition.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Column { $($(#[$doc])* $name,)+ }

        impl Column {
            /// All of them, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in a person's preferences.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// What stands over it, on screen and in every file.
            pub const fn heading(self) -> &'static str { match self { $(Self::$name => $heading,)+ } }

            /// Width in a workbook, in half-width characters.
            const fn width(self) -> f64 { match self { $(Self::$name => $width,)+ } }

            /// Name and bytes of GBK of its field in DBF; names as in the ministry's layout where it has the field.
            const fn dbf(self) -> (&'static str, u8) { match self { $(Self::$name => ($dbf, $bytes),)+ } }

            /// The order that a press on the heading gives; `None` where the list cannot be ordered by it.
            pub const fn sort(self) -> Option<Sort> { match self { $(Self::$name => $sort,)+ } }
        }
    };
}

columns! {
    /// 学号.
    StudentNo = "student_no", "学号", 14.0, "XH", 30, Some(Sort::StudentNo);
    /// 姓名.
    Name = "name", "姓名", 12.0, "XM", 60, Some(Sort::Name);
    /// 类型.
    StudentType = "student_type", "类型", 8.0, "XSLB", 20, None;
    /// 学历.
    DegreeLevel = "degree_level", "学历", 8.0, "XL", 20, None;
    /// 院系: the 院 that answers for the student.
    College = "college", "院系", 22.0, "SZYX", 80, Some(Sort::College);
    /// 学院 that teaches the student.
    School = "school", "学院", 22.0, "XYMC", 80, None;
    /// 书院 where the student lives.
    Residence = "residence", "书院", 12.0, "SYMC", 80, None;
    /// 专业.
    Major = "major", "专业", 22.0, "ZY", 80, Some(Sort::Major);
    /// 班级.
    ClassName = "class_name", "班级", 14.0, "SZBJ", 60, Some(Sort::ClassName);
    /// 入学年份.
    AdmissionYear = "admission_year", "入学年份", 10.0, "RXNF", 4, Some(Sort::AdmissionYear);
    /// 学制.
    Length = "length", "学制", 6.0, "XZ", 20, None;
    /// 毕业年份: the class year of the roster.
    ClassYear = "class_year", "毕业年份", 10.0, "BYNF", 4, None;
    /// 性别.
    Sex = "sex", "性别", 6.0, "XB", 20, None;
    /// 出生日期.
    BirthDate = "birth_date", "出生日期", 12.0, "CSRQ", 20, None;
    /// 民族.
    EthnicGroup = "ethnic_group", "民族", 10.0, "MZ", 40, None;
    /// 政治面貌.
    PoliticalStatus = "political_status", "政治面貌", 16.0, "ZZMM", 60, None;
    /// 婚姻状况.
    MaritalStatus = "marital_status", "婚姻状况", 10.0, "HYZK", 30, None;
    /// 证件类型.
    DocumentType = "document_type", "证件类型", 16.0, "ZJLX", 40, None;
    /// 证件号.
    DocumentNo = "document_no", "证件号", 20.0, "SFZH", 40, None;
    /// 培养项目.
    Programme = "programme", "培养项目", 12.0, "PYXM", 60, None;
    /// 培养方式.
    TrainingMode = "training_mode", "培养方式", 10.0, "PYFS", 30, None;
    /// 定向委培单位.
    DirectedUnit = "directed_unit", "定向委培单位", 24.0, "DXHWPDW", 120, None;
    /// 学籍状态.
    StudyStatus = "study_status", "学籍状态", 10.0, "XJZT", 30, None;
    /// 生源所在地, by name.
    Origin = "origin", "生源所在地", 26.0, "SYSZD", 80, None;
    /// 生源所在地, as its GB/T 2260 code.
    OriginCode = "origin_code", "生源所在地代码", 14.0, "SYSZDDM", 20, None;
    /// 考生号.
    ExamNo = "exam_no", "考生号", 18.0, "KSH", 30, None;
    /// 辅导员.
    Counsellor = "counsellor", "辅导员", 10.0, "FDY", 40, None;
    /// 手机.
    Mobile = "mobile", "手机", 14.0, "MOBILEPHON", 40, None;
    /// 邮箱.
    Email = "email", "邮箱", 24.0, "EMAIL", 80, None;
    /// 激活状态.
    Activation = "activation", "激活状态", 10.0, "JHZT", 20, None;
    /// 添加时间.
    AddedAt = "added_at", "添加时间", 17.0, "TJSJ", 20, Some(Sort::AddedAt);
    /// 添加方式.
    How = "how", "添加方式", 14.0, "TJFS", 30, None;
    /// 毕业去向. Empty until destinations are registered.
    Destination = "destination", "毕业去向", 16.0, "BYQX", 60, None;
    /// 签约状态. Empty until agreements are made, like the columns after it.
    AgreementState = "agreement_state", "签约状态", 10.0, "QYZT", 30, None;
    /// 协议书编号.
    AgreementNo = "agreement_no", "协议书编号", 16.0, "XYSBH", 40, None;
    /// 单位名称.
    EmployerName = "employer_name", "单位名称", 24.0, "DWMC", 120, None;
    /// 单位组织机构代码.
    EmployerCode = "employer_code", "单位组织机构代码", 20.0, "DWZZJGDM", 20, None;
    /// 单位性质.
    EmployerKind = "employer_kind", "单位性质", 12.0, "DWXZ", 40, None;
    /// 单位行业.
    EmployerIndustry = "employer_industry", "单位行业", 16.0, "DWHY", 60, None;
    /// 单位所在地.
    EmployerPlace = "employer_place", "单位所在地", 20.0, "DWSZD", 80, None;
}

impl View {
    /// Its columns, in order.
    pub const fn columns(self) -> &'static [Column] {
        use Column::{
            Activation, AddedAt, AdmissionYear, AgreementNo, AgreementState, BirthDate, ClassName, ClassYear,
            College, Counsellor, DegreeLevel, Destination, DirectedUnit, DocumentNo, DocumentType, Email,
            EmployerCode, EmployerIndustry, EmployerKind, EmployerName, EmployerPlace, EthnicGroup, ExamNo,
            How, Length, Major, MaritalStatus, Mobile, Name, Origin, OriginCode, PoliticalStatus, Programme,
            Residence, School, Sex, StudentNo, StudentType, StudyStatus, TrainingMode,
        };
        match self {
            Self::Info => &[
                StudentNo,
                Name,
                StudentType,
                DegreeLevel,
                College,
                Major,
                ClassName,
                School,
                Residence,
                AdmissionYear,
                Length,
                Sex,
                BirthDate,
                EthnicGroup,
                PoliticalStatus,
                MaritalStatus,
                DocumentType,
                DocumentNo,
                Programme,
                TrainingMode,
                StudyStatus,
                Origin,
                ExamNo,
                Counsellor,
                Mobile,
                Email,
                Activation,
                AddedAt,
                How,
            ],
            Self::Signing => &[
                StudentNo,
                Name,
                ExamNo,
                DocumentNo,
                Sex,
                EthnicGroup,
                PoliticalStatus,
                StudentType,
                DegreeLevel,
                College,
                Major,
                ClassName,
                TrainingMode,
                DirectedUnit,
                Origin,
                OriginCode,
                Length,
                AdmissionYear,
                ClassYear,
                BirthDate,
                Mobile,
                Email,
                Destination,
                AgreementState,
                AgreementNo,
                EmployerName,
                EmployerCode,
                EmployerKind,
                EmployerIndustry,
                EmployerPlace,
            ],
        }
    }
}

/// The name of a code, or the text as it was found.
fn named<'a>(table: &'static CodeTable, text: &'a str) -> Cow<'a, str> {
    table.by_code(text).map_or(text, |line| line.name).into()
}

/// The word that people say (男, 中共党员), where the standard's own is long; or the text as it was found.
fn said<'a>(table: &'static CodeTable, text: &'a str) -> Cow<'a, str> {
    table.by_code(text).map_or(text, |line| line.short_name).into()
}

fn labelled<'a>(label: Option<&'static str>, text: &'a str) -> Cow<'a, str> {
    label.unwrap_or(text).into()
}

/// An instant as people in China read it.
pub fn local_minute(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&Shanghai)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

impl Column {
    /// Shown whatever a person chooses: without them nobody knows whose row it is.
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::StudentNo | Self::Name)
    }

    /// As the writers of files want it.
    pub fn for_file(self) -> qihang_sheet::Column {
        let (name, bytes) = self.dbf();
        qihang_sheet::Column::new(self.heading(), self.width()).with_dbf(name, bytes)
    }

    /// What stands in the cell: names instead of codes, and what no table knows as it was found.
    pub fn value<'a>(self, row: &'a Listed, names: &'a Names, identity: Identity) -> Cow<'a, str> {
        match self {
            Self::ClassYear => row.entry.class_year.to_string().into(),
            Self::Activation => row.activation.label().into(),
            Self::AddedAt => local_minute(row.entry.added_at).into(),
            Self::How => labelled(How::from_code(&row.entry.how).map(How::label), &row.entry.how),
            _ => self.of_student(&row.student, names, identity),
        }
    }

    /// What stands in the cell of a student of whom only the record is asked; empty where the roster entry would say it.
    pub fn of_student<'a>(
        self,
        student: &'a student::Model,
        names: &'a Names,
        identity: Identity,
    ) -> Cow<'a, str> {
        match self {
            Self::StudentNo => student.student_no.as_str().into(),
            Self::Name => student.name.as_str().into(),
            Self::StudentType => labelled(
                StudentType::from_code(&student.student_type).map(StudentType::label),
                &student.student_type,
            ),
            Self::DegreeLevel => labelled(
                DegreeLevel::from_code(&student.degree_level).map(DegreeLevel::label),
                &student.degree_level,
            ),
            Self::College => names.college(student.college_id).into(),
            Self::School => names.college(student.school_id).into(),
            Self::Residence => student
                .residence_id
                .map_or(student.residence_found.as_str(), |id| names.college(id))
                .into(),
            Self::Major => names.major(student.major_id).into(),
            Self::ClassName => student.class_name.as_str().into(),
            Self::AdmissionYear => student.admission_year.to_string().into(),
            Self::Length => student.length_half_years.map_or_else(
                || student.length_found.as_str().into(),
                |half_years| years_label(half_years).into(),
            ),
            Self::Sex => said(&codes::SEX, &student.sex),
            Self::BirthDate => student.birth_date.as_str().into(),
            Self::EthnicGroup => named(&codes::ETHNIC_GROUP, &student.ethnic_group),
            Self::PoliticalStatus => said(&codes::POLITICAL_STATUS, &student.political_status),
            Self::MaritalStatus => named(&codes::MARITAL_STATUS, &student.marital_status),
            Self::DocumentType => named(&codes::DOCUMENT_TYPE, &student.document_type),
            Self::DocumentNo => match identity {
                Identity::Masked => identity::mask(&student.document_no).into(),
                Identity::InFull => student.document_no.as_str().into(),
            },
            Self::Programme => student.programme.as_str().into(),
            Self::TrainingMode => named(&codes::TRAINING_MODE, &student.training_mode),
            Self::DirectedUnit => student.directed_unit.as_str().into(),
            Self::StudyStatus => labelled(
                StudyStatus::from_code(&student.study_status).map(StudyStatus::label),
                &student.study_status,
            ),
            Self::Origin => {
                division::full_name(&student.origin).map_or(student.origin.as_str().into(), Cow::Owned)
            }
            Self::OriginCode => if division::find(&student.origin).is_some() {
                student.origin.as_str()
            } else {
                ""
            }
            .into(),
            Self::ExamNo => student.exam_no.as_str().into(),
            Self::Counsellor => student.counsellor.as_str().into(),
            Self::Mobile => student.mobile.as_str().into(),
            Self::Email => student.email.as_str().into(),
            Self::ClassYear
            | Self::Activation
            | Self::AddedAt
            | Self::How
            | Self::Destination
            | Self::AgreementState
            | Self::AgreementNo
            | Self::EmployerName
            | Self::EmployerCode
            | Self::EmployerKind
            | Self::EmployerIndustry
            | Self::EmployerPlace => "".into(),
        }
    }
}

/// The columns that somebody chose to see, in the order of the view; all of them when nothing was chosen.
pub fn chosen(view: View, codes: Option<&[String]>) -> Vec<Column> {
    view.columns()
        .iter()
        .copied()
        .filter(|column| {
            column.is_fixed() || codes.is_none_or(|codes| codes.iter().any(|code| code == column.code()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_headings_and_fields_of_dbf_are_each_used_once() {
        let codes: BTreeSet<_> = Column::ALL.iter().map(|column| column.code()).collect();
        let headings: BTreeSet<_> = Column::ALL.iter().map(|column| column.heading()).collect();
        let fields: BTreeSet<_> = Column::ALL.iter().map(|column| column.dbf().0).collect();
        assert_eq!(
            (codes.len(), headings.len(), fields.len()),
            (Column::ALL.len(), Column::ALL.len(), Column::ALL.len())
        );
        assert!(
            fields.iter().all(|name| name.len() <= 10),
            "DBF knows names of ten characters"
        );
    }

    #[test]
    fn every_column_stands_in_a_view_and_every_order_has_a_heading() {
        for column in Column::ALL {
            assert!(
                View::ALL.iter().any(|view| view.columns().contains(column)),
                "{column:?}"
            );
        }
        for sort in Sort::ALL {
            assert!(
                View::Info
                    .columns()
                    .iter()
                    .any(|column| column.sort() == Some(sort)),
                "{sort:?}"
            );
        }
    }

    #[test]
    fn number_and_name_are_shown_whatever_is_chosen() {
        let codes = ["origin".to_owned(), "salary".to_owned()];
        let headings: Vec<_> = chosen(View::Signing, Some(&codes))
            .iter()
            .map(|column| column.heading())
            .collect();
        assert_eq!(headings, ["学号", "姓名", "生源所在地"]);
    }
}
