//! What may be attached to a notice. Pure.

/// Bytes of a file at the most.
pub const BYTES: usize = 10 << 20;

/// Files of a notice at the most.
pub const MOST: usize = 10;

/// Characters of a name at the most, its ending included.
const NAME_LENGTH: usize = 100;

/// Ending, media type, and what the content may turn out to be. The office formats are told apart by their ending alone:
/// new ones are all zip archives, old ones all compound files, and not every writer leaves the marks that say which.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("pdf", "application/pdf", &["pdf"]),
    ("doc", "application/msword", OLD_OFFICE),
    ("xls", "application/vnd.ms-excel", OLD_OFFICE),
    ("ppt", "application/vnd.ms-powerpoint", OLD_OFFICE),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ZIP,
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ZIP,
    ),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ZIP,
    ),
    ("zip", "application/zip", &["zip"]),
    ("png", "image/png", &["png"]),
    ("jpg", "image/jpeg", &["jpg"]),
    ("jpeg", "image/jpeg", &["jpg"]),
];
const OLD_OFFICE: &[&str] = &["doc", "xls", "ppt"];
const ZIP: &[&str] = &["docx", "xlsx", "pptx", "zip"];

/// The endings, for the form.
pub fn endings() -> String {
    let endings: Vec<String> = KINDS.iter().map(|(ending, ..)| format!(".{ending}")).collect();
    endings.join(",")
}

/// Why a file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    /// None was chosen.
    #[error("no file")]
    Missing,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Larger than [`BYTES`].
    #[error("the file is too large")]
    TooLarge,
    /// Not one of the kinds that may be attached.
    #[error("the ending is not one of those allowed")]
    Ending,
    /// The content is something else than the ending says.
    #[error("the content is not what the ending says")]
    Content,
}

impl BadFile {
    /// For the person.
    pub fn message(self) -> String {
        match self {
            Self::Missing => "请选择文件。".into(),
            Self::Empty => "文件是空的，请检查后重新选择。".into(),
            Self::TooLarge => format!("文件超过 {} MB，请压缩或拆分后再上传。", BYTES >> 20),
            Self::Ending => "只能上传 PDF、Word、Excel、PPT、图片（PNG、JPG）或 ZIP 文件。".into(),
            Self::Content => "文件内容与扩展名不符，请用相应的软件打开另存后再上传。".into(),
        }
    }
}

/// The media type of a file that was accepted, by its name.
pub fn media_type(name: &str) -> &'static str {
    kind_of(name).map_or("application/octet-stream", |(_, media, _)| media)
}

fn kind_of(name: &str) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let (_, ending) = name.rsplit_once('.')?;
    KINDS
        .iter()
        .find(|(known, ..)| ending.eq_ignore_ascii_case(known))
}

/// Whether a file may be attached; answers the name it is kept under.
///
/// # Errors
///
/// [`BadFile`] says why not.
pub fn accept(name: &str, content: &[u8]) -> Result<String, BadFile> {
    let name = cleaned(name);
    if name.is_empty() {
        return Err(BadFile::Missing);
    }
    if content.is_empty() {
        return Err(BadFile::Empty);
    }
    if content.len() > BYTES {
        return Err(BadFile::TooLarge);
    }
    let (.., contents) = kind_of(&name).ok_or(BadFile::Ending)?;
    let found = infer::get(content).ok_or(BadFile::Content)?;
    if contents.contains(&found.extension()) {
        Ok(name)
    } else {
        Err(BadFile::Content)
    }
}

/// A name without folders, control characters and characters that turn the direction of writing, which make `exe.fdp` look
/// like `pdf.exe`; too long a one loses characters before its ending.
fn cleaned(name: &str) -> String {
    let turns = |one: char| matches!(one, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|one| !one.is_control() && !turns(*one))
        .collect();
    let clean = clean.trim().trim_start_matches('.');
    match clean.rsplit_once('.') {
        Some((stem, ending)) if !stem.trim().is_empty() && ending.len() < 10 => {
            let kept: String = stem
                .chars()
                .take(NAME_LENGTH.saturating_sub(ending.len() + 1))
                .collect();
            format!("{kept}.{ending}")
        }
        _ => clean.chars().take(NAME_LENGTH).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.4\n";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const ZIP_FILE: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.txt";
    const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0];

    #[test]
    fn what_offices_send_around_is_accepted() {
        for (name, content) in [
            ("通知.pdf", PDF),
            ("流程.PNG", PNG),
            ("名单.xlsx", ZIP_FILE),
            ("打包.zip", ZIP_FILE),
            ("旧表.xls", COMPOUND),
            ("旧文.doc", COMPOUND),
        ] {
            assert_eq!(accept(name, content), Ok(name.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_not_what_it_says_is_refused() {
        assert_eq!(
            accept("通知.pdf", b"<script>alert(1)</script>"),
            Err(BadFile::Content)
        );
        assert_eq!(accept("通知.pdf", b"MZ\x90\0"), Err(BadFile::Content));
        assert_eq!(accept("图.png", PDF), Err(BadFile::Content));
        assert_eq!(accept("页.html", PDF), Err(BadFile::Ending));
        assert_eq!(accept("宏.docm", ZIP_FILE), Err(BadFile::Ending));
        assert_eq!(accept("无扩展名", PDF), Err(BadFile::Ending));
        assert_eq!(accept("空.pdf", b""), Err(BadFile::Empty));
        assert_eq!(accept("", PDF), Err(BadFile::Missing));
        assert_eq!(
            accept("大.pdf", &[PDF, &vec![0; BYTES]].concat()),
            Err(BadFile::TooLarge)
        );
    }

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(accept("../../etc/通知.pdf", PDF).unwrap(), "通知.pdf");
        assert_eq!(accept("C:\\temp\\a\r\nb.pdf", PDF).unwrap(), "ab.pdf");
        assert_eq!(accept("\u{202e}fdp.甲.pdf", PDF).unwrap(), "fdp.甲.pdf");
        let long = format!("{}.pdf", "长".repeat(300));
        assert_eq!(accept(&long, PDF).unwrap().chars().count(), NAME_LENGTH);
    }
}
