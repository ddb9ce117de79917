//! What can be imported: one definition a dataset, from which the recognition of headings, the validation, the template
//! and the help text all come (R13a, R14).

use qihang_standards::codes::CodeTable;

use super::fields::{MAJORS, OFFICERS, STUDENTS, UNITS};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dataset {
    /// 院系.
    Units,
    /// 专业.
    Majors,
    /// 学生.
    Students,
    /// 工作人员账号.
    Officers,
}

/// One column of a dataset.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name in the database, the history and addresses.
    pub(crate) name: &'static str,
    /// The heading on screen and in the template.
    pub(crate) heading: &'static str,
    /// Other headings that are understood, the best first: where a file has several of them, the first that is filled counts.
    pub(crate) also: &'static [&'static str],
    /// What stands in it.
    pub(crate) kind: Kind,
    /// Whether a new record needs it.
    pub(crate) required: bool,
    /// What to write, for the template and the mapping screen.
    pub(crate) help: &'static str,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A number or code that names something: letters and digits, no spaces.
    Identifier,
    /// 证件号: as an identifier, with X for x.
    IdentityNo,
    /// A login: an identifier in lower case.
    Login,
    /// Words.
    Text,
    /// A national code table: code or name.
    Coded(&'static CodeTable),
    /// 本科生, 研究生.
    StudentType,
    /// 本科, 硕士, 博士.
    DegreeLevel,
    /// 在读, 休学 ….
    StudyStatus,
    /// GB/T 2260 code, or the full name.
    Place,
    /// A day.
    Date,
    /// Years, or half years.
    Length,
    /// A year.
    Year,
    /// 书院 or 学院.
    CollegeType,
    /// 角色.
    Role,
    /// A 学院 by code or name.
    School,
    /// A 书院 by code or name; an unknown one is kept as found.
    Residence,
    /// Any 院 by code or name.
    Unit,
    /// A 专业 by code or name.
    Major,
}

impl Kind {
    /// Whether a 院 stands in it.
    pub(crate) const fn is_college(self) -> bool {
        matches!(self, Self::School | Self::Residence | Self::Unit)
    }

    /// Whether a 专业 stands in it.
    pub(crate) const fn is_major(self) -> bool {
        matches!(self, Self::Major)
    }
}

impl Dataset {
    /// All of them, in the order in which they have to be imported.
    pub const ALL: &'static [Self] = &[Self::Units, Self::Majors, Self::Students, Self::Officers];

    /// The word in addresses, commands and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Majors => "majors",
            Self::Students => "students",
            Self::Officers => "officers",
        }
    }

    /// The word on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Units => "院系",
            Self::Majors => "专业",
            Self::Students => "学生",
            Self::Officers => "工作人员",
        }
    }

    /// The dataset with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|dataset| dataset.code() == code)
    }

    /// Its columns.
    pub(crate) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Units => UNITS,
            Self::Majors => MAJORS,
            Self::Students => STUDENTS,
            Self::Officers => OFFICERS,
        }
    }

    /// Where the field with this name stands.
    pub(crate) fn index_of(self, name: &str) -> Option<usize> {
        self.fields().iter().position(|field| field.name == name)
    }

    /// The fields by which a person knows a new record again in a preview; the rest would make every first load a copy of
    /// the file.
    pub(crate) const fn headline(self) -> &'static [&'static str] {
        match self {
            Self::Units => &["name", "kind", "campus"],
            Self::Majors => &["name", "college", "degree_level", "length"],
            Self::Students => &["name", "school", "major", "admission_year"],
            Self::Officers => &["name", "role", "unit"],
        }
    }

    /// Whether records that a complete file no longer has are marked (students) or ended (roles of a 院). 院 and 专业 stay:
    /// students hang on them.
    pub(crate) const fn can_vanish(self) -> bool {
        match self {
            Self::Students | Self::Officers => true,
            Self::Units | Self::Majors => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_heading_of_a_dataset_means_two_fields() {
        for dataset in Dataset::ALL {
            let mut seen = HashSet::new();
            for field in dataset.fields() {
                for heading in field.also.iter().chain([&field.heading]) {
                    let key = qihang_sheet::heading_key(heading);
                    assert!(seen.insert(key), "{heading} stands twice in {}", dataset.code());
                }
            }
            assert!(dataset.fields().len() <= 32, "a FieldSet has 32 places");
        }
    }
}
