//! Why a file cannot be read, for the log (English, `Display`) and for the person ([`ReadError::message`]).

use crate::text::column_letters;

/// Why a file is refused. Rows are counted as a spreadsheet shows them, columns from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system could not read the file.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The file is larger than allowed.
    #[error("the file has {size_bytes} bytes, more than {limit_bytes}")]
    TooLarge {
        /// Size of the file.
        size_bytes: u64,
        /// What is allowed.
        limit_bytes: u64,
    },
    /// The file has no content at all.
    #[error("the file is empty")]
    Empty,
    /// A password protects the workbook.
    #[error("the workbook is encrypted")]
    Encrypted,
    /// A workbook of Excel 97 to 2003 (`.xls`).
    #[error("an Excel 97-2003 workbook")]
    OldExcel,
    /// A binary workbook (`.xlsb`).
    #[error("a binary workbook (xlsb)")]
    BinaryExcel,
    /// A document of another program, such as Word.
    #[error("another kind of document: {kind}")]
    OtherDocument {
        /// What it is, in a word: `Word 文档`.
        kind: &'static str,
    },
    /// A web page or XML, which many systems call `.xls`.
    #[error("a web page or XML text, not a table")]
    WebPage,
    /// A picture.
    #[error("a picture")]
    Picture,
    /// A PDF.
    #[error("a PDF document")]
    Pdf,
    /// An archive that is no workbook.
    #[error("an archive, not a workbook")]
    Archive,
    /// Bytes that are no text: not a table.
    #[error("binary content, not a table")]
    Binary,
    /// The workbook is cut short or broken.
    #[error("the workbook is damaged: {detail}")]
    Damaged {
        /// What the library said, for the log.
        detail: String,
    },
    /// The workbook unpacks to more than allowed, or far more than its size suggests (a zip bomb).
    #[error("the workbook unpacks to too much: {detail}")]
    UnpacksTooLarge {
        /// Which part and which bound, for the log.
        detail: String,
    },
    /// The workbook has no worksheet that can be seen.
    #[error("the workbook has no visible worksheet")]
    NoSheet,
    /// There is no row with headings: every cell is blank.
    #[error("there is no heading row")]
    NoHeading,
    /// Two columns have the same heading.
    #[error("heading {heading:?} stands over columns {first} and {second}")]
    HeadingTwice {
        /// The heading, normalised.
        heading: String,
        /// Its first column.
        first: usize,
        /// Its second column.
        second: usize,
    },
    /// More columns than allowed.
    #[error("more than {limit} columns")]
    TooManyColumns {
        /// What is allowed.
        limit: usize,
    },
    /// More rows than allowed.
    #[error("more than {limit} rows")]
    TooManyRows {
        /// What is allowed.
        limit: usize,
    },
    /// A cell longer than allowed.
    #[error("the cell in row {row}, column {column} has more than {limit} characters")]
    CellTooLong {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// What is allowed, in characters.
        limit: usize,
    },
    /// A row longer than any sensible table has, all cells together.
    #[error("row {row} is too long")]
    RowTooLong {
        /// The row.
        row: usize,
    },
    /// The text is neither UTF-8 nor GB18030.
    #[error("line {line} is neither UTF-8 nor GB18030")]
    Encoding {
        /// The line of the text file where it stops making sense.
        line: usize,
    },
    /// A quoted cell of a CSV file is never closed.
    #[error("the quotation mark opened in row {row} is never closed")]
    UnclosedQuote {
        /// The row in which it opens.
        row: usize,
    },
}

impl ReadError {
    /// What is wrong, where, and what to do, for the person who brought the file.
    pub fn message(&self) -> String {
        const SAVE_AS: &str =
            "请用 Excel 或 WPS 打开原表，选“另存为”→“Excel 工作簿（*.xlsx）”，再上传另存后的文件。";
        match self {
            Self::Io(_) => "文件读取失败，请重新上传；若仍失败，请联系管理员。".into(),
            Self::TooLarge { size_bytes, limit_bytes } => format!(
                "文件有 {} MB，超过上限 {} MB。请删去图片和无关的工作表，或拆成几个文件分别上传。",
                size_bytes.div_ceil(1 << 20),
                limit_bytes >> 20
            ),
            Self::Empty => "文件是空的，一个字节也没有。请确认选对了文件，并重新保存后再上传。".into(),
            Self::Encrypted => {
                "工作簿设有打开密码，系统无法读取。请在 Excel 的“文件→信息→保护工作簿”中取消密码，保存后再上传。".into()
            }
            Self::OldExcel => format!("这是旧版 Excel 文件（.xls），系统读取 .xlsx 和 CSV。{SAVE_AS}"),
            Self::BinaryExcel => format!("这是二进制工作簿（.xlsb），系统读取 .xlsx 和 CSV。{SAVE_AS}"),
            Self::OtherDocument { kind } => format!("这是{kind}，不是 Excel 表格。请把表格放进 Excel，另存为 .xlsx 后再上传。"),
            Self::WebPage => format!("这个文件其实是网页或 XML（有些系统导出的“.xls”就是这样），不是真正的 Excel 表格。{SAVE_AS}"),
            Self::Picture => "这是一张图片，不是表格；改文件名不会把它变成表格。请上传 .xlsx 或 CSV 文件。".into(),
            Self::Pdf => "这是 PDF 文件，不是表格。请上传 .xlsx 或 CSV 文件。".into(),
            Self::Archive => "这是压缩包，不是 Excel 表格。请先解压，再上传里面的 .xlsx 或 CSV 文件。".into(),
            Self::Binary => "文件内容不是表格，也不是文本。请确认选对了文件；请上传 .xlsx 或 CSV 文件。".into(),
            Self::Damaged { .. } => format!("工作簿不完整或已损坏（可能没有传完，或保存时中断）。{SAVE_AS}"),
            Self::UnpacksTooLarge { .. } => {
                "工作簿解压后过大，已停止读取。请新建一个工作簿，只把需要的数据“粘贴为数值”进去，另存为 .xlsx 后再上传。".into()
            }
            Self::NoSheet => format!("工作簿里没有可见的工作表。请取消隐藏存有数据的工作表。{SAVE_AS}"),
            Self::NoHeading => "表格里没有内容。请在第一行写列名（如 学号、姓名），从第二行起每行一条数据，再上传。".into(),
            Self::HeadingTwice { heading, first, second } => format!(
                "列名“{heading}”出现了两次（{} 列和 {} 列）。请删去或改名其中一列，再上传。",
                column_letters(*first),
                column_letters(*second)
            ),
            Self::TooManyColumns { limit } => format!("表格超过 {limit} 列。请删去无关的列（包括右侧看似空白的列），再上传。"),
            Self::TooManyRows { limit } => format!("表格超过 {limit} 行。请拆成几个文件分别上传。"),
            Self::CellTooLong { row, column, limit } => format!(
                "第 {row} 行 {} 列的内容超过 {limit} 个字。请缩短；若是 CSV，请检查这里的引号是否成对。",
                column_letters(*column)
            ),
            Self::RowTooLong { row } => {
                format!("第 {row} 行太长，不像一行数据。请检查这一行的引号是否成对、换行是否丢失，再上传。")
            }
            Self::Encoding { line } => format!(
                "第 {line} 行有无法识别的文字：文件既不是完整的 UTF-8，也不是 GB18030（GBK）编码。{SAVE_AS}"
            ),
            Self::UnclosedQuote { row } => format!("第 {row} 行的引号（\"）只有开头没有结尾。请补上或删去，再上传。"),
        }
    }

    pub(crate) fn damaged(cause: impl std::fmt::Display) -> Self {
        Self::Damaged {
            detail: cause.to_string(),
        }
    }
}
