//! The person's own file back, with a last column that says what is wrong with each row.
//!
//! A workbook stays what it is (formats, widths, other sheets, drop-down lists): only cells are put into the
//! sheet that was read. A text file keeps its encoding and delimiter.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::read::xml::{Kind, Tokens, attributes};
use crate::read::{Encoding, Format, Limits, ReadError, Records, open, relationship_path};
use crate::text::{column_letters, defuse, heading_key};
use crate::write::{is_control, push_record};

/// Why there is no answer file.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// The original cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The answer cannot be written.
    #[error("the annotated copy cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl AnnotateError {
    /// What is wrong and what to do, for the person.
    pub fn message(&self) -> String {
        match self {
            Self::Read(error) => error.message(),
            Self::Write(_) => "带“原因”列的文件没有生成成功。请稍后重试；若仍失败，请联系管理员。".into(),
        }
    }
}

impl From<zip::result::ZipError> for AnnotateError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Write(error.into())
    }
}

/// Columns of a sheet of Excel.
const SHEET_COLUMNS: usize = 16_384;

/// Writes a copy of `original` to `out` with a last column `heading`, and tells how many rows have a reason.
///
/// `reasons` is asked once for each row below the headings, in order, with the number of [`crate::Row::number`];
/// it may be asked for blank rows too. If the last heading of the original is `heading` already, that column is
/// replaced: the person brings the answer to the last attempt. `out` appears whole or not at all, and may be
/// `original`. Open it by its name afterwards: a handle opened before still shows what was there.
///
/// # Errors
///
/// Whatever [`open`] and its rows object to: a file that cannot be read cannot be annotated.
pub fn annotate(
    original: &Path,
    limits: &Limits,
    out: &Path,
    heading: &str,
    reasons: impl FnMut(usize) -> Option<String>,
) -> Result<usize, AnnotateError> {
    let mut reader = open(original, limits)?;
    for row in reader.by_ref() {
        row?;
    }
    let last = reader.headings().len() - 1;
    let target = if heading_key(&reader.headings()[last]) == heading_key(heading) {
        last
    } else {
        reader.width()
    };
    if target >= SHEET_COLUMNS {
        return Err(ReadError::TooManyColumns {
            limit: limits.columns,
        }
        .into());
    }
    let mut column = Column {
        at: target,
        heading,
        heading_row: reader.heading_row(),
        reasons,
        count: 0,
    };
    let folder = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut temporary = NamedTempFile::new_in(folder)?;
    match reader.format() {
        Format::Xlsx => annotate_xlsx(
            original,
            temporary.as_file_mut(),
            reader.sheet_index(),
            &mut column,
        )?,
        Format::Csv { encoding, delimiter } => {
            let (records, _) = Records::open(File::open(original)?, limits, SHEET_COLUMNS)?;
            annotate_csv(records, encoding, delimiter, temporary.as_file_mut(), &mut column)?;
        }
    }
    temporary.persist(out).map_err(|error| error.error)?;
    Ok(column.count)
}

/// The column to be put in.
struct Column<'a, F> {
    at: usize,
    heading: &'a str,
    heading_row: usize,
    reasons: F,
    count: usize,
}

impl<F: FnMut(usize) -> Option<String>> Column<'_, F> {
    fn text(&mut self, row: usize) -> Option<String> {
        if row <= self.heading_row {
            return (row == self.heading_row).then(|| self.heading.to_owned());
        }
        let reason = (self.reasons)(row).filter(|reason| !reason.is_empty())?;
        self.count += 1;
        Some(defuse(&reason).into_owned())
    }
}

fn annotate_csv<F: FnMut(usize) -> Option<String>>(
    mut records: Records,
    encoding: Encoding,
    delimiter: u8,
    out: &mut File,
    column: &mut Column<'_, F>,
) -> Result<(), AnnotateError> {
    let mut out = BufWriter::new(out);
    out.write_all(encoding.mark())?;
    let mut line = String::new();
    while let Some(record) = records.next_record() {
        let mut record = record?;
        let reason = column.text(record.number).unwrap_or_default();
        line.clear();
        if reason.is_empty() && record.fields.iter().all(String::is_empty) {
            // A blank line stays one: a line of delimiters would not be counted as the same by every program.
            line.push_str("\r\n");
        } else {
            if record.fields.len() <= column.at {
                record.fields.resize(column.at + 1, String::new());
            }
            record.fields[column.at] = reason;
            let has_text = record
                .fields
                .iter()
                .rposition(|field| !field.is_empty())
                .unwrap_or(0);
            record.fields.truncate(has_text.max(column.at) + 1);
            push_record(&mut line, &record.fields, delimiter);
        }
        out.write_all(&encoding.encode(&line))?;
    }
    out.flush()?;
    Ok(())
}

fn annotate_xlsx<F: FnMut(usize) -> Option<String>>(
    original: &Path,
    out: &mut File,
    sheet: Option<usize>,
    column: &mut Column<'_, F>,
) -> Result<(), AnnotateError> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(original)?))?;
    let path = relationship_path(&mut zip, sheet.unwrap_or(0))?;
    let mut copy = ZipWriter::new(BufWriter::new(out));
    for index in 0..zip.len() {
        let entry = zip.by_index(index)?;
        if entry.name()?.eq_ignore_ascii_case(&path) {
            // Not `large_file`: LibreOffice refuses a workbook with the 64-bit extension.
            copy.start_file(entry.name()?, SimpleFileOptions::default())?;
            put_column(Tokens::new(BufReader::new(entry)), &mut copy, column)?;
        } else {
            drop(entry);
            copy.raw_copy_file(zip.by_index_raw(index)?)?;
        }
    }
    copy.finish()?.flush()?;
    Ok(())
}

/// Copies the XML of a sheet, putting one cell into each row.
fn put_column<R: io::BufRead, W: Write, F: FnMut(usize) -> Option<String>>(
    mut tokens: Tokens<R>,
    out: &mut W,
    column: &mut Column<'_, F>,
) -> Result<(), AnnotateError> {
    let (mut row, mut next_column) = (0, 0);
    let (mut in_data, mut in_row) = (false, false);
    // What is still to be put into the row being copied.
    let mut pending: Option<String> = None;
    let mut style: Option<Vec<u8>> = None;
    while let Some(kind) = tokens.advance()? {
        let opens = matches!(kind, Kind::Start | Kind::Whole);
        match tokens.local_name() {
            b"dimension" if opens => {
                // It would be wrong now, and nobody needs it.
                if kind == Kind::Start {
                    skip_element(&mut tokens, b"dimension")?;
                }
                continue;
            }
            b"sheetData" => in_data = kind == Kind::Start,
            b"row" if in_data && opens => {
                if in_row {
                    return Err(crooked("a row inside a row"));
                }
                in_row = kind == Kind::Start;
                row = match tokens.attribute(b"r") {
                    Some(number) => parse(number).ok_or_else(|| crooked("the number of a row"))?,
                    None => row + 1,
                };
                next_column = 0;
                style = None;
                // A row without cells has no content, so there is nothing to say about it.
                if in_row {
                    let prefix = prefix(tokens.name());
                    pending = column
                        .text(row)
                        .map(|text| cell_xml(&prefix, column.at, row, &text));
                }
                write_without(out, tokens.bytes(), b"spans")?;
                continue;
            }
            b"row" if in_data && kind == Kind::End => {
                if !std::mem::take(&mut in_row) {
                    return Err(crooked("the end of no row"));
                }
                put(
                    out,
                    &mut pending,
                    style.take().filter(|_| row == column.heading_row),
                )?;
            }
            b"c" if in_data && opens => {
                let at = match tokens.attribute(b"r") {
                    Some(place) => {
                        let (at, place_row) =
                            place_of(place).ok_or_else(|| crooked("the place of a cell"))?;
                        // The reader goes by the cell, this by the row: they must not disagree.
                        if place_row != row {
                            return Err(crooked("a cell of another row"));
                        }
                        at
                    }
                    None => next_column,
                };
                if !in_row {
                    return Err(crooked("a cell outside a row"));
                }
                next_column = at + 1;
                if at >= column.at {
                    put(
                        out,
                        &mut pending,
                        style.clone().filter(|_| row == column.heading_row),
                    )?;
                }
                if at == column.at {
                    if kind == Kind::Start {
                        skip_element(&mut tokens, b"c")?;
                    }
                    continue;
                }
                style = tokens.attribute(b"s").map(<[u8]>::to_vec);
            }
            _ => {}
        }
        out.write_all(tokens.bytes())?;
    }
    Ok(())
}

/// The sheet could be read, but is not built as sheets are.
fn crooked(what: &'static str) -> AnnotateError {
    ReadError::damaged(what).into()
}

fn put(out: &mut impl Write, pending: &mut Option<String>, style: Option<Vec<u8>>) -> io::Result<()> {
    let Some(cell) = pending.take() else { return Ok(()) };
    // The new heading looks like its neighbour.
    match style.and_then(|style| String::from_utf8(style).ok()) {
        Some(style) => out.write_all(cell.replacen(" t=", &format!(" s=\"{style}\" t="), 1).as_bytes()),
        None => out.write_all(cell.as_bytes()),
    }
}

fn cell_xml(prefix: &str, column: usize, row: usize, text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if is_control(c) => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    let (at, p) = (column_letters(column), prefix);
    format!(
        "<{p}c r=\"{at}{row}\" t=\"inlineStr\"><{p}is><{p}t xml:space=\"preserve\">{escaped}</{p}t></{p}is></{p}c>"
    )
}

fn skip_element<R: io::BufRead>(tokens: &mut Tokens<R>, name: &[u8]) -> io::Result<()> {
    while let Some(kind) = tokens.advance()? {
        if kind == Kind::End && tokens.local_name() == name {
            break;
        }
    }
    Ok(())
}

/// Writes a tag without one of its attributes.
fn write_without(out: &mut impl Write, tag: &[u8], name: &[u8]) -> io::Result<()> {
    match attributes(tag).find(|attribute| attribute.name == name) {
        Some(attribute) => {
            out.write_all(&tag[..attribute.span.start])?;
            out.write_all(&tag[attribute.span.end..])
        }
        None => out.write_all(tag),
    }
}

fn prefix(name: &[u8]) -> String {
    let colon = name.iter().position(|b| *b == b':').map_or(0, |at| at + 1);
    String::from_utf8_lossy(&name[..colon]).into_owned()
}

fn parse(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The column, counted from 0, and the row, counted from 1, of a cell's place such as `AB12`.
fn place_of(place: &[u8]) -> Option<(usize, usize)> {
    let letters = place.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let column = place[..letters].iter().fold(0_usize, |n, b| {
        n.saturating_mul(26)
            .saturating_add(usize::from(b.to_ascii_uppercase() - b'A') + 1)
    });
    Some((column.checked_sub(1)?, parse(&place[letters..])?))
}
