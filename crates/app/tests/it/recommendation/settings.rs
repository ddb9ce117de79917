//! What class years and 院 set.

use qihang_db::{Action, Role};

use super::{OWN, QUEUE, TEXTS, forms, open_sections, submit, with_student};
use crate::activation::events;

const SECTIONS: &str = "/manage/class-years/2027/recommendation";
const TEMPLATES: &str = "/manage/recommendations/templates";

/// A line of the centre's form.
fn line(number: usize, code: &str, heading: &str, most: &str, is_required: bool) -> Vec<(String, String)> {
    let mut line = vec![
        (format!("code.{number}"), code.to_owned()),
        (format!("position.{number}"), (10 - number).to_string()),
        (format!("heading.{number}"), heading.to_owned()),
        (format!("hint.{number}"), "说明".to_owned()),
        (format!("most.{number}"), most.to_owned()),
    ];
    if is_required {
        line.push((format!("required.{number}"), "1".to_owned()));
    }
    line
}

#[tokio::test]
async fn the_centre_sets_the_sections_of_a_class_year() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    let centre = app.signed_in(Role::Centre, None).await;
    centre
        .get(SECTIONS)
        .await
        .assert_status(200)
        .assert_says("自我评价")
        .assert_says("外语与计算机水平");
    officer.get(SECTIONS).await.assert_status(403);

    let form = [
        line(0, "appraisal", "自我评价", "300", true),
        line(1, "", "科研成果", "200", false),
        line(2, "rank", "", "1", false),
    ]
    .concat();
    super::post(&centre, SECTIONS, &form).await.assert_status(303);

    assert_eq!(events(&app, Action::RecommendationSectionsSet).await.len(), 1);
    // What was submitted stays as it was; the next is written by the new sections.
    officer
        .get(&format!("{QUEUE}/{}", forms(&app).await[0].id))
        .await
        .assert_says("专业排名 12/98");
    super::give_back(
        &officer,
        forms(&app).await[0].id,
        "all",
        &[("awards", "请核实。")],
    )
    .await
    .assert_status(303);
    let page = browser.get(OWN).await;
    assert_eq!(open_sections(&page), ["own1", "appraisal"]);
    page.assert_says("科研成果").assert_says("踏实肯干");
    // The same once more changes nothing.
    let again = [
        line(0, "appraisal", "自我评价", "300", true),
        line(1, "own1", "科研成果", "200", false),
    ]
    .concat();
    super::post(&centre, SECTIONS, &again).await.assert_status(303);
    assert_eq!(events(&app, Action::RecommendationSectionsSet).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_line_is_named_and_nothing_is_set() {
    let (app, _, _, _) = with_student().await;
    let centre = app.signed_in(Role::Centre, None).await;

    let form = [
        line(0, "appraisal", "自我评价", "5000", true),
        line(1, "", "自我评价", "20", false),
    ]
    .concat();
    super::post(&centre, SECTIONS, &form)
        .await
        .assert_status(422)
        .assert_says("字数为 1 到 2000 的整数")
        .assert_says("栏目名称重复")
        .assert_says("value=\"5000\"");
    super::post(&centre, SECTIONS, &line(0, "appraisal", " ", "10", true))
        .await
        .assert_status(422)
        .assert_says("至少保留一个栏目");
    centre.post(SECTIONS, &[("x", "y")]).await.assert_status(400);

    assert!(events(&app, Action::RecommendationSectionsSet).await.is_empty());
}

#[tokio::test]
async fn a_section_that_cannot_be_submitted_as_it_was_returned_is_open_too() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    super::give_back(
        &officer,
        forms(&app).await[0].id,
        "objected",
        &[("awards", "请核实。")],
    )
    .await
    .assert_status(303);
    let centre = app.signed_in(Role::Centre, None).await;
    let form = [
        line(0, "awards", "奖惩情况", "100", false),
        line(1, "appraisal", "自我评价", "3", true),
        line(2, "intention", "求职意向", "100", true),
    ]
    .concat();

    super::post(&centre, SECTIONS, &form).await.assert_status(303);

    // 自我评价 is longer than it may be now; 求职意向 is not.
    assert_eq!(open_sections(&browser.get(OWN).await), ["appraisal", "awards"]);
}

#[tokio::test]
async fn a_college_has_sentences_of_its_own() {
    let (app, _, browser, officer) = with_student().await;
    submit(&browser, &TEXTS).await.assert_status(303);
    officer
        .get(TEMPLATES)
        .await
        .assert_says("所填情况属实，同意推荐。");
    let form = [
        ("college", "S01"),
        ("opinions", "{姓名}同学，{专业}，同意推荐。\n\n推荐。"),
        ("reasons", "请核实。"),
    ];
    officer.post(TEMPLATES, &form).await.assert_status(303);

    officer
        .get(&format!("{QUEUE}/{}", forms(&app).await[0].id))
        .await
        .assert_says("卢宇1同学，专业B001，同意推荐。")
        .assert_says("<option value=\"请核实。\">")
        .assert_does_not_say("所填情况属实");
    assert_eq!(events(&app, Action::RecommendationTemplatesSet).await.len(), 2);
    let wrong = [("college", "S01"), ("opinions", "{年龄}岁"), ("reasons", "")];
    officer
        .post(TEMPLATES, &wrong)
        .await
        .assert_status(422)
        .assert_says("不认识的字段 {年龄}")
        .assert_says("{年龄}岁");
    let foreign = [("college", "S02"), ("opinions", "x"), ("reasons", "")];
    officer.post(TEMPLATES, &foreign).await.assert_status(404);
}
