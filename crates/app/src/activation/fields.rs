//! Every field of the activation form (修改激活信息): where its value comes from, who mends it, what it says. A closed list,
//! shared by the form, the student's own record, the portal, corrections and the centre's settings.

use std::borrow::Cow;

use qihang_db::FieldClass;
use qihang_db::entity::{student, student_contact};
use qihang_standards::codes::needs_unit;

use crate::roster::list::columns::{Column, Identity, Names};

/// Where a value comes from, and so who mends it (R15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The data exchange; the office that keeps the record mends it.
    Registrar,
    /// The data exchange; the student mends it in the portal.
    Portal,
    /// The student enters it here.
    Contact,
}

impl Source {
    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Registrar => "数据交换平台",
            Self::Portal => "校内信息门户",
            Self::Contact => "本人填写",
        }
    }

    /// What a class year may make of such a field. What comes from the data exchange is never edited here.
    pub const fn classes(self) -> &'static [FieldClass] {
        match self {
            Self::Registrar => &[FieldClass::Locked],
            Self::Portal => FieldClass::ALL,
            Self::Contact => &[FieldClass::Window, FieldClass::Always],
        }
    }

    /// What it is where the centre has not said otherwise.
    pub const fn default_class(self) -> FieldClass {
        match self {
            Self::Registrar => FieldClass::Locked,
            Self::Portal => FieldClass::Window,
            Self::Contact => FieldClass::Always,
        }
    }
}

/// A part of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Who the student is.
    Person,
    /// What the student studies.
    Study,
    /// How the student can be reached.
    Contact,
}

impl Section {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Person, Self::Study, Self::Contact];

    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Person => "个人信息",
            Self::Study => "学籍和生源信息",
            Self::Contact => "联系方式",
        }
    }

    /// Its fields, in order.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(move |field| field.section() == self)
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $heading:literal, $section:ident, $source:ident, $required:literal;)+) => {
        /// A field of the form. Its code is that of the data exchange's dataset, where it comes from there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $name,)+ }

        impl Field {
            /// All of them, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code: in forms, in columns, in the audit log.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The words on screen; those of the findings about it are the same.
            pub const fn heading(self) -> &'static str { match self { $(Self::$name => $heading,)+ } }

            /// The part of the form where it stands.
            pub const fn section(self) -> Section { match self { $(Self::$name => Section::$section,)+ } }

            /// Where its value comes from.
            pub const fn source(self) -> Source { match self { $(Self::$name => Source::$source,)+ } }

            /// Whether activation needs it where the centre has not said otherwise (R20).
            pub const fn is_required_by_default(self) -> bool { match self { $(Self::$name => $required,)+ } }

            /// The field with this code.
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$name),)+ _ => None } }
        }
    };
}

fields! {
    /// 学号.
    StudentNo = "student_no", "学号", Person, Registrar, true;
    /// 姓名.
    Name = "name", "姓名", Person, Registrar, true;
    /// 性别.
    Sex = "sex", "性别", Person, Registrar, true;
    /// 出生日期.
    BirthDate = "birth_date", "出生日期", Person, Registrar, true;
    /// 民族.
    EthnicGroup = "ethnic_group", "民族", Person, Registrar, true;
    /// 政治面貌.
    PoliticalStatus = "political_status", "政治面貌", Person, Portal, true;
    /// 婚姻状况.
    MaritalStatus = "marital_status", "婚姻状况", Person, Portal, true;
    /// 证件类型.
    DocumentType = "document_type", "证件类型", Person, Registrar, false;
    /// 证件号.
    DocumentNo = "document_no", "证件号", Person, Registrar, true;
    /// 生源所在地.
    Origin = "origin", "生源所在地", Study, Portal, true;
    /// 考生号.
    ExamNo = "exam_no", "考生号", Study, Registrar, true;
    /// 类型.
    StudentType = "student_type", "类型", Study, Registrar, false;
    /// 学历.
    DegreeLevel = "degree_level", "学历", Study, Registrar, true;
    /// 学院.
    School = "school", "学院", Study, Registrar, false;
    /// 书院.
    Residence = "residence", "书院", Study, Registrar, false;
    /// 专业.
    Major = "major", "专业", Study, Registrar, true;
    /// 班级.
    ClassName = "class_name", "班级", Study, Registrar, false;
    /// 入学年份.
    AdmissionYear = "admission_year", "入学年份", Study, Registrar, false;
    /// 学制.
    Length = "length", "学制", Study, Registrar, true;
    /// 培养方式.
    TrainingMode = "training_mode", "培养方式", Study, Registrar, true;
    /// 定向委培单位; asked only of students who are 定向 or 委培.
    DirectedUnit = "directed_unit", "定向委培单位", Study, Registrar, true;
    /// 学籍状态.
    StudyStatus = "study_status", "学籍状态", Study, Registrar, false;
    /// 培养项目.
    Programme = "programme", "培养项目", Study, Registrar, false;
    /// 辅导员.
    Counsellor = "counsellor", "辅导员", Study, Registrar, false;
    /// 手机.
    Mobile = "mobile", "手机", Contact, Contact, true;
    /// 邮箱.
    Email = "email", "邮箱", Contact, Contact, true;
    /// QQ.
    Qq = "qq", "QQ", Contact, Contact, false;
    /// 通讯地址.
    Address = "address", "通讯地址", Contact, Contact, true;
    /// 邮政编码.
    Postcode = "postcode", "邮政编码", Contact, Contact, true;
    /// 家庭电话.
    HomePhone = "home_phone", "家庭电话", Contact, Contact, true;
}

/// The page where students mend what is their own; it leads on where the university's portal is another.
pub const PORTAL: &str = "/portal/profile";

/// The page where a student proposes the own 定向委培单位 (R15).
pub const UNIT: &str = "/student/directed-unit";

impl Field {
    /// The field with this heading: that of a finding.
    pub fn from_heading(heading: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.heading() == heading)
    }

    /// Whether the student has such a thing at all: who is neither 定向 nor 委培 has no unit.
    pub fn concerns(self, student: &student::Model) -> bool {
        self != Self::DirectedUnit || needs_unit(&student.training_mode)
    }

    /// The value as it is stored, to compare and to digest; of contact data, which stands elsewhere, nothing.
    pub fn stored(self, student: &student::Model) -> Cow<'_, str> {
        match self {
            Self::StudentNo => student.student_no.as_str().into(),
            Self::Name => student.name.as_str().into(),
            Self::Sex => student.sex.as_str().into(),
            Self::BirthDate => student.birth_date.as_str().into(),
            Self::EthnicGroup => student.ethnic_group.as_str().into(),
            Self::PoliticalStatus => student.political_status.as_str().into(),
            Self::MaritalStatus => student.marital_status.as_str().into(),
            Self::DocumentType => student.document_type.as_str().into(),
            Self::DocumentNo => student.document_no.as_str().into(),
            Self::Origin => student.origin.as_str().into(),
            Self::ExamNo => student.exam_no.as_str().into(),
            Self::StudentType => student.student_type.as_str().into(),
            Self::DegreeLevel => student.degree_level.as_str().into(),
            Self::School => student.school_id.to_string().into(),
            Self::Residence => match student.residence_id {
                Some(id) => id.to_string().into(),
                None => student.residence_found.as_str().into(),
            },
            Self::Major => student.major_id.to_string().into(),
            Self::ClassName => student.class_name.as_str().into(),
            Self::AdmissionYear => student.admission_year.to_string().into(),
            // 4 and 4年 are the same length.
            Self::Length => match student.length_half_years {
                Some(half_years) => half_years.to_string().into(),
                None => student.length_found.as_str().into(),
            },
            Self::TrainingMode => student.training_mode.as_str().into(),
            Self::DirectedUnit => student.directed_unit.as_str().into(),
            Self::StudyStatus => student.study_status.as_str().into(),
            Self::Programme => student.programme.as_str().into(),
            Self::Counsellor => student.counsellor.as_str().into(),
            Self::Mobile | Self::Email | Self::Qq | Self::Address | Self::Postcode | Self::HomePhone => {
                "".into()
            }
        }
    }

    /// The text of the field in a record; `None` where it is no text of its own (a 院, a 专业, a number) or contact data.
    pub fn text_mut(self, student: &mut student::Model) -> Option<&mut String> {
        Some(match self {
            Self::StudentNo => &mut student.student_no,
            Self::Name => &mut student.name,
            Self::Sex => &mut student.sex,
            Self::BirthDate => &mut student.birth_date,
            Self::EthnicGroup => &mut student.ethnic_group,
            Self::PoliticalStatus => &mut student.political_status,
            Self::MaritalStatus => &mut student.marital_status,
            Self::DocumentType => &mut student.document_type,
            Self::DocumentNo => &mut student.document_no,
            Self::Origin => &mut student.origin,
            Self::ExamNo => &mut student.exam_no,
            Self::StudentType => &mut student.student_type,
            Self::DegreeLevel => &mut student.degree_level,
            Self::ClassName => &mut student.class_name,
            Self::TrainingMode => &mut student.training_mode,
            Self::DirectedUnit => &mut student.directed_unit,
            Self::StudyStatus => &mut student.study_status,
            Self::Programme => &mut student.programme,
            Self::Counsellor => &mut student.counsellor,
            Self::School
            | Self::Residence
            | Self::Major
            | Self::AdmissionYear
            | Self::Length
            | Self::Mobile
            | Self::Email
            | Self::Qq
            | Self::Address
            | Self::Postcode
            | Self::HomePhone => return None,
        })
    }

    /// The value of the record in words, as lists and files write it; of contact data nothing.
    pub fn shown<'a>(
        self,
        student: &'a student::Model,
        names: &'a Names,
        identity: Identity,
    ) -> Cow<'a, str> {
        self.column()
            .map_or("".into(), |column| column.of_student(student, names, identity))
    }

    /// The column of 学生用户管理 that says the same.
    const fn column(self) -> Option<Column> {
        Some(match self {
            Self::StudentNo => Column::StudentNo,
            Self::Name => Column::Name,
            Self::Sex => Column::Sex,
            Self::BirthDate => Column::BirthDate,
            Self::EthnicGroup => Column::EthnicGroup,
            Self::PoliticalStatus => Column::PoliticalStatus,
            Self::MaritalStatus => Column::MaritalStatus,
            Self::DocumentType => Column::DocumentType,
            Self::DocumentNo => Column::DocumentNo,
            Self::Origin => Column::Origin,
            Self::ExamNo => Column::ExamNo,
            Self::StudentType => Column::StudentType,
            Self::DegreeLevel => Column::DegreeLevel,
            Self::School => Column::School,
            Self::Residence => Column::Residence,
            Self::Major => Column::Major,
            Self::ClassName => Column::ClassName,
            Self::AdmissionYear => Column::AdmissionYear,
            Self::Length => Column::Length,
            Self::TrainingMode => Column::TrainingMode,
            Self::DirectedUnit => Column::DirectedUnit,
            Self::StudyStatus => Column::StudyStatus,
            Self::Programme => Column::Programme,
            Self::Counsellor => Column::Counsellor,
            Self::Mobile | Self::Email | Self::Qq | Self::Address | Self::Postcode | Self::HomePhone => {
                return None;
            }
        })
    }

    /// What the student entered; `None` for a field of the record.
    pub fn contact(self, contact: &student_contact::Model) -> Option<&str> {
        Some(match self {
            Self::Mobile => &contact.mobile,
            Self::Email => &contact.email,
            Self::Qq => &contact.qq,
            Self::Address => &contact.address,
            Self::Postcode => &contact.postcode,
            Self::HomePhone => &contact.home_phone,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::exchange::model::Dataset;
    use crate::findings::model::Kind;

    #[test]
    fn codes_and_headings_are_each_used_once() {
        let codes: BTreeSet<_> = Field::ALL.iter().map(|field| field.code()).collect();
        let headings: BTreeSet<_> = Field::ALL.iter().map(|field| field.heading()).collect();
        assert_eq!(
            (codes.len(), headings.len()),
            (Field::ALL.len(), Field::ALL.len())
        );
        for field in Field::ALL {
            assert_eq!(Field::from_code(field.code()), Some(*field));
            assert!(field.source().classes().contains(&field.source().default_class()));
        }
    }

    #[test]
    fn every_field_of_the_data_exchange_stands_here_under_its_own_name() {
        for field in Dataset::Students.fields() {
            let here = Field::from_code(field.name).expect(field.name);
            assert_eq!(here.heading(), field.heading);
        }
    }

    #[test]
    fn every_finding_about_a_field_finds_its_field() {
        for kind in Kind::ALL.iter().filter(|kind| !kind.field().is_empty()) {
            assert!(Field::from_heading(kind.field()).is_some(), "{kind:?}");
        }
    }
}
