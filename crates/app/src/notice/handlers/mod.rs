//! Pages of notices: `public` for readers, `manage` and `one` for authors, `readers` for who has read them.

pub(super) mod manage;
pub(super) mod one;
pub(super) mod public;
pub(super) mod readers;

mod form;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use qihang_db::entity::notice_attachment;

use super::attachment;
use crate::app::App;
use crate::auth::{Can, policy};
use crate::web::{AppError, content_disposition, size_text};

/// The page of all notices of an author.
const HERE: &str = "/manage/notices";

type May = Can<policy::WriteNotices>;

/// An attachment as pages show it.
pub(super) struct File {
    id: i64,
    name: String,
    size: String,
}

impl From<notice_attachment::Model> for File {
    fn from(row: notice_attachment::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            size: size_text(row.bytes.unsigned_abs()),
        }
    }
}

/// The file itself: to be saved, never to be shown by the browser, whatever it may take it for.
async fn download(app: &App, row: &notice_attachment::Model) -> Result<Response, AppError> {
    let content = app.files.get(&row.file_key).await.map_err(AppError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, attachment::media_type(&row.name).to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&row.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, content).into_response())
}
