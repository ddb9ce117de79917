//! Files on their way in and out: the upload, the answer with reasons, the template.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use qihang_db::entity::import_batch;
use qihang_sheet::write;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use super::model::{Completeness, Dataset};
use super::rules::{self, Upload};
use crate::app::App;
use crate::web::{AppError, content_disposition};

/// Bytes of an uploaded file at the most, with a little for the form around it.
pub(crate) const UPLOAD_BYTES: usize = (64 << 20) + (1 << 20);

/// An upload form with a mistake.
pub(super) struct Mistake {
    pub dataset: Option<Dataset>,
    pub complete: bool,
    pub message: String,
}

impl From<MultipartError> for AppError {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge("文件超过上限 64 MB。请删去图片和无关的工作表，或拆成几个文件分别上传。".into())
        } else {
            Self::BadRequest("上传没有完成或格式不对，请重新选择文件上传。".into())
        }
    }
}

/// Receives the upload form; the file goes to the disk as it arrives.
pub(super) async fn receive(
    app: &App,
    mut multipart: Multipart,
) -> Result<Result<Upload, Mistake>, AppError> {
    let mut dataset = None;
    let mut complete = false;
    let mut file = None;
    while let Some(field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "dataset" => {
                let code = field.text().await?;
                if !code.is_empty() {
                    let known = Dataset::from_code(&code);
                    dataset = Some(known.ok_or_else(|| AppError::BadRequest("没有这类数据。".into()))?);
                }
            }
            "complete" => complete = field.text().await? == "1",
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let kept = keep(app, field).await?;
                file = Some((name, kept)).filter(|(name, _)| !name.is_empty());
            }
            _ => {}
        }
    }
    let message = match (&dataset, &file) {
        (None, _) => "请选择要导入的数据。",
        (_, None) => "请选择文件。",
        _ => "",
    };
    let (Some(dataset), Some((file_name, file))) = (dataset, file) else {
        return Ok(Err(Mistake {
            dataset,
            complete,
            message: message.into(),
        }));
    };
    Ok(Ok(Upload {
        dataset,
        completeness: if complete {
            Completeness::Complete
        } else {
            Completeness::Partial
        },
        file_name: file_name
            .chars()
            .filter(|one| !one.is_control())
            .take(200)
            .collect(),
        file,
    }))
}

async fn keep(app: &App, mut field: Field<'_>) -> Result<tempfile::NamedTempFile, AppError> {
    let file = rules::incoming(app).map_err(AppError::internal)?;
    let mut out = tokio::fs::File::from_std(file.reopen().map_err(AppError::internal)?);
    while let Some(chunk) = field.chunk().await? {
        out.write_all(&chunk).await.map_err(AppError::internal)?;
    }
    out.sync_all().await.map_err(AppError::internal)?;
    Ok(file)
}

/// A file to be saved by the browser, under a name in any script.
fn attachment(name: &str, kind: &'static str, file: std::fs::File) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(name)),
    ];
    let stream = ReaderStream::new(tokio::fs::File::from_std(file));
    (headers, Body::from_stream(stream)).into_response()
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `名单.csv` → `名单.result.csv`.
fn answer_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.result.{ending}"),
        None => format!("{name}.result"),
    }
}

/// The person's own file with a column of reasons.
pub(super) async fn answer_file(
    app: &App,
    batch: &import_batch::Model,
    reasons: HashMap<u32, String>,
) -> Result<Response, AppError> {
    let original = rules::file_of(app, batch.id);
    if !original.exists() {
        return Err(AppError::NotFound);
    }
    let made = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().map_err(AppError::internal)?;
        let out = folder.path().join("answer");
        rules::annotate(&original, &out, &reasons).map_err(|error| AppError::Conflict(error.message()))?;
        // Once open, the file outlives its name and its folder.
        std::fs::File::open(&out).map_err(AppError::internal)
    });
    let file = made.await.map_err(AppError::internal)??;
    let name = answer_name(&batch.file_name);
    let kind = if name.to_lowercase().ends_with(".xlsx") {
        XLSX
    } else {
        "text/csv"
    };
    Ok(attachment(&name, kind, file))
}

/// An empty workbook with the headings of a dataset, and a sheet that says what to write where.
pub(super) async fn template_file(dataset: Dataset) -> Result<Response, AppError> {
    let made = tokio::task::spawn_blocking(move || {
        let columns: Vec<write::Column> = dataset
            .fields()
            .iter()
            .map(|field| write::Column::new(field.heading, 18.0))
            .collect();
        let notes: Vec<(String, String)> = dataset
            .fields()
            .iter()
            .map(|field| {
                let need = if field.required { "必填；" } else { "" };
                (field.heading.to_owned(), format!("{need}{}", field.help))
            })
            .collect();
        let folder = tempfile::tempdir().map_err(AppError::internal)?;
        let path = folder.path().join("template");
        let out = std::fs::File::create(&path).map_err(AppError::internal)?;
        let writer = write::xlsx(out, dataset.label(), &columns, &notes).map_err(AppError::internal)?;
        writer.finish().map_err(AppError::internal)?;
        std::fs::File::open(&path).map_err(AppError::internal)
    });
    let file = made.await.map_err(AppError::internal)??;
    Ok(attachment(
        &format!("{}导入模板.xlsx", dataset.label()),
        XLSX,
        file,
    ))
}
