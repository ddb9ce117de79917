//! Files that the browser saves, and pages that it may keep.

use axum::http::{HeaderValue, header};
use axum::response::Response;

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
