//! The person's file: read within bounds, and given back with reasons.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use qihang_sheet::{AnnotateError, Limits, ReadError};
use sha2::{Digest, Sha256};

use crate::exchange::model::{Columns, Dataset, FileRow, KeyMissing, Mappings, PlanRow, REASON_HEADING};

/// A file that has been read.
#[derive(Clone, Debug)]
pub(crate) struct ImportFile {
    /// What it holds.
    pub(crate) dataset: Dataset,
    /// SHA-256 of the file, hex.
    pub(crate) digest: String,
    /// Which column is which field.
    pub(crate) columns: Columns,
    /// Its rows.
    pub(crate) rows: Vec<FileRow>,
}

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The file itself.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The column that tells records apart is missing.
    #[error("the column {} is missing", .0.heading)]
    NoKey(KeyMissing),
    /// Somebody asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl FileError {
    /// Whether whoever read it asked to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// For the person.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Read(error) => error.message(),
            Self::NoKey(missing) => format!(
                "文件里没有“{}”这一列，无法分辨记录。请在第一行写上列名；列名可参照模板，或在页面上指定对应的列。",
                missing.heading
            ),
            Self::Cancelled => "已取消，没有写入任何数据。".into(),
        }
    }
}

/// SHA-256 of a file as hexadecimal text.
pub(crate) fn digest(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Reads a whole file. To be run where blocking is allowed; `progress` hears the number of rows read, and may stop it.
pub(crate) fn read_file(
    path: &Path,
    dataset: Dataset,
    mappings: &Mappings,
    mut progress: impl FnMut(usize) -> ControlFlow<()>,
) -> Result<ImportFile, FileError> {
    let reader = qihang_sheet::open(path, &Limits::default())?;
    let digest = digest(path).map_err(ReadError::Io)?;
    let columns = Columns::recognise(dataset, reader.headings(), mappings);
    columns.check_key(dataset).map_err(FileError::NoKey)?;
    let mut rows = Vec::new();
    for row in reader {
        rows.push(FileRow::new(dataset, &columns, &row?));
        if rows.len().is_multiple_of(500) && progress(rows.len()).is_break() {
            return Err(FileError::Cancelled);
        }
    }
    Ok(ImportFile {
        dataset,
        digest,
        columns,
        rows,
    })
}

/// The headings of a file, without reading its rows.
pub(crate) fn headings(path: &Path) -> Result<Vec<String>, FileError> {
    Ok(qihang_sheet::open(path, &Limits::default())?.headings().to_vec())
}

/// Gives a file back with a column of reasons. To be run where blocking is allowed.
pub(crate) fn annotate(
    original: &Path,
    out: &Path,
    reasons: &HashMap<u32, String>,
) -> Result<usize, AnnotateError> {
    qihang_sheet::annotate(original, &Limits::default(), out, REASON_HEADING, |number| {
        reasons.get(&u32::try_from(number).ok()?).cloned()
    })
}

/// The reasons of a plan by row.
pub(crate) fn reasons(rows: &[PlanRow]) -> HashMap<u32, String> {
    rows.iter()
        .filter(|row| !row.reason.is_empty())
        .filter_map(|row| Some((row.number?, row.reason.clone())))
        .collect()
}
