//! The page of the photo, and the photo itself.

use askama::Template;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use qihang_db::entity::photo;

use super::picture::{MOST_BYTES, Part, PictureError};
use super::queries;
use super::rules::{self, PhotoError};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Student, policy};
use crate::files::FileError;
use crate::home;
use crate::web::{AppError, Flash, Path, StudentShell, html_with, instant_text, redirect};

const PATH: &str = "/portal/photo";

#[derive(Template)]
#[template(path = "portal/photo.html")]
struct PhotoPage {
    shell: StudentShell,
    uploaded_at: Option<String>,
    part: Part,
    mistake: Option<String>,
}

async fn page(
    app: &App,
    student: &Student,
    part: Part,
    mistake: Option<String>,
) -> Result<PhotoPage, AppError> {
    let photo = queries::find(app.db.reader(), &student.scope()).await?;
    Ok(PhotoPage {
        shell: home::student_shell(app, student).await?,
        uploaded_at: photo.map(|photo| instant_text(photo.uploaded_at)),
        part,
        mistake,
    })
}

pub(super) async fn show(State(app): State<App>, student: Student) -> Result<Response, AppError> {
    html_with(
        StatusCode::OK,
        &page(&app, &student, Part::default(), None).await?,
    )
}

pub(super) async fn upload(
    State(app): State<App>,
    student: Student,
    multipart: Multipart,
) -> Result<Response, AppError> {
    let (content, part) = receive(multipart).await?;
    let kept = match content {
        Ok(content) => rules::replace(&app, &student, content, part).await,
        Err(error) => Err(error.into()),
    };
    match kept {
        Ok(()) => {
            home::leave_flash(student.session(), Flash::success("照片已保存。")).await?;
            Ok(redirect(PATH))
        }
        Err(PhotoError::Picture(error)) => {
            let mistake = Some(error.message());
            html_with(MISTAKES, &page(&app, &student, part, mistake).await?)
        }
        Err(PhotoError::NotFound) => Err(AppError::NotFound),
        Err(PhotoError::Db(error)) => Err(error.into()),
        Err(error @ (PhotoError::File(_) | PhotoError::Stopped(_))) => Err(AppError::internal(error)),
    }
}

/// The file, as far as it may go, and the part of it to be kept.
async fn receive(mut multipart: Multipart) -> Result<(Result<Vec<u8>, PictureError>, Part), AppError> {
    let mut content = Err(PictureError::Empty);
    let mut part = Part::default();
    while let Some(field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "photo" => content = read(field).await?,
            "part" => {
                let code = field.text().await?;
                part = Part::from_code(&code)
                    .ok_or_else(|| AppError::BadRequest("没有这种裁剪方式。".into()))?;
            }
            _ => {}
        }
    }
    Ok((content, part))
}

/// Keeps no more than a photo may have, and reads the rest, so that the browser gets to hear the answer.
async fn read(mut field: Field<'_>) -> Result<Result<Vec<u8>, PictureError>, AppError> {
    let mut content = Vec::new();
    let mut is_too_large = false;
    while let Some(chunk) = field.chunk().await? {
        is_too_large |= content.len() + chunk.len() > MOST_BYTES;
        if !is_too_large {
            content.extend_from_slice(&chunk);
        }
    }
    Ok(if is_too_large {
        Err(PictureError::TooLarge)
    } else {
        Ok(content)
    })
}

/// The own photo.
pub(super) async fn own_image(
    State(app): State<App>,
    student: Student,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let photo = queries::find(app.db.reader(), &student.scope()).await?;
    send(&app, photo, &headers).await
}

/// The photo of a student whom the officer answers for.
pub(super) async fn image(
    State(app): State<App>,
    can: Can<policy::ViewRoster>,
    Path(student_id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let photo = queries::find_of(app.db.reader(), can.scope(), student_id).await?;
    send(&app, photo, &headers).await
}

/// Sends a photo; to a browser that has it already, the word that it is the same. It is asked for each time, because
/// another may be signed in by then.
async fn send(app: &App, photo: Option<photo::Model>, headers: &HeaderMap) -> Result<Response, AppError> {
    let photo = photo.ok_or(AppError::NotFound)?;
    let tag = format!("\"{}\"", photo.digest);
    let tag = HeaderValue::from_str(&tag).map_err(AppError::internal)?;
    let cached = [
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        ),
        (header::ETAG, tag.clone()),
    ];
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, cached).into_response());
    }
    match app.files.get(&photo.file_key).await {
        Ok(content) => {
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"))];
            Ok((cached, kind, content).into_response())
        }
        // Replaced a moment ago, or the folder of files was not restored with the database.
        Err(FileError::NotFound) => Err(AppError::NotFound),
        Err(error) => Err(AppError::internal(error)),
    }
}
