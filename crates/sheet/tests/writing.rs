//! What we write, read back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Read as _;
use std::path::Path;

use common::rows;
use qihang_sheet::write::{self, gbk_length};
use qihang_sheet::{Column, Limits, TableWriter, WriteError, open};
use tempfile::NamedTempFile;

fn columns() -> Vec<Column> {
    vec![
        Column::new("学号", 12.0).with_dbf("XH", 12),
        Column::new("姓名", 10.0).with_dbf("XM", 20),
        Column::new("备注", 30.0),
        Column::new("证件号", 20.0).with_dbf("SFZH", 18),
    ]
}

const ROWS: [[&str; 4]; 3] = [
    [
        "20260101",
        "张三",
        "=HYPERLINK(\"http://x\")",
        "440111199001011000",
    ],
    [
        "00012",
        "阿卜杜拉·买买提",
        "两行\n\"引号\",逗号",
        "44011119900101100X",
    ],
    ["3", "", "-3", ""],
];

fn fill(mut table: Box<dyn TableWriter + Send>) {
    for row in ROWS {
        table.row(&row).unwrap();
    }
    assert!(matches!(
        table.row(&["1"]),
        Err(WriteError::CellCount {
            row: 4,
            found: 1,
            expected: 4
        })
    ));
    assert_eq!(table.finish().unwrap(), 3);
}

fn read_back(path: &Path) {
    let reader = open(path, &Limits::default()).unwrap();
    assert_eq!(reader.headings(), ["学号", "姓名", "备注", "证件号"]);
    assert_eq!(rows(reader), ROWS);
}

#[test]
fn a_workbook_reads_back_as_it_was_written() {
    let file = NamedTempFile::new().unwrap();
    let notes = [
        ("导出人".to_owned(), "李老师".to_owned()),
        ("条件".to_owned(), "=全部".to_owned()),
    ];
    fill(write::xlsx(file.reopen().unwrap(), "花名册", &columns(), &notes).unwrap());
    read_back(file.path());
    // Every cell is a text, formulas are not formulas.
    let mut zip = zip::ZipArchive::new(file.reopen().unwrap()).unwrap();
    let mut sheet = String::new();
    zip.by_name("xl/worksheets/sheet1.xml")
        .unwrap()
        .read_to_string(&mut sheet)
        .unwrap();
    assert!(!sheet.contains("<v>") && !sheet.contains("<f>"), "{sheet}");
    assert!(
        sheet.contains("'=HYPERLINK") && sheet.contains("<autoFilter ref=\"A1:D4\""),
        "{sheet}"
    );
}

#[test]
fn control_characters_do_not_break_a_workbook() {
    let file = NamedTempFile::new().unwrap();
    let mut table = write::xlsx(file.reopen().unwrap(), "表", &[Column::new("备注", 9.0)], &[]).unwrap();
    table.row(&["a\0b\u{1}c\u{ffff}\u{1f600}_x000D_"]).unwrap();
    let long = "长".repeat(32_767);
    assert!(matches!(
        table.row(&[&long]),
        Err(WriteError::CellTooLong { row: 2, .. })
    ));
    table.finish().unwrap();
    assert_eq!(
        rows(open(file.path(), &Limits::default()).unwrap()),
        [["abc\u{1f600}_x000D_"]]
    );
}

#[test]
fn a_csv_reads_back_as_it_was_written() {
    let file = NamedTempFile::new().unwrap();
    fill(write::csv(file.reopen().unwrap(), &columns()).unwrap());
    read_back(file.path());
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(
        text.starts_with("\u{feff}学号,姓名,备注,证件号\r\n20260101,张三,\"'=HYPERLINK("),
        "{text}"
    );
    assert!(text.ends_with("\r\n3,,-3,\r\n"), "{text}");
}

#[test]
fn a_dbf_holds_gbk_and_nothing_else() {
    let file = NamedTempFile::new().unwrap();
    let mut table = write::dbf(file.reopen().unwrap(), &columns()).unwrap();
    table.row(&["1", "朱镕基", "", ""]).unwrap();
    let error = table.row(&["2", "王㛃", "", ""]).unwrap_err();
    assert!(matches!(&error, WriteError::NotInGbk { row: 2, column, character: '㛃' } if column == "姓名"));
    assert!(
        error.message().contains("第 2 条数据的“姓名”含有“㛃”（U+36C3）"),
        "{}",
        error.message()
    );
    // The column without a field may hold anything, and a refused row leaves no trace.
    table.row(&["3", "王洁", "㛃", ""]).unwrap();
    let error = table.row(&["4", "一二三四五六七八九十十一", "", ""]).unwrap_err();
    assert!(matches!(
        error,
        WriteError::CellTooLong {
            row: 3,
            length: 24,
            limit: 20,
            ..
        }
    ));
    assert_eq!(table.finish().unwrap(), 2);

    let bytes = std::fs::read(file.path()).unwrap();
    assert_eq!((bytes[0], bytes[29]), (0x03, 0x7a));
    assert_eq!(&bytes[4..8], [2, 0, 0, 0]);
    assert_eq!(bytes.len(), 32 + 3 * 32 + 1 + 2 * 51 + 1);
    assert!(!bytes.windows(2).any(|two| two == b"&#"));
    let name = encoding_rs::GBK.encode("朱镕基").0;
    assert!(bytes.windows(name.len()).any(|window| window == &name[..]));
}

#[test]
fn an_empty_table_is_a_table() {
    for write in [write::csv, write::dbf, |out, columns: &[Column]| {
        write::xlsx(out, "表", columns, &[])
    }] {
        let file = NamedTempFile::new().unwrap();
        assert_eq!(
            write(file.reopen().unwrap(), &columns())
                .unwrap()
                .finish()
                .unwrap(),
            0
        );
        assert!(file.as_file().metadata().unwrap().len() > 20);
    }
}

#[test]
fn impossible_fields_are_refused() {
    for (name, length) in [("", 1), ("ELEVENBYTES", 1), ("学号", 1), ("XH", 0), ("XH", 255)] {
        let columns = [Column::new("学号", 9.0).with_dbf(name, length)];
        let outcome = write::dbf(tempfile::tempfile().unwrap(), &columns);
        assert!(
            matches!(outcome.err(), Some(WriteError::BadField { .. })),
            "{name} {length}"
        );
    }
    assert!(write::dbf(tempfile::tempfile().unwrap(), &[Column::new("学号", 9.0)]).is_err());
}

#[test]
fn the_length_in_gbk_is_known() {
    assert_eq!(gbk_length("a张·３"), Ok(7));
    assert_eq!(gbk_length("10€"), Err('€'));
    // In GB18030's later tables, and so in the library's GBK, but not in code page 936.
    assert_eq!(gbk_length("龚䶮"), Err('䶮'));
    assert_eq!(gbk_length("龑镕喆"), Ok(6));
    assert_eq!(gbk_length("\u{e000}"), Err('\u{e000}'));
    assert_eq!(gbk_length("好😀"), Err('😀'));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_noticed() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut table = write::csv(full(), &columns()).unwrap();
    table.row(&ROWS[0]).unwrap();
    assert!(table.finish().is_err());
    let mut table = write::dbf(full(), &columns()).unwrap();
    table.row(&["1", "张三", "", ""]).unwrap();
    assert!(table.finish().is_err());
    assert!(
        write::xlsx(full(), "表", &columns(), &[])
            .unwrap()
            .finish()
            .is_err()
    );
}

#[test]
fn a_column_of_numbers_can_be_added_up_in_excel_and_a_code_keeps_its_zeros() {
    use calamine::{Data, Reader as _, Xlsx, open_workbook};
    let file = NamedTempFile::new().unwrap();
    let columns = [
        Column::new("代码", 10.0),
        Column::new("人数", 10.0).with_numbers(),
        Column::new("比例", 10.0).with_numbers(),
    ];
    let mut table = write::xlsx(file.reopen().unwrap(), "甲", &columns, &[]).unwrap();
    table.row(&["001", "121", "98.2%"]).unwrap();
    table.row(&["002", "inf", "—"]).unwrap();
    table.finish().unwrap();

    let mut book: Xlsx<_> = open_workbook(file.path()).unwrap();
    let sheet = book.worksheet_range("甲").unwrap();
    let cell = |row, column| sheet.get_value((row, column)).unwrap().clone();
    assert_eq!(cell(1, 0), Data::String("001".into()));
    assert_eq!(cell(1, 1), Data::Float(121.0));
    assert!(matches!(cell(1, 2), Data::Float(share) if (share - 0.982).abs() < 1e-9));
    assert_eq!(cell(2, 1), Data::String("inf".into()));
    assert_eq!(cell(2, 2), Data::String("—".into()));
}
