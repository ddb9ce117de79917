//! Whatever bytes come, the answer is rows or a refusal: never a panic that gets out, never more than the limits.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{Cursor, Read as _, Write as _};
use std::sync::OnceLock;

use common::{temp, workbook};
use proptest::prelude::*;
use qihang_sheet::{Limits, ReadError, annotate, open};

fn limits() -> Limits {
    Limits {
        rows: 500,
        columns: 20,
        cell_chars: 200,
        unpacked_bytes: 4 << 20,
        ..Limits::default()
    }
}

/// Reads all there is, and asks for the answer file as well.
fn exercise(bytes: &[u8]) {
    let file = temp(bytes);
    let limits = limits();
    let Ok(reader) = open(file.path(), &limits) else {
        return;
    };
    let width = reader.headings().len();
    assert!(width <= limits.columns);
    let (mut last, mut whole) = (reader.heading_row(), true);
    let mut numbers = Vec::new();
    for row in reader {
        let Ok(row) = row else {
            whole = false;
            break;
        };
        assert!(row.number > last && row.cells.len() == width);
        assert!(
            row.cells
                .iter()
                .all(|cell| cell.text().chars().count() <= limits.cell_chars)
        );
        last = row.number;
        numbers.push(row.number);
    }
    assert!(numbers.len() <= limits.rows);
    let out = temp(b"");
    let outcome = annotate(file.path(), &limits, out.path(), "原因", |row| {
        numbers.contains(&row).then(|| "x".into())
    });
    if whole && outcome.is_ok() {
        // The reason may stand one column further than is allowed; nothing else can be wrong with the answer.
        let wider = Limits {
            columns: 20_000,
            ..limits
        };
        let answer = open(out.path(), &wider).unwrap();
        assert_eq!(answer.headings().last().map(String::as_str), Some("原因"));
        let annotated: Vec<_> = answer
            .map(Result::unwrap)
            .filter(|row| row.cells.last().unwrap().text() == "x")
            .map(|row| row.number)
            .collect();
        assert_eq!(annotated, numbers);
    }
}

fn valid_workbook() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        workbook(|sheet| {
            for row in 0..20 {
                sheet.write_string(row, 0, format!("学号{row}"))?;
                sheet.write_number(row, 1, f64::from(row) * 1.5e12)?;
                sheet.write_boolean(row, 3, true)?;
            }
            Ok(())
        })
    })
}

/// The workbook with one part replaced by what `change` makes of it.
fn with_part(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(valid_workbook())).unwrap();
    let mut target = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut change = Some(change);
    for index in 0..source.len() {
        let mut entry = source.by_index(index).unwrap();
        let entry_name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if entry_name == name
            && let Some(change) = change.take()
        {
            change(&mut bytes);
        }
        target
            .start_file(entry_name, zip::write::SimpleFileOptions::default())
            .unwrap();
        target.write_all(&bytes).unwrap();
    }
    target.finish().unwrap().into_inner()
}

const PARTS: [&str; 6] = [
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
];

/// Pieces that mean something to a reader of workbooks.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        prop_oneof![
            Just("<row r=\"0\">"),
            Just("<row r=\"4294967296\">"),
            Just("<c r=\"ZZZZZZZZ1\"><v>1</v></c>"),
            Just("<c r=\"XFD1048576\" t=\"s\"><v>99</v></c>"),
            Just("<c t=\"inlineStr\"><is><t>a</t></is></c>"),
            Just("<c><v>1e999</v></c>"),
            Just("<c s=\"999999\"><v>NaN</v></c>"),
            Just("<c t=\"e\"><v>#WHAT?</v></c>"),
            Just("<c t=\"d\"><v>2026-06-30T00:00:00</v></c>"),
            Just("</row>"),
            Just("<row/>"),
            Just("</sheetData>"),
            Just("&#x110000;"),
            Just("<!--"),
            Just("<![CDATA["),
            Just("\""),
            Just("<"),
            Just(">"),
            Just("-5"),
        ]
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        exercise(&bytes);
    }

    #[test]
    fn arbitrary_text(text in "[a,;\t\"\r\n=' 学王\u{3000}+E1\\-]{0,120}") {
        exercise(text.as_bytes());
        exercise(&encoding_rs::GB18030.encode(&text).0);
    }

    #[test]
    fn damaged_csv(at in 0_usize..60, byte in any::<u8>(), cut in 0_usize..60) {
        let mut bytes = "学号,姓名,\"备 注\"\r\n1,\"张\"\"三\",x\r\n\r\n2,李四\r\n".as_bytes().to_vec();
        let length = bytes.len();
        bytes[at % length] = byte;
        exercise(&bytes);
        bytes.truncate(cut % length);
        exercise(&bytes);
    }

    #[test]
    fn damaged_zip(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = valid_workbook().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        exercise(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        exercise(&bytes);
    }

    #[test]
    fn damaged_parts(
        part in 0..PARTS.len(),
        at in any::<prop::sample::Index>(),
        removed in 0_usize..12,
        piece in piece(),
    ) {
        exercise(&with_part(PARTS[part], |bytes| {
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, piece);
        }));
    }

    #[test]
    fn rows_of_any_cells(pieces in proptest::collection::vec(piece(), 0..12)) {
        exercise(&with_part("xl/worksheets/sheet1.xml", |bytes| {
            let mark = b"<sheetData>";
            let at = bytes.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len();
            bytes.splice(at..at, pieces.concat());
        }));
    }
}

/// What the strategies above have found, kept.
#[test]
fn found_before() {
    let in_sheet = |mark: &[u8], piece: &str| {
        with_part("xl/worksheets/sheet1.xml", |bytes| {
            let at = bytes
                .windows(mark.len())
                .position(|window| window == mark)
                .unwrap()
                + mark.len();
            bytes.splice(at..at, piece.bytes());
        })
    };
    // The end of the sheet in its middle: the rows behind were lost in silence.
    let cut = in_sheet(b"<row r=\"9\" spans=\"1:4\">", "</sheetData>");
    assert!(matches!(
        open(temp(&cut).path(), &limits()),
        Err(ReadError::Damaged { .. })
    ));
    // A cell that says it is in another row than the one it is in: reader and annotator disagreed.
    exercise(&in_sheet(
        b"<sheetData>",
        "<row r=\"1\"><c r=\"A1\"/></row><row r=\"1\"><c r=\"B2\"><v>1</v></c></row>",
    ));
    // Delimiters inside quoted headings: the answer file was read with another delimiter than the original.
    exercise("王\";\"\"\t\t\n\"\"\u{3000}\";'".as_bytes());
    exercise(b"\"\t+\"\t;;");
}
