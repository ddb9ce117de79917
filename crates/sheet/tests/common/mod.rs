//! Files made on the spot.
#![allow(dead_code, reason = "each test binary uses some of these")]

use std::io::{Cursor, Write};

use qihang_sheet::{Limits, Reader, open};
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use tempfile::NamedTempFile;

pub fn temp(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

pub fn csv(text: &str) -> Reader {
    open(temp(text.as_bytes()).path(), &Limits::default()).unwrap()
}

pub fn rows(reader: Reader) -> Vec<Vec<String>> {
    reader
        .map(|row| {
            row.unwrap()
                .cells
                .iter()
                .map(|cell| cell.text().to_owned())
                .collect()
        })
        .collect()
}

pub fn workbook(fill: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet()).unwrap();
    book.save_to_buffer().unwrap()
}

pub fn zip_of(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
