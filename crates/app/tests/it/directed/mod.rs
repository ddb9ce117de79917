//! 定向委培 (R11, R15): the list, the unit that an officer fills in and that lies over the data exchange, what a student
//! proposes, the reminder.

mod list;
mod officer;
mod overlay;
mod proposal;

use qihang::directed::{model, queries};
use qihang_db::entity::{directed_unit, finding, student};
use qihang_db::{Role, Scope};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::exchange::Exchange;
use crate::support::{Browser, Reply, TestApp};

/// The columns of the files here.
const HEADINGS: &str =
    "学号,姓名,性别,类型,学历,学院,书院,专业,入学年份,学制,学籍状态,生源所在地,培养方式,定向委培单位";

/// A row of a directed undergraduate with this place of origin and this unit.
fn row(student_no: &str, origin: &str, unit: &str) -> String {
    format!("{student_no},卢宇玉,女,本科生,本科,001,S01,B001,2023,4,在读,{origin},定向,{unit}")
}

fn file(rows: &[String]) -> Vec<u8> {
    format!("{HEADINGS}\n{}\n", rows.join("\n")).into_bytes()
}

/// The school with one directed student on the roster whom the exchange has without a unit, and the officer.
struct School<'a> {
    app: &'a TestApp,
    exchange: Exchange<'a>,
    officer: Browser,
    phone: Browser,
    id: i64,
}

const WHO: &str = "2230100001";

impl<'a> School<'a> {
    async fn start(app: &'a TestApp) -> Self {
        Self::start_with(app, "610100").await
    }

    async fn start_with(app: &'a TestApp, origin: &str) -> Self {
        let exchange = Exchange::at(app).await;
        exchange.import("students", &file(&[row(WHO, origin, "")])).await;
        let student = exchange.student(WHO).await;
        app.fixture().on_roster(student.id, 2027).await;
        Self {
            app,
            officer: app.signed_in(Role::Officer, Some("S01")).await,
            phone: app.student(&student).await,
            id: student.id,
            exchange,
        }
    }

    async fn record(&self) -> student::Model {
        self.exchange.student(WHO).await
    }

    /// The unit that counts.
    async fn unit(&self) -> String {
        self.record().await.directed_unit
    }

    async fn stored(&self) -> Option<directed_unit::Model> {
        queries::of_student(self.app.db().reader(), self.id)
            .await
            .unwrap()
    }

    /// What somebody sees who looks now.
    async fn seen(&self) -> String {
        model::seen(&self.record().await, self.stored().await.as_ref())
    }

    /// The exchange brings the student with this unit.
    async fn bring(&self, unit: &str) -> i64 {
        let content = file(&[row(WHO, "610100", unit)]);
        self.exchange.import("students", &content).await.id
    }

    async fn propose(&self, unit: &str) -> Reply {
        self.phone.post("/student/directed-unit", &[("unit", unit)]).await
    }

    /// The officer fills in a unit after having looked.
    async fn fill(&self, unit: &str) -> Reply {
        self.fill_having_seen(&self.seen().await, unit).await
    }

    async fn fill_having_seen(&self, seen: &str, unit: &str) -> Reply {
        let form = [
            ("seen", seen),
            ("unit", unit),
            ("evidence", "已电话联系本人，见协议"),
        ];
        self.officer
            .post(&format!("/manage/directed/{WHO}/unit"), &form)
            .await
    }

    async fn undo(&self) -> Reply {
        let seen = self.seen().await;
        self.officer
            .post(&format!("/manage/directed/{WHO}/withdrawal"), &[("seen", &seen)])
            .await
    }

    /// The kinds of the findings about the unit, as they are stored.
    async fn kinds(&self) -> Vec<String> {
        let found = Scope::Student(self.id)
            .select::<finding::Entity>()
            .filter(finding::Column::Field.eq("定向委培单位"))
            .order_by_asc(finding::Column::Kind)
            .all(self.app.db().reader())
            .await
            .unwrap();
        found.into_iter().map(|row| row.kind).collect()
    }

    /// `qihang verify` finds everything in order.
    async fn assert_whole(&self) {
        let report = qihang::audit::rules::verify(self.app.db(), None).await.unwrap();
        assert!(report.is_whole(), "{:?}", report.checks);
    }
}
