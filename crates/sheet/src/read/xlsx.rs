//! Excel workbooks: first an inspection of everything inside ([`inspect`]), then the rows ([`Rows`]).
//!
//! The workbook library (calamine) reads the cells; its cell reader borrows the workbook, and an iterator that
//! owns both cannot be written without `unsafe`. So a thread owns them and hands over rows through a short
//! queue. The thread ends when the sheet does or when nobody takes its rows any more.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;
use zip::result::ZipError;

use super::xml::{Kind, Tokens};
use super::{Cell, CellKind, Limits, RawRow, ReadError};

/// Real workbooks have tens of parts. The zip library holds a record for each, so they are counted before.
const MAX_PARTS: usize = 10_000;
/// A part that unpacks to less may have any ratio.
const RATIO_FREE_BYTES: u64 = 10 << 20;
/// What a shared text costs beside its characters.
const SHARED_TEXT_OVERHEAD: u64 = 40;
/// What a sheet of Excel can have.
const SHEET_ROWS: u32 = 1_048_576;
const SHEET_COLUMNS: u32 = 16_384;
const BATCH_ROWS: usize = 128;

/// Checks all of a zip before the workbook library sees it: that it is a workbook, and that it unpacks to a
/// bounded amount in bounded pieces. The sizes that it declares are checked first because that is quick, and
/// then not believed.
pub(crate) fn inspect(mut file: File, limits: &Limits) -> Result<File, ReadError> {
    if count_parts(&mut file)? > MAX_PARTS {
        return Err(too_large("more parts than any workbook has"));
    }
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(refuse)?;
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.map_or_else(|_| String::new(), |n| n.to_lowercase()))
        .collect();
    if let Some(error) = other_zip(&names) {
        return Err(error);
    }
    if zip
        .decompressed_size()
        .is_some_and(|size| size > u128::from(limits.unpacked_bytes))
    {
        return Err(too_large("declared sizes"));
    }
    let mut left = limits.unpacked_bytes;
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(refuse)?;
        let declared = entry.size();
        let packed = entry.compressed_size();
        let most = packed
            .saturating_mul(limits.ratio)
            .max(RATIO_FREE_BYTES)
            .min(left);
        // One byte more than allowed is enough to know that it is too much.
        let mut input = BufReader::with_capacity(1 << 16, entry.take(most.saturating_add(1)));
        let name = names.get(index).map_or("", String::as_str);
        let outcome = inspect_part(&mut input, name, limits);
        let unpacked = most.saturating_add(1) - input.get_ref().limit();
        if unpacked > most {
            return Err(too_large(name));
        }
        outcome?;
        if unpacked != declared {
            return Err(ReadError::damaged(format_args!(
                "{name} is not as long as declared"
            )));
        }
        left -= unpacked;
    }
    let mut file = zip.into_inner().into_inner();
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn inspect_part(input: &mut impl BufRead, name: &str, limits: &Limits) -> Result<(), ReadError> {
    let head = input.fill_buf().map_err(ReadError::damaged)?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // Pictures, printer settings and the like: nobody will read them, only their size counts. A picture made of
    // XML may well be one long attribute.
    let extension = name.rsplit('.').next().unwrap_or_default();
    if extension == "svg" || !head.trim_ascii_start().starts_with(b"<") {
        std::io::copy(input, &mut std::io::sink()).map_err(ReadError::damaged)?;
        return Ok(());
    }
    // Old drawings (.vml) are as loose as web pages.
    let mut nesting = matches!(extension, "xml" | "rels").then(Nesting::default);
    let is_shared = name.ends_with("sharedstrings.xml");
    let mut shared_bytes = 0;
    let mut tokens = Tokens::new(input);
    while let Some(kind) = tokens.advance().map_err(ReadError::damaged)? {
        if let Some(nesting) = &mut nesting
            && !nesting.follow(kind, tokens.name())
        {
            return Err(ReadError::damaged(format_args!(
                "the tags of {name} do not match"
            )));
        }
        if is_shared {
            shared_bytes += tokens.bytes().len() as u64;
        }
        if !matches!(kind, Kind::Start | Kind::Whole) {
            continue;
        }
        match tokens.local_name() {
            b"si" if is_shared => shared_bytes += SHARED_TEXT_OVERHEAD,
            // The library reserves memory for as many texts as an attribute here promises. A promise of billions
            // would end the whole process, and that cannot be caught.
            b"sst"
                if tokens
                    .bytes()
                    .split(|b| !b.is_ascii_digit())
                    .any(|digits| digits.len() > 8) =>
            {
                return Err(ReadError::damaged("an impossible number of texts"));
            }
            _ => {}
        }
        if shared_bytes > limits.shared_bytes {
            return Err(too_large("the table of texts"));
        }
    }
    match nesting {
        Some(nesting) if !nesting.starts.is_empty() => {
            Err(ReadError::damaged(format_args!("{name} ends too early")))
        }
        _ => Ok(()),
    }
}

/// Whether tags close in the order in which they opened. The workbook library does not ask, and would take a stray
/// `</sheetData>` for the end of the sheet: rows lost in silence.
#[derive(Default)]
struct Nesting {
    names: Vec<u8>,
    starts: Vec<usize>,
}

impl Nesting {
    const MAX_DEPTH: usize = 256;

    fn follow(&mut self, kind: Kind, name: &[u8]) -> bool {
        match kind {
            Kind::Start => {
                self.starts.push(self.names.len());
                self.names.extend_from_slice(name);
                self.starts.len() <= Self::MAX_DEPTH
            }
            Kind::End => match self.starts.pop() {
                Some(start) => {
                    let matches = &self.names[start..] == name;
                    self.names.truncate(start);
                    matches
                }
                None => false,
            },
            Kind::Text | Kind::Whole | Kind::Other => true,
        }
    }
}

/// Counts the records of the directory by their mark, wherever they stand.
fn count_parts(file: &mut File) -> Result<usize, ReadError> {
    const MARK: &[u8] = b"PK\x01\x02";
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 1 << 16];
    let (mut kept, mut count) = (0, 0);
    loop {
        let read = file.read(&mut buffer[kept..])?;
        if read == 0 {
            file.seek(SeekFrom::Start(0))?;
            return Ok(count);
        }
        let filled = kept + read;
        count += buffer[..filled]
            .windows(MARK.len())
            .filter(|window| *window == MARK)
            .count();
        // A mark may lie across two pieces; three bytes of it are not yet a mark, so nothing counts twice.
        kept = filled.min(MARK.len() - 1);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

/// What a zip is if it is no workbook that can be read.
fn other_zip(names: &[String]) -> Option<ReadError> {
    let has = |name: &str| names.iter().any(|n| n == name);
    let has_folder = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    if has("xl/workbook.xml") {
        None
    } else if has("xl/workbook.bin") {
        Some(ReadError::BinaryExcel)
    } else if has_folder("word/") {
        Some(ReadError::OtherDocument { kind: "Word 文档" })
    } else if has_folder("ppt/") {
        Some(ReadError::OtherDocument {
            kind: "PowerPoint 演示文稿",
        })
    } else if has("content.xml") && has("mimetype") {
        Some(ReadError::OtherDocument {
            kind: " OpenDocument 文档",
        })
    } else {
        Some(ReadError::Archive)
    }
}

fn too_large(detail: &str) -> ReadError {
    ReadError::UnpacksTooLarge {
        detail: detail.to_owned(),
    }
}

fn refuse(error: ZipError) -> ReadError {
    match error {
        ZipError::InvalidPassword => ReadError::Encrypted,
        ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => ReadError::Encrypted,
        other => ReadError::damaged(other),
    }
}

/// Which sheet is read.
#[derive(Debug, Clone)]
pub(crate) struct SheetId {
    pub(crate) name: String,
    /// Its place among all sheets of the workbook, hidden ones included.
    pub(crate) index: usize,
}

enum Message {
    Sheet(SheetId),
    Rows(Vec<RawRow>),
    Failed(ReadError),
    End,
}

/// The rows of the first visible sheet with content.
pub(crate) struct Rows {
    messages: Receiver<Message>,
    batch: std::vec::IntoIter<RawRow>,
    ended: bool,
}

impl Rows {
    /// Reads an inspected workbook.
    pub(crate) fn start(file: File, limits: &Limits) -> Result<(Self, SheetId), ReadError> {
        let (sender, messages) = sync_channel(2);
        let limits = limits.clone();
        std::thread::Builder::new()
            .name("sheet-reader".into())
            .spawn(move || {
                // The library has panicked on malformed workbooks before (arithmetic, slices). A file must never do
                // more than be refused, so a panic is one more way to be damaged.
                let outcome = catch_unwind(AssertUnwindSafe(|| pump(file, &limits, &sender)));
                let last = match outcome {
                    Ok(Ok(())) => Message::End,
                    Ok(Err(error)) => Message::Failed(error),
                    Err(_) => Message::Failed(ReadError::damaged("the workbook library panicked")),
                };
                // Nobody listens if the reader was dropped; then nobody needs to know.
                sender.send(last).ok();
            })?;
        match messages.recv() {
            Ok(Message::Sheet(sheet)) => Ok((
                Self {
                    messages,
                    batch: Vec::new().into_iter(),
                    ended: false,
                },
                sheet,
            )),
            Ok(Message::Failed(error)) => Err(error),
            _ => Err(ReadError::NoHeading),
        }
    }

    pub(crate) fn next_row(&mut self) -> Option<Result<RawRow, ReadError>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.messages.recv() {
                Ok(Message::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(Message::Sheet(_)) => {}
                Ok(Message::End) => self.ended = true,
                Ok(Message::Failed(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                Err(_) => {
                    self.ended = true;
                    return Some(Err(ReadError::damaged("the reading thread is gone")));
                }
            }
        }
    }
}

/// Collects cells into rows and rows into batches.
struct Collector<'a> {
    sheet: SheetId,
    announced: bool,
    row: RawRow,
    batch: Vec<RawRow>,
    sender: &'a SyncSender<Message>,
}

/// Nobody takes the rows any more.
struct Abandoned;

impl Collector<'_> {
    fn end_row(&mut self) -> Result<(), Abandoned> {
        let row = std::mem::take(&mut self.row);
        if row.width == 0 {
            return Ok(());
        }
        if !self.announced {
            self.announced = true;
            self.sender
                .send(Message::Sheet(self.sheet.clone()))
                .map_err(|_| Abandoned)?;
        }
        self.batch.push(row);
        if self.batch.len() >= BATCH_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), Abandoned> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH_ROWS));
        self.sender.send(Message::Rows(batch)).map_err(|_| Abandoned)
    }
}

fn pump(file: File, limits: &Limits, sender: &SyncSender<Message>) -> Result<(), ReadError> {
    let mut book = Xlsx::new(BufReader::new(file)).map_err(ReadError::damaged)?;
    let sheets: Vec<_> = book
        .sheets_metadata()
        .iter()
        .enumerate()
        .filter(|(_, sheet)| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|(index, sheet)| SheetId {
            name: sheet.name.clone(),
            index,
        })
        .collect();
    if sheets.is_empty() {
        return Err(ReadError::NoSheet);
    }
    for sheet in sheets {
        let mut collector = Collector {
            sheet,
            announced: false,
            row: RawRow::default(),
            batch: Vec::new(),
            sender,
        };
        let mut cells = book
            .worksheet_cells_reader(&collector.sheet.name)
            .map_err(ReadError::damaged)?;
        let mut last_row = None;
        loop {
            let next = cells.next_cell_with_style_id().map_err(ReadError::damaged)?;
            let Some((cell, style)) = next else { break };
            let (row, column) = cell.get_position();
            if row >= SHEET_ROWS || column >= SHEET_COLUMNS {
                return Err(ReadError::damaged(format_args!("a cell at {row}, {column}")));
            }
            if last_row != Some(row) {
                if last_row.is_some_and(|last| last > row) {
                    return Err(ReadError::damaged(format_args!("row {row} comes too late")));
                }
                last_row = Some(row);
                if collector.end_row().is_err() {
                    return Ok(());
                }
                collector.row.number = row as usize + 1;
            }
            let value = convert(cell.get_value(), || {
                let format = cells.styles().get(style)?.number_format.as_ref()?;
                Some(format.format_code.as_str())
            });
            let Some(value) = value else { continue };
            place(&mut collector.row, column as usize, value, limits)?;
        }
        if collector.end_row().is_err() {
            return Ok(());
        }
        if collector.announced {
            // If nobody listens, there is nothing left to do either.
            collector.flush().ok();
            return Ok(());
        }
    }
    Err(ReadError::NoHeading)
}

fn place(row: &mut RawRow, column: usize, cell: Cell, limits: &Limits) -> Result<(), ReadError> {
    if cell.text.len() > limits.cell_chars && cell.text.chars().count() > limits.cell_chars {
        return Err(ReadError::CellTooLong {
            row: row.number,
            column,
            limit: limits.cell_chars,
        });
    }
    let blank = cell.is_blank();
    if !blank {
        row.width = row.width.max(column + 1);
    }
    if column < limits.columns {
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::default());
        }
        row.cells[column] = cell;
    } else if !blank {
        row.beyond = Some(row.beyond.map_or(column, |first| first.min(column)));
    }
    Ok(())
}

fn convert<'a>(value: &DataRef<'_>, format: impl FnOnce() -> Option<&'a str>) -> Option<Cell> {
    let plain = |text: String, kind| {
        Some(Cell {
            text,
            kind,
            rounded: false,
        })
    };
    let text = |text: &str| Some(Cell::from_text(text)).filter(|cell| !cell.text.is_empty());
    match value {
        DataRef::Empty => None,
        DataRef::String(s) => text(s),
        DataRef::SharedString(s) => text(s),
        #[expect(
            clippy::cast_precision_loss,
            reason = "whole numbers beyond 2^53 are marked as rounded anyway"
        )]
        DataRef::Int(n) => Some(number(*n as f64, format())),
        DataRef::Float(n) => Some(number(*n, format())),
        DataRef::Bool(b) => plain(if *b { "TRUE" } else { "FALSE" }.to_owned(), CellKind::Bool),
        DataRef::DateTime(at) => plain(date(at), CellKind::Date),
        DataRef::DateTimeIso(at) => plain(
            at.strip_suffix("T00:00:00").unwrap_or(at).replace('T', " "),
            CellKind::Date,
        ),
        DataRef::DurationIso(text) => plain(text.clone(), CellKind::Date),
        DataRef::Error(error) => plain(error.to_string(), CellKind::Error),
    }
}

/// From here on a double, of which Excel keeps 15 digits, has lost some.
const TOO_MANY_DIGITS: f64 = 1e15;

fn number(n: f64, format: Option<&str>) -> Cell {
    let rounded = n.abs() >= TOO_MANY_DIGITS || !n.is_finite();
    let text = if rounded {
        as_excel_shows_it(n)
    } else {
        // To 15 digits first, as Excel does, or 86.5 might come out as 86.49999999999999.
        let n: f64 = format!("{n:.14e}").parse().unwrap_or(n);
        // `+ 0.0` turns minus zero into zero.
        let digits = (n + 0.0).to_string();
        match format {
            // Student numbers kept as numbers with the format 00000000 show their zeros, so they have them.
            Some(zeros)
                if zeros.len() > 1 && zeros.bytes().all(|b| b == b'0') && n >= 0.0 && n.fract() == 0.0 =>
            {
                let width = zeros.len().min(32);
                format!("{digits:0>width$}")
            }
            _ => digits,
        }
    };
    Cell {
        text,
        kind: CellKind::Number,
        rounded,
    }
}

/// `4.40111E+17`, as it stands in the cell, so that the person recognises it.
fn as_excel_shows_it(n: f64) -> String {
    let text = format!("{n:.5e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            format!(
                "{}E+{exponent}",
                mantissa.trim_end_matches('0').trim_end_matches('.')
            )
        }
        None => text,
    }
}

fn date(at: &ExcelDateTime) -> String {
    let serial = at.as_f64();
    if !(0.0..2_958_466.0).contains(&serial) {
        // Excel itself shows ##### here. The number tells more.
        return serial.to_string();
    }
    if at.is_duration() {
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let seconds = (serial * 86_400.0).round() as i64;
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let has_time = (hour, minute, second) != (0, 0, 0);
    if serial < 1.0 && has_time {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else if has_time {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// The name, inside the zip, of the sheet at a place among all sheets of the workbook.
pub(crate) fn relationship_path(
    zip: &mut ZipArchive<BufReader<File>>,
    sheet: usize,
) -> Result<String, ReadError> {
    let id = {
        let mut tokens = part(zip, "xl/workbook.xml")?;
        let mut at = 0;
        loop {
            match tokens.advance().map_err(ReadError::damaged)? {
                None => return Err(ReadError::damaged("the sheet is not in the workbook")),
                Some(Kind::Start | Kind::Whole) if tokens.local_name() == b"sheet" => {
                    if at == sheet {
                        let id = super::xml::attributes(tokens.bytes()).find(|a| a.name.ends_with(b":id"));
                        break id.map(|a| a.value.to_vec()).unwrap_or_default();
                    }
                    at += 1;
                }
                Some(_) => {}
            }
        }
    };
    let mut tokens = part(zip, "xl/_rels/workbook.xml.rels")?;
    while let Some(kind) = tokens.advance().map_err(ReadError::damaged)? {
        if matches!(kind, Kind::Start | Kind::Whole)
            && tokens.local_name() == b"Relationship"
            && tokens.attribute(b"Id") == Some(&id)
        {
            let target =
                String::from_utf8_lossy(tokens.attribute(b"Target").unwrap_or_default()).replace('\\', "/");
            return Ok(match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None if target.starts_with("xl/") => target,
                None => format!("xl/{target}"),
            });
        }
    }
    Err(ReadError::damaged("the sheet has no relationship"))
}

fn part<'a>(
    zip: &'a mut ZipArchive<BufReader<File>>,
    name: &str,
) -> Result<Tokens<BufReader<impl Read + use<'a>>>, ReadError> {
    let found = zip
        .file_names()
        .position(|n| n.is_ok_and(|n| n.eq_ignore_ascii_case(name)));
    let index = found.ok_or_else(|| ReadError::damaged(format_args!("no part {name}")))?;
    Ok(Tokens::new(BufReader::new(zip.by_index(index).map_err(refuse)?)))
}
