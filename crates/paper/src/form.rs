//! The recommendation form (毕业生就业推荐表): which words stand in which cell.

use std::io::Cursor;

use fast_qr::convert::Builder as _;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use image::{ImageFormat, ImageReader};
use typst::foundations::{Array, Bytes, Dict, IntoValue, Value};

use crate::text::{line, paragraphs, print_length};
use crate::{PaperError, attachment};

/// One form of one student.
#[derive(Debug, Clone, Default)]
pub struct RecommendationForm {
    /// The university's name, above the title.
    pub university: String,
    /// 届.
    pub class_year: i32,
    /// 编号; a draft has none.
    pub form_no: Option<String>,
    /// The date that stands at the head of the form, as it is written there.
    pub date: Option<String>,
    /// Label and value: 姓名, 性别, … in order, two pairs a line, the first lines beside the photo.
    pub facts: Vec<(String, String)>,
    /// A JPEG or PNG; `None` leaves the place empty.
    pub photo: Option<Vec<u8>>,
    /// Heading and text of what the student wrote.
    pub sections: Vec<(String, String)>,
    /// 院系推荐意见; `None` leaves the place empty.
    pub college_opinion: Option<String>,
    /// How an employer checks the form. `None` is a draft: 草稿 stands across every page.
    pub check: Option<Check>,
}

/// How an employer checks a form.
#[derive(Debug, Clone)]
pub struct Check {
    /// What the QR code holds: the address of the public check.
    pub url: String,
    /// 核验码, for whoever types it in.
    pub code: String,
    /// The signed facts, which travel inside the PDF: see [`crate::attachments`].
    pub attachment: Option<Vec<u8>>,
}

/// Lines of the table that stand beside the photo: together they are as high as it is.
const LINES_BESIDE_PHOTO: usize = 5;
/// A longer value has a line to itself: what two lines of half the table hold.
const LONGEST_BESIDE_ANOTHER: usize = 22;
/// How many characters a line of a text holds, about; the first of a paragraph holds two less.
const LINE: usize = 36;
/// A text of more lines may be divided by the end of a page; a shorter one stays together, an opinion with its seal.
const MOST_UNDIVIDED_LINES: usize = 12;
/// No photo of 35 × 45 mm needs more, and unpacked it would fill the memory.
const MOST_PIXELS: u64 = 40_000_000;

pub(crate) fn inputs(forms: &[RecommendationForm]) -> Result<Dict, PaperError> {
    let (Some(first), count) = (forms.first(), forms.len()) else {
        return Err(PaperError::Nothing);
    };
    let title = match count {
        1 => format!("毕业生就业推荐表 {}", name(first)),
        _ => format!("{} 届毕业生就业推荐表（{count} 份）", first.class_year),
    };
    let forms = forms
        .iter()
        .enumerate()
        .map(|(index, form)| one(form, index, count).map(Value::Dict))
        .collect::<Result<Array, _>>()?;
    Ok(dict([
        ("title", line(&title).into_value()),
        ("author", line(&first.university).into_value()),
        ("forms", forms.into_value()),
    ]))
}

fn one(form: &RecommendationForm, index: usize, count: usize) -> Result<Dict, PaperError> {
    let whose = || match &form.form_no {
        Some(number) => format!("编号 {number} 的推荐表"),
        None if count == 1 => "推荐表".into(),
        None => format!("第 {} 份推荐表", index + 1),
    };
    let photo = form
        .photo
        .as_deref()
        .map(|bytes| photo(bytes).ok_or_else(|| PaperError::Photo { form: whose() }));
    let check = form.check.as_ref().map(|check| {
        let qr = qr(&check.url).ok_or_else(|| PaperError::Address { form: whose() })?;
        Ok(dict([
            ("qr", qr),
            ("url", line(&check.url).into_value()),
            ("code", line(&check.code).into_value()),
            (
                "attachment",
                optional(
                    check
                        .attachment
                        .clone()
                        .map(|bytes| Bytes::new(bytes).into_value()),
                ),
            ),
            ("attachment-name", attachment::name(index, count).into_value()),
        ])
        .into_value())
    });
    let sections: Array = form
        .sections
        .iter()
        .map(|(heading, text)| {
            let paragraphs = paragraphs(text);
            dict([
                ("heading", line(heading).into_value()),
                ("divides", divides(&paragraphs).into_value()),
                ("text", array(paragraphs)),
            ])
            .into_value()
        })
        .collect();
    let opinion = paragraphs(form.college_opinion.as_deref().unwrap_or_default());
    Ok(dict([
        ("name", line(name(form)).into_value()),
        ("university", line(&form.university).into_value()),
        ("class-year", form.class_year.to_string().into_value()),
        (
            "number",
            optional(form.form_no.as_deref().map(|number| line(number).into_value())),
        ),
        (
            "date",
            optional(form.date.as_deref().map(|date| line(date).into_value())),
        ),
        ("lines", lines(&form.facts).into_value()),
        ("beside", LINES_BESIDE_PHOTO.into_value()),
        ("photo", optional(photo.transpose()?)),
        ("sections", sections.into_value()),
        ("opinion-divides", divides(&opinion).into_value()),
        ("opinion", array(opinion)),
        ("check", optional(check.transpose()?)),
    ]))
}

/// By which the form is found among the bookmarks of a class.
fn name(form: &RecommendationForm) -> &str {
    form.facts
        .iter()
        .find(|(label, _)| label == "姓名")
        .map_or("", |(_, value)| value)
}

/// The lines of the table: one or two pairs each, in order.
fn lines(facts: &[(String, String)]) -> Array {
    let mut lines: Vec<Vec<&(String, String)>> = Vec::new();
    let mut open = false;
    for fact in facts {
        let alone = print_length(&fact.1) > LONGEST_BESIDE_ANOTHER;
        match lines.last_mut() {
            Some(last) if open && !alone => last.push(fact),
            _ => lines.push(vec![fact]),
        }
        open = !alone && lines.last().is_some_and(|last| last.len() == 1);
    }
    lines
        .into_iter()
        .map(|pairs| {
            let pairs: Array = pairs
                .into_iter()
                .map(|(label, value)| {
                    dict([
                        ("label", line(label).into_value()),
                        ("value", line(value).into_value()),
                    ])
                    .into_value()
                })
                .collect();
            pairs.into_value()
        })
        .collect()
}

/// Whether a picture can be printed as the photo of a form: a JPEG or PNG, whole, and no larger than any photo is. A class is
/// printed without the forms whose photo is not; one such photo would otherwise keep all of them from the paper.
pub fn is_printable_photo(bytes: &[u8]) -> bool {
    photo(bytes).is_some()
}

/// A photo that can be printed; `None` otherwise. Typst would refuse it too, but without saying which one.
fn photo(bytes: &[u8]) -> Option<Value> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
        return None;
    }
    let (width, height) = reader.into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    // The whole of it: a photo whose second half is missing has good dimensions. Typst keeps what it has read, so
    // this costs nothing when the page is laid out.
    let bytes = Bytes::new(bytes.to_vec());
    let format = typst::visualize::ExchangeFormat::detect(&bytes)?;
    typst::visualize::RasterImage::plain(bytes.clone(), format).ok()?;
    Some(bytes.into_value())
}

/// The code as a drawing of squares. Level M: a crease through the paper does no harm.
fn qr(url: &str) -> Option<Value> {
    let code = QRBuilder::new(url).ecl(ECL::M).build().ok()?;
    // The quiet zone of four modules is part of the drawing, so that no rule of the table comes too close.
    let svg = SvgBuilder::default().margin(4).to_str(&code);
    Some(Bytes::from_string(svg).into_value())
}

pub(crate) fn dict<const N: usize>(entries: [(&str, Value); N]) -> Dict {
    entries
        .into_iter()
        .map(|(key, value)| (key.into(), value))
        .collect()
}

fn array(texts: Vec<String>) -> Value {
    texts
        .into_iter()
        .map(IntoValue::into_value)
        .collect::<Array>()
        .into_value()
}

/// Whether a text is too long to be kept on one page. It is judged here, roughly, because typst would have to lay it out
/// twice to know.
fn divides(paragraphs: &[String]) -> bool {
    let lines: usize = paragraphs
        .iter()
        .map(|paragraph| (print_length(paragraph) + 2).div_ceil(LINE))
        .sum();
    lines > MOST_UNDIVIDED_LINES
}

fn optional(value: Option<Value>) -> Value {
    value.unwrap_or(Value::None)
}
