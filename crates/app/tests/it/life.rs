//! The whole life of a class year, by the pages that people use and a clock that moves: the sync in August, 1 September, the
//! confirmation until the 15th, activation until the 30th, the figures that are frozen, the doctoral list in November, the
//! extended students at the end. Then the same once more, a year later, in the same database.

use chrono::{DateTime, Utc};
use qihang::assessment::model::{Figures, Moment};
use qihang::assessment::rules::{figures_at, freeze_due, freezes};
use qihang::class_year::model::ClassYear;
use qihang::class_year::queries::find;
use qihang_db::entity::{roster_entry, student};
use qihang_db::{AssessmentPart, Role, Scope};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use crate::activation::activate;
use crate::exchange::Exchange;
use crate::support::{Browser, PASSWORD, TestApp, identity_number};

const UNITS: &str = "DWH,DWMC,DWLB,XQ\nS01,彭康书院,书院,兴庆\n001,机械工程学院,学院,\n";
const MAJORS: &str = "ZYH,ZYDM,ZYMC,DWH,PYCC,XZ\nB001,080201,机械工程,001,本科,4\nM001,080200,机械工程,001,硕士,3\nD001,080200,机械工程,001,博士,4\n";
const HEADINGS: &str = "学号,姓名,性别,出生日期,民族,政治面貌,婚姻状况,证件类型,证件号,生源所在地,考生号,类型,学历,学院,书院,专业,班级,入学年份,学制,培养方式,学籍状态,手机,邮箱";

/// A university whose class years are lived through.
struct Life<'a> {
    app: &'a TestApp,
    centre: Browser,
    residence: Browser,
    school: Browser,
    year: i32,
}

/// What a file says of a student: 学号 from kind, admission and a number; the rest without a fault.
fn student_row(year: i32, kind: Kind, number: u32, status: &str) -> String {
    let (letter, admission, words) = match kind {
        Kind::Undergraduate => (2, year - 4, ["本科生", "本科", "S01", "B001", "4"]),
        Kind::Master => (3, year - 3, ["研究生", "硕士", "", "M001", "3"]),
        Kind::Doctor => (4, year - 4, ["研究生", "博士", "", "D001", "4"]),
    };
    let student_no = format!("{letter}{:02}00100{number:03}", admission % 100);
    let [student_type, degree, residence, major, length] = words;
    let exam_no = match kind {
        Kind::Undergraduate => format!("{:02}610103{number:06}", admission % 100),
        Kind::Master | Kind::Doctor => format!("10698{admission}{number:06}"),
    };
    let document = identity_number(&student_no);
    let born = &document[6..14];
    let sex = if document.as_bytes()[16] % 2 == 1 {
        "男"
    } else {
        "女"
    };
    format!(
        "{student_no},张三,{sex},{born},汉族,群众,未婚,1,{document},610103,{exam_no},{student_type},{degree},001,{residence},{major},机械{admission},{admission},{length},非定向,{status},10000000000,{student_no}@stu.univ.example\n",
    )
}

#[derive(Clone, Copy)]
enum Kind {
    Undergraduate,
    Master,
    Doctor,
}

fn student_no(year: i32, kind: Kind, number: u32) -> String {
    let row = student_row(year, kind, number, "在读");
    row.split(',').next().unwrap().to_owned()
}

impl Life<'_> {
    /// Goes to an instant: day and time of Shanghai in the autumn before the class year, or in its own year.
    fn go_to(&self, years_before: i32, month_day_time: &str) {
        let text = format!("{}-{month_day_time}+08:00", self.year - years_before);
        self.app.clock.set(text.parse::<DateTime<Utc>>().unwrap());
    }

    /// Everybody comes to the office in the morning, and signs in.
    async fn sign_in(&self) {
        for (browser, login) in [
            (&self.centre, "centre"),
            (&self.residence, "residence"),
            (&self.school, "school"),
        ] {
            browser.sign_in(login, PASSWORD).await.assert_status(303);
        }
    }

    async fn student(&self, kind: Kind, number: u32) -> student::Model {
        Scope::Everyone
            .select::<student::Entity>()
            .filter(student::Column::StudentNo.eq(student_no(self.year, kind, number)))
            .one(self.app.db().reader())
            .await
            .unwrap()
            .expect("the student is known")
    }

    async fn on_roster(&self) -> u64 {
        Scope::Everyone
            .select::<roster_entry::Entity>()
            .filter(roster_entry::Column::ClassYear.eq(self.year))
            .filter(roster_entry::Column::State.eq("open"))
            .count(self.app.db().reader())
            .await
            .unwrap()
    }

    /// Presses 选中可直接添加的, 添加选中项 and 确认添加.
    async fn confirm(&self, officer: &Browser) {
        let year = self.year.to_string();
        let form = [("class_year", &*year), ("expected", "ready"), ("mode", "all")];
        let asked = officer.post("/manage/roster/entries", &form).await;
        let question = asked.assert_status(303).location();
        let id = question.rsplit('/').next().unwrap().to_owned();
        officer
            .post("/manage/roster/entries", &[("question", &id)])
            .await
            .assert_status(303);
    }

    /// Uploads a list and puts it in force.
    async fn list(&self, kind: &str, content: String) {
        let year = self.year.to_string();
        let fields = [("kind", kind), ("class_year", &*year)];
        let file = ("file", "名单.csv", content.as_bytes());
        let reply = self.centre.upload("/manage/special-lists", &fields, file).await;
        let page = reply.assert_status(303).location();
        self.centre
            .post(&format!("{page}/commitment"), &[])
            .await
            .assert_status(303);
    }

    /// A student activates in the portal.
    async fn activate(&self, kind: Kind, number: u32) {
        let student = self.student(kind, number).await;
        self.app.fixture().photo(student.id).await;
        let browser = self.app.student(&student).await;
        activate(&browser).await.assert_status(303);
    }

    async fn figures(&self) -> Figures {
        let details = find(self.app.db().reader(), self.class_year()).await.unwrap();
        let moment = Moment::after(self.app.clock.now());
        let counted = figures_at(
            self.app.db().reader(),
            &Scope::Everyone,
            &details.unwrap(),
            moment,
        )
        .await;
        counted.unwrap().total
    }

    fn class_year(&self) -> ClassYear {
        ClassYear::new(self.year).unwrap()
    }

    /// The total that was frozen of a part.
    async fn frozen(&self, part: AssessmentPart) -> Figures {
        let all = freezes(self.app.db().reader(), self.class_year()).await.unwrap();
        let of_part: Vec<_> = all.iter().filter(|one| one.part == part).collect();
        assert_eq!(of_part.len(), 1, "each part is frozen once");
        of_part[0].frozen.total
    }

    /// Lives it through.
    async fn live(&self) {
        self.august().await;
        let roster = self.confirmation().await;
        let activation = self.activation().await;
        self.lists().await;

        // What was frozen is as it was, and the history says the same.
        assert_eq!(self.frozen(AssessmentPart::Roster).await, roster);
        assert_eq!(self.frozen(AssessmentPart::Activation).await, activation);
        let report = qihang::audit::rules::verify(self.app.db(), None).await.unwrap();
        assert!(report.is_whole(), "{report:?}");
    }

    fn exchange(&self) -> Exchange<'_> {
        Exchange {
            app: self.app,
            browser: self.centre.clone(),
        }
    }

    async fn august(&self) {
        let (year, before) = (self.year, self.year - 1);

        // The data exchange delivers in August; by the calendar it is still the year of those who have just left.
        self.go_to(1, "08-20T10:00:00");
        self.sign_in().await;
        let mut rows = format!("{HEADINGS}\n");
        for number in 1..=6 {
            rows += &student_row(year, Kind::Undergraduate, number, "在读");
        }
        for number in 1..=3 {
            rows += &student_row(year, Kind::Master, number, "在读");
            rows += &student_row(year, Kind::Doctor, number, "在读");
        }
        rows += &student_row(year, Kind::Undergraduate, 90, "延长学制");
        let batch = self.exchange().import("students", rows.as_bytes()).await;
        assert_eq!((batch.rows_refused, batch.rows_added), (0, 13));
        self.go_to(1, "08-31T23:59:59");
        self.sign_in().await;
        let page = self.residence.get("/manage/roster/candidates").await;
        page.assert_says(&format!("{before} 届"))
            .assert_does_not_say(&format!("本院 {year} 届应毕业"));
    }

    /// Answers what was frozen of the roster.
    async fn confirmation(&self) -> Figures {
        let (year, before) = (self.year, self.year - 1);
        // On 1 September the class year is the new one, and the centre opens it.
        self.go_to(1, "09-01T00:00:00");
        self.sign_in().await;
        let (roster_due, activation_due) = (format!("{before}-09-15"), format!("{before}-09-30"));
        let text = year.to_string();
        let form = [
            ("year", &*text),
            ("roster_due", &*roster_due),
            ("activation_due", &*activation_due),
            ("doctoral_due", ""),
            ("extended_due", ""),
            ("origin_depth", "county"),
            ("then", "open"),
        ];
        self.centre
            .post("/manage/class-years", &form)
            .await
            .assert_status(303);
        self.residence
            .get("/manage/roster/candidates")
            .await
            .assert_says(&format!("本院 {year} 届应毕业"));

        // The 院 confirm. A student whom the exchange brings on the last evening is added a day late.
        self.go_to(1, "09-05T09:00:00");
        self.sign_in().await;
        self.confirm(&self.residence).await;
        self.confirm(&self.school).await;
        assert_eq!(self.on_roster().await, 9, "six undergraduates and three masters");
        self.go_to(1, "09-15T22:00:00");
        self.sign_in().await;
        let late = format!(
            "{HEADINGS}\n{}",
            student_row(year, Kind::Undergraduate, 7, "在读")
        );
        self.exchange().import("students", late.as_bytes()).await;
        self.go_to(1, "09-16T00:10:00");
        assert_eq!(freeze_due(self.app.db()).await.unwrap(), 1);
        self.go_to(1, "09-16T09:00:00");
        self.sign_in().await;
        self.confirm(&self.residence).await;
        let roster = self.frozen(AssessmentPart::Roster).await;
        assert_eq!((roster.expected, roster.listed, roster.open), (10, 9, 1));
        let now = self.figures().await;
        assert_eq!((now.expected, now.listed, now.late, now.open), (10, 10, 1, 0));
        roster
    }

    /// Answers what was frozen of activation.
    async fn activation(&self) -> Figures {
        // Students activate, one of them after the last day.
        self.go_to(1, "09-20T20:00:00");
        for number in 1..=5 {
            self.activate(Kind::Undergraduate, number).await;
        }
        self.go_to(1, "09-30T23:50:00");
        self.activate(Kind::Master, 1).await;
        self.go_to(1, "10-01T00:10:00");
        assert_eq!(freeze_due(self.app.db()).await.unwrap(), 1);
        self.activate(Kind::Undergraduate, 6).await;
        let activation = self.frozen(AssessmentPart::Activation).await;
        assert_eq!((activation.to_activate, activation.activated), (10, 6));
        let now = self.figures().await;
        assert_eq!((now.to_activate, now.activated), (10, 7));
        activation
    }

    async fn lists(&self) {
        let (year, text) = (self.year, self.year.to_string());
        // The 采集名单 names two of the three doctoral students in November; their 学院 adds them with one press.
        self.go_to(1, "11-12T10:00:00");
        self.sign_in().await;
        let [first, second] = [1, 2].map(|number| student_no(year, Kind::Doctor, number));
        let content = format!("学号,姓名,学院\n{first},张三,机械工程学院\n{second},张三,机械工程学院\n");
        self.list("doctoral", content).await;
        let page = format!("/manage/doctoral-list?class_year={year}");
        self.school.get(&page).await.assert_says("添加名单上的 2 人");
        let fields = [("class_year", &*text)];
        let added = self.school.post("/manage/doctoral-list/entries", &fields).await;
        added.assert_status(303);
        assert_eq!(self.on_roster().await, 12);
        let now = self.figures().await;
        assert_eq!(
            (now.to_activate, now.activated),
            (10, 7),
            "doctoral students do not count"
        );

        // After the last batch the centre adds whom the registrar has extended; a 院 cannot.
        self.go_to(0, "06-20T10:00:00");
        self.sign_in().await;
        let extended = student_no(year, Kind::Undergraduate, 90);
        self.list("extended", format!("学号,姓名\n{extended},张三\n"))
            .await;
        assert_eq!(self.on_roster().await, 13);
    }
}

#[tokio::test]
async fn a_class_year_is_lived_from_the_sync_in_august_to_the_extended_students_and_the_next_one_again() {
    let app = TestApp::start_at("2026-08-01T02:00:00Z").await;
    app.fixture().account("centre", Role::Centre, None).await;
    let centre = app.visitor();
    centre.sign_in("centre", PASSWORD).await.assert_status(303);
    let exchange = Exchange {
        app: &app,
        browser: centre.clone(),
    };
    exchange.import("units", UNITS.as_bytes()).await;
    exchange.import("majors", MAJORS.as_bytes()).await;
    for (login, code) in [("residence", "S01"), ("school", "001")] {
        app.fixture().account(login, Role::Officer, Some(code)).await;
    }
    let mut life = Life {
        app: &app,
        centre,
        residence: app.visitor(),
        school: app.visitor(),
        year: 2027,
    };

    life.live().await;
    life.year = 2028;
    life.live().await;

    let entries = Scope::Everyone.select::<roster_entry::Entity>();
    assert_eq!(entries.count(app.db().reader()).await.unwrap(), 26);
}
