//! 个人信息 → 修改信息 (R15 to R17): what students mend counts at once, and the data exchange does not take it back.

mod changes;
mod overlay;
mod photo;
mod profile;

use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, OriginDepth, Schedule};
use qihang_db::entity::{finding, own_value, student};
use qihang_db::{OwnField, Scope};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::exchange::Exchange;
use crate::support::{Browser, TestApp};

/// The columns of the files here.
const HEADINGS: &str =
    "学号,姓名,性别,类型,学历,学院,书院,专业,入学年份,学制,学籍状态,生源所在地,婚姻状况,政治面貌";

/// A row of a complete record with this place of origin.
fn row(student_no: &str, origin: &str) -> String {
    format!("{student_no},卢宇玉,女,本科生,本科,001,S01,B001,2023,4,在读,{origin},未婚,共青团员")
}

fn file(rows: &[String]) -> Vec<u8> {
    format!("{HEADINGS}\n{}\n", rows.join("\n")).into_bytes()
}

/// The school, the centre at the page of imports, and one student whom the exchange has with 西安市.
struct School<'a> {
    app: &'a TestApp,
    exchange: Exchange<'a>,
    student: student::Model,
    browser: Browser,
}

impl<'a> School<'a> {
    async fn start(app: &'a TestApp) -> Self {
        let exchange = Exchange::at(app).await;
        exchange
            .import("students", &file(&[row("2230100001", "610100")]))
            .await;
        let student = exchange.student("2230100001").await;
        app.fixture().on_roster(student.id, 2027).await;
        ask_for(app, OriginDepth::City).await;
        let browser = app.student(&student).await;
        Self {
            app,
            exchange,
            student,
            browser,
        }
    }

    /// The exchange brings the student with this place.
    async fn bring(&self, origin: &str) -> i64 {
        self.exchange
            .import("students", &file(&[row("2230100001", origin)]))
            .await
            .id
    }

    /// The student chooses a place.
    async fn mend(&self, code: &str) {
        self.browser
            .post("/portal/profile/origin", &[("code", code)])
            .await
            .assert_status(303);
    }

    async fn origin(&self) -> String {
        self.exchange.student("2230100001").await.origin
    }

    async fn own(&self) -> Option<own_value::Model> {
        Scope::Student(self.student.id)
            .select::<own_value::Entity>()
            .filter(own_value::Column::Field.eq(OwnField::Origin.code()))
            .one(self.app.db().reader())
            .await
            .unwrap()
    }

    /// The kinds of the findings about the three fields, as they are stored.
    async fn kinds(&self) -> Vec<String> {
        let found = Scope::Student(self.student.id)
            .select::<finding::Entity>()
            .order_by_asc(finding::Column::Kind)
            .all(self.app.db().reader())
            .await
            .unwrap();
        let of_own = |kind: &String| {
            ["origin", "marital", "political"]
                .iter()
                .any(|field| kind.starts_with(field))
        };
        found.into_iter().map(|row| row.kind).filter(of_own).collect()
    }

    async fn finding(&self, kind: &str) -> finding::Model {
        Scope::Student(self.student.id)
            .select::<finding::Entity>()
            .filter(finding::Column::Kind.eq(kind))
            .one(self.app.db().reader())
            .await
            .unwrap()
            .unwrap()
    }

    /// `qihang verify` finds everything in order.
    async fn assert_whole(&self) {
        let report = qihang::audit::rules::verify(self.app.db(), None).await.unwrap();
        assert!(report.is_whole(), "{:?}", report.checks);
    }
}

/// Changes the rule of the class year, which works out the findings anew.
async fn ask_for(app: &TestApp, origin_depth: OriginDepth) {
    let year = ClassYear::new(2027).unwrap();
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let schedule = Schedule {
        origin_depth,
        ..Schedule::usual(year).unwrap()
    };
    qihang::class_year::rules::change_schedule(app.db(), &can, year, &schedule)
        .await
        .unwrap();
}
