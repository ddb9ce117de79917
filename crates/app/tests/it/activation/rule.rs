//! The rule for random records: who can activate, and what has to be confirmed again.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use qihang::activation::fields::{Field, Source};
use qihang::activation::model::{Confirmed, FieldRule, FieldRules, faults};
use qihang::class_year::model::OriginDepth;
use qihang::correction::offices::Offices;
use qihang::findings;
use qihang::findings::model::{Kind, Standing, Subject, YearRules};
use qihang_db::How;
use qihang_db::entity::student;
use qihang_standards::codes::{
    ETHNIC_GROUP, MARITAL_STATUS, POLITICAL_STATUS, Sex, TRAINING_MODE, needs_unit,
};
use qihang_standards::division::origin;
use qihang_standards::identity::IdentityDocument;

use crate::support::identity_number;

/// A record whose fields are each as they should be, empty, or something else.
fn record() -> impl Strategy<Value = student::Model> {
    let pick = |values: &'static [&'static str]| proptest::sample::select(values).prop_map(str::to_owned);
    let person = (
        pick(&["卢宇玉", "阿卜杜拉·𫚖", "", " "]),
        pick(&["2", "1", "", "女"]),
        pick(&["2004-12-31", "2004-12-30", "", "2004"]),
        pick(&["01", "56", "", "60"]),
        pick(&["03", "01", "", "99"]),
        pick(&["10", "20", "", "已"]),
        proptest::sample::select(vec![0_u8, 1, 2]),
    );
    let study = (
        pick(&["610100", "610000", "310000", "310101", "", "999999", "820000"]),
        pick(&["22610112345678", "1", ""]),
        pick(&["bachelor", "", "某"]),
        proptest::sample::select(vec![Some(8), None]),
        pick(&["1", "2", "", "某"]),
        pick(&["", "启明集团有限公司"]),
    );
    (person, study).prop_map(|(person, study)| {
        let now = chrono::DateTime::UNIX_EPOCH;
        let number = match person.6 {
            0 => identity_number("2230100001"),
            1 => "610101200412310000".to_owned(),
            _ => String::new(),
        };
        student::Model {
            id: 1,
            student_no: "2230100001".into(),
            name: person.0,
            sex: person.1,
            birth_date: person.2,
            ethnic_group: person.3,
            political_status: person.4,
            marital_status: person.5,
            document_type: "1".into(),
            document_no: number,
            origin: study.0,
            exam_no: study.1,
            student_type: "undergraduate".into(),
            degree_level: study.2,
            school_id: 1,
            residence_id: None,
            residence_found: String::new(),
            major_id: 1,
            class_name: String::new(),
            admission_year: 2023,
            length_half_years: study.3,
            length_found: String::new(),
            training_mode: study.4,
            directed_unit: study.5,
            study_status: "active".into(),
            programme: String::new(),
            counsellor: String::new(),
            mobile: String::new(),
            email: String::new(),
            college_id: 1,
            second_college_id: None,
            // The major has a length, so that a record without one still has a class year.
            nominal_year: Some(2027),
            expected_year: Some(2027),
            expectation: "expected".into(),
            pinyin: String::new(),
            initials: String::new(),
            vanished_at: None,
            created_at: now,
            updated_at: now,
        }
    })
}

fn findings(student: &student::Model) -> Vec<Kind> {
    let subject = Subject {
        student,
        standing: Standing::Listed(How::Officer),
        holders: &[],
        doubles: &[],
        mended: &[],
        unit: None,
    };
    let rules = YearRules {
        year: 2027,
        origin_depth: OriginDepth::City,
        any_residential: true,
        graduation_begun: false,
        has_doctoral_list: false,
    };
    findings::faults::of(&subject, rules)
        .into_iter()
        .map(|found| found.kind)
        .collect()
}

/// Said once more, from the requirement alone: whether a required field is there and right.
fn is_right(student: &student::Model, field: Field) -> bool {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let document = IdentityDocument::parse(&student.document_type, &student.document_no).ok();
    let id = document.as_ref().and_then(IdentityDocument::resident_id);
    match field {
        Field::Name => !student.name.trim().is_empty(),
        Field::Sex => Sex::from_code(&student.sex).is_some_and(|sex| id.is_none_or(|id| id.sex() == sex)),
        Field::BirthDate => {
            day(&student.birth_date).is_some_and(|day| id.is_none_or(|id| id.birth_date() == day))
        }
        Field::EthnicGroup => ETHNIC_GROUP.by_code(&student.ethnic_group).is_some(),
        Field::PoliticalStatus => POLITICAL_STATUS.by_code(&student.political_status).is_some(),
        Field::MaritalStatus => MARITAL_STATUS.by_code(&student.marital_status).is_some(),
        Field::DocumentNo => id.is_some(),
        Field::ExamNo => student.exam_no.len() == 14,
        Field::Origin => origin(&student.origin).is_complete(),
        Field::DegreeLevel => student.degree_level == "bachelor",
        Field::TrainingMode => TRAINING_MODE.by_code(&student.training_mode).is_some(),
        Field::DirectedUnit => !needs_unit(&student.training_mode) || !student.directed_unit.is_empty(),
        _ => true,
    }
}

proptest! {
    #[test]
    fn a_student_can_activate_exactly_when_no_required_field_is_missing_or_wrong(student in record()) {
        let rules = FieldRules::default();
        let found = faults(&student, &findings(&student), &BTreeSet::new(), &rules);
        let named: BTreeSet<Field> = found.iter().map(|fault| fault.field).collect();
        let wrong: BTreeSet<Field> = rules.key_fields().filter(|field| !is_right(&student, *field)).collect();
        prop_assert_eq!(named, wrong);
        for fault in &found {
            let mender = Offices::default().mender(fault.field, &student);
            prop_assert!(!fault.problem.is_empty() && !mender.advice.is_empty());
            // Where students mend it themselves, and where they propose it.
            let is_theirs = fault.field.source() == Source::Portal || fault.field == Field::DirectedUnit;
            prop_assert_eq!(mender.href.is_some(), is_theirs);
        }
    }

    #[test]
    fn what_is_not_required_does_not_block_and_what_is_under_correction_only_when_it_is_empty(
        student in record(),
        required in proptest::collection::btree_set(proptest::sample::select(Field::ALL), 0..30),
        corrections in proptest::collection::btree_set(proptest::sample::select(Field::ALL), 0..30),
    ) {
        let rules = FieldRules::with(Field::ALL.iter().map(|field| {
            (*field, FieldRule { is_required: required.contains(field), ..FieldRule::default_of(*field) })
        }));
        for fault in faults(&student, &findings(&student), &corrections, &rules) {
            prop_assert!(required.contains(&fault.field));
            prop_assert!(!corrections.contains(&fault.field) || fault.field.stored(&student).trim().is_empty());
        }
    }

    #[test]
    fn exactly_the_confirmed_fields_that_have_another_value_have_to_be_confirmed_again(
        before in record(),
        after in record(),
        keys in proptest::collection::btree_set(proptest::sample::select(Field::ALL), 0..30),
    ) {
        let confirmed = Confirmed::of(&before, keys.iter().copied());
        let confirmed = Confirmed::from_column(&confirmed.to_column());
        let changed: Vec<Field> = keys.iter().copied().filter(|field| field.stored(&before) != field.stored(&after)).collect();
        prop_assert_eq!(confirmed.changed(&after), changed);
        prop_assert!(confirmed.renewed(&after).changed(&after).is_empty());
        prop_assert!(confirmed.changed(&before).is_empty());
    }
}
