//! 信息有误 (R15): reported by a student, listed for the office, closed by the data exchange or with an answer.

mod filing;
mod office;
mod sync;

use qihang::activation::fields::Field;
use qihang::correction::rules::seen;
use qihang_db::entity::{correction, message, student};
use qihang_db::{Role, Scope};
use sea_orm::QueryOrder;

use crate::support::{Browser, Reply, TestApp};

/// A university with one student of 彭康书院 on the roster, and an officer of that 院.
pub async fn with_student() -> (TestApp, student::Model, Browser) {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", |_| {}).await;
    app.fixture().on_roster(student.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    (app, student, officer)
}

/// Reports a field as wrong, as the form does that shows the record as it is given.
pub async fn report(browser: &Browser, student: &student::Model, field: Field, claimed: &str) -> Reply {
    report_with(browser, student, field, (claimed, "")).await
}

pub async fn report_with(
    browser: &Browser,
    student: &student::Model,
    field: Field,
    (claimed, note): (&str, &str),
) -> Reply {
    let form = [
        ("field", field.code()),
        ("seen", &seen(field, student)),
        ("claimed", claimed),
        ("note", note),
    ];
    browser.post("/student/corrections", &form).await
}

/// Everything that was reported, oldest first.
pub async fn reports(app: &TestApp) -> Vec<correction::Model> {
    Scope::Everyone
        .select::<correction::Entity>()
        .order_by_asc(correction::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
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
