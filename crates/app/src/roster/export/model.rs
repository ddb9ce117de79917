//! What an export is. Pure.

use qihang_sheet::WriteError;
use sea_orm::DbErr;

use crate::class_year::model::ClassYear;
use crate::roster::disclosure::rules::Purpose;
use crate::roster::list::columns::{Column, Identity};
use crate::roster::list::filter::{ListFilter, View};
use crate::roster::list::question::Question;

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An Excel workbook.
    Xlsx,
    /// UTF-8 with a mark, as Excel opens it without questions.
    Csv,
    /// dBASE in GBK, as provinces take it.
    Dbf,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Dbf];

    /// The code on the command line and in records, and the ending of the file.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Dbf => "dbf",
        }
    }

    /// The media type of such a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Dbf => "application/vnd.dbf",
        }
    }

    /// The format with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct Order {
    /// The roster.
    pub year: ClassYear,
    /// Which view the columns are of.
    pub view: View,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// Which rows, in which order.
    pub filter: ListFilter,
    /// The same as a query string, for the record.
    pub address: String,
    /// What kind of file.
    pub format: Format,
    /// What identity numbers are needed in full for; `None` masks them.
    pub purpose: Option<Purpose>,
}

impl Order {
    /// A workbook of what a question to the list answers.
    pub fn of(question: Question, columns: Vec<Column>, purpose: Option<Purpose>) -> Self {
        Self {
            year: question.year.year,
            view: question.view,
            columns,
            address: question.params.to_query(),
            filter: question.filter,
            format: Format::Xlsx,
            purpose,
        }
    }

    /// How identity numbers are written.
    pub fn identity(&self) -> Identity {
        if self.purpose.is_some() {
            Identity::InFull
        } else {
            Identity::Masked
        }
    }

    /// Whether identity numbers leave in full: a purpose was given, and the column is among those exported.
    pub fn discloses(&self) -> bool {
        self.purpose.is_some() && self.columns.contains(&Column::DocumentNo)
    }
}

/// A cell that the format cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence {
    /// 学号.
    pub student_no: String,
    /// Heading of the column.
    pub column: &'static str,
    /// What is wrong with it.
    pub why: Unfit,
}

/// Why a cell does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// GBK has no place for this character.
    NotInGbk(char),
    /// Longer than the field, in bytes of GBK.
    TooLong {
        /// Its length.
        length: usize,
        /// The most there is room for.
        limit: usize,
    },
}

impl Offence {
    /// For the person.
    pub fn message(&self) -> String {
        let (student_no, column) = (&self.student_no, self.column);
        match self.why {
            Unfit::NotInGbk(character) => format!(
                "{student_no} 的“{column}”含有“{character}”（U+{:04X}），GBK 字库中没有这个字",
                u32::from(character)
            ),
            Unfit::TooLong { length, limit } => {
                format!("{student_no} 的“{column}”长 {length} 字节，超过上限 {limit}")
            }
        }
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Cells that the format cannot hold: every one of them. Nothing was written.
    #[error("{} cells do not fit the format", .0.len())]
    Unfit(Vec<Offence>),
    /// The writer of the file.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The disk.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The task that writes ended before its work.
    #[error("writing was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Name of the file: `2027届生源信息_彭康书院_20261124.xlsx`.
pub fn file_name(order: &Order, whose: &str, day: chrono::NaiveDate) -> String {
    // A name of a 院 is the university's own words; what a file system cannot bear is left out.
    let whose: String = whose
        .chars()
        .filter(|character| !character.is_control() && !r#"/\:*?"<>|"#.contains(*character))
        .collect();
    format!(
        "{}届{}_{whose}_{}.{}",
        order.year,
        order.view.file_label(),
        day.format("%Y%m%d"),
        order.format.code()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_after_class_year_college_and_day() {
        let order = Order {
            year: ClassYear::new(2027).unwrap(),
            view: View::Info,
            columns: vec![Column::StudentNo],
            filter: ListFilter::default(),
            address: String::new(),
            format: Format::Xlsx,
            purpose: None,
        };
        let day = "2026-11-24".parse().unwrap();
        assert_eq!(
            file_name(&order, "彭康/书院", day),
            "2027届生源信息_彭康书院_20261124.xlsx"
        );
    }

    #[test]
    fn numbers_leave_in_full_only_for_a_purpose_and_only_if_their_column_does() {
        let order = |columns: &[Column], purpose: Option<&str>| Order {
            year: ClassYear::new(2027).unwrap(),
            view: View::Info,
            columns: columns.to_vec(),
            filter: ListFilter::default(),
            address: String::new(),
            format: Format::Csv,
            purpose: purpose.map(|text| Purpose::parse(text).unwrap()),
        };
        assert!(order(&[Column::DocumentNo], Some("核对")).discloses());
        assert!(!order(&[Column::Name], Some("核对")).discloses());
        assert!(!order(&[Column::DocumentNo], None).discloses());
    }
}
