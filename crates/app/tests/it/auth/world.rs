//! A university with one of everything that an address can name.

use qihang::activation::fields::Field;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, Schedule};
use qihang::correction::rules::seen;
use qihang::message::{self, rules::NewMessage};
use qihang::notice::model::{Content, Readership};
use qihang::web::{Method, Route, assets};
use qihang_db::entity::{assignment, correction, finding, message as sent, student};
use qihang_db::{Actor, MessageKind, Role, Scope, records};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::support::TestApp;

pub struct World {
    pub app: TestApp,
    /// A student of 004, whom nobody of S01 may know of; on the roster, with a finding.
    pub foreign: student::Model,
    /// A finding about the foreign student.
    pub finding_id: i64,
    /// A message to the foreign student.
    pub message_id: i64,
    /// What the foreign student reported as wrong.
    pub correction_id: i64,
    /// An officer of 004 whom the administrator works on.
    pub account_id: i64,
    /// The role of that officer.
    pub role_id: i64,
    /// A notice of 004.
    pub notice_id: i64,
    /// The recommendation form of the foreign student, under review.
    pub form_id: i64,
}

impl World {
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let fixture = app.fixture();
        fixture.university().await;
        fixture.student("2230100001", |_| {}).await;
        let school_id = fixture.college_id("004").await;
        let major_id = fixture.major_id("M004").await;
        let foreign = fixture
            .master("3240400001", |student| {
                "慕容雪".clone_into(&mut student.name);
                student.school_id = school_id;
                student.major_id = major_id;
                student.origin = String::new();
            })
            .await;
        let entry = fixture.on_roster(foreign.id, 2027).await;
        fixture.activated(&entry, &foreign).await;
        fixture.photo(foreign.id).await;
        let account_id = fixture.account("target", Role::Officer, Some("004")).await;
        // A change of the class year's rules works out the findings.
        let year = ClassYear::new(2027).expect("a class year");
        let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
        let schedule = Schedule::usual(year).expect("dates");
        qihang::class_year::rules::change_schedule(app.db(), &can, year, &schedule)
            .await
            .expect("the findings are made");
        let finding_id = Scope::Everyone
            .select::<finding::Entity>()
            .filter(finding::Column::StudentId.eq(foreign.id))
            .one(app.db().reader())
            .await
            .expect("an answer")
            .expect("a place of origin that is missing is a finding")
            .id;
        let role_id = records::<assignment::Entity>()
            .filter(assignment::Column::AccountId.eq(account_id))
            .one(app.db().reader())
            .await
            .expect("an answer")
            .expect("the role")
            .id;
        let change = app.db().change(&Actor::system()).await.expect("a change");
        let message = NewMessage {
            student_id: foreign.id,
            kind: MessageKind::Record,
            title: "生源所在地已变更".into(),
            body: "请登录后核对。".into(),
            href: None,
        };
        message::rules::send(&change, message).await.expect("a message");
        change.keep_without_event().await.expect("it is kept");
        let message_id = Scope::Everyone
            .select::<sent::Entity>()
            .one(app.db().reader())
            .await
            .expect("an answer")
            .expect("the message")
            .id;
        let correction_id = report(&app, &foreign).await;
        let notice_id = notice_of(&app, school_id).await;
        let form_id = recommendation_of(&app, &foreign).await;
        Self {
            app,
            foreign,
            finding_id,
            message_id,
            correction_id,
            account_id,
            role_id,
            notice_id,
            form_id,
        }
    }

    /// The address of a route with its parameters filled in.
    pub fn address(&self, route: &Route) -> String {
        let mut address = route.path.to_owned();
        for (beginning, name, value) in PARAMETERS {
            if address.starts_with(beginning) {
                address = address.replace(name, &value(self));
            }
        }
        assert!(
            !address.contains('{'),
            "{} {} has a parameter that the tests cannot fill: name it in PARAMETERS in tests/it/auth/world.rs",
            method(route),
            route.path
        );
        address
    }
}

/// The student says that the own 考生号 is wrong.
async fn report(app: &TestApp, student: &student::Model) -> i64 {
    let form = [
        ("field", "exam_no"),
        ("seen", &seen(Field::ExamNo, student)),
        ("claimed", "106984000000000"),
        ("note", ""),
    ];
    let reply = app
        .student(student)
        .await
        .post("/student/corrections", &form)
        .await;
    reply.assert_status(303);
    Scope::Student(student.id)
        .select::<correction::Entity>()
        .one(app.db().reader())
        .await
        .expect("an answer")
        .expect("the report")
        .id
}

/// The student submits the recommendation form.
async fn recommendation_of(app: &TestApp, student: &student::Model) -> i64 {
    let browser = app.student(student).await;
    crate::recommendation::submit(&browser, &crate::recommendation::TEXTS)
        .await
        .assert_status(303);
    crate::recommendation::forms(app).await[0].id
}

/// A draft of a 院 for its students.
async fn notice_of(app: &TestApp, college_id: i64) -> i64 {
    let content = Content {
        title: "通知".into(),
        body: "正文".into(),
        readership: Readership::Students {
            colleges: [college_id].into(),
            student_type: None,
            class_year: None,
        },
        pinned: false,
        publish_on: None,
        ends_on: None,
    };
    let can = Can::<policy::WriteNotices>::at_the_console(Scope::Everyone);
    qihang::notice::rules::create(app.db(), &can, Some(college_id), &content)
        .await
        .expect("a draft")
}

/// How the parameters of a route are filled: beginning of the path, parameter, value.
type Parameter = (&'static str, &'static str, fn(&World) -> String);

const PARAMETERS: &[Parameter] = &[
    ("/assets/", "/assets/{file}", |_| assets::url("app.css")),
    ("/manage/class-years/", "{year}", |_| "2027".to_owned()),
    ("/manage/assessment/rules/", "{year}", |_| "2027".to_owned()),
    ("/manage/accounts/", "{id}", |world| world.account_id.to_string()),
    ("/manage/accounts/", "{role_id}", |world| {
        world.role_id.to_string()
    }),
    ("/notices/", "{id}", |_| "1".to_owned()),
    ("/notices/", "{attachment_id}", |_| "1".to_owned()),
    ("/manage/notices/", "{id}", |world| world.notice_id.to_string()),
    ("/manage/notices/", "{attachment_id}", |_| "1".to_owned()),
    ("/manage/contacts/", "{id}", |_| "1".to_owned()),
    // Questions and imports come into being by a form; that there is none must be told politely, too.
    ("/manage/roster/selections/", "{id}", |_| "1".to_owned()),
    ("/manage/recommendations/", "{id}", |world| {
        world.form_id.to_string()
    }),
    ("/student/recommendation/", "{section}", |_| "awards".to_owned()),
    ("/manage/students/", "{id}", |world| world.foreign.id.to_string()),
    ("/manage/activation/selections/", "{id}", |_| "1".to_owned()),
    ("/manage/activation/reminders/", "{id}", |_| "1".to_owned()),
    ("/student/corrections/", "{id}", |world| {
        world.correction_id.to_string()
    }),
    ("/manage/corrections/", "{id}", |world| {
        world.correction_id.to_string()
    }),
    ("/manage/directed/", "{student_no}", |world| {
        world.foreign.student_no.clone()
    }),
    ("/manage/leadership/", "{year}", |_| "2027".to_owned()),
    ("/manage/leadership/", "{college}", |_| "004".to_owned()),
    ("/manage/leadership/", "{place}", |_| "0".to_owned()),
    ("/manage/leadership/", "{number}", |_| "1".to_owned()),
    ("/student/record/", "{field}", |_| "name".to_owned()),
    ("/student/steps/", "{step}", |_| "print".to_owned()),
    ("/student/messages/", "{id}", |world| world.message_id.to_string()),
    ("/manage/imports/", "{id}", |_| "1".to_owned()),
    ("/manage/special-lists/", "{id}", |_| "1".to_owned()),
    ("/manage/jobs/", "{id}", |_| "1".to_owned()),
    ("/manage/imports/", "{dataset}", |_| "students".to_owned()),
];

pub fn method(route: &Route) -> &'static str {
    match route.method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}
