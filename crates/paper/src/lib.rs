//! Official papers as PDF: the recommendation form (毕业生就业推荐表) and the sheet of the assessment (就业工作年度考核).
//!
//! Data in, bytes out. This crate knows nothing of Qihang: no database, no web, no clock. It lays out by typst, from the
//! templates in `templates/`, which a designer can read and change.
//!
//! * [`Press`]: the fonts, and what can be printed with them.
//! * [`attachments`]: the files that one of these papers carries.
//! * [`print_length`]: how long a text is on paper.
//! * [`is_printable_photo`]: whether a picture can stand on a form.
//!
//! What is deliberately absent: any way for data to become more than text. The templates are all the typst that is ever
//! evaluated; data reaches them as values, and no file, package or address can be read from there.
//!
//! ```text
//! RecommendationForm ─ form.rs: cells, paragraphs ─► sys.inputs ─ templates/*.typ ─► pages ─► PDF
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod assessment;
mod attachment;
mod error;
mod form;
mod press;
mod text;

pub use assessment::AssessmentSheet;
pub use attachment::attachments;
pub use error::PaperError;
pub use form::{Check, RecommendationForm, is_printable_photo};
pub use press::Press;
pub use text::print_length;
