//! Every kind is raised exactly when it should be, and a record without a fault raises none.

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use qihang::class_year::model::OriginDepth;
use qihang::findings::faults;
use qihang::findings::model::{Found, Kind, Severity, Standing, Subject, YearRules};
use qihang_db::How;
use qihang_db::entity::student;

const RULES: YearRules = YearRules {
    year: 2027,
    origin_depth: OriginDepth::City,
    any_residential: true,
    graduation_begun: false,
    has_doctoral_list: false,
};

/// An undergraduate without a fault, expected in 2027.
pub fn clean() -> student::Model {
    let now = DateTime::UNIX_EPOCH;
    student::Model {
        id: 1,
        student_no: "22300000001".into(),
        name: "卢宇玉".into(),
        sex: "1".into(),
        birth_date: "2003-06-07".into(),
        ethnic_group: "01".into(),
        political_status: "03".into(),
        marital_status: "10".into(),
        document_type: "1".into(),
        document_no: "350104200306075839".into(),
        origin: "610100".into(),
        exam_no: "22610112345678".into(),
        student_type: "undergraduate".into(),
        degree_level: "bachelor".into(),
        school_id: 1,
        residence_id: Some(2),
        residence_found: "S01".into(),
        major_id: 1,
        class_name: String::new(),
        admission_year: 2023,
        length_half_years: Some(8),
        length_found: "4".into(),
        training_mode: "1".into(),
        directed_unit: String::new(),
        study_status: "active".into(),
        programme: "普通".into(),
        counsellor: String::new(),
        mobile: String::new(),
        email: String::new(),
        college_id: 2,
        second_college_id: None,
        nominal_year: Some(2027),
        expected_year: Some(2027),
        expectation: "expected".into(),
        pinyin: String::new(),
        initials: String::new(),
        vanished_at: None,
        created_at: now,
        updated_at: now,
    }
}

fn judge(standing: Standing, rules: YearRules, change: impl FnOnce(&mut student::Model)) -> Vec<Found> {
    let mut student = clean();
    change(&mut student);
    let subject = Subject {
        student: &student,
        standing,
        holders: &[],
        doubles: &[],
        mended: &[],
        unit: None,
    };
    faults::of(&subject, rules)
}

/// The kinds found of somebody on the roster.
fn kinds(change: impl FnOnce(&mut student::Model)) -> Vec<Kind> {
    let found = judge(Standing::Listed(How::Officer), RULES, change);
    found.into_iter().map(|found| found.kind).collect()
}

/// No fault at all, though the record is unusual.
#[track_caller]
fn no_fault(change: impl FnOnce(&mut student::Model)) {
    assert_eq!(kinds(change), []);
}

#[test]
fn a_clean_record_on_the_roster_raises_nothing_and_off_it_only_the_omission() {
    no_fault(|_| {});
    let absent = judge(Standing::Absent, RULES, |_| {});
    assert_eq!(
        absent.iter().map(|found| found.kind).collect::<Vec<_>>(),
        [Kind::Omission]
    );
    assert!(judge(Standing::Elsewhere(2026), RULES, |_| {}).is_empty());
}

#[test]
fn what_is_unusual_but_right_is_no_fault() {
    no_fault(|student| student.class_name = "无".into());
    no_fault(|student| student.name = "范𡘊".into());
    no_fault(|student| student.length_half_years = Some(10));
    no_fault(|student| student.document_type = String::new());
    no_fault(|student| {
        student.sex = "2".into();
        student.birth_date = "1949-12-31".into();
        student.document_no = "11010519491231002x".into();
    });
    no_fault(|student| {
        student.document_type = "6".into();
        student.document_no = "H79270741".into();
        student.origin = "810000".into();
    });
    no_fault(|student| student.origin = "419001".into());
    no_fault(|student| student.origin = "110101".into());
    no_fault(|student| {
        student.training_mode = "2".into();
        student.directed_unit = "某县人民医院".into();
    });
    no_fault(|student| student.ethnic_group = "97".into());
}

#[test]
fn a_place_of_origin_must_be_known_and_deep_enough() {
    let at = |code: &'static str| kinds(move |student| student.origin = code.into());
    assert_eq!(at(""), [Kind::OriginMissing]);
    assert_eq!(at("610000"), [Kind::OriginProvinceOnly]);
    assert_eq!(at("310000"), [Kind::OriginDistrictMissing]);
    assert_eq!(at("110100"), [Kind::OriginDistrictMissing]);
    assert_eq!(at("999999"), [Kind::OriginUnknown]);
    assert_eq!(at("陕西"), [Kind::OriginUnknown]);
    assert_eq!(at("110103"), [Kind::OriginHistorical]);

    let found = judge(Standing::Listed(How::Officer), RULES, |student| {
        student.origin = "110103".into();
    });
    assert_eq!(found[0].kind.severity(), Severity::Info);
    assert!(found[0].reason.contains("110101"), "{}", found[0].reason);
}

#[test]
fn a_class_year_may_ask_for_counties() {
    let county = YearRules {
        origin_depth: OriginDepth::County,
        ..RULES
    };
    let found = judge(Standing::Listed(How::Officer), county, |_| {});
    assert_eq!(found[0].kind, Kind::OriginCountyMissing);
    let district = judge(Standing::Listed(How::Officer), county, |student| {
        student.origin = "610113".into();
    });
    assert!(district.is_empty());
}

#[test]
fn an_identity_number_is_judged_once_and_by_what_it_can_tell() {
    let number = |text: &'static str| kinds(move |student| student.document_no = text.into());
    assert_eq!(number(""), [Kind::IdentityMissing]);
    assert_eq!(number("35010420030607583"), [Kind::IdentityMalformed]);
    assert_eq!(number("35010420030607583A"), [Kind::IdentityMalformed]);
    assert_eq!(number("350104200302305839"), [Kind::IdentityMalformed]);
    // The check character is wrong, so the other birth date and sex in it say nothing.
    assert_eq!(number("110105194912310021"), [Kind::IdentityCheckDigit]);
    assert_eq!(
        number("11010519491231002X"),
        [Kind::IdentityBirthDate, Kind::IdentitySex]
    );
    assert_eq!(
        kinds(|student| student.birth_date = "2003-06-08".into()),
        [Kind::IdentityBirthDate]
    );
    assert_eq!(kinds(|student| student.sex = "2".into()), [Kind::IdentitySex]);
    assert_eq!(
        kinds(|student| student.document_type = "?".into()),
        [Kind::DocumentTypeUnknown]
    );
    assert_eq!(
        kinds(|student| student.document_type = "6".into()),
        [Kind::IdentityMalformed]
    );
}

#[test]
fn what_is_shown_of_an_identity_number_is_masked_and_what_is_kept_is_a_digest() {
    let found = judge(Standing::Listed(How::Officer), RULES, |student| {
        student.document_no = "110105194912310021".into();
    });
    assert_eq!(found[0].value, "1101************21");
    assert!(!format!("{found:?}").contains("110105194912310021"));
}

#[test]
fn fields_of_the_person_are_judged_by_their_tables() {
    assert_eq!(
        kinds(|student| student.birth_date = String::new()),
        [Kind::BirthDateMissing]
    );
    assert_eq!(
        kinds(|student| student.birth_date = "20030231".into()),
        [Kind::BirthDateInvalid]
    );
    for sex in ["", "0", "9", "男女"] {
        assert_eq!(kinds(|student| student.sex = sex.into()), [Kind::SexInvalid]);
    }
    for group in ["", "A1", "60"] {
        assert_eq!(
            kinds(|student| student.ethnic_group = group.into()),
            [Kind::EthnicInvalid]
        );
    }
    for status in ["", "99"] {
        assert_eq!(
            kinds(|student| student.political_status = status.into()),
            [Kind::PoliticalInvalid]
        );
        assert_eq!(
            kinds(|student| student.marital_status = status.into()),
            [Kind::MaritalInvalid]
        );
    }
}

#[test]
fn fields_of_the_study_are_judged_by_their_lists() {
    for number in ["", "2261011234567", "226101123456789", "2261011234567X"] {
        assert_eq!(
            kinds(|student| student.exam_no = number.into()),
            [Kind::ExamNoInvalid]
        );
    }
    for mode in ["2", "4"] {
        assert_eq!(
            kinds(|student| student.training_mode = mode.into()),
            [Kind::DirectedUnitMissing]
        );
    }
    assert_eq!(
        kinds(|student| student.training_mode = "其他".into()),
        [Kind::TrainingModeUnknown]
    );
    assert_eq!(
        kinds(|student| student.student_type = "?".into()),
        [Kind::StudentTypeUnknown]
    );
    assert_eq!(
        kinds(|student| student.degree_level = "?".into()),
        [Kind::DegreeUnknown]
    );
    assert_eq!(
        kinds(|student| student.length_half_years = None),
        [Kind::LengthFromMajor]
    );
    assert_eq!(
        kinds(|student| {
            student.residence_id = None;
            student.residence_found = String::new();
        }),
        [Kind::ResidenceMissing]
    );
    assert_eq!(
        kinds(|student| student.residence_id = None),
        [Kind::ResidenceUnknown]
    );
    let no_residences = YearRules {
        any_residential: false,
        ..RULES
    };
    let found = judge(Standing::Listed(How::Officer), no_residences, |student| {
        student.residence_id = None;
    });
    assert!(found.is_empty());
}

/// As the exchange derives it for somebody with this status.
fn with_status(student: &mut student::Model, status: &str) {
    student.study_status = status.into();
    student.expected_year = None;
    student.expectation = status.into();
}

#[test]
fn whoever_is_on_the_roster_without_being_expected_may_be_a_wrong_addition() {
    for status in ["suspended", "withdrawn", "transferred", "graduated", "extended"] {
        assert_eq!(
            kinds(|student| with_status(student, status)),
            [Kind::WrongAddition],
            "{status}"
        );
    }
    let found = judge(Standing::Listed(How::Officer), RULES, |student| {
        student.nominal_year = Some(2028);
        student.expected_year = Some(2028);
    });
    assert_eq!(found[0].value, "应于 2028 年毕业");
    assert_eq!(
        kinds(|student| {
            student.vanished_at = Some(DateTime::UNIX_EPOCH);
            student.expected_year = None;
            student.expectation = "vanished".into();
        }),
        [Kind::WrongAddition]
    );
    assert_eq!(
        kinds(|student| {
            student.length_half_years = None;
            student.nominal_year = None;
            student.expected_year = None;
            student.expectation = "no_length".into();
        }),
        [Kind::WrongAddition, Kind::LengthMissing]
    );
}

#[test]
fn the_registrars_list_and_the_missing_doctoral_list_make_no_wrong_additions() {
    let extended = judge(Standing::Listed(How::Extended), RULES, |student| {
        with_status(student, "extended");
    });
    assert!(extended.is_empty());
    no_fault(|student| {
        student.degree_level = "doctor".into();
        student.student_type = "graduate".into();
        student.exam_no = "106984123456789".into();
        student.residence_id = None;
        student.nominal_year = None;
        student.expected_year = None;
        student.expectation = "doctoral_unlisted".into();
    });
}

#[test]
fn once_there_is_a_doctoral_list_whoever_is_not_on_it_is_doubtful_and_whoever_is_can_be_missed() {
    let rules = YearRules {
        has_doctoral_list: true,
        ..RULES
    };
    let doctor = |student: &mut student::Model| {
        student.degree_level = "doctor".into();
        student.student_type = "graduate".into();
        student.exam_no = "106984123456789".into();
        student.residence_id = None;
    };
    let unlisted = |student: &mut student::Model| {
        doctor(student);
        student.nominal_year = None;
        student.expected_year = None;
        student.expectation = "doctoral_unlisted".into();
    };
    let found = judge(Standing::Listed(How::Officer), rules, unlisted);
    assert_eq!(
        found.iter().map(|one| one.kind).collect::<Vec<_>>(),
        [Kind::WrongAddition]
    );
    assert!(
        found[0].reason.contains("尚未列入毕业信息采集名单"),
        "{}",
        found[0].reason
    );
    assert!(judge(Standing::Absent, rules, unlisted).is_empty());
    let missed = judge(Standing::Absent, rules, doctor);
    assert_eq!(missed[0].kind, Kind::Omission);
    assert!(
        missed[0].reason.starts_with("列入 2027 届毕业信息采集名单"),
        "{}",
        missed[0].reason
    );
    assert!(judge(Standing::Listed(How::Doctoral), rules, doctor).is_empty());
}

#[test]
fn when_the_class_graduates_its_own_graduates_are_no_wrong_additions() {
    let june = YearRules {
        graduation_begun: true,
        ..RULES
    };
    let graduated = |nominal: i32| {
        judge(Standing::Listed(How::Officer), june, move |student| {
            with_status(student, "graduated");
            student.nominal_year = Some(nominal);
        })
    };
    assert!(graduated(2027).is_empty());
    assert_eq!(graduated(2026)[0].kind, Kind::WrongAddition);
}

#[test]
fn a_number_held_twice_and_a_person_entered_twice_are_said_of_both() {
    let student = clean();
    let other = ["22300000002".to_owned()];
    let subject = Subject {
        student: &student,
        standing: Standing::Listed(How::Officer),
        holders: &other,
        doubles: &other,
        mended: &[],
        unit: None,
    };
    let found = faults::of(&subject, RULES);
    assert_eq!(
        found.iter().map(|found| found.kind).collect::<Vec<_>>(),
        [Kind::WrongAddition, Kind::IdentityDuplicate]
    );
    assert!(
        !format!("{found:?}").contains("22300000002"),
        "the other may be of another 院"
    );
}

fn check_character(digits: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]
}

prop_compose! {
    fn valid_record()(
        days in 0..6_000_u64,
        place in 110_000..700_000_u32,
        serial in 0..1000_u32,
        small_x: bool,
        origin in prop::sample::select(vec!["610100", "610113", "310101", "441900", "429004", "810000", "710000"]),
        ethnic in prop::sample::select(vec!["01", "03", "56", "97"]),
        political in prop::sample::select(vec!["01", "03", "13"]),
        is_graduate: bool,
        exam in 0..100_000_000_u64,
        directed: bool,
        length in 3..16_i32,
    ) -> student::Model {
        let born = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + chrono::Days::new(days);
        let digits = format!("{place:06}{}{serial:03}", born.format("%Y%m%d"));
        let mut number = format!("{digits}{}", check_character(&digits));
        if small_x {
            number = number.to_lowercase();
        }
        let mut student = student::Model {
            sex: if serial % 2 == 1 { "1" } else { "2" }.into(),
            birth_date: born.format("%Y-%m-%d").to_string(),
            document_no: number,
            origin: origin.into(),
            ethnic_group: ethnic.into(),
            political_status: political.into(),
            exam_no: format!("226101{exam:08}"),
            length_half_years: Some(length),
            ..clean()
        };
        if directed {
            student.training_mode = "2".into();
            student.directed_unit = "某单位".into();
        }
        if is_graduate {
            student.student_type = "graduate".into();
            student.degree_level = "master".into();
            student.exam_no = format!("1069841{exam:08}");
            student.residence_id = None;
            student.residence_found = String::new();
        }
        student
    }
}

proptest! {
    #[test]
    fn a_valid_record_raises_nothing(student in valid_record()) {
        let subject = Subject { student: &student, standing: Standing::Listed(How::Officer), holders: &[], doubles: &[], mended: &[], unit: None };
        prop_assert_eq!(faults::of(&subject, RULES), vec![]);
    }

    /// Whatever stands in a record, it is judged, each kind at most once.
    #[test]
    fn any_record_is_judged_without_a_panic(
        texts in prop::collection::vec(".{0,20}", 12),
    ) {
        let text = |index: usize| texts[index].clone();
        let student = student::Model {
            sex: text(0), birth_date: text(1), ethnic_group: text(2), political_status: text(3), marital_status: text(4),
            document_type: text(5), document_no: text(6), origin: text(7), exam_no: text(8), student_type: text(9),
            degree_level: text(10), training_mode: text(11), ..clean()
        };
        let subject = Subject { student: &student, standing: Standing::Absent, holders: &[], doubles: &[], mended: &[], unit: None };
        let mut kinds: Vec<Kind> = faults::of(&subject, RULES).into_iter().map(|found| found.kind).collect();
        let all = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        prop_assert_eq!(kinds.len(), all);
    }
}
