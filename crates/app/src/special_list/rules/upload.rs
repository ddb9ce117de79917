//! Receiving a list: read within bounds, judged and compared; nothing follows from it yet.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use qihang_db::entity::college;
use qihang_db::{Action, AuditEvent, ClassYearState, ListKind, ListState, Scope};
use qihang_sheet::normalise;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::{Facts, ListError, MayManage, subject};
use crate::app::App;
use crate::class_year::{self, model::ClassYear};
use crate::exchange::model::{Dataset, FileRow, Mappings};
use crate::exchange::rules as exchange;
use crate::files::FileError;
use crate::school;
use crate::special_list::model::{Known, Line, Verdict, differences, judge};
use crate::special_list::queries::{self, NewList};

/// Rows of a list at the most.
const MOST_ROWS: usize = 100_000;
/// Characters of a 学号, of a name, of a 学院 at the most.
const LONGEST: usize = 64;

/// A list that has arrived.
#[derive(Debug)]
pub struct Upload {
    /// Which list.
    pub kind: ListKind,
    /// The class year.
    pub year: ClassYear,
    /// As the person named it.
    pub file_name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Why a list was not received.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The file cannot be read; the words are for the person.
    #[error("the file cannot be read: {0}")]
    File(String),
    /// The class year is not open.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// The file cannot be kept.
    #[error(transparent)]
    Keep(#[from] FileError),
    /// The disk.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl UploadError {
    /// For the person.
    pub fn message(&self) -> String {
        match self {
            Self::File(words) => words.clone(),
            Self::NotOpen(year) => format!("{year} 届没有开启或已关闭，请选择进行中的届别。"),
            Self::Keep(_) | Self::Io(_) => {
                "文件没有保存成功，请重新上传；若仍失败，请联系系统管理员。".into()
            }
            Self::Db(_) => "系统出现问题，没有写入任何数据，请稍后重试。".into(),
        }
    }
}

/// A list that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadedList {
    /// Its id.
    pub id: i64,
    /// Its version.
    pub version: i32,
}

/// A place for a file that is arriving.
///
/// # Errors
///
/// When there is none.
pub fn incoming(app: &App) -> std::io::Result<tempfile::NamedTempFile> {
    exchange::incoming(app)
}

/// A file that was read.
struct Contents {
    digest: String,
    lines: Vec<Line>,
}

fn line(row: &FileRow, colleges: &HashMap<String, i64>) -> Line {
    let at = |name: &str| {
        Dataset::Students
            .index_of(name)
            .map_or("", |index| row.cells.get(index))
    };
    let student_no = at("student_no");
    let is_rounded = Dataset::Students
        .index_of("student_no")
        .is_some_and(|index| row.rounded.contains(index));
    let broken = if let Some(column) = &row.surplus {
        Some(format!(
            "{column} 列有内容却没有列名，这一行可能错位，请对齐后再上传"
        ))
    } else if student_no.is_empty() {
        Some("学号为空".into())
    } else if is_rounded {
        Some("学号已被 Excel 按数字取整，末几位丢失，无法还原；请把该列设为文本格式，从原系统重新导出".into())
    } else if student_no.chars().count() > LONGEST {
        Some("内容过长，不是学号".into())
    } else {
        None
    };
    let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let college_found = short(at("school"));
    Line {
        number: i32::try_from(row.number).unwrap_or(i32::MAX),
        student_no: short(student_no),
        name: short(at("name")),
        college_id: colleges.get(&normalise(&college_found)).copied(),
        college_found,
        broken,
    }
}

/// To be run where blocking is allowed.
fn read(path: &Path, colleges: &HashMap<String, i64>) -> Result<Contents, UploadError> {
    let bounded = |rows: usize| {
        if rows > MOST_ROWS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let too_many = || {
        UploadError::File(format!(
            "名单超过 {MOST_ROWS} 行，不像一届的名单；请只保留本届学生，再上传。"
        ))
    };
    // The headings are those of the students of the data exchange: one definition says which spellings mean 学号 and 姓名.
    let file = match exchange::read_file(path, Dataset::Students, &Mappings::new(), bounded) {
        Ok(file) if file.rows.len() > MOST_ROWS => return Err(too_many()),
        Ok(file) => file,
        Err(error) if error.is_cancelled() => return Err(too_many()),
        Err(error) => return Err(UploadError::File(error.message())),
    };
    if file.rows.is_empty() {
        return Err(UploadError::File(
            "名单里只有列名，没有学生。请确认选对了文件和工作表，再上传。".into(),
        ));
    }
    Ok(Contents {
        digest: file.digest,
        lines: file.rows.iter().map(|row| line(row, colleges)).collect(),
    })
}

/// 院 by code and by name; a name that two have names none.
fn by_name(colleges: &[college::Model]) -> HashMap<String, i64> {
    let mut ids = HashMap::<String, Option<i64>>::new();
    for college in colleges {
        ids.entry(normalise(&college.name))
            .and_modify(|id| *id = None)
            .or_insert(Some(college.id));
    }
    let mut names: HashMap<String, i64> = ids
        .into_iter()
        .filter_map(|(name, id)| Some((name, id?)))
        .collect();
    names.extend(
        colleges
            .iter()
            .map(|college| (normalise(&college.code), college.id)),
    );
    names
}

/// Lines judged by the records as they are.
pub(super) struct Judged {
    pub(super) verdicts: Vec<Verdict>,
    /// By 学号.
    pub(super) known: HashMap<String, Known>,
}

/// Judges lines by the records as they are.
pub(super) async fn judged(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (kind, year): (ListKind, ClassYear),
    lines: &[Line],
) -> Result<Judged, DbErr> {
    let known = queries::known(connection, scope, year, lines).await?;
    let verdicts = judge(kind, year, lines, |student_no| known.get(student_no));
    Ok(Judged { verdicts, known })
}

pub(super) async fn is_open(connection: &impl ConnectionTrait, year: ClassYear) -> Result<bool, DbErr> {
    let found = class_year::queries::find(connection, year).await?;
    Ok(found.is_some_and(|details| details.state == ClassYearState::Open))
}

/// Reads the file of a list for a class year that is open.
async fn contents(app: &App, upload: &Upload) -> Result<Contents, UploadError> {
    let reader = app.db.reader();
    if !is_open(reader, upload.year).await? {
        return Err(UploadError::NotOpen(upload.year));
    }
    let colleges = by_name(&school::queries::colleges(reader).await?);
    let path = upload.path.clone();
    tokio::task::spawn_blocking(move || read(&path, &colleges))
        .await
        .map_err(std::io::Error::other)?
}

/// What a row of a file would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// The row that a spreadsheet shows.
    pub line: i32,
    /// What.
    pub verdict: Verdict,
}

/// Judges a list without keeping anything.
///
/// # Errors
///
/// [`UploadError`].
pub async fn survey(app: &App, can: &MayManage, upload: &Upload) -> Result<Vec<Surveyed>, UploadError> {
    let lines = contents(app, upload).await?.lines;
    let judged = judged(app.db.reader(), can.scope(), (upload.kind, upload.year), &lines).await?;
    Ok(lines
        .iter()
        .zip(judged.verdicts)
        .map(|(line, verdict)| Surveyed {
            line: line.number,
            verdict,
        })
        .collect())
}

/// Receives a list: keeps the file, judges its rows, and compares it with the version in force.
///
/// # Errors
///
/// [`UploadError`]; then nothing is kept.
pub async fn upload(app: &App, can: &MayManage, upload: Upload) -> Result<UploadedList, UploadError> {
    let contents = contents(app, &upload).await?;
    let content = tokio::fs::read(&upload.path).await?;
    let key = format!("special_list/{:032x}", rand::random::<u128>());
    // The file first: a row never names a file that is not there.
    app.files.put(&key, content).await?;
    let received = receive(app, can, &upload, contents, &key).await;
    if received.is_err() {
        forget(app, &key).await;
    }
    received
}

async fn receive(
    app: &App,
    can: &MayManage,
    upload: &Upload,
    contents: Contents,
    key: &str,
) -> Result<UploadedList, UploadError> {
    let Upload { kind, year, .. } = *upload;
    let Contents { digest, lines } = contents;
    // Judged before anything is locked: what it says may be old by the time of the commit anyway, which judges anew.
    let judged = judged(app.db.reader(), can.scope(), (kind, year), &lines).await?;
    let verdicts = judged.verdicts;
    let change = app.db.change(can.actor()).await?;
    let tx = change.tx();
    queries::lock_class_year(tx, year).await?;
    if !is_open(tx, year).await? {
        return Err(UploadError::NotOpen(year));
    }
    let base = queries::current(tx, kind, year.year())
        .await?
        .filter(|_| kind == ListKind::Doctoral);
    let differing = match &base {
        Some(base) => {
            let before = queries::before(tx, can.scope(), base.id).await?;
            differences(&lines, &verdicts, &before)
        }
        None => vec![None; lines.len()],
    };
    let version = queries::next_version(tx, kind, year).await?;
    let new = NewList {
        kind,
        year,
        version,
        base_id: base.map(|base| base.id),
        file_name: &upload.file_name,
        file_digest: &digest,
        file_key: key,
        by: can.account_id(),
    };
    let id = queries::insert(tx, new, change.now()).await?;
    let event = AuditEvent::new(Action::ListUploaded, subject(id)).after(json!({
        "kind": kind.code(), "class_year": year.year(), "version": version, "file_digest": digest, "rows": lines.len(),
    }));
    queries::insert_rows(tx, id, lines, verdicts, differing).await?;
    change.commit(event).await?;
    Ok(UploadedList { id, version })
}

/// Throws a list away that was not put in force, with its rows and its file: they hold personal data.
///
/// # Errors
///
/// [`ListError`]; then it is as it was.
pub async fn cancel(app: &App, can: &MayManage, id: i64) -> Result<(), ListError> {
    let change = app.db.change(can.actor()).await?;
    let list = queries::find(change.tx(), id).await?.ok_or(ListError::Unknown)?;
    let step = (ListState::Previewed, ListState::Cancelled);
    if !queries::claim(change.tx(), id, step, can.account_id(), change.now()).await? {
        return Err(ListError::WrongState);
    }
    queries::delete_rows(change.tx(), id).await?;
    let facts = Facts::of(&list)?;
    let event = AuditEvent::new(Action::ListCancelled, subject(id))
        .before(json!({"kind": facts.kind.code(), "class_year": facts.year.year(), "version": list.version}));
    change.commit(event).await?;
    forget(app, &list.file_key).await;
    Ok(())
}

/// A file that no list names does no harm but takes room; that it could not be taken away is no reason to fail.
async fn forget(app: &App, key: &str) {
    if let Err(error) = app.files.delete(key).await {
        tracing::warn!(file.key = key, cause = %error, "A file that nothing names is left behind.");
    }
}

/// The person's own file with a column 原因, and its name.
///
/// # Errors
///
/// [`UploadError`] when it is not there any more or cannot be written.
pub async fn answer(app: &App, can: &MayManage, id: i64) -> Result<Option<(String, Vec<u8>)>, UploadError> {
    let Some(list) = queries::find(app.db.reader(), id).await? else {
        return Ok(None);
    };
    let original = match app.files.get(&list.file_key).await {
        Ok(original) => original,
        Err(FileError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let reasons = queries::reasons(app.db.reader(), can.scope(), id).await?;
    let written = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("original"), folder.path().join("answer"));
        std::fs::write(&from, original)?;
        exchange::annotate(&from, &to, &reasons).map_err(|error| UploadError::File(error.message()))?;
        Ok::<_, UploadError>(std::fs::read(to)?)
    });
    let content = written.await.map_err(std::io::Error::other)??;
    Ok(Some((list.file_name, content)))
}
