//! The template of a list, and reading it back: both from [`MemberField`].

use std::fs::File;
use std::path::Path;

use qihang_sheet::template::{Field, template};
use qihang_sheet::{AnnotateError, Limits, ReadError, WriteError, annotate, heading_key, open};

use super::edit::MOST;
use super::model::{Member, MemberField, Mistakes, Typed};

/// The sheet of the template.
const SHEET: &str = "就业工作领导小组";

/// The heading of the column of reasons in the person's own file.
const REASONS: &str = "原因";

/// Rows of a file that are read at the most; more than a group can have, so that it can be said how many there are.
const ROWS: usize = 500;

fn limits() -> Limits {
    Limits {
        file_bytes: 5 << 20,
        rows: ROWS,
        columns: 64,
        cell_chars: 500,
        unpacked_bytes: 50 << 20,
        ..Limits::default()
    }
}

/// Writes the template: drop-down lists, an example that is passed over when it is read back, help at every cell.
///
/// # Errors
///
/// Where the destination does not take it.
pub fn write_template(out: File) -> Result<(), WriteError> {
    let fields = MemberField::ALL.map(|field| Field {
        heading: field.heading().to_owned(),
        width: field.width(),
        is_required: true,
        help: field.help().to_owned(),
        choices: field.choices().map(str::to_owned).collect(),
        example: field.example().to_owned(),
    });
    let mut notes: Vec<(String, String)> = MemberField::ALL
        .iter()
        .map(|field| (field.heading().to_owned(), format!("必填；{}", field.help())))
        .collect();
    notes.push((
        "示例行".to_owned(),
        "第 2 行是示例，上传时自动跳过，可以删去；从第 3 行起一行一名成员，按顺序填写。".to_owned(),
    ));
    notes.push(("人数".to_owned(), format!("最多 {MOST} 人，有且只有一名组长。")));
    let rows = u32::try_from(MOST).unwrap_or(u32::MAX);
    template(out, SHEET, &fields, rows, &notes)
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// As a spreadsheet counts it.
    pub number: usize,
    /// What it says.
    pub typed: Typed,
    /// The member, or what is wrong, by field.
    pub read: Result<Member, Mistakes>,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is no table, or too large.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// These headings are not there.
    #[error("headings are missing")]
    Headings(Vec<&'static str>),
    /// Nobody stands in it.
    #[error("the file has no rows")]
    Empty,
    /// More than a group can have.
    #[error("the file has {0} rows")]
    TooMany(usize),
    /// The answer could not be written.
    #[error(transparent)]
    Annotate(#[from] AnnotateError),
}

impl FileError {
    /// What is wrong and what to do, for the person.
    pub fn message(&self) -> String {
        match self {
            Self::Read(error) => error.message(),
            Self::Headings(missing) => format!(
                "文件第一行缺少这些列：{}。请使用模板，或把列名改成与模板一致。",
                missing.join("、")
            ),
            Self::Empty => {
                "文件里没有成员。请从第 3 行起一行填写一名成员（第 2 行是示例，会跳过）。".to_owned()
            }
            Self::TooMany(rows) => format!("文件里有 {rows} 名成员，一个小组最多 {MOST} 人。"),
            Self::Annotate(error) => error.message(),
        }
    }
}

/// Reads a filled-in template, or any table with its headings. The example is passed over.
///
/// # Errors
///
/// [`FileError`].
pub fn read(path: &Path) -> Result<Vec<FileRow>, FileError> {
    let mut reader = open(path, &limits())?;
    let keys: Vec<String> = reader
        .headings()
        .iter()
        .map(|heading| heading_key(heading))
        .collect();
    let column_of = |field: MemberField| {
        // The own heading before any other name of it, wherever they stand.
        let mut names = std::iter::once(field.heading()).chain(field.aliases().iter().copied());
        names.find_map(|name| keys.iter().position(|key| *key == heading_key(name)))
    };
    let columns = MemberField::ALL.map(|field| (field, column_of(field)));
    let missing: Vec<&'static str> = columns
        .iter()
        .filter(|(_, column)| column.is_none())
        .map(|(field, _)| field.heading())
        .collect();
    if !missing.is_empty() {
        return Err(FileError::Headings(missing));
    }
    let mut rows = Vec::new();
    for row in reader.by_ref() {
        let row = row?;
        let mut typed = Typed::default();
        let mut rounded = Vec::new();
        for (field, column) in columns
            .iter()
            .filter_map(|(field, column)| Some((*field, (*column)?)))
        {
            typed.set(field, row.text(column).trim().to_owned());
            if row.cells.get(column).is_some_and(qihang_sheet::Cell::rounded) {
                rounded.push((
                    field,
                    "Excel 已把数字改成科学计数，无法还原，请按文本重新填写".to_owned(),
                ));
            }
        }
        let is_blank = MemberField::ALL.iter().all(|field| typed.get(*field).is_empty());
        if is_blank || typed == Typed::example() {
            continue;
        }
        let read = match Member::parse(&typed) {
            read if rounded.is_empty() => read,
            read => {
                let is_rounded = |field| rounded.iter().any(|(at, _)| *at == field);
                let others = read.err().unwrap_or_default().into_iter();
                let mut mistakes: Mistakes = others.filter(|(field, _)| !is_rounded(*field)).collect();
                mistakes.append(&mut rounded);
                mistakes.sort();
                Err(mistakes)
            }
        };
        rows.push(FileRow {
            number: row.number,
            typed,
            read,
        });
    }
    match rows.len() {
        0 => Err(FileError::Empty),
        many if many > MOST => Err(FileError::TooMany(many)),
        _ => Ok(rows),
    }
}

/// What is wrong with a row in a sentence; `None` where nothing is.
fn reason(row: &FileRow) -> Option<String> {
    let mistakes = row.read.as_ref().err()?;
    let each: Vec<String> = mistakes
        .iter()
        .map(|(field, text)| format!("{}：{text}", field.heading()))
        .collect();
    Some(each.join("；"))
}

/// The person's own file with a column of reasons.
///
/// # Errors
///
/// [`FileError`].
pub fn answer(original: &Path, rows: &[FileRow], out: &Path) -> Result<(), FileError> {
    annotate(original, &limits(), out, REASONS, |number| {
        rows.iter().find(|row| row.number == number).and_then(reason)
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_reads_back_as_an_empty_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.xlsx");
        write_template(File::create(&path).unwrap()).unwrap();
        assert!(matches!(read(&path), Err(FileError::Empty)));
    }

    #[test]
    fn usual_headings_are_understood_and_mistakes_stand_at_their_cells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let text = "成员姓名,行政职务,职责,联系电话,电子邮箱\n\
                    甲,院长,组长,029-00000000,a@univ.example\n\
                    \n乙,书记,主席,1,b@univ.example\n";
        std::fs::write(&path, text).unwrap();

        let rows = read(&path).unwrap();

        assert_eq!(rows.len(), 2);
        assert!(rows[0].read.is_ok());
        let fields: Vec<_> = rows[1]
            .read
            .as_ref()
            .unwrap_err()
            .iter()
            .map(|(field, _)| *field)
            .collect();
        assert_eq!(fields, [MemberField::Role, MemberField::Telephone]);
        assert_eq!(rows[1].number, 4);
        let out = folder.path().join("answer.csv");
        answer(&path, &rows, &out).unwrap();
        let answer = std::fs::read_to_string(&out).unwrap();
        assert!(
            answer.contains("组内职责：只能是：组长、副组长、成员、联络员/秘书"),
            "{answer}"
        );
    }

    #[test]
    fn the_own_heading_goes_before_other_names_of_the_field() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let text = "行政职务,姓名,职务,组内职责,电话,邮箱\n\
                    不是这列,甲,院长,组长,029-00000000,a@univ.example\n";
        std::fs::write(&path, text).unwrap();

        let rows = read(&path).unwrap();

        assert_eq!(rows[0].read.as_ref().unwrap().post, "院长");
    }

    #[test]
    fn a_file_without_the_headings_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, "姓名,职务\n甲,院长\n").unwrap();
        let error = read(&path).unwrap_err();
        assert!(
            error.message().contains("组内职责、电话、邮箱"),
            "{}",
            error.message()
        );
    }
}
