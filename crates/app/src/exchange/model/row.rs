//! One row of a file against what is known: the record it means, or why it cannot be one.

use qihang_db::{CollegeKind, Role};

use super::catalogue::{Catalogue, NotFound};
use super::cells::{Cells, FieldSet};
use super::dataset::{Dataset, Field, Kind};
use super::headings::Columns;
use super::value::{canonical, display, half_years, year};

/// One row as it stands in the file, cut down to the columns that are imported.
#[derive(Clone, Debug)]
pub(crate) struct FileRow {
    /// The number that a spreadsheet shows.
    pub(crate) number: u32,
    /// One value for each field of the dataset, canonical as far as the cell alone allows.
    pub(crate) cells: Cells,
    /// Fields in which a spreadsheet has lost digits.
    pub(crate) rounded: FieldSet,
    /// The first column that has content but no heading, as letters.
    pub(crate) surplus: Option<String>,
}

impl FileRow {
    /// Cuts a row down to what is imported.
    pub(crate) fn new(dataset: Dataset, columns: &Columns, row: &qihang_sheet::Row) -> Self {
        let mut rounded = FieldSet::default();
        let values = dataset.fields().iter().enumerate().map(|(index, field)| {
            let cell = columns
                .of(index)
                .iter()
                .filter_map(|column| row.cells.get(*column))
                .find(|cell| !cell.is_blank());
            let Some(cell) = cell else {
                return String::new();
            };
            if cell.rounded() {
                rounded.insert(index);
            }
            canonical(field.kind, cell.text())
        });
        let cells = Cells::pack(values);
        Self {
            number: row.number.try_into().unwrap_or(u32::MAX),
            cells,
            rounded,
            surplus: row.surplus.map(qihang_sheet::text::column_letters),
        }
    }
}

/// What tells the records of a dataset apart.
pub(crate) fn key_of(dataset: Dataset, cells: &Cells) -> String {
    match dataset {
        Dataset::Units | Dataset::Majors | Dataset::Students => cells.get(0).to_owned(),
        // One account may hold several 院: what is imported is a role of an account.
        Dataset::Officers => {
            let at = |name| dataset.index_of(name).map_or("", |index| cells.get(index));
            officer_key(at("login"), at("role"), at("unit"))
        }
    }
}

/// The key of a role of an account.
pub(crate) fn officer_key(login: &str, role: &str, unit: &str) -> String {
    if unit.is_empty() {
        format!("{login} {role}")
    } else {
        format!("{login} {role} {unit}")
    }
}

/// A sentence about one field: which, what stands in it, why that will not do.
fn about(field: &Field, value: &str, why: &str) -> String {
    format!("{}“{}”{why}", field.heading, display(field.kind, value))
}

/// Reads a row. `current` is the record as stored, where there is one: what the file has no column for is as it was.
///
/// # Errors
///
/// Every reason why the row cannot be a record, in Chinese.
pub(crate) fn read(
    dataset: Dataset,
    row: &FileRow,
    present: FieldSet,
    catalogue: &Catalogue,
    current: Option<&Cells>,
) -> Result<Cells, Vec<String>> {
    let fields = dataset.fields();
    let mut reasons = Vec::new();
    if let Some(column) = &row.surplus {
        reasons.push(format!(
            "{column} 列有内容却没有列名，这一行可能错位，请对齐后再导入"
        ));
    }
    for (index, field) in fields.iter().enumerate() {
        if row.rounded.contains(index)
            && matches!(field.kind, Kind::Identifier | Kind::IdentityNo | Kind::Login)
        {
            reasons.push(format!(
                "{}“{}”已被 Excel 按数字取整，末几位丢失，无法还原；请把该列设为文本格式，从原系统重新导出",
                field.heading,
                row.cells.get(index)
            ));
        }
    }
    let mut values: Vec<String> = match current {
        Some(current) => fields
            .iter()
            .enumerate()
            .map(|(index, _)| {
                if present.contains(index) {
                    &row.cells
                } else {
                    current
                }
                .get(index)
                .to_owned()
            })
            .collect(),
        None => row.cells.to_values(),
    };
    for (index, field) in fields.iter().enumerate() {
        if field.required && values[index].is_empty() {
            reasons.push(if present.contains(index) {
                format!("{}为空", field.heading)
            } else {
                format!("文件没有“{}”这一列，不能新增记录", field.heading)
            });
        }
    }
    check(dataset, catalogue, &mut values, &mut reasons);
    if reasons.is_empty() {
        Ok(Cells::pack(values))
    } else {
        Err(reasons)
    }
}

/// What the fields of a dataset must mean. Rewrites names of 院 and 专业 into their codes.
fn check(dataset: Dataset, catalogue: &Catalogue, values: &mut [String], reasons: &mut Vec<String>) {
    let fields = dataset.fields();
    let mut school_id = None;
    for (index, field) in fields.iter().enumerate() {
        let value = values[index].clone();
        if value.is_empty() {
            continue;
        }
        let problem = match field.kind {
            Kind::School => match catalogue.find_college(&value, Some(CollegeKind::School)) {
                Ok(college) => {
                    school_id = Some(college.id);
                    values[index].clone_from(&college.code);
                    None
                }
                Err(NotFound::Unknown) => {
                    Some("不存在：请核对代码（Excel 可能去掉了前面的 0）或名称，新学院请先导入院系")
                }
                Err(NotFound::OtherKind) => Some("是书院，不是学院"),
                Err(NotFound::Ambiguous) => Some("对应不止一个学院，请改填代码"),
            },
            Kind::Residence => {
                // An unknown 书院 loses nobody: it stays as found, and the student falls to the 学院.
                if let Some(college) = catalogue.residence(&value) {
                    values[index].clone_from(&college.code);
                }
                None
            }
            Kind::Unit => match catalogue.find_college(&value, None) {
                Ok(college) => {
                    values[index].clone_from(&college.code);
                    None
                }
                Err(NotFound::Ambiguous) => Some("对应不止一个院，请改填代码"),
                Err(_) => Some("不存在：请核对代码或名称，新院请先导入院系"),
            },
            Kind::Major => continue,
            Kind::Year => year(&value)
                .is_none()
                .then_some("不是年份，请填四位年份，如 2023"),
            Kind::CollegeType => CollegeKind::from_code(&value)
                .is_none()
                .then_some("无法识别，请填书院或学院"),
            Kind::Role => Role::from_code(&value)
                .is_none()
                .then_some("无法识别，请填院系教师、院系负责人、就业中心或系统管理员"),
            Kind::Login => {
                (!is_login(&value)).then_some("不能作为账号：只能由字母、数字和 . _ - 组成，最多 64 个字符")
            }
            // Of a student an unreadable length is kept as found; of a major it would be lost.
            Kind::Length if dataset == Dataset::Majors => half_years(&value)
                .is_none()
                .then_some("无法识别，请填年数，如 4 或 2.5"),
            _ => None,
        };
        if let Some(why) = problem {
            reasons.push(about(field, &value, why));
        }
    }
    match dataset {
        Dataset::Students => check_major(catalogue, values, school_id, reasons),
        Dataset::Officers => check_role(values, reasons),
        Dataset::Units | Dataset::Majors => {}
    }
}

fn check_major(
    catalogue: &Catalogue,
    values: &mut [String],
    school_id: Option<i64>,
    reasons: &mut Vec<String>,
) {
    let dataset = Dataset::Students;
    let (Some(major), Some(level), Some(school)) = (
        dataset.index_of("major"),
        dataset.index_of("degree_level"),
        dataset.index_of("school"),
    ) else {
        return;
    };
    if values[major].is_empty() {
        return;
    }
    let field = &dataset.fields()[major];
    match catalogue.find_major(&values[major], school_id.unwrap_or_default(), &values[level]) {
        Ok(found) => values[major].clone_from(&found.code),
        Err(NotFound::Ambiguous) => {
            reasons.push(about(
                field,
                &values[major],
                "在该学院对应不止一个专业，请改填专业号",
            ));
        }
        // Without its 学院 a name says nothing; the 学院 is named as the reason already.
        Err(_) if school_id.is_none() && !values[school].is_empty() && !values[major].is_ascii() => {}
        Err(_) => {
            reasons.push(about(
                field,
                &values[major],
                "不存在：请核对专业号，或学院和学历下的专业名称；新专业请先导入专业",
            ));
        }
    }
}

fn check_role(values: &[String], reasons: &mut Vec<String>) {
    let dataset = Dataset::Officers;
    let at = |name| dataset.index_of(name).map_or("", |index| values[index].as_str());
    let Some(role) = Role::from_code(at("role")) else {
        return;
    };
    match (role.is_of_college(), at("unit").is_empty()) {
        (true, true) => reasons.push(format!("{}须填写单位号", role.label())),
        (false, false) => reasons.push(format!("{}不属于某个院，单位号应为空", role.label())),
        _ => {}
    }
    if at("name").chars().count() > 60 {
        reasons.push("姓名过长（最多 60 个字符）".into());
    }
}

fn is_login(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}
