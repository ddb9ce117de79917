//! 激活进度 and reminders (R23).

mod list;
mod mail;
mod reminders;
mod view;

use qihang::activation::fields::Field;
use qihang::activation::model::Confirmed;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, Schedule};
use qihang_db::entity::{activation, message, roster_entry, student, student_contact};
use qihang_db::{Role, Scope};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};

use crate::support::{Browser, Reply, TestApp};

pub const PROGRESS: &str = "/manage/activation";

/// A student on the roster of 2027.
pub async fn listed(
    app: &TestApp,
    student_no: &str,
    change: impl FnOnce(&mut student::Model),
) -> (student::Model, roster_entry::Model) {
    let student = app.fixture().student(student_no, change).await;
    let entry = app.fixture().on_roster(student.id, 2027).await;
    (student, entry)
}

/// Activates without asking any rule; `changed` when something has changed since.
pub async fn activated(
    app: &TestApp,
    (student, entry): &(student::Model, roster_entry::Model),
    changed: bool,
) {
    let now = app.clock.now();
    let confirmed = if changed {
        let other = student::Model {
            name: "卢宇".into(),
            ..student.clone()
        };
        Confirmed::of(&other, [Field::Name])
    } else {
        Confirmed::of(student, [Field::Name])
    };
    let row = activation::ActiveModel {
        entry_id: Set(entry.id),
        student_id: Set(student.id),
        class_year: Set(entry.class_year),
        activated_at: Set(now),
        confirmed: Set(confirmed.to_column()),
        confirmed_at: Set(now),
        changed_at: Set(changed.then_some(now)),
        ..Default::default()
    };
    let tx = app.db().begin_write().await.unwrap();
    row.insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// The contact data of a student, with this e-mail address.
pub async fn with_contact(app: &TestApp, student: &student::Model, email: &str) {
    let row = student_contact::ActiveModel {
        student_id: Set(student.id),
        mobile: Set("13800000000".into()),
        email: Set(email.into()),
        qq: Set(String::new()),
        address: Set("某路 1 号".into()),
        postcode: Set("710049".into()),
        home_phone: Set("029-00000000".into()),
        updated_at: Set(app.clock.now()),
    };
    let tx = app.db().begin_write().await.unwrap();
    student_contact::Entity::insert(row)
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Works the findings out: a change of the class year's rules does.
pub async fn judged(app: &TestApp) {
    let year = ClassYear::new(2027).unwrap();
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let schedule = Schedule::usual(year).unwrap();
    qihang::class_year::rules::change_schedule(app.db(), &can, year, &schedule)
        .await
        .unwrap();
}

/// Presses 提醒选中学生 with these fields; answers the id of the question.
pub async fn asked(officer: &Browser, form: &[(&str, &str)]) -> String {
    let reply = officer.post("/manage/activation/selections", form).await;
    reply.assert_status(303);
    let location = reply.location();
    assert!(
        location.starts_with("/manage/activation/selections/"),
        "{location}"
    );
    location.rsplit('/').next().unwrap().to_owned()
}

/// Answers the question with yes.
pub async fn sent(officer: &Browser, question: &str) -> Reply {
    let form = [
        ("question", question),
        ("title", "请激活账户"),
        ("body", "请在截止日前激活。"),
    ];
    officer.post("/manage/activation/reminders", &form).await
}

/// Reminds everybody who can be.
pub async fn reminded_all(officer: &Browser) -> Reply {
    let question = asked(officer, &[("mode", "all")]).await;
    sent(officer, &question).await
}

/// All messages, in the order in which they were sent.
pub async fn messages(app: &TestApp) -> Vec<message::Model> {
    Scope::Everyone
        .select::<message::Entity>()
        .order_by_asc(message::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap()
}

/// The officer of 彭康书院.
pub async fn officer(app: &TestApp) -> Browser {
    app.signed_in(Role::Officer, Some("S01")).await
}
