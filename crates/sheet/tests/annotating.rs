//! The person's own file back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use common::{rows, temp, workbook};
use qihang_sheet::{Limits, annotate, open};
use rust_xlsxwriter::{Format, Workbook};
use tempfile::NamedTempFile;

type Encode<'a> = &'a dyn Fn(&str) -> Vec<u8>;

fn annotated(original: &Path, reasons: &[(usize, &str)]) -> NamedTempFile {
    let out = NamedTempFile::new().unwrap();
    let find = |row| {
        reasons
            .iter()
            .find(|(at, _)| *at == row)
            .map(|(_, reason)| (*reason).to_owned())
    };
    let count = annotate(original, &Limits::default(), out.path(), "原因", find).unwrap();
    assert_eq!(count, reasons.len());
    out
}

#[test]
fn a_text_file_keeps_encoding_delimiter_and_cells() {
    let text = "学号;姓名\r\n\r\n=1;\"张;三\"\r\n\"x\ny\"\r\n3;李四;;多出\r\n";
    let expected =
        "学号;姓名;;;原因\r\n\r\n=1;\"张;三\";;;\"不对;改\"\r\n\"x\ny\";;;;\r\n3;李四;;多出;'=滑\r\n";
    let encode_utf16 = |text: &str| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let encodings: [Encode<'_>; 4] = [
        &|text| text.as_bytes().to_vec(),
        &|text| format!("\u{feff}{text}").into_bytes(),
        &|text| encoding_rs::GB18030.encode(text).0.into_owned(),
        &encode_utf16,
    ];
    for encode in encodings {
        let out = annotated(temp(&encode(text)).path(), &[(3, "不对;改"), (5, "=滑")]);
        assert_eq!(std::fs::read(out.path()).unwrap(), encode(expected));
    }
}

#[test]
fn the_answer_to_an_answer_has_one_column_of_reasons() {
    let first = annotated(
        temp("学号,姓名\n1,甲\n2,乙\n".as_bytes()).path(),
        &[(2, "没有"), (3, "重复")],
    );
    let second = annotated(first.path(), &[(3, "还是重复")]);
    let reader = open(second.path(), &Limits::default()).unwrap();
    assert_eq!(reader.headings(), ["学号", "姓名", "原因"]);
    assert_eq!(rows(reader), [["1", "甲", ""], ["2", "乙", "还是重复"]]);
}

#[test]
fn a_file_may_be_replaced_by_its_answer() {
    let file = temp("学号\n1\n".as_bytes());
    annotate(file.path(), &Limits::default(), file.path(), "原因", |_| {
        Some("旧".into())
    })
    .unwrap();
    assert_eq!(
        std::fs::read_to_string(file.path()).unwrap(),
        "学号,原因\r\n1,旧\r\n"
    );
}

#[test]
fn a_workbook_keeps_everything_else() {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    book.add_worksheet()
        .set_name("说明")
        .unwrap()
        .set_hidden(true)
        .write_string(0, 0, "藏")
        .unwrap();
    let sheet = book.add_worksheet();
    sheet
        .set_name("名单 & 1")
        .unwrap()
        .set_active(true)
        .set_column_width(0, 33)
        .unwrap();
    sheet.write_string_with_format(1, 0, "学号", &bold).unwrap();
    sheet.write_string_with_format(1, 1, "日期", &bold).unwrap();
    sheet.write_number(2, 0, 440_111_199_001_011_000.0).unwrap();
    sheet.write_number_with_format(2, 1, 46_000, &date).unwrap();
    // A cell with a look and without content stands where the reason goes, and one beyond.
    sheet.write_blank(2, 2, &bold).unwrap();
    sheet.write_blank(2, 4, &bold).unwrap();
    sheet.write_string(5, 0, "2026").unwrap();
    let original = temp(&book.save_to_buffer().unwrap());

    let first = annotated(
        original.path(),
        &[(3, "<已四舍五入> & \"丢位\"\u{1}"), (6, "=不在库")],
    );
    let second = annotated(first.path(), &[(6, "重复")]);
    for (file, reasons) in [
        (&first, ["<已四舍五入> & \"丢位\" ", "=不在库"]),
        (&second, ["", "重复"]),
    ] {
        let reader = open(file.path(), &Limits::default()).unwrap();
        assert_eq!(reader.sheet_name(), Some("名单 & 1"));
        assert_eq!(reader.headings(), ["学号", "日期", "原因"]);
        let rows: Vec<_> = reader.map(Result::unwrap).collect();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 6]);
        assert!(rows[0].cells[0].rounded(), "the number is still a number");
        assert_eq!(rows[0].text(1), "2025-12-09");
        assert_eq!([rows[0].text(2), rows[1].text(2)], reasons);
    }
    let names = |file: &NamedTempFile| {
        let zip = zip::ZipArchive::new(std::fs::File::open(file.path()).unwrap()).unwrap();
        zip.file_names()
            .map(|name| name.unwrap().into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&original), names(&second));
    // LibreOffice refuses parts with the 64-bit extension.
    let mut zip = zip::ZipArchive::new(std::fs::File::open(second.path()).unwrap()).unwrap();
    for index in 0..zip.len() {
        assert!(
            zip.by_index(index)
                .unwrap()
                .extra_data()
                .is_none_or(|data| data.is_empty())
        );
    }
}

#[test]
fn cells_without_heading_are_not_overwritten() {
    let bytes = workbook(|sheet| {
        sheet.write_string(0, 0, "学号")?;
        sheet.write_string(1, 0, "1")?;
        sheet.write_string(1, 3, "滑")?;
        Ok(())
    });
    let out = annotated(temp(&bytes).path(), &[(2, "多出一格")]);
    let mut reader = open(out.path(), &Limits::default()).unwrap();
    assert_eq!(reader.headings(), ["学号", "", "", "", "原因"]);
    let row = reader.next().unwrap().unwrap();
    assert_eq!(
        (row.surplus, row.text(3), row.text(4)),
        (Some(3), "滑", "多出一格")
    );
}

#[test]
fn a_file_that_cannot_be_read_has_no_answer() {
    let out = NamedTempFile::new().unwrap();
    let error = annotate(
        temp(b"%PDF-1").path(),
        &Limits::default(),
        out.path(),
        "原因",
        |_| None,
    )
    .unwrap_err();
    assert!(error.message().contains("PDF"));
    assert_eq!(out.as_file().metadata().unwrap().len(), 0);
}
