//! Reading tables that people bring: xlsx and CSV, told apart by content, row by row, within bounds.
//!
//! [`open`] looks at the file ([`sniff`]), checks it as a whole where that must be done first (the sizes inside a
//! zip, the encoding of a text), and leaves a [`Reader`] that holds a few rows at a time. Everything that can be
//! wrong is a [`ReadError`] with a sentence for the person.

mod csv;
mod error;
mod sniff;
mod xlsx;
pub(crate) mod xml;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

pub use error::ReadError;

pub(crate) use csv::Records;
pub(crate) use xlsx::relationship_path;

use crate::text::{heading_key, is_blank, looks_rounded, normalise, undefuse};

/// How much a file may ask of the machine.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Size of the file.
    pub file_bytes: u64,
    /// Rows below the heading that are not blank.
    pub rows: usize,
    /// Columns, from A to the last with a heading.
    pub columns: usize,
    /// Characters in one cell.
    pub cell_chars: usize,
    /// What all parts of a workbook unpack to, together.
    pub unpacked_bytes: u64,
    /// How many times larger than packed a part may be; parts that unpack to less than 10 MiB are not asked.
    pub ratio: u64,
    /// What the table of texts of a workbook, which has to be in memory, may take there.
    pub shared_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            rows: 200_000,
            columns: 256,
            cell_chars: 4_000,
            unpacked_bytes: 512 << 20,
            ratio: 200,
            shared_bytes: 256 << 20,
        }
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An Excel workbook.
    Xlsx,
    /// Text with delimiters.
    Csv {
        /// How its characters are written.
        encoding: Encoding,
        /// `,`, tab or `;`.
        delimiter: u8,
    },
}

/// How the characters of a text file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// GB18030, and so GBK and GB2312.
    Gb18030,
    /// What Excel calls "Unicode text": UTF-16 with a mark, little-endian.
    Utf16Le,
    /// UTF-16 with a mark, big-endian.
    Utf16Be,
}

/// What a cell held before it became text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellKind {
    /// Nothing.
    #[default]
    Empty,
    /// Text; every cell of a CSV file.
    Text,
    /// A number.
    Number,
    /// A date or time.
    Date,
    /// TRUE or FALSE.
    Bool,
    /// An error such as `#N/A`.
    Error,
}

/// One cell, as the text that a person sees: numbers without exponent, dates as `2026-06-30`, truth as `TRUE`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    text: String,
    kind: CellKind,
    rounded: bool,
}

impl Cell {
    /// The text as it stands; spaces are the caller's to [`normalise`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it held in the workbook.
    pub fn kind(&self) -> CellKind {
        self.kind
    }

    /// Whether digits are lost: a number of more than 15 digits, of which Excel keeps 15, or a text such as
    /// `4.40111E+17`. The true value cannot be known.
    pub fn rounded(&self) -> bool {
        self.rounded
    }

    /// Whether nothing can be seen in it.
    pub fn is_blank(&self) -> bool {
        is_blank(&self.text)
    }

    pub(crate) fn from_text(text: &str) -> Self {
        let text = undefuse(text);
        if text.is_empty() {
            return Self::default();
        }
        Self {
            text: text.to_owned(),
            kind: CellKind::Text,
            rounded: looks_rounded(text),
        }
    }
}

/// One row below the headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number that a spreadsheet shows at its left; rows are counted from 1, blank ones too.
    pub number: usize,
    /// One cell for each heading.
    pub cells: Vec<Cell>,
    /// The first column (from 0) that has content but no heading. Such a row has usually slipped to the right.
    pub surplus: Option<usize>,
}

impl Row {
    /// The text of a column; empty if there is no such column.
    pub fn text(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", Cell::text)
    }
}

/// A row before headings are known.
#[derive(Debug, Default)]
pub(crate) struct RawRow {
    pub(crate) number: usize,
    /// At most `Limits::columns` cells.
    pub(crate) cells: Vec<Cell>,
    /// The first column beyond those that has content.
    pub(crate) beyond: Option<usize>,
    /// One more than the last column with content.
    pub(crate) width: usize,
}

enum Source {
    Csv(Records),
    Xlsx(xlsx::Rows),
}

impl Source {
    fn next_row(&mut self) -> Option<Result<RawRow, ReadError>> {
        match self {
            Self::Csv(records) => records.next_row(),
            Self::Xlsx(rows) => rows.next_row(),
        }
    }
}

/// The rows of a table, one after the other. Blank rows are passed over.
pub struct Reader {
    source: Source,
    limits: Limits,
    format: Format,
    sheet: Option<xlsx::SheetId>,
    headings: Vec<String>,
    heading_row: usize,
    rows_seen: usize,
    width: usize,
    ended: bool,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("format", &self.format)
            .field("headings", &self.headings)
            .finish_non_exhaustive()
    }
}

/// Opens a table, whatever its name says.
///
/// # Errors
///
/// Everything that is wrong with the file as a whole and with its headings. What is wrong further down (a cell
/// too long, too many rows) comes from the iterator, which ends with it.
pub fn open(path: &Path, limits: &Limits) -> Result<Reader, ReadError> {
    let mut file = File::open(path)?;
    let size_bytes = file.metadata()?.len();
    if size_bytes > limits.file_bytes {
        return Err(ReadError::TooLarge {
            size_bytes,
            limit_bytes: limits.file_bytes,
        });
    }
    let content = sniff::content(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    match content {
        sniff::Content::Zip => {
            let file = xlsx::inspect(file, limits)?;
            let (rows, sheet) = xlsx::Rows::start(file, limits)?;
            Reader::begin(Source::Xlsx(rows), Format::Xlsx, Some(sheet), limits)
        }
        sniff::Content::Text => {
            let (records, format) = Records::open(file, limits, limits.columns)?;
            Reader::begin(Source::Csv(records), format, None, limits)
        }
    }
}

impl Reader {
    fn begin(
        mut source: Source,
        format: Format,
        sheet: Option<xlsx::SheetId>,
        limits: &Limits,
    ) -> Result<Self, ReadError> {
        let row = loop {
            let row = source.next_row().ok_or(ReadError::NoHeading)??;
            if row.width > 0 {
                break row;
            }
        };
        if row.beyond.is_some() {
            return Err(ReadError::TooManyColumns {
                limit: limits.columns,
            });
        }
        let headings: Vec<_> = row
            .cells
            .iter()
            .take(row.width)
            .map(|cell| normalise(cell.text()))
            .collect();
        let mut seen = HashMap::new();
        for (second, heading) in headings.iter().enumerate() {
            let key = heading_key(heading);
            if key.is_empty() {
                continue;
            }
            if let Some(first) = seen.insert(key, second) {
                return Err(ReadError::HeadingTwice {
                    heading: heading.clone(),
                    first,
                    second,
                });
            }
        }
        Ok(Self {
            source,
            limits: limits.clone(),
            format,
            sheet,
            width: headings.len(),
            headings,
            heading_row: row.number,
            rows_seen: 0,
            ended: false,
        })
    }

    /// The first row that is not blank, normalised. A column without heading has an empty one.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The number of the row that the headings stand in; usually 1.
    pub fn heading_row(&self) -> usize {
        self.heading_row
    }

    /// What the file is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The sheet that is read: the first visible one with content. `None` for CSV.
    pub fn sheet_name(&self) -> Option<&str> {
        self.sheet.as_ref().map(|sheet| sheet.name.as_str())
    }

    pub(crate) fn sheet_index(&self) -> Option<usize> {
        self.sheet.as_ref().map(|sheet| sheet.index)
    }

    /// One more than the last column with content, as far as was read.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    fn fit(&mut self, raw: RawRow) -> Result<Row, ReadError> {
        self.rows_seen += 1;
        if self.rows_seen > self.limits.rows {
            return Err(ReadError::TooManyRows {
                limit: self.limits.rows,
            });
        }
        self.width = self.width.max(raw.width);
        let mut cells = raw.cells;
        let has_heading = |column: usize| {
            self.headings
                .get(column)
                .is_some_and(|heading| !heading.is_empty())
        };
        let surplus = cells
            .iter()
            .enumerate()
            .find(|(column, cell)| !has_heading(*column) && !cell.is_blank())
            .map(|(c, _)| c);
        cells.resize(self.headings.len(), Cell::default());
        Ok(Row {
            number: raw.number,
            cells,
            surplus: surplus.or(raw.beyond),
        })
    }
}

impl Iterator for Reader {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let row = match self.source.next_row() {
                None => None,
                Some(Ok(raw)) if raw.width == 0 => continue,
                Some(raw) => Some(raw.and_then(|raw| self.fit(raw))),
            };
            self.ended = !matches!(row, Some(Ok(_)));
            return row;
        }
        None
    }
}
