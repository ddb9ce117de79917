//! Home pages: 就业服务网 for everybody; for the staff what is to be done, and until when.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use qihang_db::{ClassYearState, Versions};

use super::shell;
use crate::app::App;
use crate::auth::{Action, Can, Staff, policy};
use crate::class_year::{model::ClassYear, model::DaysLeft};
use crate::findings::queries::{Counts, open_counts};
use crate::roster::candidates::counts;
use crate::roster::candidates::queries::Summary;
use crate::web::{AppError, Shell, html};

#[derive(Template)]
#[template(path = "home/public.html")]
struct PublicPage {
    university: String,
}

pub(super) async fn public(State(app): State<App>) -> Result<Response, AppError> {
    html(&PublicPage {
        university: app.config.university.clone(),
    })
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

/// What the officer's own 院, or the centre's whole university, has to do.
struct Work {
    year: ClassYear,
    is_open: bool,
    dues: Vec<Due>,
    summary: Summary,
    /// Open findings; none for whoever may not see them.
    findings: Counts,
}

#[derive(Template)]
#[template(path = "home/staff.html")]
struct StaffPage {
    shell: Shell,
    /// 姓名.
    name: String,
    /// For whoever works on rosters.
    work: Option<Work>,
    may_manage_years: bool,
    /// Where else the person may go: word and address.
    ways: Vec<(&'static str, &'static str)>,
}

pub(super) async fn staff(State(app): State<App>, staff: Staff) -> Result<Response, AppError> {
    if staff.officer.must_change_password {
        return Err(AppError::PasswordChangeNeeded);
    }
    let work = match Can::<policy::ViewRoster>::held_by(&staff) {
        Some(can) => Some(work(&app, &can, staff.versions).await?),
        None => None,
    };
    let shell = shell(&app, &staff, "/manage").await?;
    html(&StaffPage {
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

async fn work(app: &App, can: &Can<policy::ViewRoster>, versions: Versions) -> Result<Work, AppError> {
    let today = app.db.clock().today();
    let year = ClassYear::of_day(today);
    let details = app
        .cache
        .school(&app.db, versions)
        .await?
        .class_year(year)
        .cloned();
    let is_open = details
        .as_ref()
        .is_some_and(|details| details.state == ClassYearState::Open);
    let dues = details.map_or_else(Vec::new, |details| {
        let optional = [
            ("博士生名单截止", details.doctoral_due),
            ("延长学制名单截止", details.extended_due),
        ];
        [
            ("名单截止", Some(details.roster_due)),
            ("激活截止", Some(details.activation_due)),
        ]
        .into_iter()
        .chain(optional)
        .filter_map(|(what, day)| Some(Due::new(what, day?, today)))
        .collect()
    });
    let findings = open_counts(app.db.reader(), can.scope(), year.year()).await?;
    let counts = counts::Counts {
        app,
        versions,
        scope: can.scope(),
        year,
    };
    Ok(Work {
        findings,
        year,
        is_open,
        dues,
        summary: counts.summary().await?,
    })
}
