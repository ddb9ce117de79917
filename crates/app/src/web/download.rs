//! Files that the browser saves, and pages that it may keep.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

use super::AppError;

/// The header that makes the browser save a file, under a name in any script (RFC 6266).
pub fn content_disposition(name: &str) -> String {
    use std::fmt::Write;
    let encoded = name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    format!("attachment; filename*=UTF-8''{encoded}")
}

/// A workbook that the browser saves; `write` fills it, on a thread that may wait for the disk.
///
/// # Errors
///
/// When it cannot be written; then nothing has been sent.
pub async fn xlsx(
    name: &str,
    write: impl FnOnce(std::fs::File) -> Result<(), qihang_sheet::WriteError> + Send + 'static,
) -> Result<Response, AppError> {
    let made = tokio::task::spawn_blocking(move || {
        let mut file = tempfile::tempfile()?;
        write(file.try_clone()?)?;
        std::io::Seek::rewind(&mut file)?;
        Ok::<_, qihang_sheet::WriteError>(file)
    });
    let file = made
        .await
        .map_err(AppError::internal)?
        .map_err(AppError::internal)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, content_disposition(name)),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok((headers, body).into_response())
}

/// The size of a file in words: `12 KB`, `3.4 MB`.
pub fn size_text(bytes: u64) -> String {
    let kilobytes = bytes.div_ceil(1024);
    if kilobytes < 1024 {
        format!("{kilobytes} KB")
    } else {
        format!("{}.{} MB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024)
    }
}

/// A page that is the same for everybody who has not signed in: a browser or a proxy may keep it for a minute. Whoever signs
/// in sends a cookie, and gets a page of the own.
pub fn for_a_minute(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    );
    headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    response
}

#[cfg(test)]
mod tests {
    use super::content_disposition;

    #[test]
    fn a_name_stays_a_name_whatever_is_in_it() {
        assert_eq!(
            content_disposition("甲\"; x=\"\r\n.pdf"),
            "attachment; filename*=UTF-8''%E7%94%B2%22%3B%20x%3D%22%0D%0A.pdf"
        );
    }
}
