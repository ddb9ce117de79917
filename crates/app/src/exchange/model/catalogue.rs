//! 院 and 专业 as files name them: by code or by name.

use std::collections::HashMap;

use qihang_db::CollegeKind;
use qihang_sheet::normalise;

use super::dataset::Kind;
use super::value::display;

/// A 院.
#[derive(Clone, Debug)]
pub(crate) struct KnownCollege {
    /// Row id.
    pub(crate) id: i64,
    /// 院系代码.
    pub(crate) code: String,
    /// 院系名称.
    pub(crate) name: String,
    /// 书院 or 学院.
    pub(crate) kind: Option<CollegeKind>,
}

/// A 专业.
#[derive(Clone, Debug)]
pub(crate) struct KnownMajor {
    /// Row id.
    pub(crate) id: i64,
    /// 专业号.
    pub(crate) code: String,
    /// Code in the ministry's catalogue.
    pub(crate) national_code: String,
    /// 专业名称.
    pub(crate) name: String,
    /// The 学院.
    pub(crate) college_id: i64,
    /// 学历: code, or as found.
    pub(crate) degree_level: String,
    /// 学制 in half years.
    pub(crate) length_half_years: Option<i32>,
}

/// Why a name leads to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotFound {
    /// There is no such one.
    Unknown,
    /// There is one, but it is a 书院 where a 学院 is wanted, or the other way round.
    OtherKind,
    /// Several have this name.
    Ambiguous,
}

/// All 院 and 专业, to be found by code or name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    colleges: Vec<KnownCollege>,
    majors: Vec<KnownMajor>,
    college_by_code: HashMap<String, usize>,
    college_by_name: HashMap<String, Vec<usize>>,
    college_by_id: HashMap<i64, usize>,
    major_by_code: HashMap<String, usize>,
    majors_by_name: HashMap<String, Vec<usize>>,
    major_by_id: HashMap<i64, usize>,
}

impl Catalogue {
    /// A catalogue of these.
    pub(crate) fn new(colleges: Vec<KnownCollege>, majors: Vec<KnownMajor>) -> Self {
        let mut catalogue = Self::default();
        for (index, college) in colleges.iter().enumerate() {
            catalogue.college_by_code.insert(college.code.clone(), index);
            catalogue.college_by_id.insert(college.id, index);
            let names = catalogue.college_by_name.entry(normalise(&college.name));
            names.or_default().push(index);
        }
        for (index, major) in majors.iter().enumerate() {
            catalogue.major_by_code.insert(major.code.clone(), index);
            catalogue.major_by_id.insert(major.id, index);
            for name in [normalise(&major.name), major.national_code.clone()] {
                if !name.is_empty() {
                    catalogue.majors_by_name.entry(name).or_default().push(index);
                }
            }
        }
        catalogue.colleges = colleges;
        catalogue.majors = majors;
        catalogue
    }

    /// The 院 with this id.
    pub(crate) fn college(&self, id: i64) -> Option<&KnownCollege> {
        self.college_by_id.get(&id).map(|index| &self.colleges[*index])
    }

    /// The 专业 with this id.
    pub(crate) fn major(&self, id: i64) -> Option<&KnownMajor> {
        self.major_by_id.get(&id).map(|index| &self.majors[*index])
    }

    /// The 院 with exactly this code.
    pub(crate) fn college_by_code(&self, code: &str) -> Option<&KnownCollege> {
        self.college_by_code.get(code).map(|index| &self.colleges[*index])
    }

    /// The 专业 with exactly this code.
    pub(crate) fn major_by_code(&self, code: &str) -> Option<&KnownMajor> {
        self.major_by_code.get(code).map(|index| &self.majors[*index])
    }

    /// A stored value in words: the name of a 院 or a 专业, a date, a place.
    pub(crate) fn shown(&self, kind: Kind, stored: &str) -> String {
        let college = self.college_by_code(stored).filter(|_| kind.is_college());
        let major = self.major_by_code(stored).filter(|_| kind.is_major());
        match (college, major) {
            (Some(college), _) => college.name.clone(),
            (None, Some(major)) => major.name.clone(),
            (None, None) => display(kind, stored),
        }
    }

    /// The 院 that a file means, by code or by name. `kind` is the kind that is wanted, where it matters.
    pub(crate) fn find_college(
        &self,
        text: &str,
        kind: Option<CollegeKind>,
    ) -> Result<&KnownCollege, NotFound> {
        let fits = |college: &&KnownCollege| kind.is_none() || college.kind == kind;
        let code = normalise(text);
        if let Some(college) = self.college_by_code(&code) {
            return Some(college).filter(fits).ok_or(NotFound::OtherKind);
        }
        let named = self.college_by_name.get(&code).ok_or(NotFound::Unknown)?;
        let mut fitting = named.iter().map(|index| &self.colleges[*index]).filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(college), None) => Ok(college),
            (Some(_), Some(_)) => Err(NotFound::Ambiguous),
            (None, _) => Err(NotFound::OtherKind),
        }
    }

    /// The 书院 that a record names, if there is one.
    pub(crate) fn residence(&self, text: &str) -> Option<&KnownCollege> {
        if text.is_empty() {
            return None;
        }
        self.find_college(text, Some(CollegeKind::Residential)).ok()
    }

    /// The 专业 that a file means: by its code, or by name or ministry code within the 学院 and the level.
    pub(crate) fn find_major(
        &self,
        text: &str,
        college_id: i64,
        degree_level: &str,
    ) -> Result<&KnownMajor, NotFound> {
        let text = normalise(text);
        if let Some(major) = self.major_by_code(&text) {
            return Ok(major);
        }
        let named = self.majors_by_name.get(&text).ok_or(NotFound::Unknown)?;
        let named: Vec<&KnownMajor> = named
            .iter()
            .map(|index| &self.majors[*index])
            .filter(|major| major.college_id == college_id)
            .collect();
        let at_level: Vec<&KnownMajor> = named
            .iter()
            .copied()
            .filter(|major| major.degree_level == degree_level)
            .collect();
        // A record whose level cannot be read may still have a major that is the only one of its name.
        let level_is_known = qihang_db::DegreeLevel::from_code(degree_level).is_some();
        let candidates = if level_is_known { at_level } else { named };
        match candidates.as_slice() {
            [major] => Ok(major),
            [] => Err(NotFound::Unknown),
            _ => Err(NotFound::Ambiguous),
        }
    }
}
