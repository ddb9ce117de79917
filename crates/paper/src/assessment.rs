//! The assessment of one college (就业工作年度考核) on paper.

use typst::foundations::{Array, Dict, IntoValue};

use crate::form::dict;
use crate::text::{line, paragraphs};

/// What the sheet says.
#[derive(Debug, Clone, Default)]
pub struct AssessmentSheet {
    /// The title, such as “2027 届就业工作年度考核”.
    pub title: String,
    /// 院.
    pub college: String,
    /// The day of the figures, as it is written on the sheet.
    pub as_of: String,
    /// Item, numerator, denominator, share.
    pub rows: Vec<[String; 4]>,
    /// How the figures were counted; below the table, numbered.
    pub notes: Vec<String>,
}

pub(crate) fn inputs(sheet: &AssessmentSheet) -> Dict {
    let rows: Array = sheet
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| line(cell).into_value())
                .collect::<Array>()
                .into_value()
        })
        .collect();
    let notes: Array = sheet
        .notes
        .iter()
        .map(|note| paragraphs(note).join("").into_value())
        .collect();
    dict([
        ("title", line(&sheet.title).into_value()),
        ("college", line(&sheet.college).into_value()),
        ("as-of", line(&sheet.as_of).into_value()),
        ("rows", rows.into_value()),
        ("notes", notes.into_value()),
    ])
}
