//! Files in and out: the template, the upload with its preview, the person's own file with reasons.

use std::io::Write;

use askama::Template;
use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio_util::io::ReaderStream;

use super::Here;
use super::page::{Answer, MemberForm, answered, page};
use super::versions::{Line, lines};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::leadership::PATH;
use crate::leadership::edit::{Compared, Edit, compare, obstacles};
use crate::leadership::model::{Member, MemberField, Typed};
use crate::leadership::queries;
use crate::leadership::rules::{self, Seen};
use crate::leadership::sheet::{self, FileError, FileRow};
use crate::web::{AppError, Form, Path, Shell, content_disposition, html_with, xlsx};

/// The template.
pub(in crate::leadership) async fn template(
    _can: Can<policy::ReportLeadership>,
) -> Result<Response, AppError> {
    xlsx("就业工作领导小组名单模板.xlsx", sheet::write_template).await
}

/// A cell of the file, with what is wrong with it.
struct Cell {
    heading: &'static str,
    text: String,
    mistake: Option<String>,
}

struct PreviewRow {
    number: usize,
    cells: Vec<Cell>,
    is_good: bool,
}

#[derive(Template)]
#[template(path = "leadership/preview.html")]
struct PreviewPage {
    shell: Shell,
    college: String,
    href: String,
    year: i32,
    file_name: String,
    rows: Vec<PreviewRow>,
    good: usize,
    bad: usize,
    /// What would become of the list.
    changes: Vec<Line>,
    is_same: bool,
    obstacles: Vec<String>,
    seen: String,
    /// What would be written, for the form.
    kept: String,
}

/// What the form of the preview carries.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept(Vec<Typed>);

/// An uploaded form.
struct Upload {
    file_name: String,
    file: NamedTempFile,
    seen: String,
    /// Whether the person wants the own file back instead of a page.
    wants_file: bool,
}

/// Why an upload did not arrive, with the size that is allowed here.
fn unread(error: MultipartError) -> AppError {
    match AppError::from(error) {
        AppError::TooLarge(_) => {
            AppError::TooLarge("文件超过上限 5 MB。请删去图片和无关的工作表，再上传。".into())
        }
        other => other,
    }
}

async fn receive(mut multipart: Multipart) -> Result<Option<Upload>, AppError> {
    let mut upload = None;
    let (mut seen, mut wants_file) = (String::new(), false);
    while let Some(field) = multipart.next_field().await.map_err(unread)? {
        match field.name().unwrap_or_default() {
            "seen" => seen = field.text().await.map_err(unread)?,
            "answer" => wants_file = field.text().await.map_err(unread)? == "file",
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let content = field.bytes().await.map_err(unread)?;
                if name.is_empty() {
                    continue;
                }
                let mut file = NamedTempFile::new().map_err(AppError::internal)?;
                file.write_all(&content).map_err(AppError::internal)?;
                file.flush().map_err(AppError::internal)?;
                let name: String = name.chars().filter(|one| !one.is_control()).take(200).collect();
                upload = Some((name, file));
            }
            _ => {}
        }
    }
    Ok(upload.map(|(file_name, file)| Upload {
        file_name,
        file,
        seen,
        wants_file,
    }))
}

pub(in crate::leadership) async fn upload(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
    multipart: Multipart,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let refused = |text: String| Answer {
        refused: Some(text),
        status: MISTAKES,
        ..Answer::plain()
    };
    let Some(upload) = receive(multipart).await? else {
        return page(&app, &staff, &here, refused("请选择文件。".to_owned())).await;
    };
    let read = tokio::task::spawn_blocking(move || {
        let rows = sheet::read(upload.file.path());
        (upload, rows)
    });
    let (upload, rows) = read.await.map_err(AppError::internal)?;
    match rows {
        Ok(rows) if upload.wants_file => answer_file(upload, rows).await,
        Ok(rows) => preview(&app, &staff, &here, upload, rows).await,
        Err(error) => page(&app, &staff, &here, refused(error.message())).await,
    }
}

/// The person's own file with a column of reasons.
async fn answer_file(upload: Upload, rows: Vec<FileRow>) -> Result<Response, AppError> {
    let name = upload.file_name.clone();
    let made = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().map_err(AppError::internal)?;
        let out = folder.path().join("answer");
        sheet::answer(upload.file.path(), &rows, &out)
            .map_err(|error: FileError| AppError::Conflict(error.message()))?;
        // Once open, the file outlives its name and its folder.
        std::fs::File::open(&out).map_err(AppError::internal)
    });
    let file = made.await.map_err(AppError::internal)??;
    let name = match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.result.{ending}"),
        None => format!("{name}.result"),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name)),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok((headers, body).into_response())
}

async fn preview(
    app: &App,
    staff: &Staff,
    here: &Here,
    upload: Upload,
    rows: Vec<FileRow>,
) -> Result<Response, AppError> {
    let good: Vec<Member> = rows.iter().filter_map(|row| row.read.clone().ok()).collect();
    let current = queries::current(app.db.reader(), here.place).await?;
    let before = current.as_ref().map_or(&[][..], |report| &report.members);
    let compared = compare(before, &good);
    let is_same = before == good;
    let kept = Kept(good.iter().map(Member::typed).collect());
    let bad = rows.len() - good.len();
    let page = PreviewPage {
        shell: home::shell(app, staff, PATH).await?,
        college: here.college.name.clone(),
        href: here.href(),
        year: here.place.year,
        file_name: upload.file_name,
        good: good.len(),
        bad,
        changes: lines(
            compared
                .into_iter()
                .filter(|one| !matches!(one, Compared::Same(_)))
                .collect(),
        ),
        is_same,
        obstacles: obstacles(&good),
        rows: rows.iter().map(preview_row).collect(),
        seen: upload.seen,
        kept: serde_json::to_string(&kept).map_err(AppError::internal)?,
    };
    let status = if bad == 0 { StatusCode::OK } else { MISTAKES };
    html_with(status, &page)
}

fn preview_row(row: &FileRow) -> PreviewRow {
    let mistakes = row.read.as_ref().err();
    let cell = |field: MemberField| Cell {
        heading: field.heading(),
        text: row.typed.get(field).to_owned(),
        mistake: mistakes
            .and_then(|mistakes| mistakes.iter().find(|(at, _)| *at == field))
            .map(|(_, text)| text.clone()),
    };
    PreviewRow {
        number: row.number,
        cells: MemberField::ALL.map(cell).into(),
        is_good: row.read.is_ok(),
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::leadership) struct Accepted {
    seen: String,
    kept: String,
}

/// Writes what the preview showed as the draft.
pub(in crate::leadership) async fn replace(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path((year, code)): Path<(i32, String)>,
    Form(accepted): Form<Accepted>,
) -> Result<Response, AppError> {
    let here = Here::find(&app, &can, (year, &code)).await?;
    let strange = || AppError::BadRequest("提交的内容无法识别，请重新上传文件。".into());
    let kept: Kept = serde_json::from_str(&accepted.kept).map_err(|_| strange())?;
    // It was in the person's hands meanwhile: checked again.
    let members: Result<Vec<Member>, _> = kept.0.iter().map(Member::parse).collect();
    let members = members.map_err(|_| strange())?;
    let seen = Seen::from_text(&accepted.seen);
    let done = rules::edit(&app.db, &can, here.place, seen, Edit::Replace(members)).await;
    answered(
        &app,
        &staff,
        &here,
        (done, "已按文件写入草稿，请核对后报送。"),
        MemberForm::blank(),
    )
    .await
}
