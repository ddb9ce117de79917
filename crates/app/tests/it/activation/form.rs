//! The form: what it shows, what it refuses, what it keeps, and that it activates once.

use axum::body::Body;
use axum::http::Request;
use qihang::activation::fields::Field;
use qihang::activation::gate::Standing;
use qihang::correction::offices::Offices;
use qihang_db::entity::{correction, finding, roster_entry};
use qihang_db::{Action, Role, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    CONTACT, activate, activations, complaints, contact, events, hidden, judge, post, standing, submission,
    with_student,
};
use crate::findings::pages::settle_form;
use crate::support::TestApp;

const FORM: &str = "/student/activation";

#[tokio::test]
async fn a_student_on_the_roster_checks_the_own_data_and_activates() {
    let (app, student) = with_student(|student| student.mobile = "10000000009".into()).await;
    let browser = app.student(&student).await;

    let page = browser.get(FORM).await;
    page.assert_status(200)
        .assert_says("修改激活信息")
        .assert_says("卢宇玉")
        .assert_says("陕西省西安市")
        .assert_says(&student.document_no)
        .assert_says("value=\"10000000009\"")
        .assert_says("9月30日")
        .assert_says("还有 20 天");
    let reply = post(&browser, FORM, &submission(&page, &[])).await;

    assert_eq!(reply.assert_status(303).location(), FORM);
    browser
        .get(FORM)
        .await
        .assert_says("账户已激活（2026-09-10 10:00）");
    assert!(matches!(
        standing(&app, student.id).await,
        Standing::Activated { .. }
    ));
    let kept = contact(&app, student.id).await.unwrap();
    assert_eq!(
        (kept.mobile.as_str(), kept.home_phone.as_str()),
        ("10000000001", "029-00000000")
    );
    let events = events(&app, Action::Activated).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].0, format!("student/{}/activation", student.id));
    assert!(!events[0].1.contains(&student.document_no));
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_with_its_way_out() {
    let (app, student) = with_student(|student| {
        student.origin = "610000".into();
        student.exam_no = "12".into();
        student.name = String::new();
    })
    .await;
    let browser = app.student(&student).await;

    let page = browser.get(FORM).await;
    page.assert_says("激活前有 3 项需要处理")
        .assert_says("生源所在地只到省。请到校内信息门户修改")
        .assert_says("href=\"/portal/profile\"")
        .assert_says("考生号无效。请联系教务处更正")
        .assert_says("姓名为空。请联系教务处更正");
    let reply = post(
        &browser,
        FORM,
        &submission(&page, &[("mobile", "123"), ("email", "")]),
    )
    .await;

    reply
        .assert_status(422)
        .assert_says("还不能激活，有 5 项需要处理")
        .assert_says("手机号应为 11 位数字")
        .assert_says("请填写邮箱")
        .assert_says("value=\"123\"")
        .assert_says("data-summary");
    assert!(activations(&app).await.is_empty());
    assert!(events(&app, Action::Activated).await.is_empty());
    // Back from the portal, what was typed is there again.
    browser
        .get(FORM)
        .await
        .assert_says("value=\"123\"")
        .assert_says("已保存 2026-09-10 10:00");
}

#[tokio::test]
async fn a_graduate_is_sent_to_the_own_school() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app
        .fixture()
        .master("3240100001", |student| student.exam_no = String::new())
        .await;
    app.fixture().on_roster(student.id, 2027).await;
    judge(&app).await;

    let page = app.student(&student).await.get(FORM).await;

    page.assert_says("考生号无效。请联系学院研究生教务部门更正");
}

#[tokio::test]
async fn the_office_that_the_centre_has_set_is_the_one_that_every_page_names() {
    let (app, student) = with_student(|student| {
        student.exam_no = "12".into();
        student.name = String::new();
    })
    .await;
    let centre = app.signed_in(Role::Centre, None).await;
    let form: Vec<(String, &str)> = Offices::fields()
        .flat_map(|field| {
            let undergraduate = if field == Field::ExamNo {
                "admissions"
            } else {
                "registrar"
            };
            [
                (format!("{}.undergraduate", field.code()), undergraduate),
                (format!("{}.graduate", field.code()), "graduate_office"),
            ]
        })
        .collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (key.as_str(), *value)).collect();

    centre
        .post("/manage/corrections/offices", &form)
        .await
        .assert_status(303);

    let browser = app.student(&student).await;
    browser
        .get(FORM)
        .await
        .assert_says("考生号无效。请联系招生办公室更正")
        .assert_says("姓名为空。请联系教务处更正")
        .assert_does_not_say("考生号无效。请联系教务处更正");
    browser
        .get("/student/steps/record")
        .await
        .assert_says("考生号无效，请联系招生办公室更正");
    browser
        .get("/student/record/exam_no")
        .await
        .assert_says("<dd>招生办公室</dd>");
    centre
        .get(&format!("/manage/students/{}/view", student.id))
        .await
        .assert_says("招生办公室更正");
    centre.get("/manage/activation").await.assert_says("招生办公室");
}

#[tokio::test]
async fn a_finding_that_the_office_has_settled_does_not_block() {
    let (app, student) = with_student(|student| student.sex = "1".into()).await;
    let browser = app.student(&student).await;
    browser.get(FORM).await.assert_says("性别与证件号不符");
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let finding = Scope::Everyone
        .select::<finding::Entity>()
        .filter(finding::Column::Kind.eq("identity_sex"))
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();

    officer
        .post(
            "/manage/findings/settlements",
            &settle_form(&[finding.id], "checked"),
        )
        .await
        .assert_status(303);

    browser.get(FORM).await.assert_does_not_say("性别与证件号不符");
    activate(&browser).await.assert_status(303);
}

#[tokio::test]
async fn a_field_under_correction_does_not_block_and_is_confirmed_when_it_is_mended() {
    let (app, student) = with_student(|student| {
        student.exam_no = "123".into();
        student.origin = String::new();
    })
    .await;
    for field in ["exam_no", "origin"] {
        report(&app, student.id, field).await;
    }
    let browser = app.student(&student).await;
    let page = browser.get(FORM).await;
    // What is not there at all cannot be confirmed.
    page.assert_says("更正中")
        .assert_does_not_say("考生号无效")
        .assert_says("生源所在地为空");
    app.fixture()
        .rewrite(student.clone(), |student| student.origin = "610100".into())
        .await;
    judge(&app).await;

    activate(&browser).await.assert_status(303);
    assert!(matches!(
        standing(&app, student.id).await,
        Standing::Activated { .. }
    ));
    app.fixture()
        .rewrite(student.clone(), |student| {
            student.origin = "610100".into();
            student.exam_no = "22610112345678".into();
        })
        .await;
    judge(&app).await;

    browser
        .get(FORM)
        .await
        .assert_says("有 1 项信息在你确认之后被更改")
        .assert_says("22610112345678");
}

/// What 信息有误 files.
async fn report(app: &TestApp, student_id: i64, field: &str) {
    let tx = app.db().begin_write().await.unwrap();
    correction::ActiveModel {
        student_id: Set(student_id),
        class_year: Set(Some(2027)),
        field: Set(field.into()),
        office: Set("registrar".into()),
        claimed: Set("22610112345678".into()),
        note: Set(String::new()),
        state: Set("open".into()),
        filed_at: Set(app.clock.now()),
        answer: Set(String::new()),
        ..Default::default()
    }
    .insert(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_box_must_be_ticked() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let mut fields = submission(&browser.get(FORM).await, &[]);
    fields.retain(|(name, _)| *name != "checked");

    let reply = post(&browser, FORM, &fields).await;

    reply
        .assert_status(422)
        .assert_says("请勾选这里")
        .assert_says("710049");
    assert!(activations(&app).await.is_empty());
}

#[tokio::test]
async fn twenty_presses_at_once_are_one_activation() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let fields = submission(&browser.get(FORM).await, &[]);

    let presses = (0..20).map(|_| post(&browser, FORM, &fields));
    let replies = futures::future::join_all(presses).await;

    for reply in replies {
        assert_eq!(reply.assert_status(303).location(), FORM);
    }
    assert_eq!(activations(&app).await.len(), 1);
    assert_eq!(events(&app, Action::Activated).await.len(), 1);
    // The same form once more, the next day.
    app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(30));
    post(&browser, FORM, &fields).await.assert_status(303);
    assert_eq!(activations(&app).await.len(), 1);
    assert_eq!(events(&app, Action::Activated).await.len(), 1);
}

#[tokio::test]
async fn a_form_that_shows_an_older_record_activates_nothing() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let fields = submission(&browser.get(FORM).await, &[("address", "广东省广州市某路 2 号")]);
    app.fixture()
        .rewrite(student.clone(), |student| student.name = "卢雨玉".into())
        .await;

    let reply = post(&browser, FORM, &fields).await;

    reply
        .assert_status(409)
        .assert_says("在打开本页之后有更新")
        .assert_says("卢雨玉")
        .assert_says("广东省广州市某路 2 号");
    assert!(activations(&app).await.is_empty());
    activate(&browser).await.assert_status(303);
}

#[tokio::test]
async fn a_form_of_an_entry_that_was_removed_does_not_activate_the_next() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let fields = submission(&browser.get(FORM).await, &[]);
    activate(&browser).await.assert_status(303);
    remove(&app, student.id).await;

    post(&browser, FORM, &fields)
        .await
        .assert_status(403)
        .assert_says("查看原因和联系人");
    app.fixture().on_roster(student.id, 2027).await;
    judge(&app).await;

    // A new entry is confirmed anew, with everything filled in from the last time.
    post(&browser, FORM, &fields).await.assert_status(409);
    assert!(matches!(standing(&app, student.id).await, Standing::Listed(_)));
    browser.get(FORM).await.assert_says("陕西省西安市碑林区某路 1 号");
    activate(&browser).await.assert_status(303);
    assert_eq!(activations(&app).await.len(), 2);
    assert_eq!(complaints(&app).await, Vec::<String>::new());
}

/// What the removal does to the entry.
async fn remove(app: &TestApp, student_id: i64) {
    let tx = app.db().begin_write().await.unwrap();
    roster_entry::Entity::update_many()
        .col_expr(roster_entry::Column::State, Expr::value("removed"))
        .col_expr(roster_entry::Column::EndedAt, Expr::value(app.clock.now()))
        .col_expr(roster_entry::Column::EndedReason, Expr::value("误加"))
        .filter(roster_entry::Column::StudentId.eq(student_id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn fields_of_the_record_cannot_be_sent_along() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let mut fields = submission(&browser.get(FORM).await, &[]);
    fields.push(("name", "另一个人".into()));
    fields.push(("origin", "110101".into()));
    fields.push(("student_id", "1".into()));

    post(&browser, FORM, &fields).await.assert_status(303);

    browser
        .get(FORM)
        .await
        .assert_says("卢宇玉")
        .assert_does_not_say("另一个人")
        .assert_does_not_say("东城区");
}

#[tokio::test]
async fn mark_up_is_text_and_rare_characters_come_through() {
    let (app, student) = with_student(|student| student.name = "阿卜杜拉·𫚖𬱖<i>".into()).await;
    let browser = app.student(&student).await;
    let page = browser.get(FORM).await;
    page.assert_says("阿卜杜拉·𫚖𬱖&#60;i&#62;");

    let markup = "<script>alert(1)</script>\"'&";
    let mut fields = submission(&page, &[]);
    for (name, value) in &mut fields {
        if CONTACT.iter().any(|(one, _)| one == name) {
            *value = markup.into();
        }
    }
    let reply = post(&browser, FORM, &fields).await;

    // The address may say anything; all others are refused, and shown as they were typed.
    reply
        .assert_status(422)
        .assert_does_not_say("<script>alert")
        .assert_says("&#60;script&#62;");
    let fields = submission(&page, &[("address", "<b>某路</b> 1 号 𠮷")]);
    post(&browser, FORM, &fields).await.assert_status(303);
    browser
        .get(FORM)
        .await
        .assert_says("&#60;b&#62;某路&#60;/b&#62; 1 号 𠮷")
        .assert_does_not_say("<b>某路");
}

#[tokio::test]
async fn bytes_that_no_text_has_are_refused_or_left_out() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let page = browser.get(FORM).await;

    let fields = submission(&page, &[("address", "某省某市\u{0}\u{7}某路 3 号")]);
    post(&browser, "/student/activation/draft", &fields)
        .await
        .assert_status(303);
    post(&browser, FORM, &fields).await.assert_status(303);

    assert_eq!(
        contact(&app, student.id).await.unwrap().address,
        "某省某市某路 3 号"
    );
}

#[tokio::test]
async fn a_draft_is_kept_as_it_was_typed() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;

    let reply = browser
        .post(
            "/student/activation/draft",
            &[("mobile", " 1000"), ("address", "某\"路")],
        )
        .await;

    assert_eq!(reply.assert_status(303).location(), FORM);
    browser
        .get(FORM)
        .await
        .assert_says("value=\" 1000\"")
        .assert_says("某&#34;路")
        .assert_says("已保存 2026-09-10 10:00");
    assert!(
        app.audit_actions()
            .await
            .iter()
            .all(|action| action != "activation.activated")
    );
}

#[tokio::test]
async fn a_draft_says_that_it_is_saved_only_when_it_is() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let fragment = |body: String| {
        Request::post("/student/activation/draft")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("hx-request-type", "partial")
            .body(Body::from(body))
            .unwrap()
    };

    let saved = browser.send(fragment("mobile=1000".into())).await;
    let long = browser
        .send(fragment(format!("address={}", "a".repeat(500))))
        .await;
    let signed_out = app.visitor().send(fragment("mobile=1000".into())).await;
    let page = browser.get(FORM).await;
    post(&browser, FORM, &submission(&page, &[]))
        .await
        .assert_status(303);
    let late = browser.send(fragment("mobile=9999".into())).await;

    assert!(
        saved
            .assert_status(200)
            .text()
            .starts_with("<span class=\"text-success\">已保存 10:00:00")
    );
    long.assert_status(422).assert_says("没有保存");
    signed_out
        .assert_status(401)
        .assert_says("请先登录")
        .assert_does_not_say("<html");
    late.assert_status(200)
        .assert_says("已激活")
        .assert_does_not_say("已保存");
    assert_eq!(contact(&app, student.id).await.unwrap().mobile, "10000000001");
}

#[tokio::test]
async fn who_is_not_on_a_roster_gets_no_form_but_the_reason() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    let browser = app.student(&student).await;

    for reply in [browser.get(FORM).await, browser.post(FORM, &[]).await] {
        reply
            .assert_status(403)
            .assert_says("不在生源信息库中")
            .assert_says("本院就业专员")
            .assert_says("href=\"/student\"")
            .assert_does_not_say("<form");
    }
}

#[tokio::test]
async fn nobody_activates_for_a_student() {
    let (app, student) = with_student(|_| {}).await;
    let own = app.student(&student).await;
    let fields = submission(&own.get(FORM).await, &[]);
    let other = app.fixture().student("2230100002", |_| {}).await;
    app.fixture().on_roster(other.id, 2027).await;
    judge(&app).await;

    for stranger in [
        app.student(&other).await,
        app.signed_in(Role::Centre, None).await,
        app.visitor(),
    ] {
        let reply = post(&stranger, FORM, &fields).await;
        assert_ne!(reply.status.as_u16(), 303, "{}", reply.text());
    }

    assert!(activations(&app).await.is_empty());
}

#[tokio::test]
async fn a_student_of_a_closed_class_year_is_told_so() {
    let (app, student) = with_student(|_| {}).await;
    app.signed_in(Role::Centre, None)
        .await
        .post("/manage/class-years/2027/closing", &[])
        .await
        .assert_status(303);

    let reply = app.student(&student).await.get(FORM).await;

    reply
        .assert_status(403)
        .assert_says("本届已经关闭")
        .assert_says("学生就业指导中心");
}

#[tokio::test]
async fn the_form_says_which_entry_it_is_for() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    let mut fields = submission(&browser.get(FORM).await, &[]);
    for (name, value) in &mut fields {
        if *name == "entry" {
            *value = (hidden(&browser.get(FORM).await, "entry").parse::<i64>().unwrap() + 1).to_string();
        }
    }

    post(&browser, FORM, &fields).await.assert_status(409);
    for (name, value) in &mut fields {
        if *name == "entry" {
            *value = "1; DROP TABLE activation".into();
        }
    }
    post(&browser, FORM, &fields).await.assert_status(400);
}
