//! A small university: two 书院, two 学院, a few majors, and students as a test needs them.

use chrono::NaiveDate;
use qihang::activation::model::{Confirmed, FieldRules};
use qihang::assessment::rules::remember_students;
use qihang::auth::password;
use qihang::findings::rules::Touched;
use qihang::school::{model::derive, queries};
use qihang::special_list::queries::doctoral_years;
use qihang_db::entity::{
    account, activation, assignment, class_year, college, major, photo, roster_entry, student,
    student_contact,
};
use qihang_db::{Actor, CollegeKind, EntryState, How, Role, Topic, raise_topic, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};

use super::{PASSWORD, TestApp};

/// The 院 of [`Fixture::university`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum College {
    /// S01 彭康书院.
    Pengkang,
    /// S02 文治书院.
    Wenzhi,
    /// 001 机械工程学院.
    Mechanics,
    /// 004 电子与信息工程学院.
    Electronics,
}

impl College {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pengkang => "S01",
            Self::Wenzhi => "S02",
            Self::Mechanics => "001",
            Self::Electronics => "004",
        }
    }

    const fn details(self) -> (&'static str, CollegeKind) {
        match self {
            Self::Pengkang => ("彭康书院", CollegeKind::Residential),
            Self::Wenzhi => ("文治书院", CollegeKind::Residential),
            Self::Mechanics => ("机械工程学院", CollegeKind::School),
            Self::Electronics => ("电子与信息工程学院", CollegeKind::School),
        }
    }
}

/// Hashing is slow on purpose, and every account of the tests has the same password.
static HASH: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| password::hash(PASSWORD).expect("a hash"));

pub struct Fixture<'a> {
    app: &'a TestApp,
}

impl<'a> Fixture<'a> {
    pub(super) fn new(app: &'a TestApp) -> Self {
        Self { app }
    }

    /// Four 院, their majors (B001, M001, D001, B004, M004, D004) and the open class year 2027.
    pub async fn university(&self) -> &Self {
        for one in [
            College::Pengkang,
            College::Wenzhi,
            College::Mechanics,
            College::Electronics,
        ] {
            let (name, kind) = one.details();
            self.college(one.code(), name, kind).await;
        }
        for school in ["001", "004"] {
            for (level, letter, half_years) in [("bachelor", 'B', 8), ("master", 'M', 6), ("doctor", 'D', 8)]
            {
                self.major(&format!("{letter}{school}"), school, level, half_years)
                    .await;
            }
        }
        self.class_year(2027, "open").await;
        self
    }

    pub async fn college(&self, code: &str, name: &str, kind: CollegeKind) -> i64 {
        let row = college::ActiveModel {
            code: Set(code.into()),
            name: Set(name.into()),
            kind: Set(kind.code().into()),
            campus: Set(None),
            ..Default::default()
        };
        self.save(row).await.id
    }

    pub async fn major(&self, code: &str, school: &str, level: &str, half_years: i32) -> i64 {
        let row = major::ActiveModel {
            code: Set(code.into()),
            national_code: Set(String::new()),
            name: Set(format!("专业{code}")),
            college_id: Set(self.college_id(school).await),
            degree_level: Set(level.into()),
            length_half_years: Set(Some(half_years)),
            ..Default::default()
        };
        self.save(row).await.id
    }

    /// A class year due on 15 and 30 September.
    pub async fn class_year(&self, year: i32, state: &str) {
        let day = |month, day| NaiveDate::from_ymd_opt(year - 1, month, day).expect("a day");
        let now = self.app.clock.now();
        let row = class_year::ActiveModel {
            year: Set(year),
            state: Set(state.into()),
            roster_due: Set(day(9, 15)),
            activation_due: Set(day(9, 30)),
            doctoral_due: Set(None),
            extended_due: Set(None),
            origin_depth: Set("city".into()),
            opened_at: Set((state != "planned").then_some(now)),
            closed_at: Set((state == "closed").then_some(now)),
        };
        self.save(row).await;
    }

    /// An account with [`PASSWORD`] and one role from a year ago on.
    pub async fn account(&self, login: &str, role: Role, college_code: Option<&str>) -> i64 {
        let college_id = match college_code {
            Some(code) => Some(self.college_id(code).await),
            None => None,
        };
        let row = account::ActiveModel {
            login: Set(login.to_lowercase()),
            name: Set("某老师".into()),
            password_hash: Set(Some(HASH.clone())),
            must_change_password: Set(false),
            mobile: Set(String::new()),
            email: Set(String::new()),
            disabled_at: Set(None),
            failed_attempts: Set(0),
            locked_until: Set(None),
            session_epoch: Set(0),
            created_at: Set(self.app.clock.now()),
            ..Default::default()
        };
        let account_id = self.save(row).await.id;
        let row = assignment::ActiveModel {
            account_id: Set(account_id),
            role: Set(role.code().into()),
            college_id: Set(college_id),
            starts_on: Set(NaiveDate::from_ymd_opt(2025, 9, 1).expect("a day")),
            ends_on: Set(None),
            ..Default::default()
        };
        self.save(row).await;
        account_id
    }

    /// An undergraduate of 机械工程学院 who lives in 彭康书院, is studying, expected in 2027 and has no fault; `change`
    /// makes it the student that the test is about. Answers the row as stored.
    pub async fn student(
        &self,
        student_no: &str,
        change: impl FnOnce(&mut student::Model),
    ) -> student::Model {
        let now = self.app.clock.now();
        let school_id = self.college_id("001").await;
        let mut row = student::Model {
            id: 0,
            student_no: student_no.into(),
            name: "卢宇玉".into(),
            sex: "2".into(),
            birth_date: "2004-12-31".into(),
            ethnic_group: "01".into(),
            political_status: "03".into(),
            marital_status: "10".into(),
            document_type: "1".into(),
            document_no: identity_number(student_no),
            origin: "610100".into(),
            exam_no: "22610112345678".into(),
            student_type: "undergraduate".into(),
            degree_level: "bachelor".into(),
            school_id,
            residence_id: Some(self.college_id("S01").await),
            residence_found: "S01".into(),
            major_id: self.major_id("B001").await,
            class_name: "机械231".into(),
            admission_year: 2023,
            length_half_years: Some(8),
            length_found: "4".into(),
            training_mode: "1".into(),
            directed_unit: String::new(),
            study_status: "active".into(),
            programme: "普通".into(),
            counsellor: "F0011".into(),
            mobile: String::new(),
            email: String::new(),
            college_id: school_id,
            second_college_id: None,
            nominal_year: None,
            expected_year: None,
            expectation: String::new(),
            pinyin: String::new(),
            initials: String::new(),
            vanished_at: None,
            created_at: now,
            updated_at: now,
        };
        change(&mut row);
        self.derive(&mut row).await;
        let mut active = row.into_active_model().reset_all();
        active.id = sea_orm::ActiveValue::NotSet;
        let saved = self.save(active).await;
        self.remember(saved.id).await;
        saved
    }

    /// Keeps the history of a record that was written past the rules.
    async fn remember(&self, student_id: i64) {
        let db = self.app.db();
        let change = db.change(&Actor::system()).await.expect("a change");
        remember_students(&change, Touched::Students(&[student_id]))
            .await
            .expect("the history is kept");
        change.keep_without_event().await.expect("the history is saved");
    }

    /// What the exchange does to a record later: `change` and everything that follows from it.
    pub async fn rewrite(&self, mut row: student::Model, change: impl FnOnce(&mut student::Model)) {
        change(&mut row);
        self.derive(&mut row).await;
        let id = row.id;
        let tx = self.app.db().begin_write().await.expect("a transaction");
        row.into_active_model()
            .reset_all()
            .update(&tx)
            .await
            .expect("the record fits the schema");
        show(&tx).await;
        tx.commit().await.expect("the record is saved");
        self.remember(id).await;
    }

    async fn derive(&self, row: &mut student::Model) {
        let duties = queries::duties(self.app.db().reader()).await.expect("duties");
        let majors = queries::majors(self.app.db().reader()).await.expect("majors");
        let major_length = majors
            .iter()
            .find(|major| major.id == row.major_id)
            .and_then(|major| major.length_half_years);
        let years = doctoral_years(self.app.db().reader()).await.expect("lists");
        derive(row, &duties, major_length, years.of(&row.student_no));
    }

    /// A master of 机械工程学院, expected in 2027.
    pub async fn master(&self, student_no: &str, change: impl FnOnce(&mut student::Model)) -> student::Model {
        let major_id = self.major_id("M001").await;
        self.student(student_no, |student| {
            student.student_type = "graduate".into();
            student.degree_level = "master".into();
            student.residence_id = None;
            student.residence_found = String::new();
            student.major_id = major_id;
            student.admission_year = 2024;
            student.length_half_years = Some(6);
            student.length_found = "3".into();
            student.exam_no = "106984123456789".into();
            change(student);
        })
        .await
    }

    /// A doctoral student of 机械工程学院.
    pub async fn doctor(&self, student_no: &str, change: impl FnOnce(&mut student::Model)) -> student::Model {
        let major_id = self.major_id("D001").await;
        self.master(student_no, |student| {
            student.degree_level = "doctor".into();
            student.major_id = major_id;
            student.admission_year = 2022;
            student.length_half_years = Some(8);
            student.length_found = "4".into();
            change(student);
        })
        .await
    }

    /// An undergraduate of 彭康书院 who should have graduated in 2026 and stays on.
    pub async fn extended(
        &self,
        student_no: &str,
        change: impl FnOnce(&mut student::Model),
    ) -> student::Model {
        self.student(student_no, |student| {
            student.admission_year = 2022;
            student.study_status = "extended".into();
            change(student);
        })
        .await
    }

    /// Puts a student on the roster without asking any rule.
    pub async fn on_roster(&self, student_id: i64, year: i32) -> roster_entry::Model {
        let row = roster_entry::ActiveModel {
            student_id: Set(student_id),
            class_year: Set(year),
            state: Set(EntryState::Open.code().into()),
            how: Set(How::Officer.code().into()),
            added_by: Set(None),
            added_at: Set(self.app.clock.now()),
            ended_by: Set(None),
            ended_at: Set(None),
            ended_reason: Set(None),
            ..Default::default()
        };
        self.save(row).await
    }

    /// The photo of a student, without a file.
    pub async fn photo(&self, student_id: i64) -> photo::Model {
        let row = photo::ActiveModel {
            student_id: Set(student_id),
            file_key: Set("photo/none".into()),
            digest: Set("0".into()),
            size_bytes: Set(0),
            uploaded_at: Set(self.app.clock.now()),
        };
        self.save(row).await
    }

    /// Has a student activate without asking any rule: as if the whole record had been confirmed.
    pub async fn activated(&self, entry: &roster_entry::Model, student: &student::Model) {
        let now = self.app.clock.now();
        let confirmed = Confirmed::of(student, FieldRules::default().key_fields());
        let row = activation::ActiveModel {
            entry_id: Set(entry.id),
            student_id: Set(student.id),
            class_year: Set(entry.class_year),
            activated_at: Set(now),
            confirmed: Set(confirmed.to_column()),
            confirmed_at: Set(now),
            changed_at: Set(None),
            ..Default::default()
        };
        self.save(row).await;
        let row = student_contact::ActiveModel {
            student_id: Set(student.id),
            mobile: Set("10000000001".into()),
            email: Set("someone@mail.example".into()),
            qq: Set(String::new()),
            address: Set("某省某市某路 1 号".into()),
            postcode: Set("000000".into()),
            home_phone: Set("0000-0000000".into()),
            updated_at: Set(now),
        };
        self.save(row).await;
    }

    pub async fn college_id(&self, code: &str) -> i64 {
        queries::find_college(self.app.db().reader(), code)
            .await
            .expect("an answer")
            .expect("the college is there")
            .id
    }

    pub async fn major_id(&self, code: &str) -> i64 {
        let found = records::<major::Entity>()
            .filter(major::Column::Code.eq(code))
            .one(self.app.db().reader())
            .await;
        found.expect("an answer").expect("the major is there").id
    }

    /// Fixtures are no changes of a record: they are the world before the test.
    async fn save<A>(&self, row: A) -> <A::Entity as sea_orm::EntityTrait>::Model
    where
        A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
        <A::Entity as sea_orm::EntityTrait>::Model: IntoActiveModel<A>,
    {
        let tx = self.app.db().begin_write().await.expect("a transaction");
        let saved = row.insert(&tx).await.expect("the fixture fits the schema");
        show(&tx).await;
        tx.commit().await.expect("the fixture is saved");
        saved
    }
}

/// What is written past a change has to say itself that lists are not as they were.
async fn show(tx: &impl sea_orm::ConnectionTrait) {
    for topic in [Topic::School, Topic::Records, Topic::Activations] {
        raise_topic(tx, topic).await.expect("the version is raised");
    }
}

/// A valid identity number of a woman born on the last day of 2004, different for every 学号.
pub fn identity_number(student_no: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let number = student_no
        .bytes()
        .fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 49_999_999);
    let area = 110_000 + number / 500;
    let order = (number % 500) * 2;
    let digits = format!("{area:06}20041231{order:03}");
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!(
        "{digits}{}",
        ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize]
    )
}
