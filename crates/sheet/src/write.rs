//! Writing tables: one trait, three formats, a row at a time. Nothing is held back but what a format demands.
//!
//! xlsx and DBF need a destination that can be gone back in, so callers on a server write into a temporary file
//! and stream that: `let file = tempfile::tempfile()?; write::xlsx(file.try_clone()?, …)`.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use dbase::encoding::EncodingRs;
use dbase::{FieldName, FieldWriter, TableWriterBuilder, WritableRecord};
use rust_xlsxwriter::{Format, Workbook};

use crate::text::defuse;

/// One column of a table to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What stands over it in xlsx and CSV.
    pub heading: String,
    /// Its width in xlsx, in half-width characters.
    pub width: f64,
    /// Whether xlsx has its cells as numbers (`12`, `98.2%`), so that they can be added up; a cell that is none stays text.
    pub is_number: bool,
    /// What it is in DBF; `None` leaves it out there.
    pub dbf: Option<DbfField>,
}

impl Column {
    /// A column without a place in DBF.
    pub fn new(heading: impl Into<String>, width: f64) -> Self {
        Self {
            heading: heading.into(),
            width,
            is_number: false,
            dbf: None,
        }
    }

    /// The column with numbers in xlsx.
    #[must_use]
    pub fn with_numbers(mut self) -> Self {
        self.is_number = true;
        self
    }

    /// The column with a place in DBF.
    #[must_use]
    pub fn with_dbf(mut self, name: impl Into<String>, length: u8) -> Self {
        self.dbf = Some(DbfField {
            name: name.into(),
            length,
        });
        self
    }
}

/// A character field of a DBF file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbfField {
    /// Its name: at most 10 ASCII characters.
    pub name: String,
    /// Its length in bytes of GBK: two for a Chinese character; from 1 to 254.
    pub length: u8,
}

/// Why a table cannot be written. Rows are those of the data, counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The destination does not take it.
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
    /// The workbook library refuses.
    #[error("cannot write the workbook: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The DBF library refuses.
    #[error("cannot write the DBF file: {0}")]
    Dbf(String),
    /// A row has not as many cells as there are columns.
    #[error("row {row} has {found} cells instead of {expected}")]
    CellCount {
        /// The row.
        row: usize,
        /// How many it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// More rows than the format can hold.
    #[error("more than {limit} rows")]
    TooManyRows {
        /// What the format can hold.
        limit: usize,
    },
    /// A cell longer than the format, or the field, can hold.
    #[error("row {row}, column {column}: {length} where {limit} is the most")]
    CellTooLong {
        /// The row.
        row: usize,
        /// The heading of the column.
        column: String,
        /// Length of the text: bytes of GBK in DBF, characters in xlsx.
        length: usize,
        /// The most there is room for.
        limit: usize,
    },
    /// A character that DBF, which is in GBK, has no place for.
    #[error("row {row}, column {column}: {character:?} is not in GBK")]
    NotInGbk {
        /// The row.
        row: usize,
        /// The heading of the column.
        column: String,
        /// The character.
        character: char,
    },
    /// A DBF field whose name or length the format does not allow, or no field at all.
    #[error("the DBF field of column {column:?} is not possible")]
    BadField {
        /// The heading of the column; empty if no column has a field.
        column: String,
    },
}

impl WriteError {
    /// What is wrong, where, and what to do, for the person who asked for the file.
    pub fn message(&self) -> String {
        match self {
            Self::Io(_) | Self::Xlsx(_) | Self::Dbf(_) | Self::CellCount { .. } | Self::BadField { .. } => {
                "文件生成失败，没有导出任何内容。请稍后重试；若仍失败，请联系管理员。".into()
            }
            Self::TooManyRows { limit } => {
                format!("超过 {limit} 行，这种格式放不下。请加筛选条件，分几次导出。")
            }
            Self::CellTooLong {
                row,
                column,
                length,
                limit,
            } => format!(
                "第 {row} 条数据的“{column}”长 {length}，超过上限 {limit}（DBF 按字节计，一个汉字 2 字节）。请缩短这一项，或改用 Excel 格式导出。"
            ),
            Self::NotInGbk {
                row,
                column,
                character,
            } => format!(
                "第 {row} 条数据的“{column}”含有“{character}”（U+{:04X}），DBF 使用的 GBK 字库里没有这个字。请改用 Excel 格式导出，或按上级要求的替代写法修改后再导出 DBF。",
                u32::from(*character)
            ),
        }
    }
}

/// A table being written.
pub trait TableWriter {
    /// Adds a row; one cell for each column.
    fn row(&mut self, cells: &[&str]) -> Result<(), WriteError>;

    /// Writes what is left, and tells how many rows there are. Without this the file is not complete.
    fn finish(self: Box<Self>) -> Result<usize, WriteError>;
}

fn check_count(row: usize, cells: &[&str], columns: &[Column]) -> Result<(), WriteError> {
    if cells.len() == columns.len() {
        Ok(())
    } else {
        Err(WriteError::CellCount {
            row,
            found: cells.len(),
            expected: columns.len(),
        })
    }
}

/// Rows that a sheet has below its heading.
const XLSX_ROWS: usize = 1_048_575;
/// Characters that a cell of Excel can hold, in units of UTF-16.
const XLSX_CELL_UNITS: usize = 32_767;
/// How hard the workbook is compressed, of 9. Measured on 39,000 rows of 26 cells: a third of the time of the usual 6 (0.24 s
/// instead of 0.67), for a fifth more bytes.
const XLSX_LEVEL: u8 = 2;
const NOTES_SHEET: &str = "说明";

/// Writes an Excel workbook: a bold heading that stays in sight, a filter, every cell a text, except in columns of numbers.
///
/// If `notes` is not empty, a second sheet 说明 lists them: who exported this, when, with which filter.
pub fn xlsx<W: Write + Seek + Send + 'static>(
    out: W,
    sheet_name: &str,
    columns: &[Column],
    notes: &[(String, String)],
) -> Result<Box<dyn TableWriter + Send>, WriteError> {
    let mut book = Workbook::new();
    book.set_zip_compression_level(XLSX_LEVEL);
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(sheet_name)?;
    for (column, at) in columns.iter().zip(0u16..) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, clean(&defuse(&column.heading)), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    write_notes(&mut book, notes)?;
    Ok(Box::new(XlsxWriter {
        book,
        out,
        columns: columns.to_vec(),
        percent: Format::new().set_num_format("0.0%"),
        rows: 0,
    }))
}

/// A cell that is a number.
enum Number {
    Plain(f64),
    /// As a fraction of one.
    Percent(f64),
}

/// The number that a cell is. Nothing but digits, a sign and a point makes one: `1e5` or `inf` are words.
fn number_of(cell: &str) -> Option<Number> {
    let (digits, is_percent) = match cell.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (cell, false),
    };
    let is_plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    let value: f64 = digits.parse().ok().filter(|_| is_plain)?;
    Some(if is_percent {
        Number::Percent(value / 100.0)
    } else {
        Number::Plain(value)
    })
}

/// A second sheet 说明 with what there is to say; none without anything.
pub(crate) fn write_notes(book: &mut Workbook, notes: &[(String, String)]) -> Result<(), WriteError> {
    if notes.is_empty() {
        return Ok(());
    }
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet
        .set_name(NOTES_SHEET)?
        .set_column_width(0, 20)?
        .set_column_width(1, 80)?;
    for ((key, value), row) in notes.iter().zip(0u32..) {
        sheet.write_string_with_format(row, 0, clean(&defuse(key)), &bold)?;
        sheet.write_string(row, 1, clean(&defuse(value)))?;
    }
    Ok(())
}

/// Text without the control characters that XML cannot carry.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| !is_control(*c)).collect()
}

pub(crate) fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

struct XlsxWriter<W> {
    book: Workbook,
    out: W,
    percent: Format,
    columns: Vec<Column>,
    rows: usize,
}

impl<W: Write + Seek + Send> TableWriter for XlsxWriter<W> {
    fn row(&mut self, cells: &[&str]) -> Result<(), WriteError> {
        let number = self.rows + 1;
        check_count(number, cells, &self.columns)?;
        let at = u32::try_from(number).ok().filter(|_| number <= XLSX_ROWS);
        let at = at.ok_or(WriteError::TooManyRows { limit: XLSX_ROWS })?;
        let sheet = self.book.worksheet_from_index(0)?;
        for ((cell, column), column_at) in cells.iter().zip(&self.columns).zip(0u16..) {
            // An empty cell is left out: it would only make the file larger.
            if cell.is_empty() {
                continue;
            }
            if cell.len() >= XLSX_CELL_UNITS {
                let length = cell.encode_utf16().count();
                if length >= XLSX_CELL_UNITS {
                    let (column, limit) = (column.heading.clone(), XLSX_CELL_UNITS - 1);
                    return Err(WriteError::CellTooLong {
                        row: number,
                        column,
                        length,
                        limit,
                    });
                }
            }
            match column.is_number.then(|| number_of(cell)).flatten() {
                Some(Number::Plain(value)) => sheet.write_number(at, column_at, value)?,
                Some(Number::Percent(value)) => {
                    sheet.write_number_with_format(at, column_at, value, &self.percent)?
                }
                None => sheet.write_string(at, column_at, clean(&defuse(cell)))?,
            };
        }
        self.rows = number;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<usize, WriteError> {
        let last = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        if let (Ok(rows), Some(last)) = (u32::try_from(self.rows), last.checked_sub(1)) {
            self.book.worksheet_from_index(0)?.autofilter(0, 0, rows, last)?;
        }
        let mut out = BufWriter::new(self.out);
        self.book.save_to_writer(&mut out)?;
        out.flush()?;
        Ok(self.rows)
    }
}

/// Writes CSV as Excel in China opens it without questions: UTF-8 with a mark, lines ending in CR LF.
pub fn csv<W: Write + Send + 'static>(
    out: W,
    columns: &[Column],
) -> Result<Box<dyn TableWriter + Send>, WriteError> {
    let mut writer = CsvWriter {
        out: BufWriter::new(out),
        line: String::new(),
        columns: columns.to_vec(),
        rows: 0,
    };
    writer.out.write_all("\u{feff}".as_bytes())?;
    let headings: Vec<_> = columns.iter().map(|column| column.heading.as_str()).collect();
    writer.line(&headings)?;
    Ok(Box::new(writer))
}

struct CsvWriter<W: Write> {
    out: BufWriter<W>,
    line: String,
    columns: Vec<Column>,
    rows: usize,
}

impl<W: Write> CsvWriter<W> {
    fn line(&mut self, cells: &[&str]) -> Result<(), WriteError> {
        self.line.clear();
        push_record(&mut self.line, cells.iter().map(|cell| defuse(cell)), b',');
        Ok(self.out.write_all(self.line.as_bytes())?)
    }
}

impl<W: Write> TableWriter for CsvWriter<W> {
    fn row(&mut self, cells: &[&str]) -> Result<(), WriteError> {
        check_count(self.rows + 1, cells, &self.columns)?;
        self.line(cells)?;
        self.rows += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<usize, WriteError> {
        self.out.flush()?;
        Ok(self.rows)
    }
}

/// Adds a record and its line end, with quotation marks where they are needed.
pub(crate) fn push_record<S: AsRef<str>>(
    line: &mut String,
    fields: impl IntoIterator<Item = S>,
    delimiter: u8,
) {
    let mut first = true;
    for field in fields {
        let field = field.as_ref();
        if !first {
            line.push(char::from(delimiter));
        }
        first = false;
        // All delimiters are quoted, not only ours, so that a reader that guesses cannot guess wrong.
        let is_special = |b: u8| matches!(b, b',' | b';' | b'\t' | b'"' | b'\r' | b'\n');
        if field.bytes().any(is_special) {
            line.push('"');
            line.push_str(&field.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(field);
        }
    }
    line.push_str("\r\n");
}

/// Fields that a record can have, and bytes.
const DBF_FIELDS: usize = 255;
const DBF_RECORD_BYTES: usize = 32_767;
const DBF_NAME_BYTES: usize = 10;

/// Writes DBF (dBASE III, characters in GBK) with the columns that have a [`DbfField`]. Rows are given with the
/// cells of *all* columns.
///
/// Cells are not defused here: no program takes a character field for a formula.
pub fn dbf<W: Write + Seek + Send + 'static>(
    out: W,
    columns: &[Column],
) -> Result<Box<dyn TableWriter + Send>, WriteError> {
    let fields: Vec<_> = columns
        .iter()
        .filter_map(|column| Some((column, column.dbf.as_ref()?)))
        .collect();
    let record_bytes: usize = 1 + fields
        .iter()
        .map(|(_, field)| usize::from(field.length))
        .sum::<usize>();
    let field_count = fields.len();
    if fields.is_empty() || field_count > DBF_FIELDS || record_bytes > DBF_RECORD_BYTES {
        return Err(WriteError::BadField {
            column: String::new(),
        });
    }
    let mut builder = TableWriterBuilder::with_encoding(EncodingRs::from(encoding_rs::GBK));
    for (column, field) in fields {
        let possible = (1..=DBF_NAME_BYTES).contains(&field.name.len())
            && field.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && (1..=254).contains(&field.length);
        let bad = || WriteError::BadField {
            column: column.heading.clone(),
        };
        if !possible {
            return Err(bad());
        }
        let name = FieldName::try_from(field.name.as_str()).map_err(|_| bad())?;
        builder = builder.add_character_field(name, field.length);
    }
    let failed = Arc::default();
    let out = BufWriter::with_capacity(
        1 << 16,
        Remembering {
            out,
            failed: Arc::clone(&failed),
        },
    );
    let table = builder.build_with_dest(out);
    Ok(Box::new(DbfWriter {
        padded: vec![String::new(); field_count],
        table,
        failed,
        columns: columns.to_vec(),
        rows: 0,
    }))
}

/// The DBF library keeps its destination and lets it go without a last look, so that a full disk at the very end
/// would pass for success. This remembers.
struct Remembering<W> {
    out: W,
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl<W> Remembering<W> {
    fn remember<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.map_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            copy
        })
    }
}

impl<W: Write> Write for Remembering<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.out.write(bytes);
        self.remember(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.out.flush();
        self.remember(outcome)
    }
}

impl<W: Seek> Seek for Remembering<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let outcome = self.out.seek(to);
        self.remember(outcome)
    }
}

struct DbfWriter<W: Write + Seek> {
    table: dbase::TableWriter<BufWriter<Remembering<W>>>,
    failed: Arc<Mutex<Option<io::Error>>>,
    columns: Vec<Column>,
    /// The cells of the record being written, one for each field.
    padded: Vec<String>,
    rows: usize,
}

struct DbfRecord<'a>(&'a [String]);

impl WritableRecord for DbfRecord<'_> {
    fn write_using<W: Write>(&self, writer: &mut FieldWriter<'_, W>) -> Result<(), dbase::FieldError> {
        self.0
            .iter()
            .try_for_each(|cell| writer.write_next_field_value(cell))
    }
}

impl<W: Write + Seek + Send> TableWriter for DbfWriter<W> {
    fn row(&mut self, cells: &[&str]) -> Result<(), WriteError> {
        let row = self.rows + 1;
        check_count(row, cells, &self.columns)?;
        // The library writes a character outside GBK as `&#14019;` and cuts what is too long, both in silence,
        // so both are found here, before anything of the record is written.
        let mut padded = self.padded.iter_mut();
        for (cell, column) in cells.iter().zip(&self.columns) {
            let Some(field) = &column.dbf else { continue };
            let length = gbk_length(cell).map_err(|character| WriteError::NotInGbk {
                row,
                column: column.heading.clone(),
                character,
            })?;
            let limit = usize::from(field.length);
            if length > limit {
                return Err(WriteError::CellTooLong {
                    row,
                    column: column.heading.clone(),
                    length,
                    limit,
                });
            }
            // Padded here, because the library pads with one formatted write for each space.
            if let Some(padded) = padded.next() {
                padded.clear();
                padded.push_str(cell);
                padded.extend(std::iter::repeat_n(' ', limit - length));
            }
        }
        let written = self.table.write_record(&DbfRecord(&self.padded));
        written.map_err(|error| WriteError::Dbf(error.to_string()))?;
        self.rows = row;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<usize, WriteError> {
        let Self {
            mut table,
            failed,
            rows,
            ..
        } = *self;
        table
            .finalize()
            .map_err(|error| WriteError::Dbf(error.to_string()))?;
        drop(table);
        match failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error.into()),
            None => Ok(rows),
        }
    }
}

/// Bytes that a text takes in GBK, or its first character that GBK has no place for.
///
/// GBK here is what everybody else can read, code page 936: the library's goes beyond it with a hundred
/// characters of GB18030 (䶮 among them), and one of those makes other programs refuse the whole file.
pub fn gbk_length(text: &str) -> Result<usize, char> {
    if text.is_ascii() {
        return Ok(text.len());
    }
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(text);
    if !unmappable && !text.contains(is_private) && is_code_page_936(&bytes) {
        return Ok(bytes.len());
    }
    let outside = |c: &char| {
        let mut utf8 = [0; 4];
        let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut utf8));
        unmappable || is_private(*c) || !is_code_page_936(&bytes)
    };
    text.chars().find(outside).map_or(Ok(bytes.len()), Err)
}

/// Private characters mean something else to every program.
fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}

fn is_code_page_936(mut bytes: &[u8]) -> bool {
    loop {
        bytes = match bytes {
            [] => return true,
            // Added by GB18030; and 0x80, the euro of one program.
            [0x80 | 0xff, ..]
            | [0xfe, 0x50..=0xa0, ..]
            | [0xa6, 0xd9..=0xdf | 0xec | 0xed | 0xf3, ..]
            | [0xa8, 0xbc | 0xbf, ..]
            | [0xa9, 0x89..=0x95, ..] => return false,
            [0..=0x7f, rest @ ..] | [_, _, rest @ ..] => rest,
            [_] => return false,
        }
    }
}
