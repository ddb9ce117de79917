//! Templates that people fill in: headings, a row as an example, drop-down lists, and a word of help at every cell.

use std::io::{BufWriter, Seek, Write};

use rust_xlsxwriter::{Color, DataValidation, Format, Workbook, XlsxError};

use crate::text::defuse;
use crate::write::{WriteError, clean, write_notes};

/// One column of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What stands over it; required ones get a star, which reading does not see.
    pub heading: String,
    /// Its width, in half-width characters.
    pub width: f64,
    /// Whether it must be filled in.
    pub is_required: bool,
    /// What to write, said when a cell is chosen: 255 characters at the most.
    pub help: String,
    /// The only values allowed; none means any.
    pub choices: Vec<String>,
    /// What stands in the row that is an example.
    pub example: String,
}

/// Writes a template with room for `rows` rows below the example. Every cell is a text, so that no telephone number loses its
/// first nought. A second sheet 说明 lists `notes`.
///
/// # Errors
///
/// Where the destination does not take it, or a text is too long for a spreadsheet.
pub fn template<W: Write + Seek + Send>(
    out: W,
    sheet_name: &str,
    fields: &[Field],
    rows: u32,
    notes: &[(String, String)],
) -> Result<(), WriteError> {
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_bold().set_num_format("@");
    let pale = Format::new()
        .set_italic()
        .set_font_color(Color::RGB(0x0066_6666))
        .set_num_format("@");
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name)?;
    for (field, at) in fields.iter().zip(0u16..) {
        let star = if field.is_required { "*" } else { "" };
        sheet.set_column_width(at, field.width)?;
        sheet.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, format!("{}{star}", clean(&defuse(&field.heading))), &bold)?;
        sheet.write_string_with_format(1, at, clean(&defuse(&field.example)), &pale)?;
        sheet.add_data_validation(2, at, rows + 1, at, &validation(field)?)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    write_notes(&mut book, notes)?;
    let mut out = BufWriter::new(out);
    book.save_to_writer(&mut out)?;
    out.flush()?;
    Ok(())
}

fn validation(field: &Field) -> Result<DataValidation, XlsxError> {
    let any = DataValidation::new();
    let validation = if field.choices.is_empty() {
        any
    } else {
        any.allow_list_strings(&field.choices)?
            .set_error_title("请从列表中选择")?
            .set_error_message(format!("只能填：{}", field.choices.join("、")))?
    };
    validation
        .set_input_title(&field.heading)?
        .set_input_message(&field.help)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::read::{Limits, open};

    #[test]
    fn a_template_reads_back_as_its_headings_and_its_example() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.xlsx");
        let field = |heading: &str, choices: &[&str], example: &str| Field {
            heading: heading.into(),
            width: 12.0,
            is_required: true,
            help: "怎么填".into(),
            choices: choices.iter().map(ToString::to_string).collect(),
            example: example.into(),
        };
        let fields = [
            field("职责", &["组长", "成员"], "组长"),
            field("电话", &[], "029-00000000"),
        ];
        let notes = [("职责".to_owned(), "必填".to_owned())];

        template(File::create(&path).unwrap(), "名单", &fields, 50, &notes).unwrap();

        let mut archive = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let mut xml = String::new();
        std::io::Read::read_to_string(
            &mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(),
            &mut xml,
        )
        .unwrap();
        assert!(
            xml.contains("组长,成员") && xml.contains("sqref=\"A3:A52\""),
            "{xml}"
        );
        let mut reader = open(&path, &Limits::default()).unwrap();
        assert_eq!(reader.sheet_name(), Some("名单"));
        let keys: Vec<String> = reader
            .headings()
            .iter()
            .map(|one| crate::heading_key(one))
            .collect();
        assert_eq!(keys, ["职责", "电话"].map(crate::heading_key));
        let row = reader.next().unwrap().unwrap();
        assert_eq!(
            (row.number, row.text(0), row.text(1)),
            (2, "组长", "029-00000000")
        );
        assert!(reader.next().is_none());
    }
}
