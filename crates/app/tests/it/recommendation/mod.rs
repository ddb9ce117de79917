//! The recommendation form (R26 to R28): written, reviewed, valid or not, checked by anybody.

mod check;
mod printing;
mod queue;
mod reminding;
mod review;
mod settings;
mod validity;
mod writing;

use qihang::recommendation::model::Code;
use qihang_db::entity::{message, recommendation_form, recommendation_version, student};
use qihang_db::{Role, Scope};
use sea_orm::QueryOrder;

use crate::activation::hidden;
use crate::support::{Browser, PASSWORD, Reply, TestApp};

pub const OWN: &str = "/student/recommendation";
pub const QUEUE: &str = "/manage/recommendations";

/// What a student writes who has nothing to hide.
pub const TEXTS: [(&str, &str); 4] = [
    ("rank", "平均学分绩点 3.6/4.3，专业排名 12/98"),
    ("awards", "2025年获校一等奖学金"),
    ("intention", "西安，装备制造，机械设计"),
    ("appraisal", "踏实肯干，乐于合作。"),
];

/// A picture that can be printed.
fn picture() -> Vec<u8> {
    let mut content = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(35, 45, image::Rgb([168, 200, 230]))
        .write_to(&mut content, image::ImageFormat::Jpeg)
        .unwrap();
    content.into_inner()
}

/// A university with so many activated students of 彭康书院 on the roster of 2027, each with a photo.
pub async fn university(count: usize) -> (TestApp, Vec<student::Model>) {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    app.app.files.put("photo/none", picture()).await.unwrap();
    let mut students = Vec::new();
    for number in 1..=count {
        let student = fixture
            .student(&format!("22301000{number:02}"), |row| {
                row.name = format!("卢宇{number}");
            })
            .await;
        let entry = fixture.on_roster(student.id, 2027).await;
        fixture.activated(&entry, &student).await;
        fixture.photo(student.id).await;
        students.push(student);
    }
    (app, students)
}

/// One student, with a browser; and the officer of the own 院.
pub async fn with_student() -> (TestApp, student::Model, Browser, Browser) {
    let (app, mut students) = university(1).await;
    let student = students.remove(0);
    let browser = app.student(&student).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    (app, student, browser, officer)
}

/// The officer of 彭康书院, after a session has ended.
pub async fn signed_in_again(app: &TestApp) -> Browser {
    let officer = app.visitor();
    officer.sign_in("officer-s01", PASSWORD).await.assert_status(303);
    officer
}

/// Codes of the sections that can be written on a page.
pub fn open_sections(page: &Reply) -> Vec<String> {
    let text = page.text();
    text.split("name=\"text.")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// What the form of a page sends when these texts stand in it; in the other sections nothing.
pub fn filled(page: &Reply, texts: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = vec![("revision".to_owned(), hidden(page, "revision"))];
    for code in open_sections(page) {
        let body = texts
            .iter()
            .find(|(one, _)| *one == code)
            .map_or("", |(_, body)| body);
        let revision = format!("revision.{code}");
        form.push((format!("text.{code}"), body.to_owned()));
        form.push((revision.clone(), hidden(page, &revision)));
    }
    form
}

pub async fn post(browser: &Browser, address: &str, form: &[(String, String)]) -> Reply {
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post(address, &form).await
}

/// Fills the form in as it is shown, and presses 提交审核.
pub async fn submit(browser: &Browser, texts: &[(&str, &str)]) -> Reply {
    let page = browser.get(OWN).await;
    post(
        browser,
        "/student/recommendation/submission",
        &filled(&page, texts),
    )
    .await
}

/// All forms, oldest first.
pub async fn forms(app: &TestApp) -> Vec<recommendation_form::Model> {
    Scope::Everyone
        .select::<recommendation_form::Entity>()
        .order_by_asc(recommendation_form::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
}

/// All versions, oldest first.
pub async fn versions(app: &TestApp) -> Vec<recommendation_version::Model> {
    Scope::Everyone
        .select::<recommendation_version::Entity>()
        .order_by_asc(recommendation_version::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
}

/// State and validity of every version, oldest first.
pub async fn states(app: &TestApp) -> Vec<(String, Option<String>)> {
    versions(app)
        .await
        .into_iter()
        .map(|version| (version.state, version.validity))
        .collect()
}

/// Titles of everything that students were told, oldest first.
pub async fn told(app: &TestApp) -> Vec<String> {
    let messages = Scope::Everyone
        .select::<message::Entity>()
        .order_by_asc(message::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap();
    messages.into_iter().map(|message| message.title).collect()
}

/// What an officer's page of a form sends with 通过.
pub fn approval(page: &Reply, opinion: &str) -> Vec<(String, String)> {
    vec![
        ("version".into(), hidden(page, "version")),
        ("revision".into(), hidden(page, "revision")),
        ("record".into(), hidden(page, "record")),
        ("choice".into(), String::new()),
        ("opinion".into(), opinion.into()),
    ]
}

/// What it sends with 退回.
pub fn objections(page: &Reply, reopened: &str, reasons: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = vec![
        ("version".to_owned(), hidden(page, "version")),
        ("revision".to_owned(), hidden(page, "revision")),
        ("reopened".to_owned(), reopened.to_owned()),
    ];
    for (section, reason) in reasons {
        form.push((format!("reason.{section}"), (*reason).to_owned()));
    }
    form
}

/// The officer reads a form and approves it.
pub async fn approve(officer: &Browser, form_id: i64) -> Reply {
    let address = format!("{QUEUE}/{form_id}");
    let page = officer.get(&address).await;
    post(
        officer,
        &format!("{address}/approval"),
        &approval(&page, "同意推荐。"),
    )
    .await
}

/// The officer reads a form and returns it.
pub async fn give_back(officer: &Browser, form_id: i64, reopened: &str, reasons: &[(&str, &str)]) -> Reply {
    let address = format!("{QUEUE}/{form_id}");
    let page = officer.get(&address).await;
    post(
        officer,
        &format!("{address}/return"),
        &objections(&page, reopened, reasons),
    )
    .await
}

/// The student submits, the officer approves. Answers the form.
pub async fn approved(app: &TestApp, browser: &Browser, officer: &Browser) -> recommendation_form::Model {
    submit(browser, &TEXTS).await.assert_status(303);
    let form = forms(app).await.pop().unwrap();
    approve(officer, form.id).await.assert_status(303);
    forms(app).await.pop().unwrap()
}

/// The code that stands on a version, as it is printed.
pub fn printed(version: &recommendation_version::Model) -> String {
    Code::parse(version.check_code.as_deref().unwrap())
        .unwrap()
        .grouped()
}
