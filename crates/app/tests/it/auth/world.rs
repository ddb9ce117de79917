//! A university with one of everything that an address can name.

use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, Schedule};
use qihang::web::{Method, Route, assets};
use qihang_db::entity::{assignment, finding, student};
use qihang_db::{Role, Scope, records};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::support::TestApp;

pub struct World {
    pub app: TestApp,
    /// A student of 004, whom nobody of S01 may know of; on the roster, with a finding.
    pub foreign: student::Model,
    /// A finding about the foreign student.
    pub finding_id: i64,
    /// An officer of 004 whom the administrator works on.
    pub account_id: i64,
    /// The role of that officer.
    pub role_id: i64,
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
        fixture.on_roster(foreign.id, 2027).await;
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
        Self {
            app,
            foreign,
            finding_id,
            account_id,
            role_id,
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

/// How the parameters of a route are filled: beginning of the path, parameter, value.
type Parameter = (&'static str, &'static str, fn(&World) -> String);

const PARAMETERS: &[Parameter] = &[
    ("/assets/", "/assets/{file}", |_| assets::url("app.css")),
    ("/manage/class-years/", "{year}", |_| "2027".to_owned()),
    ("/manage/accounts/", "{id}", |world| world.account_id.to_string()),
    ("/manage/accounts/", "{role_id}", |world| {
        world.role_id.to_string()
    }),
    ("/manage/students/", "{id}", |world| world.foreign.id.to_string()),
    // Questions and imports come into being by a form; that there is none must be told politely, too.
    ("/manage/roster/selections/", "{id}", |_| "1".to_owned()),
    ("/manage/imports/", "{id}", |_| "1".to_owned()),
    ("/manage/imports/", "{dataset}", |_| "students".to_owned()),
];

pub fn method(route: &Route) -> &'static str {
    match route.method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}
