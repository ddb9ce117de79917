//! What people bring, and what becomes of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{csv, rows, temp, workbook, zip_of};
use qihang_sheet::read::{CellKind, Encoding};
use qihang_sheet::{Format, Limits, ReadError, Reader, open};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook};

fn open_bytes(bytes: &[u8]) -> Result<Reader, ReadError> {
    open(temp(bytes).path(), &Limits::default())
}

fn error_of(bytes: &[u8]) -> ReadError {
    match open_bytes(bytes) {
        Err(error) => error,
        Ok(mut reader) => reader.find_map(Result::err).expect("it should be refused"),
    }
}

#[test]
fn a_csv_is_read_in_every_encoding() {
    let text = "学号,姓名\r\n20260101,王㛃\r\n";
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases = [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8Bom),
        (
            encoding_rs::GB18030.encode(text).0.into_owned(),
            Encoding::Gb18030,
        ),
        (utf16, Encoding::Utf16Le),
    ];
    for (bytes, encoding) in cases {
        let reader = open_bytes(&bytes).unwrap();
        assert_eq!(
            reader.format(),
            Format::Csv {
                encoding,
                delimiter: b','
            }
        );
        assert_eq!(reader.headings(), ["学号", "姓名"]);
        assert_eq!(reader.sheet_name(), None);
        let rows: Vec<_> = reader.map(Result::unwrap).collect();
        assert_eq!(rows[0].text(1), "王㛃");
    }
}

#[test]
fn delimiters_are_found_in_the_heading() {
    for (text, expected) in [
        ("a,b\n1;2,3\n", b','),
        ("a\tb\n1\t2,3\n", b'\t'),
        ("\n\"x,y,z\";b\n1;2\n", b';'),
        ("a\n1,5\n", b','),
    ] {
        let Format::Csv { delimiter, .. } = csv(text).format() else {
            panic!()
        };
        assert_eq!(delimiter, expected, "{text:?}");
    }
}

#[test]
fn rows_have_the_number_that_a_spreadsheet_shows() {
    // Row 1 blank, headings in row 2, row 3 has a line break inside, rows 4 and 5 are blank, row 6 is the last.
    let reader = csv("\n 学号 ,姓　名\r\n1,\"甲\n乙\"\r\n\r\n , \r\n2,丙");
    assert_eq!(reader.heading_row(), 2);
    assert_eq!(reader.headings(), ["学号", "姓 名"]);
    let rows: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 6]);
    assert_eq!(rows[0].text(1), "甲\n乙");
}

#[test]
fn quotes_are_understood_as_spreadsheets_do() {
    let text = "a,b,c\n\"x \"\"y\"\"\",\"\",z\"q\n\"1\"2,=\"0012\",\r'=1\n\"end\"";
    // A lone return ends a line as well.
    assert_eq!(
        rows(csv(text)),
        [
            vec!["x \"y\"", "", "z\"q"],
            vec!["12", "0012", ""],
            vec!["=1", "", ""],
            vec!["end", "", ""]
        ]
    );
    assert!(matches!(
        error_of(b"a,b\n1,2\n3,\"4\n5,6\n"),
        ReadError::UnclosedQuote { row: 3 }
    ));
}

#[test]
fn short_rows_are_padded_and_long_ones_marked() {
    let rows: Vec<_> = csv("a,b,,d,,\n1\n1,2,3,4\n1,2,,4,,,\n1,2,,4,,x\n")
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.iter().map(|row| row.cells.len()).collect::<Vec<_>>(), [4; 4]);
    assert_eq!(
        rows.iter().map(|row| row.surplus).collect::<Vec<_>>(),
        [None, Some(2), None, Some(5)]
    );
}

#[test]
fn a_broken_encoding_is_named_with_its_line() {
    let mut bytes = "学号,姓名\n1,甲\n2,".as_bytes().to_vec();
    bytes.extend(b"\xff\xff\n");
    assert!(matches!(error_of(&bytes), ReadError::Encoding { line: 3 }));
    // UTF-8 cut inside a character is not taken for GB18030.
    let text = format!("{}\n王小明\n", "学号,姓名,院系,专业,年级");
    assert!(matches!(
        error_of(&text.as_bytes()[..text.len() - 2]),
        ReadError::Encoding { line: 2 }
    ));
    let mut marked = b"\xef\xbb\xbfa,b\n".to_vec();
    marked.extend(encoding_rs::GBK.encode("学号").0.iter());
    assert!(matches!(error_of(&marked), ReadError::Encoding { line: 2 }));
}

#[test]
fn what_is_no_table_is_called_by_its_name() {
    let cfb = |name: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.resize(70_000, 0);
        bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        bytes.resize(100_000, 0);
        bytes
    };
    assert!(matches!(error_of(b""), ReadError::Empty));
    assert!(matches!(error_of(&cfb("EncryptedPackage")), ReadError::Encrypted));
    assert!(matches!(error_of(&cfb("Workbook")), ReadError::OldExcel));
    assert!(matches!(
        error_of(&cfb("WordDocument")),
        ReadError::OtherDocument { .. }
    ));
    assert!(matches!(
        error_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ReadError::Picture
    ));
    assert!(matches!(
        error_of(b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ReadError::Picture
    ));
    assert!(matches!(error_of(b"%PDF-1.7\n"), ReadError::Pdf));
    assert!(matches!(error_of(b"Rar!\x1a\x07\x01\0"), ReadError::Archive));
    assert!(matches!(
        error_of(b"\xef\xbb\xbf \r\n<html><table>"),
        ReadError::WebPage
    ));
    assert!(matches!(
        error_of(b"<?xml version=\"1.0\"?><Workbook>"),
        ReadError::WebPage
    ));
    assert!(matches!(
        error_of(b"\x03\x7e\x01\x02\0\0\0\0abc"),
        ReadError::Binary
    ));
    assert!(matches!(
        error_of(&zip_of(&[("word/document.xml", "<w/>")])),
        ReadError::OtherDocument { .. }
    ));
    assert!(matches!(
        error_of(&zip_of(&[("xl/workbook.bin", "x")])),
        ReadError::BinaryExcel
    ));
    assert!(matches!(
        error_of(&zip_of(&[("读我.txt", "x")])),
        ReadError::Archive
    ));
    assert!(matches!(
        error_of(&zip_of(&[("xl/workbook.xml", "<workbook/>")])),
        ReadError::Damaged { .. }
    ));
    let whole = workbook(|sheet| sheet.write_string(0, 0, "学号").map(|_| ()));
    for cut in [40, whole.len() / 2, whole.len() - 1] {
        assert!(
            matches!(error_of(&whole[..cut]), ReadError::Damaged { .. }),
            "cut at {cut}"
        );
    }
    assert!(matches!(error_of(b"\n \n,,\n"), ReadError::NoHeading));
    // A heading may begin with the letters of a bitmap's mark.
    assert_eq!(csv("BMDM,BMMC\n1,2\n").headings(), ["BMDM", "BMMC"]);
}

#[test]
fn limits_hold() {
    let small = Limits {
        file_bytes: 1000,
        rows: 3,
        columns: 4,
        cell_chars: 5,
        ..Limits::default()
    };
    let refused = |text: &str| {
        let outcome: Result<Vec<_>, _> =
            open(temp(text.as_bytes()).path(), &small).and_then(Iterator::collect);
        outcome.unwrap_err()
    };
    assert!(matches!(
        refused(&"x".repeat(1001)),
        ReadError::TooLarge { size_bytes: 1001, .. }
    ));
    assert!(matches!(
        refused("a\n1\n\n2\n3\n4\n"),
        ReadError::TooManyRows { limit: 3 }
    ));
    assert!(matches!(
        refused("a,b,c,d,e\n"),
        ReadError::TooManyColumns { limit: 4 }
    ));
    assert!(matches!(
        refused("a,b\n1,二三四五六七\n"),
        ReadError::CellTooLong {
            row: 2,
            column: 1,
            ..
        }
    ));
    assert!(matches!(
        refused("学号,姓名,*学号\n"),
        ReadError::HeadingTwice {
            first: 0,
            second: 2,
            ..
        }
    ));
    // Blank columns to the right are no columns, and five Chinese characters are five.
    let fine = temp("a,b,c,d,,\n一二三四五,,,,,\n".as_bytes());
    assert_eq!(open(fine.path(), &small).unwrap().count(), 1);
}

#[test]
fn one_endless_line_is_refused() {
    let limits = Limits {
        file_bytes: 1 << 30,
        ..Limits::default()
    };
    let line = temp(&vec![b'x'; 20 << 20]);
    assert!(matches!(
        open(line.path(), &limits),
        Err(ReadError::CellTooLong {
            row: 1,
            column: 0,
            ..
        })
    ));
    let million = temp(&vec![b','; 9 << 20]);
    assert!(matches!(
        open(million.path(), &limits),
        Err(ReadError::RowTooLong { row: 1 })
    ));
    let columns = temp("a,".repeat(1_000_000).as_bytes());
    assert!(matches!(
        open(columns.path(), &limits),
        Err(ReadError::TooManyColumns { .. })
    ));
}

#[test]
fn cells_of_a_workbook_are_text_as_shown() {
    let bytes = workbook(|sheet| {
        let headings = [
            "学号",
            "证件号",
            "日期",
            "时刻",
            "是否",
            "分数",
            "编号",
            "错误",
            "文本",
        ];
        for (at, heading) in (0..).zip(headings) {
            sheet.write_string(2, at, heading)?;
        }
        let date = Look::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let clock = Look::new().set_num_format("yyyy-mm-dd hh:mm");
        sheet.write_number(3, 0, 20_260_101)?;
        sheet.write_number(3, 1, 440_111_199_001_011_000.0)?;
        sheet.write_datetime_with_format(3, 2, ExcelDateTime::from_ymd(2026, 6, 30)?, &date)?;
        sheet.write_datetime_with_format(
            3,
            3,
            ExcelDateTime::from_ymd(2026, 6, 30)?.and_hms(8, 5, 0)?,
            &clock,
        )?;
        sheet.write_boolean(3, 4, true)?;
        sheet.write_number(3, 5, 86.499_999_999_999_99)?;
        sheet.write_number_with_format(3, 6, 1234, &Look::new().set_num_format("00000000"))?;
        sheet.write_formula(3, 7, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A"))?;
        sheet.write_string(3, 8, "4.40111E+17")?;
        sheet.write_number(5, 0, -0.0)?;
        sheet.write_number(5, 1, 0.1 + 0.2)?;
        sheet.write_string(5, 9, "滑到右边")?;
        Ok(())
    });
    let reader = open_bytes(&bytes).unwrap();
    assert_eq!(reader.format(), Format::Xlsx);
    assert_eq!(reader.sheet_name(), Some("Sheet1"));
    assert_eq!(reader.heading_row(), 3);
    let rows: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 6]);
    let texts: Vec<_> = rows[0].cells.iter().map(qihang_sheet::Cell::text).collect();
    assert_eq!(
        texts,
        [
            "20260101",
            "4.40111E+17",
            "2026-06-30",
            "2026-06-30 08:05:00",
            "TRUE",
            "86.5",
            "00001234",
            "#N/A",
            "4.40111E+17"
        ]
    );
    let rounded: Vec<_> = rows[0].cells.iter().map(qihang_sheet::Cell::rounded).collect();
    assert_eq!(
        rounded,
        [false, true, false, false, false, false, false, false, true]
    );
    assert_eq!(rows[0].cells[2].kind(), CellKind::Date);
    assert_eq!((rows[1].text(0), rows[1].text(1)), ("0", "0.3"));
    assert_eq!((rows[0].surplus, rows[1].surplus), (None, Some(9)));
}

#[test]
fn the_first_visible_sheet_with_content_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet()
        .set_name("藏")
        .unwrap()
        .set_hidden(true)
        .write_string(0, 0, "不读")
        .unwrap();
    book.add_worksheet().set_name("空").unwrap();
    book.add_worksheet()
        .set_name("花名册")
        .unwrap()
        .write_string(0, 0, "学号")
        .unwrap();
    book.worksheet_from_index(1).unwrap().set_active(true);
    let reader = open_bytes(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(reader.sheet_name(), Some("花名册"));

    let mut blank = Workbook::new();
    blank.add_worksheet().write_string(0, 0, " 　").unwrap();
    assert!(matches!(
        error_of(&blank.save_to_buffer().unwrap()),
        ReadError::NoHeading
    ));
}

#[test]
fn a_workbook_with_too_much_is_refused() {
    let wide = workbook(|sheet| (0..300).try_for_each(|at| sheet.write_number(0, at, at).map(|_| ())));
    assert!(matches!(
        error_of(&wide),
        ReadError::TooManyColumns { limit: 256 }
    ));
    let long = workbook(|sheet| {
        sheet.write_string(0, 0, "学号")?;
        sheet.write_string(7, 2, "长".repeat(4_001)).map(|_| ())
    });
    assert!(matches!(
        error_of(&long),
        ReadError::CellTooLong {
            row: 8,
            column: 2,
            ..
        }
    ));
    let twice = workbook(|sheet| {
        sheet.write_string(0, 0, "学号")?;
        sheet.write_string(0, 3, "学号（必填）").map(|_| ())
    });
    let error = error_of(&twice);
    assert!(matches!(
        error,
        ReadError::HeadingTwice {
            first: 0,
            second: 3,
            ..
        }
    ));
    assert_eq!(
        error.message(),
        "列名“学号(必填)”出现了两次（A 列和 D 列）。请删去或改名其中一列，再上传。"
    );
}

#[test]
fn zip_bombs_are_refused() {
    let sheet = format!(
        "<worksheet><sheetData>{}</sheetData></worksheet>",
        "<row></row>".repeat(2_000_000)
    );
    let bomb = zip_of(&[
        ("xl/workbook.xml", "<workbook/>"),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]);
    assert!(bomb.len() < 200_000);
    assert!(matches!(error_of(&bomb), ReadError::UnpacksTooLarge { .. }));
    // A text of megabytes between two tags, and more texts promised than there is memory for.
    let text = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(2 << 20));
    let long = zip_of(&[
        ("xl/workbook.xml", "<workbook/>"),
        ("xl/sharedStrings.xml", &text),
    ]);
    assert!(matches!(error_of(&long), ReadError::Damaged { .. }));
    let promise = "<sst uniqueCount=\"99999999999\"><si><t>x</t></si></sst>";
    let promised = zip_of(&[
        ("xl/workbook.xml", "<workbook/>"),
        ("xl/sharedStrings.xml", promise),
    ]);
    assert!(matches!(error_of(&promised), ReadError::Damaged { .. }));
}

#[test]
fn a_promise_of_many_parts_is_not_believed() {
    let mut bytes = workbook(|sheet| sheet.write_string(0, 0, "学号").map(|_| ()));
    bytes.extend(b"PK\x01\x02".repeat(10_001));
    assert!(matches!(error_of(&bytes), ReadError::UnpacksTooLarge { .. }));
}

#[test]
fn a_reader_may_be_dropped_early() {
    let bytes = workbook(|sheet| (0..5_000).try_for_each(|row| sheet.write_number(row, 0, row).map(|_| ())));
    let mut reader = open_bytes(&bytes).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().number, 2);
}

#[test]
fn every_refusal_tells_the_person_what_to_do() {
    let errors = [
        ReadError::Empty,
        ReadError::Encrypted,
        ReadError::OldExcel,
        ReadError::WebPage,
        ReadError::Picture,
        ReadError::NoSheet,
        ReadError::Encoding { line: 7 },
        ReadError::TooLarge {
            size_bytes: 65 << 20,
            limit_bytes: 64 << 20,
        },
    ];
    for error in errors {
        assert!(error.message().contains('请'), "{error}");
        assert!(error.to_string().is_ascii(), "{error}");
    }
}
