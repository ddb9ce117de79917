//! When a student is expected to graduate (R5), and which 院 answers for whom. Pure.

use std::collections::{BTreeMap, BTreeSet};

use qihang_db::{CollegeKind, DegreeLevel, StudentType, StudyStatus};

/// Why a student's expected class year is what it is. Stored as its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// 在读, and admission year and length give the year.
    Expected,
    /// 博士: expected where a 采集名单 names them, which none does yet (R7).
    DoctoralUnlisted,
    /// The 学籍状态 has no expected class year (休学, 退学 …).
    Status(StudyStatus),
    /// The 学籍状态 is not one that is known.
    UnknownStatus,
    /// No length in the record nor with the major.
    NoLength,
    /// A complete import no longer held the student.
    Vanished,
}

impl Expectation {
    /// What stands in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::DoctoralUnlisted => "doctoral_unlisted",
            Self::Status(status) => status.code(),
            Self::UnknownStatus => "unknown_status",
            Self::NoLength => "no_length",
            Self::Vanished => "vanished",
        }
    }

    /// The value with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "expected" => Self::Expected,
            "doctoral_unlisted" => Self::DoctoralUnlisted,
            "unknown_status" => Self::UnknownStatus,
            "no_length" => Self::NoLength,
            "vanished" => Self::Vanished,
            other => Self::Status(StudyStatus::from_code(other)?),
        })
    }

    /// Why there is doubt, on screen; for `Expected` that there is none.
    pub fn label(self) -> String {
        match self {
            Self::Expected => "应毕业".into(),
            Self::DoctoralUnlisted => "博士生，尚未列入毕业信息采集名单".into(),
            Self::Status(status) => format!("学籍状态为{}", status.label()),
            Self::UnknownStatus => "学籍状态无法识别".into(),
            Self::NoLength => "没有学制，无法推算毕业年份".into(),
            Self::Vanished => "数据交换平台已不再提供该生".into(),
        }
    }
}

/// What decides when a student graduates.
#[derive(Clone, Debug)]
pub struct Prospect<'a> {
    /// 入学年份.
    pub admission_year: i32,
    /// 学制 in the student's own record, in half years.
    pub own_length: Option<i32>,
    /// 学制 of the major, in half years.
    pub major_length: Option<i32>,
    /// 学历: code, or text as found.
    pub degree_level: &'a str,
    /// 学籍状态: code, or text as found.
    pub study_status: &'a str,
    /// Whether a complete import no longer held the student.
    pub has_vanished: bool,
    /// The class year whose doctoral list names the student.
    pub listed_year: Option<i32>,
}

/// When a student is expected to graduate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// By admission year and length alone; for doctoral students the year of the list that names them.
    pub nominal_year: Option<i32>,
    /// The expected class year.
    pub year: Option<i32>,
    /// Why.
    pub why: Expectation,
}

/// The expected class year (R5): admission year plus length of the student's own record, the major's where there is
/// none; a half year counts as a whole one. Only who is 在读 has one. The programme adds nothing.
pub fn expected(prospect: &Prospect<'_>) -> Expected {
    let is_doctoral = DegreeLevel::from_code(prospect.degree_level) == Some(DegreeLevel::Doctor);
    let nominal_year = if is_doctoral {
        prospect.listed_year
    } else {
        prospect
            .own_length
            .or(prospect.major_length)
            .map(|half_years| prospect.admission_year + (half_years + 1) / 2)
    };
    let why = if prospect.has_vanished {
        Expectation::Vanished
    } else {
        match StudyStatus::from_code(prospect.study_status) {
            Some(StudyStatus::Active) if nominal_year.is_some() => Expectation::Expected,
            Some(StudyStatus::Active) if is_doctoral => Expectation::DoctoralUnlisted,
            Some(StudyStatus::Active) => Expectation::NoLength,
            Some(status) => Expectation::Status(status),
            None => Expectation::UnknownStatus,
        }
    };
    Expected {
        nominal_year,
        year: nominal_year.filter(|_| why == Expectation::Expected),
        why,
    }
}

/// Which student types each 院 answers for: `college_duty`, or the default where it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duties(BTreeMap<i64, BTreeSet<StudentType>>);

impl Duties {
    /// The duties as they stand in the table.
    pub fn new(rows: impl IntoIterator<Item = (i64, StudentType)>) -> Self {
        let mut duties = BTreeMap::<_, BTreeSet<_>>::new();
        for (college_id, student_type) in rows {
            duties.entry(college_id).or_default().insert(student_type);
        }
        Self(duties)
    }

    /// The default: where there is any 书院, the 书院 have the 本科生 and the 学院 the 研究生; otherwise the 学院 have all.
    pub fn default_for(kind: CollegeKind, any_residential: bool) -> &'static [StudentType] {
        match (kind, any_residential) {
            (CollegeKind::Residential, _) => &[StudentType::Undergraduate],
            (CollegeKind::School, true) => &[StudentType::Graduate],
            (CollegeKind::School, false) => &[StudentType::Undergraduate, StudentType::Graduate],
        }
    }

    /// Every 院 that has a duty, with the types.
    pub fn by_college(&self) -> impl Iterator<Item = (i64, &BTreeSet<StudentType>)> {
        self.0.iter().map(|(college_id, types)| (*college_id, types))
    }

    /// Whether the 院 answers for students of this type.
    pub fn covers(&self, college_id: i64, student_type: StudentType) -> bool {
        self.0
            .get(&college_id)
            .is_some_and(|types| types.contains(&student_type))
    }

    /// The 院 that answers for a student, and a second one where two do.
    ///
    /// The 书院 comes first. Nobody is left without a 院: who falls to none falls to the 学院.
    pub fn managing(
        &self,
        student_type: StudentType,
        school_id: i64,
        residence_id: Option<i64>,
    ) -> (i64, Option<i64>) {
        let residence = residence_id.filter(|id| self.covers(*id, student_type));
        let school_too = self.covers(school_id, student_type);
        match residence {
            Some(residence) => (residence, school_too.then_some(school_id)),
            None => (school_id, None),
        }
    }
}

/// The student type that decides who answers for a student: by 类型, or by 学历 where that cannot be read.
pub fn effective_type(student_type: &str, degree_level: &str) -> StudentType {
    StudentType::from_code(student_type).unwrap_or_else(|| match DegreeLevel::from_code(degree_level) {
        Some(DegreeLevel::Bachelor) => StudentType::Undergraduate,
        Some(DegreeLevel::Master | DegreeLevel::Doctor) | None => StudentType::Graduate,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prospect<'a>() -> Prospect<'a> {
        Prospect {
            admission_year: 2023,
            own_length: Some(8),
            major_length: Some(8),
            degree_level: "bachelor",
            study_status: "active",
            has_vanished: false,
            listed_year: None,
        }
    }

    #[test]
    fn four_years_after_admission_a_bachelor_is_expected() {
        assert_eq!(expected(&prospect()).year, Some(2027));
    }

    #[test]
    fn the_own_length_counts_before_the_majors() {
        let seven_year_medicine = Prospect {
            admission_year: 2020,
            own_length: Some(14),
            major_length: Some(10),
            ..prospect()
        };
        assert_eq!(expected(&seven_year_medicine).year, Some(2027));
        let no_own_length = Prospect {
            own_length: None,
            major_length: Some(10),
            ..prospect()
        };
        assert_eq!(expected(&no_own_length).year, Some(2028));
    }

    #[test]
    fn a_half_year_counts_as_a_whole_one() {
        let two_and_a_half = Prospect {
            admission_year: 2024,
            own_length: Some(5),
            degree_level: "master",
            ..prospect()
        };
        assert_eq!(expected(&two_and_a_half).year, Some(2027));
    }

    #[test]
    fn only_who_is_studying_is_expected() {
        for status in StudyStatus::ALL
            .iter()
            .filter(|status| **status != StudyStatus::Active)
        {
            let found = expected(&Prospect {
                study_status: status.code(),
                ..prospect()
            });
            assert_eq!((found.year, found.why), (None, Expectation::Status(*status)));
            assert_eq!(found.nominal_year, Some(2027));
        }
        assert_eq!(
            expected(&Prospect {
                study_status: "保留入学资格",
                ..prospect()
            })
            .why,
            Expectation::UnknownStatus
        );
        assert_eq!(
            expected(&Prospect {
                has_vanished: true,
                ..prospect()
            })
            .year,
            None
        );
    }

    #[test]
    fn a_doctoral_student_is_expected_where_a_list_names_them() {
        let doctor = Prospect {
            degree_level: "doctor",
            ..prospect()
        };
        assert_eq!(expected(&doctor).why, Expectation::DoctoralUnlisted);
        assert_eq!(
            expected(&Prospect {
                listed_year: Some(2028),
                ..doctor
            })
            .year,
            Some(2028)
        );
    }

    #[test]
    fn an_undergraduate_belongs_to_the_residential_college_and_falls_to_the_school_without_one() {
        use StudentType::{Graduate, Undergraduate};
        let duties = Duties::new([(1, Undergraduate), (10, Graduate)]);
        assert_eq!(duties.managing(Undergraduate, 10, Some(1)), (1, None));
        assert_eq!(duties.managing(Undergraduate, 10, None), (10, None));
        assert_eq!(duties.managing(Graduate, 10, None), (10, None));

        let school_too = Duties::new([(1, Undergraduate), (10, Graduate), (10, Undergraduate)]);
        assert_eq!(school_too.managing(Undergraduate, 10, Some(1)), (1, Some(10)));
    }

    proptest! {
        #[test]
        fn whoever_is_expected_is_studying_and_the_code_of_every_reason_reads_back(
            admission_year in 1990..2100i32,
            length in proptest::option::of(1..30i32),
            status in "active|suspended|graduated|别的",
            degree in "bachelor|master|doctor|别的",
            has_vanished: bool,
        ) {
            let found = expected(&Prospect {
                admission_year, own_length: length, major_length: None, degree_level: &degree, study_status: &status,
                has_vanished, listed_year: None,
            });
            prop_assert_eq!(found.year.is_some(), found.why == Expectation::Expected);
            if let Some(year) = found.year {
                prop_assert!(status == "active" && !has_vanished && year > admission_year);
            }
            prop_assert_eq!(Expectation::from_code(found.why.code()), Some(found.why));
        }

        #[test]
        fn every_student_has_a_college(types in proptest::collection::vec((0..4i64, any::<bool>()), 0..8), undergraduate: bool) {
            let kind = |is: bool| if is { StudentType::Undergraduate } else { StudentType::Graduate };
            let duties = Duties::new(types.into_iter().map(|(id, is)| (id, kind(is))));
            let (first, second) = duties.managing(kind(undergraduate), 3, Some(1));
            prop_assert!(first == 3 || first == 1);
            prop_assert_ne!(Some(first), second);
        }
    }
}
