//! Fonts, and typst at work.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::{AssessmentSheet, PaperError, RecommendationForm, assessment, form, text};

/// Made by `make assets`; which they are and why stands in `fonts/build.mjs`.
static EMBEDDED: [&[u8]; 4] = [
    include_bytes!("../../../fonts/dist/regular.ttf"),
    include_bytes!("../../../fonts/dist/bold.ttf"),
    include_bytes!("../../../fonts/dist/rare-hk.ttf"),
    include_bytes!("../../../fonts/dist/rare-jp.ttf"),
];

/// The embedded fonts, read once however many presses there are: it takes most of a second.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    EMBEDDED
        .iter()
        .flat_map(|bytes| Font::iter(Bytes::new(*bytes)))
        .collect()
});

/// Results that typst has not needed for this many documents are forgotten: what belongs to the template stays, what
/// belongs to a student goes, and memory does not grow.
const REMEMBERED_DOCUMENTS: usize = 5;

/// Makes papers. The fonts are read once; a clone costs nothing, and all may work at the same time.
#[derive(Clone)]
pub struct Press(Arc<Equipment>);

struct Equipment {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
    recommendation: Source,
    assessment: Source,
}

impl Press {
    /// Takes the embedded fonts, and after them whatever `.ttf`, `.otf` and `.ttc` files lie in `font_dir`: a character
    /// that is in none of the embedded ones is printed by the first of these, in order of file names, that has it. The
    /// folder need not exist.
    ///
    /// # Errors
    ///
    /// [`PaperError::Font`] for a file there that is no font, or cannot be read.
    pub fn open(font_dir: &Path) -> Result<Self, PaperError> {
        let mut fonts = FONTS.clone();
        for path in font_files(font_dir)? {
            let refused = |reason: String| PaperError::Font {
                path: path.clone(),
                reason,
            };
            let bytes = fs::read(&path).map_err(|error| refused(error.to_string()))?;
            let before = fonts.len();
            fonts.extend(Font::iter(Bytes::new(bytes)));
            if fonts.len() == before {
                return Err(refused("不是字体".into()));
            }
        }
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Ok(Self(Arc::new(Equipment {
            fonts,
            book,
            recommendation: template(
                "recommendation.typ",
                include_str!("../templates/recommendation.typ"),
            ),
            assessment: template("assessment.typ", include_str!("../templates/assessment.typ")),
        })))
    }

    /// Characters of `text` that no font here can print (emoji, very rare characters), each once, in order.
    pub fn unprintable(&self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for character in text::clean(text).chars() {
            let printable = character.is_whitespace()
                || missing.contains(&character)
                || self
                    .0
                    .fonts
                    .iter()
                    .any(|font| font.info().coverage.contains(u32::from(character)));
            if !printable {
                missing.push(character);
            }
        }
        missing
    }

    /// All forms as one PDF, in order, each beginning on a new page.
    ///
    /// # Errors
    ///
    /// [`PaperError::Photo`] names the form whose photo cannot be printed; [`PaperError::Nothing`] if there is no form.
    pub fn recommendation(&self, forms: &[RecommendationForm]) -> Result<Vec<u8>, PaperError> {
        self.print(&self.0.recommendation, form::inputs(forms)?)
    }

    /// The assessment of one college: a page, or more if its notes need them.
    ///
    /// # Errors
    ///
    /// [`PaperError::Layout`], which would be a mistake here.
    pub fn assessment(&self, sheet: &AssessmentSheet) -> Result<Vec<u8>, PaperError> {
        self.print(&self.0.assessment, assessment::inputs(sheet))
    }

    fn print(&self, template: &Source, inputs: Dict) -> Result<Vec<u8>, PaperError> {
        let desk = Desk {
            press: &self.0,
            template,
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
        };
        let pages = typst::compile::<PagedDocument>(&desk)
            .output
            .map_err(|errors| layout_error(&errors));
        let options = PdfOptions {
            creator: Smart::Custom(Some("Qihang".into())),
            ..PdfOptions::default()
        };
        let pdf =
            pages.and_then(|pages| typst_pdf::pdf(&pages, &options).map_err(|errors| layout_error(&errors)));
        comemo::evict(REMEMBERED_DOCUMENTS);
        pdf
    }
}

fn layout_error(errors: &[typst::diag::SourceDiagnostic]) -> PaperError {
    let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    PaperError::Layout(messages.join("; "))
}

fn font_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, PaperError> {
    let refused = |error: std::io::Error| PaperError::Font {
        path: folder.to_owned(),
        reason: error.to_string(),
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(refused)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(refused)?.path();
        let is_font = path.extension().is_some_and(|ending| {
            ["ttf", "otf", "ttc"]
                .iter()
                .any(|font| ending.eq_ignore_ascii_case(font))
        });
        if is_font {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn template(name: &str, text: &str) -> Source {
    let path = VirtualPath::new(name).expect("the name of a template is a plain file name");
    Source::new(
        FileId::new(RootedPath::new(VirtualRoot::Project, path)),
        text.into(),
    )
}

/// All that a template can see while one document is made: its own text, the fonts, and the data.
struct Desk<'a> {
    press: &'a Equipment,
    template: &'a Source,
    library: LazyHash<Library>,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
