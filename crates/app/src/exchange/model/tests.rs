//! What a file does, without a database.

use std::collections::HashMap;

use proptest::prelude::*;
use qihang_db::CollegeKind;

use super::*;

fn catalogue() -> Catalogue {
    let college = |id, code: &str, name: &str, kind| KnownCollege {
        id,
        code: code.into(),
        name: name.into(),
        kind: Some(kind),
    };
    let major = |id, code: &str, name: &str, college_id, level: &str| KnownMajor {
        id,
        code: code.into(),
        national_code: "080201".into(),
        name: name.into(),
        college_id,
        degree_level: level.into(),
        length_half_years: Some(8),
    };
    Catalogue::new(
        vec![
            college(1, "S01", "彭康书院", CollegeKind::Residential),
            college(10, "001", "机械工程学院", CollegeKind::School),
            college(20, "002", "电气工程学院", CollegeKind::School),
        ],
        vec![
            major(1, "B001", "机械工程（创新）", 10, "bachelor"),
            major(2, "M001", "机械工程（创新）", 10, "master"),
            major(3, "B002", "机械工程（创新）", 20, "bachelor"),
            major(4, "B003", "双名", 10, "bachelor"),
            major(5, "B004", "双名", 10, "bachelor"),
        ],
    )
}

/// Rows of a file, the headings first.
fn rows(dataset: Dataset, lines: &[&[&str]]) -> (Vec<FileRow>, Columns) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.csv");
    let text: String = lines.iter().map(|line| line.join(",") + "\n").collect();
    std::fs::write(&path, text).unwrap();
    let reader = qihang_sheet::open(&path, &qihang_sheet::Limits::default()).unwrap();
    let columns = Columns::recognise(dataset, reader.headings(), &HashMap::new());
    let rows = reader
        .map(|row| FileRow::new(dataset, &columns, &row.unwrap()))
        .collect();
    (rows, columns)
}

fn planned(lines: &[&[&str]], records: &Records, completeness: Completeness) -> Plan {
    let (rows, columns) = rows(Dataset::Students, lines);
    plan(
        Dataset::Students,
        &rows,
        columns.present(),
        completeness,
        &catalogue(),
        records,
    )
}

/// The records that a plan leaves.
fn applied(plan: &Plan, records: &Records) -> Records {
    let mut after = records.clone();
    for row in &plan.rows {
        match (row.effect, &row.cells) {
            (Effect::Added | Effect::Changed, Some(cells)) => {
                let record = Existing {
                    cells: cells.clone(),
                    has_vanished: false,
                };
                after.insert(row.key.clone(), record);
            }
            (Effect::Vanished, _) => after.get_mut(&row.key).unwrap().has_vanished = true,
            _ => {}
        }
    }
    after
}

const HEADINGS: &[&str] = &["学号", "姓名", "学历", "学院", "专业", "入学年份"];

#[test]
fn a_major_is_found_by_its_name_within_school_and_level() {
    let found = |school: &str, level: &str, major: &str| {
        let plan = planned(
            &[HEADINGS, &["1", "张三", level, school, major, "2023"]],
            &Records::new(),
            Completeness::Partial,
        );
        let row = &plan.rows[0];
        let index = Dataset::Students.index_of("major").unwrap();
        row.cells
            .as_ref()
            .map_or_else(|| row.reason.clone(), |cells| cells.get(index).to_owned())
    };
    assert_eq!(found("001", "本科", "机械工程(创新)"), "B001");
    assert_eq!(found("机械工程学院", "硕士", "机械工程（创新）"), "M001");
    assert_eq!(found("002", "本科", "机械工程（创新）"), "B002");
    assert_eq!(found("001", "本科", "B002"), "B002");
    assert!(found("001", "本科", "双名").contains("不止一个专业"));
    assert!(found("002", "硕士", "机械工程（创新）").contains("不存在"));
    assert!(found("S01", "本科", "B001").contains("是书院，不是学院"));
}

#[test]
fn a_refused_row_names_its_student_so_that_nobody_vanishes_by_a_slip() {
    let first = planned(
        &[HEADINGS, &["1", "张三", "本科", "001", "B001", "2023"]],
        &Records::new(),
        Completeness::Partial,
    );
    let records = applied(&first, &Records::new());

    let plan = planned(
        &[HEADINGS, &["1", "张三", "本科", "001", "X", "2023"]],
        &records,
        Completeness::Complete,
    );

    let effects: Vec<Effect> = plan.rows.iter().map(|row| row.effect).collect();
    assert_eq!(effects, [Effect::Refused]);
}

#[test]
fn a_new_student_needs_what_a_file_of_telephones_does_not_have() {
    let plan = planned(
        &[&["学号", "手机"], &["1", "13800138000"]],
        &Records::new(),
        Completeness::Partial,
    );
    assert!(
        plan.rows[0].reason.contains("没有“学院”这一列"),
        "{}",
        plan.rows[0].reason
    );
}

#[test]
fn a_spoilt_telephone_number_loses_nobody_and_a_spoilt_identity_number_is_refused() {
    let with = |document: &str, mobile: &str| {
        let headings = [HEADINGS, &["证件号", "手机"]].concat();
        let row = ["1", "张三", "本科", "001", "B001", "2023", document, mobile];
        planned(&[&headings, &row], &Records::new(), Completeness::Partial)
    };
    assert_eq!(with("", "1.38E+10").counts().added, 1);
    let refused = with("6.10104E+17", "");
    assert!(
        refused.rows[0].reason.contains("证件号“6.10104E+17”") || refused.rows[0].reason.contains("Excel")
    );
}

#[test]
fn the_safety_stop_asks_above_the_share_and_never_at_a_first_load() {
    assert!(!is_large(0, 0, 100));
    assert!(!is_large(10, 100, 100));
    assert!(is_large(11, 100, 100));
    let rows: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let lines: Vec<Vec<&str>> = rows
        .iter()
        .map(|number| vec![number.as_str(), "张三", "本科", "001", "B001", "2023"])
        .collect();
    let mut file: Vec<&[&str]> = vec![HEADINGS];
    file.extend(lines.iter().map(Vec::as_slice));
    assert!(!planned(&file, &Records::new(), Completeness::Complete).exceeds(100));
}

proptest! {
    /// Whatever stands in a file: doing it once is enough, and every row is accounted for exactly once.
    #[test]
    fn doing_it_twice_changes_nothing(
        lines in proptest::collection::vec(("[0-4]?", "[张李 ]{0,2}", "本科|硕士|别的", "001|002|S01|", "B001|B002|双名|X", "2023|23|"), 0..12),
        earlier in proptest::collection::vec(("[0-4]", "[张李]{1,2}"), 0..5),
        is_complete: bool,
    ) {
        let completeness = if is_complete { Completeness::Complete } else { Completeness::Partial };
        let mut first: Vec<Vec<&str>> = vec![HEADINGS.to_vec()];
        first.extend(earlier.iter().map(|(number, name)| vec![number.as_str(), name, "本科", "001", "B001", "2023"]));
        let first: Vec<&[&str]> = first.iter().map(Vec::as_slice).collect();
        let records = applied(&planned(&first, &Records::new(), Completeness::Partial), &Records::new());

        let mut file: Vec<Vec<&str>> = vec![HEADINGS.to_vec()];
        file.extend(lines.iter().map(|(number, name, level, school, major, year)| vec![
            number.as_str(), name, level, school, major, year,
        ]));
        let file: Vec<&[&str]> = file.iter().map(Vec::as_slice).collect();
        let once = planned(&file, &records, completeness);
        let counts = once.counts();
        prop_assert_eq!(
            counts.total,
            counts.added + counts.changed + counts.unchanged + counts.repeated + counts.refused
        );

        let twice = planned(&file, &applied(&once, &records), completeness).counts();

        prop_assert_eq!((twice.added, twice.changed, twice.vanished), (0, 0, 0));
        prop_assert_eq!((twice.refused, twice.repeated), (counts.refused, counts.repeated));
    }
}
