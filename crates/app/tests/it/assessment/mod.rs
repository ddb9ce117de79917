//! 就业工作年度考核 (R24): counted for any moment, frozen at the due days, and never otherwise afterwards.

mod figures;
mod freezing;
mod history;
mod pages;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use qihang::assessment::model::{Counted, Figures, Moment};
use qihang::assessment::rules;
use qihang::auth::{Can, policy};
use qihang::class_year::model::{ClassYear, Details};
use qihang::class_year::queries::find;
use qihang::findings::rules as findings;
use qihang::roster::removal::model::Reason;
use qihang::roster::{removal, rules as roster};
use qihang_db::entity::{activation, college, finding, roster_entry, student};
use qihang_db::{Scope, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use crate::exchange::Exchange;
use crate::support::{PASSWORD, TestApp};

/// The columns of the files here.
const HEADINGS: &str = "学号,姓名,性别,类型,学历,学院,书院,专业,入学年份,学制,培养方式,学籍状态,手机";

/// The class year of all stories.
pub fn year() -> ClassYear {
    ClassYear::new(2027).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a file says of a student.
#[derive(Clone, Debug)]
pub struct Record {
    pub number: String,
    pub student_type: &'static str,
    pub degree: &'static str,
    pub residence: &'static str,
    pub major: &'static str,
    pub admission: i32,
    pub length: &'static str,
    pub mode: &'static str,
    pub status: &'static str,
}

impl Record {
    /// An undergraduate of 彭康书院 who is expected in 2027.
    pub fn undergraduate(number: &str) -> Self {
        Self {
            number: number.into(),
            student_type: "本科生",
            degree: "本科",
            residence: "S01",
            major: "B001",
            admission: 2023,
            length: "4",
            mode: "非定向",
            status: "在读",
        }
    }

    /// A master of 机械工程学院 who is expected in 2027.
    pub fn master(number: &str) -> Self {
        Self {
            student_type: "研究生",
            degree: "硕士",
            residence: "",
            major: "M001",
            admission: 2024,
            length: "3",
            ..Self::undergraduate(number)
        }
    }

    fn line(&self) -> String {
        format!(
            "{},张三,男,{},{},001,{},{},{},{},{},{},13800138000",
            self.number,
            self.student_type,
            self.degree,
            self.residence,
            self.major,
            self.admission,
            self.length,
            self.mode,
            self.status
        )
    }
}

/// A file of these records.
pub fn file<'a>(rows: impl IntoIterator<Item = &'a Record>) -> Vec<u8> {
    let mut text = format!("{HEADINGS}\n");
    for row in rows {
        text.push_str(&row.line());
        text.push('\n');
    }
    text.into_bytes()
}

/// A university at work, by its own rules.
pub struct World<'a> {
    pub app: &'a TestApp,
    pub exchange: Exchange<'a>,
}

impl<'a> World<'a> {
    pub async fn at(app: &'a TestApp) -> Self {
        Self {
            exchange: Exchange::at(app).await,
            app,
        }
    }

    /// Whoever was away for more than an hour signs in again.
    pub async fn sign_in(&self) {
        let reply = self.exchange.browser.sign_in("centre-all", PASSWORD).await;
        reply.assert_status(303);
    }

    pub async fn import(&self, rows: &[Record]) -> i64 {
        self.sign_in().await;
        let batch = self.exchange.import("students", &file(rows)).await;
        assert_eq!(batch.rows_refused, 0, "the file is good");
        batch.id
    }

    pub fn at_instant(&self, instant: &str) {
        self.app.clock.set(instant.parse::<DateTime<Utc>>().unwrap());
    }

    pub async fn details(&self) -> Details {
        find(self.app.db().reader(), year()).await.unwrap().unwrap()
    }

    pub async fn college(&self, code: &str) -> i64 {
        self.app.fixture().college_id(code).await
    }

    /// Everybody of a 院 who can be added.
    pub async fn add_expected(&self, college: &str) -> Vec<i64> {
        let scope = Scope::of_college(self.college(college).await);
        let can = Can::<policy::ConfirmRoster>::at_the_console(scope);
        roster::add_expected(self.app.db(), &can, year()).await.unwrap()
    }

    pub async fn remove(&self, student_id: i64) {
        let can = Can::<policy::RemoveFromRoster>::at_the_console(Scope::Everyone);
        let reason = Reason::parse("申请延期毕业").unwrap();
        removal::rules::remove(self.app.db(), &can, year(), &[student_id], &reason)
            .await
            .unwrap();
    }

    pub async fn student(&self, number: &str) -> student::Model {
        self.exchange.student(number).await
    }

    /// Settles the omission of a student, or takes that back.
    pub async fn settle(&self, number: &str) {
        let id = self.omission(number).await;
        let can = Can::<policy::SettleFindings>::at_the_console(Scope::Everyone);
        findings::settle(self.app.db(), &can, year().year(), &[id], "申请延期毕业")
            .await
            .unwrap();
    }

    pub async fn reopen(&self, number: &str) {
        let id = self.omission(number).await;
        let can = Can::<policy::SettleFindings>::at_the_console(Scope::Everyone);
        findings::reopen(self.app.db(), &can, year().year(), &[id])
            .await
            .unwrap();
    }

    async fn omission(&self, number: &str) -> i64 {
        let student = self.student(number).await;
        let found = Scope::Everyone
            .select::<finding::Entity>()
            .filter(finding::Column::StudentId.eq(student.id))
            .filter(finding::Column::Kind.eq("omission"))
            .one(self.app.db().reader())
            .await;
        found.unwrap().expect("the student is missing").id
    }

    /// Has a student activate on the entry that is open, without asking any rule.
    pub async fn activate(&self, student_id: i64) {
        let entry = self
            .entries()
            .await
            .into_iter()
            .find(|entry| entry.student_id == student_id && entry.state == "open");
        let Some(entry) = entry else { return };
        let now = self.app.clock.now();
        let row = activation::ActiveModel {
            entry_id: Set(entry.id),
            student_id: Set(student_id),
            class_year: Set(entry.class_year),
            activated_at: Set(now),
            confirmed: Set("{}".into()),
            confirmed_at: Set(now),
            changed_at: Set(None),
            ..Default::default()
        };
        let tx = self.app.db().begin_write().await.unwrap();
        // A second press is refused by the constraint, as it should be.
        if row.insert(&tx).await.is_ok() {
            tx.commit().await.unwrap();
        }
    }

    pub async fn entries(&self) -> Vec<roster_entry::Model> {
        Scope::Everyone
            .select::<roster_entry::Entity>()
            .order_by_asc(roster_entry::Column::Id)
            .all(self.app.db().reader())
            .await
            .unwrap()
    }

    /// The figures as they were at a moment, as the history has them.
    pub async fn figures(&self, moment: Moment) -> Counted {
        rules::figures_at(
            self.app.db().reader(),
            &Scope::Everyone,
            &self.details().await,
            moment,
        )
        .await
        .unwrap()
    }

    /// The figures of a 院 right now.
    pub async fn now(&self, college: &str) -> Figures {
        let counted = self.figures(Moment::after(self.app.clock.now())).await;
        let id = self.college(college).await;
        counted.colleges.get(&id).copied().unwrap_or_default()
    }

    /// Figures by code of the 院.
    pub async fn by_code(&self, counted: &Counted) -> BTreeMap<String, Figures> {
        let colleges = records::<college::Entity>()
            .all(self.app.db().reader())
            .await
            .unwrap();
        counted
            .colleges
            .iter()
            .map(|(id, figures)| {
                let college = colleges.iter().find(|college| college.id == *id);
                (college.unwrap().code.clone(), *figures)
            })
            .collect()
    }
}
