//! Home pages: 就业服务网 for everybody; for the staff what is to be done, and until when.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use qihang_db::entity::contact_point;
use qihang_db::{ClassYearState, ContactPurpose, ListKind, Scope};

use super::shell;
use super::todo::{Facts, Task, tasks};
use crate::app::App;
use crate::auth::{Action, Can, Staff, policy};
use crate::class_year::{self, model::ClassYear, model::DaysLeft};
use crate::findings::queries::signed_at;
use crate::notice::{self, queries::Headline};
use crate::progress::{self, queries::Figures};
use crate::roster::candidates::counts;
use crate::roster::candidates::queries::Summary;
use crate::special_list;
use crate::web::{AppError, Shell, for_a_minute, html};
use crate::{dashboard, leadership};

/// Notices on the first page.
const HEADLINES: u64 = 6;

/// Notices on the first page of the staff.
const STAFF_HEADLINES: u64 = 4;

#[derive(Template)]
#[template(path = "home/public.html")]
struct PublicPage {
    university: String,
    pretend_today: Option<String>,
    year: ClassYear,
    /// Due days of the class year, while it is open.
    dues: Vec<Due>,
    headlines: Vec<Headline>,
    /// Whom to ask, by what about.
    advice: Vec<contact_point::Model>,
    student_help: Vec<contact_point::Model>,
    staff_help: Vec<contact_point::Model>,
    employer_help: Vec<contact_point::Model>,
}

/// 就业服务网. The same for everybody, in three statements.
pub(super) async fn public(State(app): State<App>) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let today = app.db.clock().today();
    let year = ClassYear::of_day(today);
    let details = class_year::queries::find(reader, year).await?;
    let dues = details
        .filter(|details| details.state == ClassYearState::Open)
        .map_or_else(Vec::new, |details| dues(&details, today));
    let contacts = notice::contacts::all(reader).await?;
    let about = |purpose: ContactPurpose| -> Vec<contact_point::Model> {
        let of = contacts
            .iter()
            .filter(|contact| contact.purpose == purpose.code());
        of.cloned().collect()
    };
    let advice = about(ContactPurpose::Advice);
    let mut employer_help = about(ContactPurpose::Employers);
    if employer_help.is_empty() {
        // Whom everybody asks.
        employer_help.extend(
            advice
                .iter()
                .filter(|contact| contact.campus.is_none() && contact.student_type.is_none())
                .cloned(),
        );
    }
    let page = html(&PublicPage {
        university: app.config.university.clone(),
        pretend_today: app.config.today.map(|day| day.format("%Y-%m-%d").to_string()),
        year,
        dues,
        headlines: notice::queries::public(reader, today, HEADLINES).await?,
        student_help: about(ContactPurpose::StudentSignIn),
        staff_help: about(ContactPurpose::StaffSignIn),
        employer_help,
        advice,
    })?;
    Ok(for_a_minute(page))
}

/// A due day with how it stands to today.
struct Due {
    what: &'static str,
    day: String,
    left: DaysLeft,
}

impl Due {
    fn new(what: &'static str, day: NaiveDate, today: NaiveDate) -> Self {
        Self {
            what,
            day: day.format("%-m月%-d日").to_string(),
            left: DaysLeft::until(day, today),
        }
    }

    /// The number in large.
    fn days(&self) -> i64 {
        match self.left {
            DaysLeft::Left(days) | DaysLeft::Over(days) => days,
        }
    }

    /// What the number counts.
    fn unit(&self) -> &'static str {
        match self.left {
            DaysLeft::Left(0) => "天，今天 24:00 截止",
            DaysLeft::Left(_) => "天后截止",
            DaysLeft::Over(_) => "天前已截止",
        }
    }

    fn class(&self) -> &'static str {
        match self.left {
            DaysLeft::Left(days) if days > 7 => "due",
            DaysLeft::Left(_) => "due due-soon",
            DaysLeft::Over(_) => "due due-over",
        }
    }
}

fn dues(details: &class_year::model::Details, today: NaiveDate) -> Vec<Due> {
    [
        ("名单截止", Some(details.roster_due)),
        ("激活截止", Some(details.activation_due)),
        ("博士生名单截止", details.doctoral_due),
        ("延长学制名单截止", details.extended_due),
    ]
    .into_iter()
    .filter_map(|(what, day)| Some(Due::new(what, day?, today)))
    .collect()
}

/// What the officer's own 院, or the centre's whole university, has to do.
struct Work {
    year: ClassYear,
    is_open: bool,
    dues: Vec<Due>,
    /// What is to be done, the most pressing first.
    tasks: Vec<TaskRow>,
    summary: Summary,
    /// Who has activated.
    activation: Figures,
}

/// A task as the page shows it.
struct TaskRow {
    task: Task,
    /// The due day, and how it stands to today.
    due: Option<(String, DaysLeft)>,
    age: String,
}

impl TaskRow {
    fn new(task: Task, today: NaiveDate) -> Self {
        let day = task.due.map(|due| due.format("%-m月%-d日").to_string());
        Self {
            due: day.zip(task.left(today)),
            age: task.age(today),
            task,
        }
    }

    /// Whether the due day is over or near.
    fn kind(&self) -> &'static str {
        match self.due {
            Some((_, DaysLeft::Over(_))) => "danger",
            Some((_, DaysLeft::Left(days))) if days <= 7 => "warning",
            Some(_) | None => "",
        }
    }
}

#[derive(Template)]
#[template(path = "home/staff.html")]
struct StaffPage {
    shell: Shell,
    /// 姓名.
    name: String,
    /// For whoever works on rosters.
    work: Option<Work>,
    /// The newest notices for this person.
    headlines: Vec<Headline>,
    may_manage_years: bool,
    /// Where else the person may go: word and address.
    ways: Vec<(&'static str, &'static str)>,
}

pub(super) async fn staff(State(app): State<App>, staff: Staff) -> Result<Response, AppError> {
    if staff.officer.must_change_password {
        return Err(AppError::PasswordChangeNeeded);
    }
    let work = match Can::<policy::ViewRoster>::held_by(&staff) {
        Some(can) => Some(work(&app, &staff, can.scope()).await?),
        None => None,
    };
    let today = app.db.clock().today();
    let headlines =
        notice::queries::for_staff(app.db.reader(), &staff.officer, today, STAFF_HEADLINES).await?;
    let shell = shell(&app, &staff, "/manage").await?;
    html(&StaffPage {
        headlines,
        name: staff.officer.name.clone(),
        work,
        may_manage_years: staff.officer.may(Action::ManageClassYears),
        ways: shell
            .menu
            .iter()
            .flat_map(|group| &group.items)
            .map(|item| (item.title, item.href))
            .collect(),
        shell,
    })
}

async fn work(app: &App, staff: &Staff, scope: &Scope) -> Result<Work, AppError> {
    let today = app.db.clock().today();
    let year = ClassYear::of_day(today);
    let school = app.cache.school(&app.db, staff.versions).await?;
    let details = school.class_year(year);
    let is_open = details
        .as_ref()
        .is_some_and(|details| details.state == ClassYearState::Open);
    let counts = counts::Counts {
        app,
        versions: staff.versions,
        scope,
        year,
    };
    let mut facts = Facts {
        summary: counts.summary().await?,
        activation: progress::queries::summary(app.db.reader(), scope, year).await?,
        ..Facts::default()
    };
    let (summary, activation) = (facts.summary, facts.activation);
    let tasks = match details.filter(|_| is_open) {
        Some(details) => {
            let colleges = school.colleges.iter().map(|college| college.id);
            let groups = colleges.filter(|id| scope.covers(*id));
            if staff.officer.may(Action::ReportLeadership) {
                facts.unreported_groups = unreported_groups(app, year, groups).await?;
            }
            count_open(app, scope, year, &mut facts).await?;
            tasks(&facts, details)
        }
        None => Vec::new(),
    };
    Ok(Work {
        year,
        is_open,
        dues: details.map_or_else(Vec::new, |details| dues(details, today)),
        tasks: tasks.into_iter().map(|task| TaskRow::new(task, today)).collect(),
        summary,
        activation,
    })
}

/// How many of the 院 have not reported their 领导小组.
async fn unreported_groups(
    app: &App,
    year: ClassYear,
    colleges: impl Iterator<Item = i64>,
) -> Result<u64, AppError> {
    let reported = leadership::queries::reported(app.db.reader(), year.year()).await?;
    Ok(colleges.filter(|id| !reported.contains(id)).count() as u64)
}

/// Counts what is open by kind.
async fn count_open(app: &App, scope: &Scope, year: ClassYear, facts: &mut Facts) -> Result<(), AppError> {
    let reader = app.db.reader();
    for (_, kind, pile) in dashboard::queries::findings(reader, scope, year.year()).await? {
        facts.findings.entry(kind).or_default().add(pile);
    }
    for (_, pile) in dashboard::queries::corrections(reader, scope, year.year()).await? {
        facts.corrections.add(pile);
    }
    if let Some(list) = special_list::queries::current(reader, ListKind::Doctoral, year.year()).await? {
        let missing = special_list::queries::doctoral_missing(reader, scope, list.id, year).await?;
        facts.doctoral_missing = Some(missing);
    }
    if let Some(college_id) = scope.only_college() {
        let is_signed = signed_at(reader, year.year(), college_id).await?.is_some();
        facts.is_unsigned = !is_signed && facts.summary.added > 0;
    }
    Ok(())
}
