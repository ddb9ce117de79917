//! Nothing but text ever reaches the page.

use proptest::prelude::*;
use qihang_paper::{AssessmentSheet, Check, RecommendationForm};

use crate::reader;
use crate::sample::{PRESS, check, form, pairs};

const COMMANDS: [&str; 12] = [
    r#"#read("/etc/passwd")"#,
    r#"#import "@preview/cetz:0.3.1""#,
    "#panic()",
    "$x^2$",
    "*b*_i_`raw`",
    "=Heading",
    "<label>@ref",
    "{{set text(size: 99pt)}}",
    r"\u{41}\",
    "//comment",
    "/*comment",
    "]#sys.inputs[",
];

#[test]
fn commands_are_printed_as_they_were_typed() {
    let all = COMMANDS.join("。");
    let form = RecommendationForm {
        university: COMMANDS[0].into(),
        form_no: Some(COMMANDS[3].into()),
        date: Some(COMMANDS[4].into()),
        facts: pairs(&[("姓名", COMMANDS[11]), ("备注", &all)]),
        sections: pairs(&[(COMMANDS[2], &all)]),
        college_opinion: Some(all.clone()),
        check: Some(Check {
            code: COMMANDS[10].into(),
            ..check()
        }),
        ..form()
    };

    let words = reader::words(&PRESS.recommendation(&[form]).unwrap());

    let all: String = all.split_whitespace().collect();
    assert_eq!(words.matches(&all).count(), 3, "{words}");
    for expected in [
        "编号：$x^2$",
        "日期：*b*_i_`raw`",
        "核验码：/*comment",
        "#panic()",
        r#"#read("/etc/passwd")"#,
    ] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    assert!(!words.contains("root:"));
}

#[test]
fn quotation_marks_and_dashes_stay_those_that_were_typed() {
    let typed = r#""a"--'b'---c...~"#;
    let form = RecommendationForm {
        sections: pairs(&[("特长", typed)]),
        ..form()
    };

    let words = reader::words(&PRESS.recommendation(&[form]).unwrap());

    assert!(words.contains(typed), "{words}");
}

#[test]
fn control_characters_do_not_arrive() {
    let form = RecommendationForm {
        facts: pairs(&[("姓名", "王\u{0}小\u{1b}[31m明\u{202e}")]),
        sections: pairs(&[("特长", "甲\u{7}乙\u{c}丙\r\n丁")]),
        ..form()
    };

    let text = reader::text(&PRESS.recommendation(&[form]).unwrap());

    assert!(text.contains("王小[31m明") && text.contains("甲乙丙"), "{text}");
    assert!(!text.contains(['\u{0}', '\u{7}', '\u{1b}', '\u{202e}']));
}

#[test]
fn the_assessment_prints_commands_too() {
    let row = [COMMANDS[0], COMMANDS[3], COMMANDS[4], "100%"].map(str::to_owned);
    let sheet = AssessmentSheet {
        title: COMMANDS[5].into(),
        college: COMMANDS[11].into(),
        as_of: "2026年9月15日".into(),
        rows: vec![row],
        notes: vec![COMMANDS[2].into()],
    };

    let words = reader::words(&PRESS.assessment(&sheet).unwrap());

    for expected in [
        r#"#read("/etc/passwd")"#,
        "$x^2$",
        "*b*_i_`raw`",
        "=Heading",
        "]#sys.inputs[",
        "#panic()",
    ] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_at_all_can_be_printed(text in "[\\s\\S]{0,60}", label in "\\PC{0,20}") {
        let form = RecommendationForm {
            university: text.clone(),
            form_no: Some(text.clone()),
            facts: vec![(label.clone(), text.clone()), ("姓名".into(), text.clone())],
            sections: vec![(label, text.clone())],
            college_opinion: Some(text.clone()),
            check: Some(Check { url: text.clone(), code: text, attachment: None }),
            ..RecommendationForm::default()
        };

        let printed = PRESS.recommendation(&[form]);

        prop_assert!(printed.is_ok(), "{:?}", printed.err());
    }
}
