//! Activation and the gate.

mod changes;
mod form;
mod gate;
mod rule;
mod settings;

use chrono::{DateTime, Utc};
use qihang::activation::gate::Standing;
use qihang::activation::queries;
use qihang::findings::rules::{Touched, refresh};
use qihang_db::entity::{activation, audit_event, student, student_contact};
use qihang_db::{Action, Actor, AuditEvent, Scope, records};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::support::{Browser, Reply, TestApp};

/// Contact data without a mistake.
pub const CONTACT: [(&str, &str); 6] = [
    ("mobile", "10000000001"),
    ("email", "someone@mail.example"),
    ("qq", ""),
    ("address", "陕西省西安市碑林区某路 1 号"),
    ("postcode", "710049"),
    ("home_phone", "029-00000000"),
];

/// A university with one student on the roster of 2027.
pub async fn with_student(change: impl FnOnce(&mut student::Model)) -> (TestApp, student::Model) {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("2230100001", change).await;
    app.fixture().on_roster(student.id, 2027).await;
    judge(&app).await;
    (app, student)
}

/// What every change of a record does: works out the findings and what has to be confirmed again.
pub async fn judge(app: &TestApp) {
    let change = app.db().change(&Actor::system()).await.unwrap();
    refresh(&change, Touched::Everyone).await.unwrap();
    let students = Scope::Everyone
        .select::<student::Entity>()
        .all(change.tx())
        .await
        .unwrap();
    let ids: Vec<i64> = students.iter().map(|student| student.id).collect();
    qihang::activation::rules::follow(&change, Touched::Students(&ids))
        .await
        .unwrap();
    change
        .commit(AuditEvent::new(Action::ImportCommitted, "import/test"))
        .await
        .unwrap();
}

/// What an import does to a record, with what follows from it.
pub async fn exchange(app: &TestApp, student_id: i64, change: impl FnOnce(&mut student::Model)) {
    let row = Scope::Student(student_id)
        .select::<student::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    let now = app.clock.now();
    app.fixture()
        .rewrite(row, |row| {
            row.updated_at = now;
            change(row);
        })
        .await;
    judge(app).await;
}

/// The value of a hidden field of the form.
pub fn hidden(page: &Reply, name: &str) -> String {
    let text = page.text();
    let mark = format!("name=\"{name}\" value=\"");
    let start = text.find(&mark).unwrap_or_else(|| panic!("no {name} in\n{text}")) + mark.len();
    text[start..].split('"').next().unwrap().to_owned()
}

/// The fields that a press on 激活 sends, ticked, with contact data where `typed` does not say otherwise.
pub fn submission(page: &Reply, typed: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("entry", hidden(page, "entry")),
        ("seen", hidden(page, "seen")),
        ("checked", "yes".to_owned()),
    ];
    for (name, usual) in CONTACT {
        let said = typed
            .iter()
            .find(|(one, _)| *one == name)
            .map_or(usual, |(_, value)| *value);
        fields.push((name, said.to_owned()));
    }
    fields
}

pub async fn post(browser: &Browser, address: &str, fields: &[(&str, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post(address, &fields).await
}

/// Fills in the form as it is shown, and presses 激活.
pub async fn activate(browser: &Browser) -> Reply {
    let page = browser.get("/student/activation").await;
    post(browser, "/student/activation", &submission(&page, &[])).await
}

pub async fn standing(app: &TestApp, student_id: i64) -> Standing {
    let student = Scope::Student(student_id)
        .select::<student::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    queries::standing(app.db().reader(), &student).await.unwrap()
}

pub async fn activations(app: &TestApp) -> Vec<activation::Model> {
    Scope::Everyone
        .select::<activation::Entity>()
        .order_by_asc(activation::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
}

pub async fn contact(app: &TestApp, student_id: i64) -> Option<student_contact::Model> {
    queries::contact(app.db().reader(), &Scope::Student(student_id), student_id)
        .await
        .unwrap()
}

/// The events of one kind: subject and what was noted.
pub async fn events(app: &TestApp, action: Action) -> Vec<(String, String)> {
    records::<audit_event::Entity>()
        .filter(audit_event::Column::Action.eq(action.code()))
        .order_by_asc(audit_event::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
        .into_iter()
        .map(|event| (event.subject, event.after.unwrap_or_default()))
        .collect()
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What `qihang verify` would complain about.
pub async fn complaints(app: &TestApp) -> Vec<String> {
    let report = qihang::audit::rules::verify(app.db(), None).await.unwrap();
    report
        .checks
        .into_iter()
        .flat_map(|check| {
            check
                .faults
                .into_iter()
                .map(move |fault| format!("{}: {fault}", check.code))
        })
        .collect()
}
