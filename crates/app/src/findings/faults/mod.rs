//! Judging one student's record and roster entry (R8, R16). Pure.
//!
//! Nothing false: a record without a fault raises nothing, and what cannot be judged because of another fault is not
//! judged (an identity number with a wrong check character says nothing about sex or birth date).

mod identity;

use chrono::NaiveDate;
use qihang_db::entity::{directed_unit, own_value, student};
use qihang_db::{DegreeLevel, How, OwnField, StudentType, StudyStatus};
use qihang_standards::codes::{
    CodeTable, ETHNIC_GROUP, MARITAL_STATUS, POLITICAL_STATUS, Sex, TRAINING_MODE, needs_unit,
};
use qihang_standards::division::{Depth, Origin, origin_at};
use qihang_standards::exam::{CandidateKind, candidate_no_is_well_formed};

use super::model::{Found, Kind, Standing, Subject, YearRules, digest};
use crate::class_year::model::OriginDepth;
use crate::directed::model::Lies;
use crate::portal::model::{own_text, own_value};
use crate::roster::model::{Expectation, effective_type};

/// The part of a `wrong_addition` value that says that the same person stands on the roster twice.
pub const DOUBLE: &str = "重复入库";

/// Everything that is to be found of one student in one class year.
///
/// Only for students who are expected in the class year or on its roster; of others nothing is looked for.
pub fn of(subject: &Subject<'_>, rules: YearRules) -> Vec<Found> {
    let student = subject.student;
    let mut found = Vec::new();
    found.extend(membership(subject, rules));
    own(subject, rules, &mut found);
    identity::judge(subject, &mut found);
    person(student, &mut found);
    study(student, rules, &mut found);
    found.extend(subject.unit.and_then(unit));
    found
}

fn finding<'a>(
    kind: Kind,
    value: impl Into<String>,
    raised_by: impl IntoIterator<Item = &'a str>,
    reason: String,
) -> Found {
    Found {
        kind,
        value: value.into(),
        value_digest: digest(raised_by),
        reason,
    }
}

/// A finding whose value may be shown as it is.
fn plain(kind: Kind, value: &str, reason: String) -> Found {
    finding(kind, value, [value], reason)
}

/// Who mends a field that the university keeps.
fn registrar(student: &student::Model) -> &'static str {
    match effective_type(&student.student_type, &student.degree_level) {
        StudentType::Undergraduate => "请联系教务处更正",
        StudentType::Graduate => "请联系学院研究生教务部门更正",
    }
}

/// Who mends a field that is the student's own (R15).
const PORTAL: &str = "请学生在校内信息门户修改";

fn membership(subject: &Subject<'_>, rules: YearRules) -> Option<Found> {
    let student = subject.student;
    match subject.standing {
        Standing::Absent if student.expected_year == Some(rules.year) => Some(finding(
            Kind::Omission,
            "",
            [""],
            if is_doctoral(student) {
                format!(
                    "列入 {} 届毕业信息采集名单，学籍在读，尚未加入生源信息库",
                    rules.year
                )
            } else {
                format!(
                    "{} 年入学，应于 {} 年毕业，学籍在读，尚未加入生源信息库",
                    student.admission_year, rules.year
                )
            },
        )),
        Standing::Absent | Standing::Elsewhere(_) => None,
        Standing::Listed(how) => wrong_addition(subject, how, rules),
    }
}

fn wrong_addition(subject: &Subject<'_>, how: How, rules: YearRules) -> Option<Found> {
    let student = subject.student;
    let mut values = Vec::new();
    let mut reasons = Vec::new();
    if let Some((value, reason)) = doubt(student, how, rules) {
        values.push(value);
        reasons.push(reason);
    }
    if !subject.doubles.is_empty() {
        values.push(DOUBLE.to_owned());
        reasons.push("同名同证件号的另一学号也在本届生源信息库中".to_owned());
    }
    let raised_by: Vec<&str> = values
        .iter()
        .map(String::as_str)
        .chain(subject.doubles.iter().map(String::as_str))
        .collect();
    (!values.is_empty()).then(|| {
        let reason = format!(
            "已在 {} 届生源信息库，但{}；请核实，确属误加的请移出",
            rules.year,
            reasons.join("，且")
        );
        finding(Kind::WrongAddition, values.join("、"), raised_by, reason)
    })
}

/// Why somebody on the roster may not belong there: a short value and a reason.
pub(super) fn doubt(student: &student::Model, how: How, rules: YearRules) -> Option<(String, String)> {
    let why = Expectation::from_code(&student.expectation).unwrap_or(Expectation::UnknownStatus);
    let short = match why {
        Expectation::Expected if student.expected_year == Some(rules.year) => return None,
        Expectation::Expected => {
            let year = student
                .expected_year
                .map_or_else(String::new, |year| year.to_string());
            return Some((format!("应于 {year} 年毕业"), format!("应于 {year} 年毕业")));
        }
        // Until there is a 采集名单, none of them is doubtful (R7).
        Expectation::DoctoralUnlisted if !rules.has_doctoral_list => return None,
        Expectation::DoctoralUnlisted => "未列入采集名单".to_owned(),
        Expectation::Status(StudyStatus::Extended) if how == How::Extended => return None,
        // From June on the class itself graduates; 毕业 is doubtful only of those who did so before.
        Expectation::Status(StudyStatus::Graduated)
            if rules.graduation_begun && student.nominal_year.is_none_or(|year| year == rules.year) =>
        {
            return None;
        }
        Expectation::Status(status) => status.label().to_owned(),
        Expectation::UnknownStatus => student.study_status.clone(),
        Expectation::NoLength => "无学制".to_owned(),
        Expectation::Vanished => "数据交换平台已无此人".to_owned(),
    };
    Some((short, why.label()))
}

/// What stands against a value that is the student's own, and what is missing, without who mends it; `None` when nothing
/// does. The portal asks before it saves, so that nothing can be saved there that would be found here.
pub fn own_problem(field: OwnField, value: &str, depth: OriginDepth) -> Option<(Kind, String)> {
    match field {
        OwnField::Origin => origin_problem(value.trim(), depth),
        OwnField::MaritalStatus => Some((Kind::MaritalInvalid, outside(&MARITAL_STATUS, value)?)),
        OwnField::PoliticalStatus => Some((Kind::PoliticalInvalid, outside(&POLITICAL_STATUS, value)?)),
    }
}

fn origin_problem(value: &str, depth: OriginDepth) -> Option<(Kind, String)> {
    let depth = match depth {
        OriginDepth::City => Depth::City,
        OriginDepth::County => Depth::County,
    };
    Some(match origin_at(value, depth) {
        Origin::Complete { .. } => return None,
        Origin::Historical { name, successors } => {
            let now: Vec<String> = successors
                .into_iter()
                .map(|place| format!("{}（{}）", place.name, place.code))
                .collect();
            let now = if now.is_empty() {
                "无对应的现行代码".to_owned()
            } else {
                format!("现为{}", now.join("或"))
            };
            (
                Kind::OriginHistorical,
                format!("代码对应“{name}”，现已不用，{now}"),
            )
        }
        Origin::Missing => (Kind::OriginMissing, "没有生源所在地".to_owned()),
        Origin::ProvinceOnly { name } => (Kind::OriginProvinceOnly, format!("只到“{name}”，缺少市")),
        Origin::DistrictMissing { name } if is_municipality(value) => (
            Kind::OriginDistrictMissing,
            format!("只到“{name}”，直辖市还须选区县"),
        ),
        Origin::DistrictMissing { name } => {
            (Kind::OriginCountyMissing, format!("只到“{name}”，本届要求到县区"))
        }
        Origin::Unknown => (
            Kind::OriginUnknown,
            "不是行政区划代码（GB/T 2260 历年均无）".to_owned(),
        ),
    })
}

/// The three values that are the student's own.
fn own(subject: &Subject<'_>, rules: YearRules, found: &mut Vec<Found>) {
    for field in OwnField::ALL {
        let value = own_value(subject.student, *field);
        if let Some((kind, wrong)) = own_problem(*field, value, rules.origin_depth) {
            let what_to_do = match kind {
                Kind::OriginHistorical => "无须处理".to_owned(),
                Kind::OriginMissing => format!("{PORTAL}（须到省、市，直辖市须到区）"),
                _ => PORTAL.to_owned(),
            };
            found.push(plain(kind, value.trim(), format!("{wrong}；{what_to_do}")));
        }
    }
    found.extend(subject.mended.iter().filter_map(mended));
}

/// A value that the student mended and the data exchange does not have yet, or has otherwise.
fn mended(own: &own_value::Model) -> Option<Found> {
    let field = OwnField::from_code(&own.field)?;
    let named = |value: &str| match own_text(field, value) {
        _ if value.is_empty() => "空".to_owned(),
        Some(name) => format!("“{name}”（{value}）"),
        None => format!("“{value}”"),
    };
    let (mine, theirs) = (named(&own.value), named(&own.exchange_value));
    let (kind, reason) = if own.exchange_value == own.replaced_value {
        let kind = match field {
            OwnField::Origin => Kind::OriginPending,
            OwnField::MaritalStatus => Kind::MaritalPending,
            OwnField::PoliticalStatus => Kind::PoliticalPending,
        };
        let reason = format!("学生在门户改为{mine}，数据交换平台仍为{theirs}；已按学生修改生效，无须处理");
        (kind, reason)
    } else {
        let kind = match field {
            OwnField::Origin => Kind::OriginConflict,
            OwnField::MaritalStatus => Kind::MaritalConflict,
            OwnField::PoliticalStatus => Kind::PoliticalConflict,
        };
        let reason = format!(
            "学生在门户由{}改为{mine}，之后数据交换平台改为{theirs}；暂以学生修改为准，请学生在个人信息页面选定",
            named(&own.replaced_value)
        );
        (kind, reason)
    };
    Some(finding(
        kind,
        &*own.value,
        [&*own.value, &*own.exchange_value],
        reason,
    ))
}

/// A 定向委培单位 that an officer filled in and the data exchange does not have, or has otherwise.
fn unit(unit: &directed_unit::Model) -> Option<Found> {
    let (kind, reason) = match Lies::of(unit)? {
        Lies::Over => (
            Kind::DirectedUnitPending,
            format!(
                "数据交换平台没有定向委培单位，已按院系核实填写的“{}”生效，无须处理",
                unit.unit
            ),
        ),
        Lies::Against => (
            Kind::DirectedUnitConflict,
            format!(
                "院系核实填写“{}”，之后数据交换平台改为“{}”，现以平台为准；请核实：平台有误的由学籍部门更正，填写有误的在“定向委培”中撤销",
                unit.unit, unit.exchange_value
            ),
        ),
    };
    Some(finding(
        kind,
        &*unit.unit,
        [&*unit.unit, &*unit.exchange_value],
        reason,
    ))
}

/// 北京, 天津, 上海, 重庆.
fn is_municipality(code: &str) -> bool {
    matches!(code.get(..2), Some("11" | "12" | "31" | "50"))
}

/// A 出生日期 as it is stored when it could be read.
fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// What stands against a coded value: `None` where the table has it.
fn outside(table: &CodeTable, value: &str) -> Option<String> {
    if value.is_empty() {
        Some(format!("没有{}", table.title()))
    } else if table.by_code(value).is_none() {
        Some(format!("“{value}”不在{}代码表中", table.title()))
    } else {
        None
    }
}

fn person(student: &student::Model, found: &mut Vec<Found>) {
    let mend = registrar(student);
    if student.birth_date.is_empty() {
        found.push(plain(Kind::BirthDateMissing, "", format!("没有出生日期；{mend}")));
    } else if day(&student.birth_date).is_none() {
        let reason = format!("“{}”不是有效的日期；{mend}", student.birth_date);
        found.push(plain(Kind::BirthDateInvalid, &student.birth_date, reason));
    }
    if Sex::from_code(&student.sex).is_none() {
        found.push(plain(
            Kind::SexInvalid,
            &student.sex,
            format!("性别应为男或女；{mend}"),
        ));
    }
    if let Some(wrong) = outside(&ETHNIC_GROUP, &student.ethnic_group) {
        let value = &student.ethnic_group;
        found.push(plain(Kind::EthnicInvalid, value, format!("{wrong}；{mend}")));
    }
}

fn study(student: &student::Model, rules: YearRules, found: &mut Vec<Found>) {
    let mend = registrar(student);
    let unreadable = |value: &str, field: &str| {
        if value.is_empty() {
            format!("没有{field}；{mend}")
        } else {
            format!("“{value}”无法识别；{mend}")
        }
    };
    if StudyStatus::from_code(&student.study_status).is_none() {
        let value = &student.study_status;
        found.push(plain(
            Kind::StudyStatusUnknown,
            value,
            unreadable(value, "学籍状态"),
        ));
    }
    if StudentType::from_code(&student.student_type).is_none() {
        let value = &student.student_type;
        found.push(plain(Kind::StudentTypeUnknown, value, unreadable(value, "类型")));
    }
    if DegreeLevel::from_code(&student.degree_level).is_none() {
        let value = &student.degree_level;
        found.push(plain(Kind::DegreeUnknown, value, unreadable(value, "学历")));
    }
    found.extend(exam_no(student));
    if let Some(wrong) = outside(&TRAINING_MODE, &student.training_mode) {
        let value = &student.training_mode;
        found.push(plain(
            Kind::TrainingModeUnknown,
            value,
            format!("{wrong}；{mend}"),
        ));
    } else if needs_unit(&student.training_mode) && student.directed_unit.is_empty() {
        let mode = TRAINING_MODE
            .by_code(&student.training_mode)
            .map_or("", |code| code.name);
        let reason = format!("{mode}学生没有定向委培单位；请向学生核实原单位，在“定向委培”中填写");
        found.push(finding(
            Kind::DirectedUnitMissing,
            "",
            [&*student.training_mode],
            reason,
        ));
    }
    found.extend(length(student));
    found.extend(residence(student, rules));
}

fn exam_no(student: &student::Model) -> Option<Found> {
    let number = &student.exam_no;
    // Where neither 类型 nor 学历 can be read, either length will do: a guess would be a false finding.
    let kinds: &[CandidateKind] = match (
        StudentType::from_code(&student.student_type),
        DegreeLevel::from_code(&student.degree_level),
    ) {
        (Some(StudentType::Undergraduate), _) | (None, Some(DegreeLevel::Bachelor)) => {
            &[CandidateKind::Undergraduate]
        }
        (Some(StudentType::Graduate), _) | (None, Some(DegreeLevel::Master | DegreeLevel::Doctor)) => {
            &[CandidateKind::Graduate]
        }
        (None, None) => &[CandidateKind::Undergraduate, CandidateKind::Graduate],
    };
    let fits = kinds
        .iter()
        .any(|kind| candidate_no_is_well_formed(*kind, number));
    (!fits).then(|| {
        let mend = registrar(student);
        let wanted = kinds
            .iter()
            .map(|kind| kind.digits().to_string())
            .collect::<Vec<_>>()
            .join("或");
        let reason = if number.is_empty() {
            format!("没有考生号；{mend}")
        } else {
            format!("考生号应为 {wanted} 位数字；{mend}")
        };
        plain(Kind::ExamNoInvalid, number, reason)
    })
}

fn is_doctoral(student: &student::Model) -> bool {
    DegreeLevel::from_code(&student.degree_level) == Some(DegreeLevel::Doctor)
}

fn length(student: &student::Model) -> Option<Found> {
    if student.length_half_years.is_some() {
        return None;
    }
    let mend = registrar(student);
    let value = student.length_found.as_str();
    let wrong = if value.is_empty() {
        "没有学制".to_owned()
    } else {
        format!("学制“{value}”无法识别")
    };
    Some(match student.nominal_year {
        Some(_) if !is_doctoral(student) => plain(
            Kind::LengthFromMajor,
            value,
            format!("{wrong}，毕业年份按专业学制推算；可{}", &mend["请".len()..]),
        ),
        _ => plain(Kind::LengthMissing, value, format!("{wrong}；{mend}")),
    })
}

fn residence(student: &student::Model, rules: YearRules) -> Option<Found> {
    let student_type = effective_type(&student.student_type, &student.degree_level);
    if !rules.any_residential || student_type != StudentType::Undergraduate || student.residence_id.is_some()
    {
        return None;
    }
    let mend = registrar(student);
    let value = student.residence_found.as_str();
    Some(if value.is_empty() {
        plain(
            Kind::ResidenceMissing,
            "",
            format!("本科生没有书院，暂归学院管理；{mend}"),
        )
    } else {
        plain(
            Kind::ResidenceUnknown,
            value,
            format!("书院“{value}”不在院系表中，暂归学院管理；{mend}"),
        )
    })
}
