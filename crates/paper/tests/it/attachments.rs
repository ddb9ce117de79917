//! What a form carries comes out again as it went in; whatever else is read ends in an answer.

use proptest::prelude::*;
use qihang_paper::{AssessmentSheet, Check, PaperError, RecommendationForm, attachments};

use crate::reader;
use crate::sample::{PRESS, check, form};

fn with_attachment(bytes: &[u8]) -> RecommendationForm {
    RecommendationForm {
        photo: None,
        check: Some(Check {
            attachment: Some(bytes.to_vec()),
            ..check()
        }),
        ..form()
    }
}

#[test]
fn the_facts_of_one_form_come_out_as_they_went_in() {
    let facts: Vec<u8> = (0..=255).cycle().take(20_000).collect();

    let pdf = PRESS.recommendation(&[with_attachment(&facts)]).unwrap();

    assert_eq!(attachments(&pdf).unwrap(), [facts]);
    assert!(
        reader::about("pdfinfo", &pdf).contains("Pages"),
        "a reader of others opens it"
    );
}

#[test]
fn the_facts_of_a_class_come_out_in_order() {
    let mut forms: Vec<_> = (0..12)
        .map(|number| with_attachment(format!("{number}").as_bytes()))
        .collect();
    forms[3].check = None;

    let pdf = PRESS.recommendation(&forms).unwrap();

    let expected: Vec<_> = (0..12)
        .filter(|number| *number != 3)
        .map(|number| format!("{number}").into_bytes())
        .collect();
    assert_eq!(attachments(&pdf).unwrap(), expected);
}

#[test]
fn a_paper_without_facts_has_none() {
    let pdf = PRESS.assessment(&AssessmentSheet::default()).unwrap();

    assert!(attachments(&pdf).unwrap().is_empty());
}

#[test]
fn what_is_no_paper_of_ours_is_refused() {
    let pdf = PRESS.recommendation(&[with_attachment(b"facts")]).unwrap();

    assert!(matches!(attachments(b""), Err(PaperError::NotPdf)));
    assert!(matches!(
        attachments(b"PK\x03\x04 a workbook"),
        Err(PaperError::NotPdf)
    ));
    assert!(matches!(
        attachments(b"%PDF-1.7\nnothing"),
        Err(PaperError::Damaged)
    ));
    let mut large = pdf;
    large.resize(65 << 20, 0);
    assert!(matches!(attachments(&large), Err(PaperError::TooLarge { .. })));
}

#[test]
fn a_tree_of_names_without_an_end_is_refused() {
    let loops = b"%PDF-1.4\n\
        1 0 obj <</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 3 0 R>>>> endobj\n\
        2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj\n\
        3 0 obj <</Kids[3 0 R 3 0 R]>> endobj\n\
        trailer <</Root 1 0 R/Size 4>>\n%%EOF";

    assert!(matches!(attachments(loops), Err(PaperError::Damaged)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = attachments(&bytes);
        let _ = attachments(&[b"%PDF-1.7\n".as_slice(), &bytes, b"\nstartxref\n9\n%%EOF"].concat());
    }

    #[test]
    fn a_paper_with_bytes_changed_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        end in any::<prop::sample::Index>(),
    ) {
        static PDF: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| PRESS.recommendation(&[with_attachment(b"facts")]).unwrap());
        let mut pdf = PDF.clone();
        for (place, byte) in changes {
            let place = place.index(pdf.len());
            pdf[place] = byte;
        }

        let _ = attachments(&pdf);
        let _ = attachments(&pdf[..end.index(pdf.len())]);
    }
}
