//! What a file is, by its content. Its name says nothing: half of the world's `.xls` files are web pages.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::ReadError;

/// What is worth reading on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A zip, perhaps a workbook.
    Zip,
    /// Perhaps a text.
    Text,
}

/// Enough for the mark of every format and the first tags of a web page.
const HEAD_BYTES: u64 = 4096;

const PICTURES: [&[u8]; 8] = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"8BPS",
];
const ARCHIVES: [&[u8]; 5] = [
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh9",
    b"\xfd7zXZ\0",
];

pub(crate) fn content(file: &mut File) -> Result<Content, ReadError> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(ReadError::Empty);
    }
    let begins = |mark: &&[u8]| head.starts_with(mark);
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(compound(file)?);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Content::Zip);
    }
    // "BM" alone could begin the heading BMDM; a bitmap goes on with its size and four zeros.
    let is_bitmap = head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]);
    let is_webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let is_heif = head.get(4..8) == Some(b"ftyp");
    if PICTURES.iter().any(begins) || is_bitmap || is_webp || is_heif {
        return Err(ReadError::Picture);
    }
    if head.starts_with(b"%PDF-") {
        return Err(ReadError::Pdf);
    }
    if ARCHIVES.iter().any(begins) {
        return Err(ReadError::Archive);
    }
    if head.starts_with(b"{\\rtf") {
        return Err(ReadError::OtherDocument { kind: "RTF 文档" });
    }
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&head)
        .trim_ascii_start();
    if let [b'<', next, ..] = text
        && (next.is_ascii_alphabetic() || matches!(next, b'!' | b'?'))
    {
        return Err(ReadError::WebPage);
    }
    Ok(Content::Text)
}

/// Tells apart what Microsoft keeps in compound files: old workbooks, old documents, and new ones with a password.
fn compound(file: &mut File) -> Result<ReadError, ReadError> {
    // Names of streams are UTF-16 in a directory that may stand anywhere, so the whole file is looked through.
    let mark = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let marks = [
        (mark("EncryptedPackage"), 0),
        (mark("WordDocument"), 1),
        (mark("PowerPoint Document"), 2),
        (mark("Workbook"), 3),
        (mark("Book"), 3),
    ];
    let mut found = [false; 4];
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 1 << 16];
    let mut kept = 0;
    loop {
        let read = file.read(&mut buffer[kept..])?;
        if read == 0 {
            break;
        }
        let filled = kept + read;
        for (mark, kind) in &marks {
            found[*kind] |= buffer[..filled]
                .windows(mark.len())
                .any(|window| window == &mark[..]);
        }
        // A name may lie across two pieces.
        kept = filled.min(64);
        buffer.copy_within(filled - kept..filled, 0);
        if found[0] {
            break;
        }
    }
    Ok(match found {
        [true, ..] => ReadError::Encrypted,
        [_, true, ..] => ReadError::OtherDocument {
            kind: "旧版 Word 文档",
        },
        [_, _, true, _] => ReadError::OtherDocument {
            kind: "旧版 PowerPoint 演示文稿",
        },
        _ => ReadError::OldExcel,
    })
}
