//! The mirror of one student record of the data exchange (统一数据交换平台).
//!
//! Coded fields hold the code where the value could be recognised and otherwise the text as it was found: a bad field is a finding, never a reason to lose a student.

use sea_orm::entity::prelude::*;

/// The mirror of one student record of the data exchange (统一数据交换平台).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "student")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 学号.
    #[sea_orm(unique)]
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// 性别, GB/T 2261.1 code or the text as found.
    pub sex: String,
    /// 出生日期 as YYYY-MM-DD, or the text as found.
    pub birth_date: String,
    /// 民族, GB/T 3304 code or the text as found.
    pub ethnic_group: String,
    /// 政治面貌, GB/T 4762 code or the text as found.
    pub political_status: String,
    /// 婚姻状况, GB/T 2261.2 code or the text as found.
    pub marital_status: String,
    /// 身份证件类型 code or the text as found.
    pub document_type: String,
    /// 证件号. Never logged; masked on screen.
    pub document_no: String,
    /// 生源所在地, GB/T 2260 code or the text as found.
    pub origin: String,
    /// 考生号.
    pub exam_no: String,
    /// `undergraduate` (本科生), `graduate` (研究生) or the text as found; see [`crate::StudentType`].
    pub student_type: String,
    /// `bachelor` (本科), `master` (硕士), `doctor` (博士) or the text as found; see [`crate::DegreeLevel`].
    pub degree_level: String,
    /// 学院 that teaches the student.
    pub school_id: i64,
    /// 书院 the student lives in.
    pub residence_id: Option<i64>,
    /// 书院 as found in the exchange, kept even when it is not known here.
    pub residence_found: String,
    /// 专业.
    pub major_id: i64,
    /// 班级.
    pub class_name: String,
    /// 入学年份.
    pub admission_year: i32,
    /// 学制 in half years; `None` where the record has none that can be read.
    pub length_half_years: Option<i32>,
    /// 学制 as found.
    pub length_found: String,
    /// 培养方式 code or the text as found.
    pub training_mode: String,
    /// 定向委培单位; empty when none.
    pub directed_unit: String,
    /// 学籍状态: code of [`crate::StudyStatus`] or the text as found.
    pub study_status: String,
    /// 培养项目 (普通, 少年班, 学硕班 …), an open list.
    pub programme: String,
    /// 辅导员.
    pub counsellor: String,
    /// 手机, as the exchange has it.
    pub mobile: String,
    /// 邮箱, as the exchange has it.
    pub email: String,
    /// The 院 that answers for the student, from `college_duty`; rewritten whenever student or duty changes.
    pub college_id: i64,
    /// A second 院 whose duty covers the student (a 学院 with 本科生 duty beside the 书院).
    pub second_college_id: Option<i64>,
    /// Class year by admission year and length alone, whatever the status.
    pub nominal_year: Option<i32>,
    /// Expected class year (R5); `None` when there is none, for the reason in `expectation`.
    pub expected_year: Option<i32>,
    /// Why the expected year is what it is: code of `roster::model::Expectation`.
    pub expectation: String,
    /// Name in pinyin without tones or spaces, for search.
    pub pinyin: String,
    /// Initials of the pinyin, for search.
    pub initials: String,
    /// When a complete import no longer held the student; `None` while it does.
    pub vanished_at: Option<DateTimeUtc>,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// By `college_id`.
    #[sea_orm(
        belongs_to = "super::college::Entity",
        from = "Column::CollegeId",
        to = "super::college::Column::Id"
    )]
    Managing,
    /// By `school_id`.
    #[sea_orm(
        belongs_to = "super::college::Entity",
        from = "Column::SchoolId",
        to = "super::college::Column::Id"
    )]
    School,
    /// By `major_id`.
    #[sea_orm(
        belongs_to = "super::major::Entity",
        from = "Column::MajorId",
        to = "super::major::Column::Id"
    )]
    Major,
}

impl ActiveModelBehavior for ActiveModel {}
