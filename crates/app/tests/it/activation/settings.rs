//! What a class year asks for.

use qihang::activation::fields::Field;
use qihang_db::{Action, Role};

use super::{activate, events, submission, with_student};

const PAGE: &str = "/manage/class-years/2027/fields";

/// The settings as the page sends them, with these fields not required and these required besides.
fn settings(without: &[Field], with: &[Field]) -> Vec<(&'static str, &'static str)> {
    Field::ALL
        .iter()
        .filter(|field| (field.is_required_by_default() && !without.contains(field)) || with.contains(field))
        .map(|field| ("required", field.code()))
        .collect()
}

#[tokio::test]
async fn the_centre_decides_what_activation_needs() {
    let (app, student) = with_student(|student| {
        student.exam_no = String::new();
        student.counsellor = String::new();
    })
    .await;
    let browser = app.student(&student).await;
    browser.get("/student/activation").await.assert_says("考生号无效");
    let centre = app.signed_in(Role::Centre, None).await;

    centre
        .get(PAGE)
        .await
        .assert_status(200)
        .assert_says("考生号必填");
    centre
        .post(
            PAGE,
            &settings(&[Field::ExamNo, Field::Postcode], &[Field::Counsellor, Field::Qq]),
        )
        .await
        .assert_status(303);

    let page = browser.get("/student/activation").await;
    page.assert_does_not_say("考生号无效").assert_says("辅导员为空");
    let reply = super::post(
        &browser,
        "/student/activation",
        &submission(&page, &[("postcode", "")]),
    )
    .await;
    reply
        .assert_status(422)
        .assert_says("请填写QQ")
        .assert_does_not_say("请填写邮政编码");
    let noted = events(&app, Action::FieldsChanged).await;
    assert_eq!(noted.len(), 1);
    assert!(
        noted[0].1.contains("exam_no") && !noted[0].1.contains("origin"),
        "{}",
        noted[0].1
    );
    // The same once more changes nothing and says so.
    centre
        .post(
            PAGE,
            &settings(&[Field::ExamNo, Field::Postcode], &[Field::Counsellor, Field::Qq]),
        )
        .await
        .assert_status(303);
    centre.get(PAGE).await.assert_says("没有变化");
    assert_eq!(events(&app, Action::FieldsChanged).await.len(), 1);
    // And back to the defaults.
    centre.post(PAGE, &settings(&[], &[])).await.assert_status(303);
    browser.get("/student/activation").await.assert_says("考生号无效");
}

#[tokio::test]
async fn who_has_activated_stays_so() {
    let (app, student) = with_student(|student| student.counsellor = String::new()).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);

    app.signed_in(Role::Centre, None)
        .await
        .post(PAGE, &settings(&[], &[Field::Counsellor]))
        .await
        .assert_status(303);

    browser.get("/student/activation").await.assert_says("账户已激活");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (app, _) = with_student(|_| {}).await;
    let centre = app.signed_in(Role::Centre, None).await;

    for (name, value) in [
        ("required", "salary"),
        ("class.name", "always"),
        ("class.mobile", "locked"),
        ("class.mobile", "sometimes"),
        ("other", "1"),
    ] {
        centre.post(PAGE, &[(name, value)]).await.assert_status(400);
    }
    centre
        .post("/manage/class-years/2031/fields", &settings(&[], &[]))
        .await
        .assert_status(404);
    assert!(events(&app, Action::FieldsChanged).await.is_empty());
    centre
        .post("/manage/class-years/2027/closing", &[])
        .await
        .assert_status(303);
    centre
        .post(PAGE, &settings(&[Field::Name], &[]))
        .await
        .assert_status(409)
        .assert_says("本届已关闭");
}
