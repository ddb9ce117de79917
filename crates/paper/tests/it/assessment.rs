//! The sheet of the assessment.

use qihang_paper::AssessmentSheet;

use crate::reader;
use crate::sample::PRESS;

pub fn sheet() -> AssessmentSheet {
    AssessmentSheet {
        title: "2027 届毕业生就业工作年度考核".into(),
        college: "计算机科学与技术学院".into(),
        as_of: "2026年10月15日".into(),
        rows: [
            ["按期添加的应毕业学生", "365", "372", "98.1%"],
            ["逾期补加的遗漏学生", "7", "372", "1.9%"],
            ["截止日激活率", "341", "372", "91.7%"],
            ["目前激活率", "370", "372", "99.5%"],
        ]
        .map(|row| row.map(str::to_owned))
        .to_vec(),
        notes: vec![
            "研究生只计非定向类硕士；定向、委托培养和博士生不计入。".into(),
            "按期，指名单截止日 2026年9月15日 24 时以前。".into(),
        ],
    }
}

#[test]
fn the_sheet_is_one_page_with_every_figure() {
    let sheet = sheet();

    let pdf = PRESS.assessment(&sheet).unwrap();

    assert_eq!(reader::pages(&pdf), 1);
    let words = reader::words(&pdf);
    for text in
        sheet
            .rows
            .iter()
            .flatten()
            .chain(&sheet.notes)
            .chain([&sheet.title, &sheet.college, &sheet.as_of])
    {
        let text: String = text.split_whitespace().collect();
        assert!(words.contains(&text), "{text} is not in {words}");
    }
}
