//! The columns of every dataset: all headings that are understood stand here, and nowhere else (R14). The campus names are
//! those of the national standard for university management information; the others are what offices write.

use qihang_standards::codes::{
    DOCUMENT_TYPE, ETHNIC_GROUP, MARITAL_STATUS, POLITICAL_STATUS, SEX, TRAINING_MODE,
};

use super::dataset::{Field, Kind};

const fn field(
    name: &'static str,
    heading: &'static str,
    kind: Kind,
    also: &'static [&'static str],
    help: &'static str,
) -> Field {
    Field {
        name,
        heading,
        also,
        kind,
        required: false,
        help,
    }
}

const fn required(
    name: &'static str,
    heading: &'static str,
    kind: Kind,
    also: &'static [&'static str],
    help: &'static str,
) -> Field {
    Field {
        name,
        heading,
        also,
        kind,
        required: true,
        help,
    }
}

/// 院系.
#[rustfmt::skip]
pub(super) const UNITS: &[Field] = &[
    required("code", "院系代码", Kind::Identifier,
        &["DWH", "DWDM", "YXDM", "单位号", "单位代码", "学院代码", "院代码", "代码", "编号"],
        "数据交换平台中的单位号，如 001、S01"),
    required("name", "院系名称", Kind::Text,
        &["DWMC", "YXMC", "单位名称", "学院名称", "名称", "院系", "单位"],
        "全称，如 机械工程学院"),
    required("kind", "类别", Kind::CollegeType,
        &["DWLB", "DWLBMC", "单位类别", "院系类别", "单位类型", "类型"],
        "书院 或 学院"),
    field("campus", "校区", Kind::Text,
        &["XQ", "XQMC", "XQDM", "校区名称", "所在校区"],
        "可不填"),
];

/// 专业.
#[rustfmt::skip]
pub(super) const MAJORS: &[Field] = &[
    required("code", "专业号", Kind::Identifier,
        &["ZYH", "专业编号", "校内专业代码"],
        "数据交换平台中的专业号；没有时用专业代码"),
    field("national_code", "专业代码", Kind::Identifier,
        &["ZYDM", "国标专业代码", "教育部专业代码", "专业国标代码"],
        "教育部专业目录代码，可不填"),
    required("name", "专业名称", Kind::Text,
        &["ZYMC", "专业"],
        "全称"),
    required("college", "学院", Kind::School,
        &["DWH", "YXDM", "单位号", "学院代码", "院系代码", "DWMC", "YXMC", "学院名称", "院系名称", "院系", "所属学院", "开设学院", "开课学院"],
        "开设该专业的学院，代码或名称"),
    required("degree_level", "学历", Kind::DegreeLevel,
        &["PYCC", "PYCCMC", "PYCCDM", "XL", "XLMC", "层次", "培养层次", "学历层次", "培养层次代码"],
        "本科、硕士 或 博士"),
    field("length", "学制", Kind::Length,
        &["XZ", "学制(年)"],
        "年数，如 4、2.5"),
];

/// 学生.
#[rustfmt::skip]
pub(super) const STUDENTS: &[Field] = &[
    required("student_no", "学号", Kind::Identifier,
        &["XH", "学生学号"],
        "文本格式，不重复"),
    field("name", "姓名", Kind::Text,
        &["XM", "学生姓名"],
        "与学籍一致"),
    field("sex", "性别", Kind::Coded(&SEX),
        &["XBDM", "XB", "XBMC", "性别代码", "性别码"],
        "男、女，或 GB/T 2261.1 代码"),
    field("birth_date", "出生日期", Kind::Date,
        &["CSRQ", "出生年月日", "生日"],
        "如 2004-12-31 或 20041231"),
    field("ethnic_group", "民族", Kind::Coded(&ETHNIC_GROUP),
        &["MZDM", "MZ", "MZMC", "民族代码"],
        "名称或 GB/T 3304 代码"),
    field("political_status", "政治面貌", Kind::Coded(&POLITICAL_STATUS),
        &["ZZMMDM", "ZZMM", "ZZMMMC", "政治面貌代码"],
        "名称或 GB/T 4762 代码"),
    field("marital_status", "婚姻状况", Kind::Coded(&MARITAL_STATUS),
        &["HYZKDM", "HYZK", "HYZKMC", "婚姻状况代码", "婚否"],
        "名称或 GB/T 2261.2 代码"),
    field("document_type", "证件类型", Kind::Coded(&DOCUMENT_TYPE),
        &["SFZJLXDM", "SFZJLX", "SFZJLXMC", "身份证件类型", "身份证件类型代码", "证件类型代码", "证件类别"],
        "居民身份证、港澳台居民通行证等，或代码"),
    field("document_no", "证件号", Kind::IdentityNo,
        &["SFZJH", "SFZH", "身份证号", "身份证号码", "证件号码", "身份证件号", "身份证件号码", "身份证"],
        "文本格式；在 Excel 中不可按数字保存，否则末几位会丢失"),
    field("origin", "生源所在地", Kind::Place,
        &["SYDDM", "SYSZDDM", "SYSZD", "SYD", "SYDMC", "生源地代码", "生源所在地代码", "生源地", "生源地区", "生源地名称"],
        "GB/T 2260 代码，或省市全称"),
    field("exam_no", "考生号", Kind::Identifier,
        &["KSH", "考生编号", "高考考生号"],
        "本科生 14 位，研究生 15 位；文本格式"),
    field("student_type", "类型", Kind::StudentType,
        &["XSLBMC", "XSLB", "XSLBDM", "学生类型", "学生类别", "学生类别名称", "学生类别代码"],
        "本科生 或 研究生"),
    field("degree_level", "学历", Kind::DegreeLevel,
        &["PYCCMC", "PYCC", "PYCCDM", "XLMC", "XL", "层次", "培养层次", "培养层次名称", "培养层次代码", "学历层次"],
        "本科、硕士 或 博士"),
    required("school", "学院", Kind::School,
        &["YXDM", "YXH", "学院代码", "院系代码", "学院号", "YXMC", "YX", "学院名称", "院系名称", "院系", "所在学院", "所属学院", "DWH", "DWMC"],
        "开课学院的代码或名称"),
    field("residence", "书院", Kind::Residence,
        &["SYH", "SYDM", "书院代码", "书院号", "SYMC", "书院名称", "所在书院"],
        "书院的代码或名称；没有书院的不填"),
    required("major", "专业", Kind::Major,
        &["ZYH", "专业号", "ZYDM", "专业代码", "ZYMC", "ZY", "专业名称", "所学专业"],
        "专业号，或学院内的专业名称"),
    field("class_name", "班级", Kind::Text,
        &["BJMC", "BJ", "班级名称", "行政班", "行政班级", "BJDM", "班级代码", "班号"],
        "可不填"),
    required("admission_year", "入学年份", Kind::Year,
        &["RXNJ", "RXNF", "RXND", "入学年级", "入学年度", "年级", "NJ"],
        "四位年份，如 2023"),
    field("length", "学制", Kind::Length,
        &["XZ", "学制(年)", "修业年限"],
        "年数，如 4、2.5"),
    field("training_mode", "培养方式", Kind::Coded(&TRAINING_MODE),
        &["PYFSMC", "PYFS", "PYFSDM", "培养方式名称", "培养方式代码"],
        "非定向、定向、在职、委培、自筹，或代码"),
    field("directed_unit", "定向委培单位", Kind::Text,
        &["DXWPDW", "原定向委培单位", "定向或委培单位", "定向/委培单位", "定向(委培)单位", "定向单位", "委培单位", "定向就业单位"],
        "培养方式为定向、委培的填写"),
    field("study_status", "学籍状态", Kind::StudyStatus,
        &["XJZTMC", "XJZT", "XJZTDM", "学籍状态名称", "学籍状态代码", "学生状态"],
        "在读、休学、延长学制、退学、转学、毕业"),
    field("programme", "培养项目", Kind::Text,
        &["PYXMMC", "PYXM", "培养项目名称", "项目"],
        "普通、少年班、学硕班、医学七年制等"),
    field("counsellor", "辅导员", Kind::Text,
        &["FDY", "FDYXM", "FDYGH", "辅导员姓名", "辅导员工号"],
        "可不填"),
    field("mobile", "手机", Kind::Identifier,
        &["SJH", "SJHM", "手机号", "手机号码", "联系电话", "移动电话", "电话"],
        "可不填"),
    field("email", "邮箱", Kind::Text,
        &["DZYX", "DZXX", "电子邮箱", "电子邮件", "邮箱地址", "EMAIL", "E-MAIL"],
        "可不填"),
];

/// 工作人员.
#[rustfmt::skip]
pub(super) const OFFICERS: &[Field] = &[
    required("login", "工号", Kind::Login,
        &["GH", "ZGH", "职工号", "教工号", "账号", "登录名", "用户名"],
        "登录用的账号：字母、数字和 . _ -"),
    required("name", "姓名", Kind::Text,
        &["XM", "教师姓名"],
        "真实姓名"),
    required("role", "角色", Kind::Role,
        &["JS", "JSMC", "角色名称"],
        "院系教师、院系负责人、就业中心 或 系统管理员"),
    field("unit", "单位号", Kind::Unit,
        &["DWH", "单位代码", "院系代码", "DWMC", "单位名称", "院系名称", "单位", "院系", "院", "学院", "书院", "所属院系", "所在单位"],
        "院系教师、院系负责人填写所在院的代码或名称；其他角色不填"),
    field("mobile", "手机", Kind::Identifier,
        &["SJH", "SJHM", "手机号", "手机号码", "联系电话", "电话"],
        "可不填"),
    field("email", "邮箱", Kind::Text,
        &["DZYX", "DZXX", "电子邮箱", "电子邮件", "邮箱地址", "EMAIL", "E-MAIL"],
        "可不填"),
];
