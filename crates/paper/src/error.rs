//! What can go wrong, in the words of whoever has to mend it.

use std::path::PathBuf;

/// Why there is no paper, or no attachment.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// A font of the operator's cannot be used.
    #[error("字体文件 {} 无法使用（{reason}），请换成完好的 .ttf 或 .otf 文件，或移出该目录", path.display())]
    Font {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A photo is no JPEG or PNG, is broken, or is far larger than any photo.
    #[error("{form}的照片无法打印（不是完好的 JPEG 或 PNG 图片），请重新上传照片")]
    Photo {
        /// Which form: its number, or where it stands among the others.
        form: String,
    },
    /// The address of the check does not fit into a QR code.
    #[error("{form}的核验网址过长，无法做成二维码，请检查系统的网址设置")]
    Address {
        /// Which form: its number, or where it stands among the others.
        form: String,
    },
    /// There is nothing to print.
    #[error("没有可打印的推荐表")]
    Nothing,
    /// The templates and the data do not go together: a mistake of this program.
    #[error("排版失败：{0}")]
    Layout(String),
    /// A file is larger than any that is made here.
    #[error("文件过大（超过 {limit_megabytes} MB），不是本系统打印的推荐表")]
    TooLarge {
        /// The limit that was passed.
        limit_megabytes: usize,
    },
    /// No PDF.
    #[error("不是 PDF 文件")]
    NotPdf,
    /// A PDF that cannot be read.
    #[error("PDF 文件已损坏，无法读取；请使用原始文件，不要另存或截取")]
    Damaged,
}
