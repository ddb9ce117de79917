//! Files that travel inside a PDF: the facts that a form was signed over.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document, LoadOptions, Object};

use crate::PaperError;

/// The name of the only attachment of a form.
const NAME: &str = "qihang-form.json";
/// Of several in one file, each needs a name of its own: `qihang-form-0001.json`, in the order of the forms.
const NUMBERED: (&str, &str) = ("qihang-form-", ".json");

/// A class of 500 with photos takes less than half.
const MOST_BYTES: usize = 64 << 20;
/// Of what the file's own tables, and one attachment, may unpack to.
const MOST_UNPACKED: usize = 16 << 20;
/// Of all attachments together.
const MOST_ATTACHED: usize = 32 << 20;
/// Of the tree of names: its depth, and how many nodes and names are looked at.
const DEEPEST: usize = 16;
const MOST_NAMES: usize = 20_000;

/// The name under which form `index` of `count` carries its facts. In order of the alphabet, as PDF lists them.
pub(crate) fn name(index: usize, count: usize) -> String {
    if count == 1 {
        return NAME.to_owned();
    }
    let width = count.to_string().len().max(4);
    format!("{}{:0width$}{}", NUMBERED.0, index + 1, NUMBERED.1)
}

fn is_ours(name: &str) -> bool {
    name == NAME
        || name
            .strip_prefix(NUMBERED.0)
            .and_then(|rest| rest.strip_suffix(NUMBERED.1))
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The attachments named `qihang-form.json` of a PDF, in order; of a PDF with several forms, those named
/// `qihang-form-0001.json` and so on.
///
/// # Errors
///
/// What is too large to be one of ours, no PDF, or damaged. Whatever the bytes are, this ends, and takes a bounded
/// amount of memory.
pub fn attachments(pdf: &[u8]) -> Result<Vec<Vec<u8>>, PaperError> {
    if pdf.len() > MOST_BYTES {
        return Err(PaperError::TooLarge {
            limit_megabytes: MOST_BYTES >> 20,
        });
    }
    // Somewhere near the beginning, as readers allow: mail gateways put lines before it.
    if !pdf[..pdf.len().min(1024)]
        .windows(5)
        .any(|bytes| bytes == b"%PDF-")
    {
        return Err(PaperError::NotPdf);
    }
    // The parser is not ours, and the bytes are anybody's.
    catch_unwind(AssertUnwindSafe(|| read(pdf))).unwrap_or(Err(PaperError::Damaged))
}

fn read(pdf: &[u8]) -> Result<Vec<Vec<u8>>, PaperError> {
    let options = LoadOptions::with_max_decompressed_size(MOST_UNPACKED);
    let document = Document::load_mem_with_options(pdf, options).map_err(|_| PaperError::Damaged)?;
    let catalog = document.catalog().map_err(|_| PaperError::Damaged)?;
    let Some(tree) = dictionary(&document, catalog, b"Names")
        .and_then(|names| dictionary(&document, names, b"EmbeddedFiles"))
    else {
        return Ok(Vec::new());
    };
    let mut found = Found::default();
    found.walk(&document, tree, 0)?;
    Ok(found.files)
}

fn dictionary<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    of.get_deref(key, document).ok()?.as_dict().ok()
}

fn array<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> &'a [Object] {
    of.get_deref(key, document)
        .ok()
        .and_then(|object| object.as_array().ok())
        .map_or(&[], Vec::as_slice)
}

#[derive(Default)]
struct Found {
    files: Vec<Vec<u8>>,
    bytes: usize,
    names: usize,
}

impl Found {
    /// A node of the tree holds names and what they stand for, or further nodes.
    fn walk(&mut self, document: &Document, node: &Dictionary, depth: usize) -> Result<(), PaperError> {
        for pair in array(document, node, b"Names").chunks_exact(2) {
            self.count()?;
            let file = document
                .dereference(&pair[1])
                .ok()
                .and_then(|(_, object)| object.as_dict().ok());
            if let Some(file) = file {
                self.take(document, file)?;
            }
        }
        for child in array(document, node, b"Kids") {
            self.count()?;
            if depth == DEEPEST {
                return Err(PaperError::Damaged);
            }
            let child = document
                .dereference(child)
                .ok()
                .and_then(|(_, object)| object.as_dict().ok());
            if let Some(child) = child {
                self.walk(document, child, depth + 1)?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), PaperError> {
        self.names += 1;
        if self.names > MOST_NAMES {
            Err(PaperError::Damaged)
        } else {
            Ok(())
        }
    }

    fn take(&mut self, document: &Document, file: &Dictionary) -> Result<(), PaperError> {
        let name = [b"UF".as_slice(), b"F"]
            .into_iter()
            .find_map(|key| file.get_deref(key, document).ok())
            .and_then(|name| lopdf::decode_text_string(name).ok());
        if !name.is_some_and(|name| is_ours(&name)) {
            return Ok(());
        }
        let stream = dictionary(document, file, b"EF")
            .and_then(|streams| streams.get_deref(b"F", document).ok())
            .and_then(|object| object.as_stream().ok())
            .ok_or(PaperError::Damaged)?;
        let bytes = stream
            .decompressed_content_with_limit(MOST_UNPACKED)
            .map_err(|_| PaperError::Damaged)?;
        self.bytes += bytes.len();
        if self.bytes > MOST_ATTACHED {
            return Err(PaperError::TooLarge {
                limit_megabytes: MOST_ATTACHED >> 20,
            });
        }
        self.files.push(bytes);
        Ok(())
    }
}
