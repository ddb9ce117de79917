//! The invented university, written as the files that a data exchange would hand over.

use std::fs::File;
use std::path::{Path, PathBuf};

use qihang_sheet::write::{self, Column, WriteError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::people;
use crate::class_year::model::ClassYear;

/// The files.
#[derive(Clone, Debug)]
pub struct Files {
    /// 院.
    pub units: PathBuf,
    /// 专业.
    pub majors: PathBuf,
    /// Students.
    pub students: PathBuf,
    /// Accounts.
    pub officers: PathBuf,
    /// 博士采集名单.
    pub doctoral: PathBuf,
}

const UNITS: &[[&str; 4]] = &[
    ["S01", "明德书院", "书院", ""],
    ["S02", "致远书院", "书院", ""],
    ["S03", "知行书院", "书院", ""],
    ["001", "机械工程学院", "学院", "东校区"],
    ["002", "电气工程学院", "学院", "东校区"],
    ["003", "计算机学院", "学院", "东校区"],
    ["004", "管理学院", "学院", "东校区"],
    ["005", "外国语学院", "学院", "西校区"],
    ["006", "医学部", "学院", "西校区"],
];

/// Code, catalogue code, name, 学院, level, years.
const MAJORS: &[[&str; 6]] = &[
    ["B001080201", "080201", "机械工程", "001", "本科", "4"],
    ["B001080301", "080301", "测控技术与仪器", "001", "本科", "4"],
    ["M001080200", "080200", "机械工程", "001", "硕士", "3"],
    ["D001080200", "080200", "机械工程", "001", "博士", "4"],
    ["B002080601", "080601", "电气工程及其自动化", "002", "本科", "4"],
    ["M002080800", "080800", "电气工程", "002", "硕士", "3"],
    ["D002080800", "080800", "电气工程", "002", "博士", "4"],
    ["B003080901", "080901", "计算机科学与技术", "003", "本科", "4"],
    ["B003080902", "080902", "软件工程", "003", "本科", "4"],
    ["M003081200", "081200", "计算机科学与技术", "003", "硕士", "3"],
    ["M003085400", "085400", "电子信息", "003", "硕士", "2.5"],
    ["D003081200", "081200", "计算机科学与技术", "003", "博士", "4"],
    ["B004120201K", "120201K", "工商管理", "004", "本科", "4"],
    ["M004125100", "125100", "工商管理", "004", "硕士", "2"],
    ["B005050201", "050201", "英语", "005", "本科", "4"],
    ["M005055100", "055100", "翻译", "005", "硕士", "2"],
    ["B006100201K", "100201K", "临床医学", "006", "本科", "5"],
    ["M006100200", "100200", "临床医学", "006", "硕士", "3"],
    ["D006100200", "100200", "临床医学", "006", "博士", "3"],
];

const RESIDENCES: &[&str] = &["S01", "S02", "S03"];

const STUDENT_HEADINGS: &[&str] = &[
    "XH", "XM", "XBDM", "CSRQ", "MZDM", "ZZMMDM", "HYZKDM", "SFZJLXDM", "SFZJH", "SYDDM", "KSH", "XSLBMC",
    "PYCCMC", "YXDM", "SYH", "ZYH", "BJMC", "RXNJ", "XZ", "PYFSMC", "DXWPDW", "XJZTMC", "PYXMMC", "FDY",
    "SJH", "DZYX",
];

/// Writes the files for a university of `students` students whose oldest cohort graduates in `year`.
///
/// # Errors
///
/// When the folder cannot be written to.
pub fn write_files(folder: &Path, students: usize, year: ClassYear) -> Result<Files, WriteError> {
    let file = |name: &str| folder.join(name);
    let files = Files {
        units: file("units.csv"),
        majors: file("majors.csv"),
        students: file("students.csv"),
        officers: file("officers.csv"),
        doctoral: file("doctoral.csv"),
    };
    table(
        &files.units,
        &["DWH", "DWMC", "DWLB", "XQ"],
        UNITS.iter().map(|row| row.map(str::to_owned)),
    )?;
    table(
        &files.majors,
        &["ZYH", "ZYDM", "ZYMC", "DWH", "PYCC", "XZ"],
        MAJORS.iter().map(|row| row.map(str::to_owned)),
    )?;
    let officers = UNITS.iter().map(|[code, name, ..]| {
        let email = format!("t{}@univ.example", code.to_lowercase());
        [
            format!("t{}", code.to_lowercase()),
            format!("{name}老师"),
            "院系教师".into(),
            (*code).to_owned(),
            email,
        ]
    });
    table(
        &files.officers,
        &["工号", "姓名", "角色", "单位号", "邮箱"],
        officers,
    )?;
    // The same university every time, so that pictures and tests stay the same.
    let mut rng = StdRng::seed_from_u64(2014);
    let origins = people::origins();
    let mut doctoral = Vec::new();
    let rows = (0..students).map(|number| {
        let row = student(&mut rng, &origins, number, year);
        if doctoral.len() < DOCTORAL {
            doctoral.extend(listed(&row, year));
        }
        row
    });
    table(&files.students, STUDENT_HEADINGS, rows)?;
    doctoral_list(&files.doctoral, doctoral)?;
    Ok(files)
}

/// Doctoral students on the list at the most, however large the university.
const DOCTORAL: usize = 60;

/// A doctoral student as the 采集名单 has one who graduates in `year`: 学号, 姓名, 学院.
fn listed(row: &[String; 26], year: ClassYear) -> Option<[String; 3]> {
    let [length, admission] = [&row[18], &row[17]].map(|text| text.parse::<i32>().ok());
    let graduates = row[12] == "博士" && admission? + length? == year.year();
    let school = UNITS.iter().find(|[code, ..]| *code == row[13])?[1];
    graduates.then(|| [row[0].clone(), row[1].clone(), school.to_owned()])
}

/// Writes the list, with a name that is mistyped and a number that nobody has.
fn doctoral_list(path: &Path, mut rows: Vec<[String; 3]>) -> Result<(), WriteError> {
    if let Some(first) = rows.first_mut() {
        first[1].push('某');
    }
    rows.push(["4990000000001".into(), "查无此人".into(), "计算机学院".into()]);
    table(path, &["学号", "姓名", "学院"], rows.into_iter())
}

fn table<const N: usize>(
    path: &Path,
    headings: &[&str],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), WriteError> {
    let columns: Vec<Column> = headings
        .iter()
        .map(|heading| Column::new(*heading, 12.0))
        .collect();
    let mut writer = write::csv(File::create(path)?, &columns)?;
    for row in rows {
        writer.row(&row.each_ref().map(String::as_str))?;
    }
    writer.finish()?;
    Ok(())
}

/// One student, in the order of [`STUDENT_HEADINGS`]. About one in thirty has something that must be found.
fn student(rng: &mut StdRng, origins: &[&'static str], number: usize, year: ClassYear) -> [String; 26] {
    let major = MAJORS[match rng.random_range(0..100) {
        0..62 => index_of(rng, "本科"),
        62..92 => index_of(rng, "硕士"),
        _ => index_of(rng, "博士"),
    }];
    let [major_code, _, major_name, school, level, years] = major;
    let is_graduate = level != "本科";
    let whole_years = years
        .split('.')
        .next()
        .and_then(|years| years.parse::<i32>().ok())
        .unwrap_or(4)
        + i32::from(years.contains('.'));
    let admission_year = year.year() - whole_years + rng.random_range(0..whole_years.min(4));
    let birthday = people::birthday(rng, admission_year, if is_graduate { 23 } else { 18 });
    let is_female = rng.random_ratio(1, 2);
    let origin = origins[rng.random_range(0..origins.len())];
    let directed = rng.random_ratio(1, 40);
    let class_number = rng.random_range(1..5);
    let student_no = format!(
        "{}{:02}{school}{number:06}",
        if is_graduate { 3 } else { 2 },
        admission_year % 100
    );
    // One in ten has no mailbox there, and is reminded in the system only.
    let email = if number.is_multiple_of(10) {
        String::new()
    } else {
        format!("{student_no}@stu.univ.example")
    };
    let mut row: [String; 26] = [
        student_no,
        people::name(rng),
        if is_female { "2" } else { "1" }.into(),
        people::compact(birthday),
        if rng.random_ratio(1, 20) {
            format!("{:02}", rng.random_range(2..57))
        } else {
            "01".into()
        },
        people::pick(rng, &["03", "03", "03", "01", "02", "13"]).into(),
        if rng.random_ratio(1, 50) { "20" } else { "10" }.into(),
        "1".into(),
        people::identity_number(rng, origin, birthday, is_female),
        origin.into(),
        people::exam_no(rng, admission_year, is_graduate),
        if is_graduate { "研究生" } else { "本科生" }.into(),
        level.into(),
        school.into(),
        if is_graduate {
            String::new()
        } else {
            people::pick(rng, RESIDENCES).into()
        },
        major_code.into(),
        if is_graduate {
            String::new()
        } else {
            format!("{}{}{class_number}", short(major_name), admission_year % 100)
        },
        admission_year.to_string(),
        years.into(),
        if directed {
            people::pick(rng, &["定向", "委培"])
        } else {
            "非定向"
        }
        .into(),
        // Every other one has none: somebody has to ask the student.
        if directed && !number.is_multiple_of(2) {
            "启明集团有限公司".into()
        } else {
            String::new()
        },
        "在读".into(),
        "普通".into(),
        format!("F{school}{class_number}"),
        people::mobile(rng),
        email,
    ];
    spoil(rng, &mut row, admission_year + whole_years == year.year());
    if directed && number.is_multiple_of(5) {
        row[9].clear();
    }
    row
}

fn index_of(rng: &mut StdRng, level: &str) -> usize {
    let of_level: Vec<usize> = (0..MAJORS.len())
        .filter(|index| MAJORS[*index][4] == level)
        .collect();
    of_level[rng.random_range(0..of_level.len())]
}

/// The first two characters of a major's name, as classes are called.
fn short(major_name: &str) -> String {
    major_name.chars().take(2).collect()
}

/// Plants what real data has.
fn spoil(rng: &mut StdRng, row: &mut [String; 26], is_last_year: bool) {
    const STATUS: usize = 21;
    match rng.random_range(0..400) {
        0 => row[9].clear(),
        1 => row[9].replace_range(2.., "0000"),
        2 => row[9] = "310000".into(),
        3 => row[9] = "999999".into(),
        4 => row[8].clear(),
        5 => row[8].replace_range(6..14, "19990101"),
        6 => row[2] = if row[2] == "1" { "2" } else { "1" }.into(),
        7 => row[4] = "60".into(),
        8 => row[5] = "99".into(),
        9 => row[10] = "1234".into(),
        10 => row[20].clear(),
        11 | 12 => row[STATUS] = "休学".into(),
        13 => row[STATUS] = "退学".into(),
        // Whose time is over without a degree.
        14 | 16..=21 if row[12] == "本科" && is_last_year => row[STATUS] = "延长学制".into(),
        15 => row[9] = "110103".into(),
        _ => {}
    }
}
