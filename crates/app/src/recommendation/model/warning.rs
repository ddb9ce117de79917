//! What an officer looks at more closely. A form with a warning is never approved in a batch.

use super::section::{RANK, length};

/// A section of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Code of the section.
    pub section: String,
    /// The words over it.
    pub heading: String,
    /// What stands there.
    pub body: String,
    /// So long it might be, in wide characters.
    pub most: usize,
}

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// 学习成绩/专业排名 is empty.
    RankMissing,
    /// A text is as long as it may be: perhaps something was left out.
    AtLimit(String),
    /// There is no photo to print.
    PhotoAbsent,
    /// The record is not what it was when the form was submitted.
    RecordChanged,
}

impl Warning {
    /// The words on screen.
    pub fn label(&self) -> String {
        match self {
            Self::RankMissing => "缺成绩或排名".into(),
            Self::AtLimit(heading) => format!("{heading}已写满"),
            Self::PhotoAbsent => "缺照片".into(),
            Self::RecordChanged => "基本信息有变".into(),
        }
    }
}

/// Whether there is a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Photo {
    /// There is.
    There,
    /// There is none.
    Absent,
}

/// Whether the record is what it was when the form was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// It is.
    Same,
    /// It is not.
    Changed,
}

/// What is to be looked at in a version. A class year without 学习成绩/专业排名 does not miss it.
pub fn warnings(texts: &[Text], photo: Photo, record: Record) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if texts
        .iter()
        .any(|text| text.section == RANK && text.body.is_empty())
    {
        warnings.push(Warning::RankMissing);
    }
    let full = texts.iter().filter(|text| length(&text.body) >= text.most);
    warnings.extend(full.map(|text| Warning::AtLimit(text.heading.clone())));
    if photo == Photo::Absent {
        warnings.push(Warning::PhotoAbsent);
    }
    if record == Record::Changed {
        warnings.push(Warning::RecordChanged);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(section: &str, body: &str) -> Text {
        Text {
            section: section.into(),
            heading: section.into(),
            body: body.into(),
            most: 4,
        }
    }

    #[test]
    fn each_warning_is_given_where_it_is_so_and_nowhere_else() {
        let whole = [text(RANK, "前三"), text("appraisal", "好")];
        assert_eq!(warnings(&whole, Photo::There, Record::Same), []);
        assert_eq!(
            warnings(&whole, Photo::Absent, Record::Changed),
            [Warning::PhotoAbsent, Warning::RecordChanged]
        );
        let empty = [text(RANK, ""), text("appraisal", "写满四字")];
        assert_eq!(
            warnings(&empty, Photo::There, Record::Same),
            [Warning::RankMissing, Warning::AtLimit("appraisal".into())]
        );
        assert_eq!(warnings(&[text("other", "")], Photo::There, Record::Same), []);
    }
}
