//! Text with delimiters. The parser is our own because every cell and every record must be bounded *while* it is
//! read, blank lines must be counted as a spreadsheet counts them, and an unclosed quotation mark must be named.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{Cell, Encoding, Format, Limits, RawRow, ReadError};
use crate::text::is_blank;

const CHUNK_BYTES: usize = 1 << 16;

/// No record is longer, whatever the limits for cells and columns multiply to.
const RECORD_BYTES: usize = 8 << 20;

/// After this many non-ASCII characters of correct UTF-8, a file is UTF-8 and what follows is a mistake in it.
/// Text in GBK passes for UTF-8 by chance for a character or two, not for ten.
const CERTAINLY_UTF8: usize = 10;

/// The records of a text file.
pub(crate) struct Records {
    input: Decoded,
    delimiter: u8,
    limits: Limits,
    /// Columns to keep; of those beyond, it is only noted that they have content.
    columns: usize,
    number: usize,
    skip_line_feed: bool,
    ended: bool,
    field: Vec<u8>,
}

/// One record: its fields as they stand in the file.
pub(crate) struct Record {
    pub(crate) number: usize,
    pub(crate) fields: Vec<String>,
    beyond: Option<usize>,
    width: usize,
}

impl Records {
    /// Finds out encoding and delimiter, and stands before the first record.
    pub(crate) fn open(mut file: File, limits: &Limits, columns: usize) -> Result<(Self, Format), ReadError> {
        let encoding = detect(&mut file)?;
        file.seek(SeekFrom::Start(0))?;
        let mut input = Decoded::new(file, encoding);
        let delimiter = find_delimiter(input.fill()?);
        let records = Self {
            input,
            delimiter,
            limits: limits.clone(),
            columns,
            number: 0,
            skip_line_feed: false,
            ended: false,
            field: Vec::new(),
        };
        Ok((records, Format::Csv { encoding, delimiter }))
    }

    pub(crate) fn next_row(&mut self) -> Option<Result<RawRow, ReadError>> {
        let record = match self.next_record()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let cells = record
            .fields
            .iter()
            .map(|field| Cell::from_text(unwrap_formula(field)))
            .collect();
        Some(Ok(RawRow {
            number: record.number,
            cells,
            beyond: record.beyond,
            width: record.width,
        }))
    }

    /// The next record, blank or not.
    pub(crate) fn next_record(&mut self) -> Option<Result<Record, ReadError>> {
        if self.ended {
            return None;
        }
        let record = self.parse();
        self.ended = !matches!(record, Ok(Some(_)));
        record.transpose()
    }

    fn parse(&mut self) -> Result<Option<Record>, ReadError> {
        #[derive(PartialEq)]
        enum State {
            Start,
            Plain,
            Quoted,
            QuoteInQuoted,
        }
        let mut state = State::Start;
        let mut record = Record {
            number: self.number + 1,
            fields: Vec::new(),
            beyond: None,
            width: 0,
        };
        let (mut column, mut bytes) = (0, 0);
        self.field.clear();
        loop {
            if bytes > RECORD_BYTES {
                return Err(ReadError::RowTooLong { row: record.number });
            }
            let chunk = self.input.fill()?;
            if chunk.is_empty() {
                if state == State::Quoted {
                    return Err(ReadError::UnclosedQuote { row: record.number });
                }
                if state == State::Start && column == 0 {
                    return Ok(None);
                }
                self.end_field(&mut record, column)?;
                break;
            }
            if std::mem::take(&mut self.skip_line_feed) && chunk[0] == b'\n' {
                self.input.consume(1);
                continue;
            }
            let delimiter = self.delimiter;
            // Ordinary characters are taken in runs: a byte at a time would cost a second for a large file.
            let run = match state {
                State::Quoted => chunk.iter().position(|b| *b == b'"'),
                State::QuoteInQuoted => Some(0),
                State::Start | State::Plain => chunk.iter().position(|b| {
                    *b == delimiter || matches!(b, b'\r' | b'\n') || (*b == b'"' && state == State::Start)
                }),
            };
            let run = run.unwrap_or(chunk.len());
            let run = if state == State::Start && chunk[0] != b'"' && run > 0 {
                state = State::Plain;
                chunk
                    .iter()
                    .position(|b| *b == delimiter || matches!(b, b'\r' | b'\n'))
                    .unwrap_or(chunk.len())
            } else {
                run
            };
            if run > 0 {
                self.field.extend_from_slice(&chunk[..run]);
                bytes += run;
                self.input.consume(run);
                if self.field.len() > self.limits.cell_chars.saturating_mul(4) {
                    return Err(self.too_long(record.number, column));
                }
                continue;
            }
            let byte = chunk[0];
            match (byte, &state) {
                (b'"', State::Start | State::QuoteInQuoted) => {
                    if state == State::QuoteInQuoted {
                        self.field.push(b'"');
                    }
                    state = State::Quoted;
                }
                (b'"', State::Quoted) => state = State::QuoteInQuoted,
                (b'\r' | b'\n', _) => {
                    self.input.consume(1);
                    self.skip_line_feed = byte == b'\r';
                    self.end_field(&mut record, column)?;
                    break;
                }
                _ if byte == delimiter => {
                    self.end_field(&mut record, column)?;
                    column += 1;
                    state = State::Start;
                }
                // Something behind a closing quotation mark: belongs to the field, as spreadsheets read it.
                _ => {
                    self.field.push(byte);
                    state = State::Plain;
                }
            }
            self.input.consume(1);
            bytes += 1;
        }
        self.number += 1;
        Ok(Some(record))
    }

    fn too_long(&self, row: usize, column: usize) -> ReadError {
        ReadError::CellTooLong {
            row,
            column,
            limit: self.limits.cell_chars,
        }
    }

    fn end_field(&mut self, record: &mut Record, column: usize) -> Result<(), ReadError> {
        let text = std::str::from_utf8(&self.field).map_err(ReadError::damaged)?;
        if text.len() > self.limits.cell_chars && text.chars().count() > self.limits.cell_chars {
            return Err(self.too_long(record.number, column));
        }
        let blank = is_blank(text);
        if !blank {
            record.width = column + 1;
        }
        if column < self.columns {
            record.fields.push(text.to_owned());
        } else if !blank && record.beyond.is_none() {
            record.beyond = Some(column);
        }
        self.field.clear();
        Ok(())
    }
}

/// `="0012"` is how many programs keep Excel from taking 0012 for the number 12.
fn unwrap_formula(field: &str) -> &str {
    match field.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => inner,
        _ => field,
    }
}

/// The delimiter that the first line with content uses most; a comma if none.
fn find_delimiter(sample: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    let (mut quoted, mut content) = (false, false);
    for byte in sample {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => {
                if content {
                    break;
                }
                for (_, count) in &mut counts {
                    *count = 0;
                }
            }
            _ if quoted => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte) {
                    *count += 1;
                    continue;
                }
            }
        }
        content |= !byte.is_ascii_whitespace();
    }
    // The first of equals wins, so the order above is one of preference.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

fn detect(file: &mut File) -> Result<Encoding, ReadError> {
    let mut head = [0; 3];
    let mut filled = 0;
    file.seek(SeekFrom::Start(0))?;
    while filled < head.len() {
        match file.read(&mut head[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    let head = &head[..filled];
    let certain = if head.starts_with(b"\xef\xbb\xbf") {
        Some(Encoding::Utf8Bom)
    } else if head.starts_with(b"\xff\xfe") {
        Some(Encoding::Utf16Le)
    } else if head.starts_with(b"\xfe\xff") {
        Some(Encoding::Utf16Be)
    } else {
        None
    };
    if let Some(encoding) = certain {
        return match check(file, encoding)? {
            None => Ok(encoding),
            Some(fault) => Err(ReadError::Encoding { line: fault.line }),
        };
    }
    let Some(utf8) = check(file, Encoding::Utf8)? else {
        return Ok(Encoding::Utf8);
    };
    if utf8.wide_chars >= CERTAINLY_UTF8 {
        return Err(ReadError::Encoding { line: utf8.line });
    }
    match check(file, Encoding::Gb18030)? {
        None => Ok(Encoding::Gb18030),
        // Whichever came further is more probably what the file was meant to be.
        Some(gb) => Err(ReadError::Encoding {
            line: gb.line.max(utf8.line),
        }),
    }
}

/// Where a text stops being one.
struct Fault {
    line: usize,
    /// Non-ASCII characters before it.
    wide_chars: usize,
}

/// Decodes the whole file strictly, keeping nothing.
fn check(file: &mut File, encoding: Encoding) -> Result<Option<Fault>, ReadError> {
    file.seek(SeekFrom::Start(0))?;
    let mut decoder = encoding.decoder();
    let mut input = vec![0; CHUNK_BYTES];
    let mut output = vec![0; CHUNK_BYTES];
    let (mut line, mut wide_chars, mut controls, mut total) = (1, 0, 0, 0);
    loop {
        let read = file.read(&mut input)?;
        let mut rest = &input[..read];
        loop {
            let (result, taken, written) =
                decoder.decode_to_utf8_without_replacement(rest, &mut output, read == 0);
            rest = &rest[taken..];
            for byte in &output[..written] {
                match byte {
                    0 => return Err(ReadError::Binary),
                    b'\n' => line += 1,
                    b'\r' | b'\t' => {}
                    0x01..=0x1f => controls += 1,
                    0xc2..=0xff => wide_chars += 1,
                    _ => {}
                }
            }
            total += written;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    // A NUL further on tells binary content from a text in some other encoding.
                    let binary =
                        rest.contains(&0) && !matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
                    return if binary {
                        Err(ReadError::Binary)
                    } else {
                        Ok(Some(Fault { line, wide_chars }))
                    };
                }
            }
        }
        if read == 0 {
            return if controls > 4 && controls > total / 64 {
                Err(ReadError::Binary)
            } else {
                Ok(None)
            };
        }
    }
}

impl Encoding {
    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 | Self::Utf8Bom => UTF_8.new_decoder_with_bom_removal(),
            Self::Gb18030 => GB18030.new_decoder_without_bom_handling(),
            Self::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Self::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
        }
    }

    /// The mark that a file of this kind begins with.
    pub(crate) fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8Bom => b"\xef\xbb\xbf",
            Self::Utf16Le => b"\xff\xfe",
            Self::Utf16Be => b"\xfe\xff",
            Self::Utf8 | Self::Gb18030 => b"",
        }
    }

    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Bom => text.as_bytes().to_vec(),
            // GB18030 has a place for all of Unicode, so nothing is lost here, unlike with GBK.
            Self::Gb18030 => GB18030.encode(text).0.into_owned(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// A file as UTF-8, a piece at a time.
struct Decoded {
    file: File,
    decoder: Decoder,
    input: Vec<u8>,
    input_at: usize,
    input_end: usize,
    output: Vec<u8>,
    output_at: usize,
    output_end: usize,
    file_ended: bool,
    ended: bool,
}

impl Decoded {
    fn new(file: File, encoding: Encoding) -> Self {
        Self {
            file,
            decoder: encoding.decoder(),
            input: vec![0; CHUNK_BYTES],
            input_at: 0,
            input_end: 0,
            output: vec![0; CHUNK_BYTES],
            output_at: 0,
            output_end: 0,
            file_ended: false,
            ended: false,
        }
    }

    /// What is decoded and not consumed; empty at the end only.
    fn fill(&mut self) -> Result<&[u8], ReadError> {
        while self.output_at == self.output_end && !self.ended {
            if self.input_at == self.input_end && !self.file_ended {
                self.input_at = 0;
                self.input_end = self.file.read(&mut self.input)?;
                self.file_ended = self.input_end == 0;
            }
            let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.input[self.input_at..self.input_end],
                &mut self.output,
                self.file_ended,
            );
            self.input_at += taken;
            self.output_at = 0;
            self.output_end = written;
            match result {
                DecoderResult::InputEmpty => self.ended = self.file_ended,
                DecoderResult::OutputFull => {}
                // The file was checked before; it can only have changed since.
                DecoderResult::Malformed(..) => return Err(ReadError::damaged("changed while being read")),
            }
        }
        Ok(&self.output[self.output_at..self.output_end])
    }

    fn consume(&mut self, bytes: usize) {
        self.output_at += bytes;
    }
}
