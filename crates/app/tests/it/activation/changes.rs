//! After activation: contact data, and what the data exchange changes later.

use qihang::activation::fields::Field;
use qihang::activation::gate::Standing;
use qihang::activation::queries as activation;
use qihang_db::entity::{roster_entry, student};
use qihang_db::{Action, Role, Scope};
use sea_orm::{PaginatorTrait, QueryFilter};

use super::{
    activate, activations, complaints, contact, events, exchange, hidden, instant, judge, post, standing,
    with_student,
};
use crate::exchange::Exchange;

const FORM: &str = "/student/activation";
const CONFIRM: &str = "/student/activation/confirmation";

#[tokio::test]
async fn a_changed_field_is_confirmed_and_nothing_starts_anew() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    app.clock.set(instant("2026-09-10T02:30:00Z"));
    exchange(&app, student.id, |row| row.political_status = "01".into()).await;

    let page = browser.get(FORM).await;
    page.assert_status(200)
        .assert_says("有 1 项信息在你确认之后被更改")
        .assert_says("中共党员")
        .assert_does_not_say("已逐项核对");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
    let seen = hidden(&page, "seen");
    let reply = post(&browser, CONFIRM, &[("seen", seen.clone())]).await;

    assert_eq!(reply.assert_status(303).location(), FORM);
    let Standing::Activated { activated_at, .. } = standing(&app, student.id).await else {
        panic!("the student is activated again");
    };
    assert_eq!(activated_at, instant("2026-09-10T02:00:00Z"));
    let noted = events(&app, Action::ChangesConfirmed).await;
    assert_eq!(noted.len(), 1);
    assert!(noted[0].1.contains("political_status"), "{}", noted[0].1);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
    // Pressed again, it is still confirmed once.
    post(&browser, CONFIRM, &[("seen", seen)])
        .await
        .assert_status(303);
    assert_eq!(events(&app, Action::ChangesConfirmed).await.len(), 1);
}

#[tokio::test]
async fn twenty_presses_at_once_confirm_once() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    exchange(&app, student.id, |row| row.name = "卢雨玉".into()).await;
    let fields = [("seen", hidden(&browser.get(FORM).await, "seen"))];

    let replies = futures::future::join_all((0..20).map(|_| post(&browser, CONFIRM, &fields))).await;

    for reply in replies {
        reply.assert_status(303);
    }
    assert_eq!(events(&app, Action::ChangesConfirmed).await.len(), 1);
}

#[tokio::test]
async fn what_nobody_confirmed_may_change_and_what_changes_back_needs_nothing() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);

    exchange(&app, student.id, |row| row.class_name = "机械232".into()).await;
    assert!(matches!(
        standing(&app, student.id).await,
        Standing::Activated { .. }
    ));
    exchange(&app, student.id, |row| row.exam_no = "22610112345679".into()).await;
    let Standing::ConfirmAgain { changed, .. } = standing(&app, student.id).await else {
        panic!("a confirmed field has changed");
    };
    assert_eq!(changed, [Field::ExamNo]);
    exchange(&app, student.id, |row| row.exam_no = "22610112345678".into()).await;

    assert!(matches!(
        standing(&app, student.id).await,
        Standing::Activated { .. }
    ));
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_for_the_worse_has_to_be_mended_first() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    exchange(&app, student.id, |row| row.origin = String::new()).await;

    let page = browser.get(FORM).await;
    page.assert_says("生源所在地为空")
        .assert_does_not_say("更改属实，确认");
    let row = Scope::Student(student.id)
        .select::<student::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    let seen = qihang::activation::model::seen(&row);
    post(&browser, CONFIRM, &[("seen", seen)])
        .await
        .assert_status(422);

    assert!(events(&app, Action::ChangesConfirmed).await.is_empty());
    exchange(&app, student.id, |row| row.origin = "310101".into()).await;
    let page = browser.get(FORM).await;
    page.assert_says("上海市");
    post(&browser, CONFIRM, &[("seen", hidden(&page, "seen"))])
        .await
        .assert_status(303);
}

#[tokio::test]
async fn a_confirmation_of_what_was_not_seen_is_refused() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    exchange(&app, student.id, |row| row.name = "卢雨玉".into()).await;
    let seen = hidden(&browser.get(FORM).await, "seen");
    exchange(&app, student.id, |row| row.name = "卢雨钰".into()).await;

    let reply = post(&browser, CONFIRM, &[("seen", seen)]).await;

    reply.assert_status(409).assert_says("卢雨钰");
    assert!(events(&app, Action::ChangesConfirmed).await.is_empty());
}

#[tokio::test]
async fn an_import_says_what_was_there_before() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    let exchange = Exchange {
        app: &app,
        browser: app.signed_in(Role::Centre, None).await,
    };
    exchange
        .import(
            "students",
            "学号,姓名,学院,专业,入学年份,民族\n2230100001,卢雨玉,001,B001,2023,满族\n".as_bytes(),
        )
        .await;

    let page = browser.get(FORM).await;

    page.assert_says("有 2 项信息在你确认之后被更改")
        .assert_says("<del class=\"was\">卢宇玉</del>")
        .assert_says("<ins class=\"becomes\">卢雨玉</ins>")
        .assert_says("<del class=\"was\">汉族</del>");
    assert_eq!(complaints(&app).await, Vec::<String>::new());
    let waiting = Scope::Everyone
        .select::<roster_entry::Entity>()
        .filter(activation::confirm_again())
        .count(app.db().reader())
        .await
        .unwrap();
    assert_eq!(waiting, 1);
}

#[tokio::test]
async fn lists_of_officers_know_who_is_activated() {
    let (app, student) = with_student(|_| {}).await;
    let other = app.fixture().student("2230100002", |_| {}).await;
    app.fixture().on_roster(other.id, 2027).await;
    judge(&app).await;
    activate(&app.student(&student).await).await.assert_status(303);

    let count = async |condition| {
        Scope::Everyone
            .select::<roster_entry::Entity>()
            .filter(condition)
            .count(app.db().reader())
            .await
            .unwrap()
    };
    assert_eq!(count(activation::activated()).await, 1);
    assert_eq!(count(activation::not_activated()).await, 1);
    assert_eq!(count(activation::confirm_again()).await, 0);
}

#[tokio::test]
async fn contact_data_can_be_changed_afterwards_and_is_audited_by_field() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    let typed = |mobile: &'static str| {
        let mut fields: Vec<(&str, String)> = super::CONTACT
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        fields[0].1 = mobile.to_owned();
        fields
    };
    let address = "/student/activation/contact";

    post(&browser, address, &typed("1000000000"))
        .await
        .assert_status(422)
        .assert_says("手机号应为 11 位");
    post(&browser, address, &typed("100 0000 0002"))
        .await
        .assert_status(303);
    post(&browser, address, &typed("10000000002"))
        .await
        .assert_status(303);

    assert_eq!(contact(&app, student.id).await.unwrap().mobile, "10000000002");
    let noted = events(&app, Action::ContactChanged).await;
    assert_eq!(
        noted,
        [(
            format!("student/{}/contact", student.id),
            "{\"fields\":[\"mobile\"]}".to_owned()
        )]
    );
    assert_eq!(activations(&app).await.len(), 1);
}

#[tokio::test]
async fn contact_data_is_not_changed_before_activation() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;

    let reply = browser.post("/student/activation/contact", &super::CONTACT).await;

    reply
        .assert_status(403)
        .assert_says("还没有激活")
        .assert_says("去激活账户");
    assert!(contact(&app, student.id).await.is_none());
}

#[tokio::test]
async fn a_window_closes_when_the_college_has_signed() {
    let (app, student) = with_student(|_| {}).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let mut settings: Vec<(&str, &str)> = Field::ALL
        .iter()
        .filter(|field| field.is_required_by_default())
        .map(|field| ("required", field.code()))
        .collect();
    settings.push(("class.mobile", "window"));
    centre
        .post("/manage/class-years/2027/fields", &settings)
        .await
        .assert_status(303);
    let browser = app.student(&student).await;
    activate(&browser).await.assert_status(303);
    browser.get(FORM).await.assert_says("name=\"mobile\"");
    app.signed_in(Role::Head, Some("S01"))
        .await
        .post(
            "/manage/findings/sign-offs",
            &[("class_year", "2027"), ("college", "S01")],
        )
        .await
        .assert_status(303);

    browser
        .get(FORM)
        .await
        .assert_says("院系已于 2026-09-10 核对确认")
        .assert_does_not_say("name=\"mobile\"")
        .assert_says("name=\"email\"");
    let mut fields = super::CONTACT.to_vec();
    fields[0].1 = "10000000007";
    browser
        .post("/student/activation/contact", &fields)
        .await
        .assert_status(422)
        .assert_says("核对确认");
    fields.remove(0);
    fields[0].1 = "other@mail.example";
    browser
        .post("/student/activation/contact", &fields)
        .await
        .assert_status(303);

    let kept = contact(&app, student.id).await.unwrap();
    assert_eq!(
        (kept.mobile.as_str(), kept.email.as_str()),
        ("10000000001", "other@mail.example")
    );
}
