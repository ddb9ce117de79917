//! Who answers for a class year in each 院 (R12).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::of_address;
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::class_year::model::ClassYear;
use crate::class_year::queries::{self, Responsible};
use crate::class_year::rules::{self, NameError};
use crate::home;
use crate::school;
use crate::web::{AppError, Flash, Form, Path, Shell, html, redirect};

const HERE: &str = "/manage/responsible";

struct CollegeRow {
    college_id: i64,
    name: String,
    responsible: Option<Responsible>,
    /// Whether whoever answers is still an officer of the 院.
    is_current: bool,
    officers: Vec<Responsible>,
}

impl CollegeRow {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates pass what they show by reference"
    )]
    fn is_named(&self, account_id: &i64) -> bool {
        self.responsible
            .as_ref()
            .is_some_and(|one| one.account_id == *account_id)
    }
}

#[derive(Template)]
#[template(path = "class_year/responsible.html")]
struct ResponsiblePage {
    shell: Shell,
    /// `None` when there is no class year at all.
    year: Option<ClassYear>,
    years: Vec<ClassYear>,
    rows: Vec<CollegeRow>,
    without: usize,
}

/// Leads to the class year of today, or to the newest where the centre has not planned it yet.
pub(in crate::class_year) async fn current(
    State(app): State<App>,
    _can: Can<policy::NameResponsible>,
    staff: Staff,
) -> Result<Response, AppError> {
    let years = queries::list(app.db.reader()).await?;
    let today = ClassYear::of_day(app.db.clock().today());
    let of_today = years.iter().find(|details| details.year == today);
    match of_today.or_else(|| years.first()) {
        Some(details) => Ok(redirect(&format!(
            "/manage/class-years/{}/responsible",
            details.year
        ))),
        None => html(&ResponsiblePage {
            shell: home::shell(&app, &staff, HERE).await?,
            year: None,
            years: Vec::new(),
            rows: Vec::new(),
            without: 0,
        }),
    }
}

pub(in crate::class_year) async fn show(
    State(app): State<App>,
    can: Can<policy::NameResponsible>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let details = of_address(&app, year).await?;
    let reader = app.db.reader();
    let colleges = school::queries::colleges_in(reader, can.scope()).await?;
    let mut responsible = queries::responsible(reader, details.year).await?;
    let mut officers = queries::officers_by_college(reader, app.db.clock().today()).await?;
    let rows: Vec<CollegeRow> = colleges
        .into_iter()
        .map(|college| {
            let officers: Vec<Responsible> = officers.remove(&college.id).into_iter().flatten().collect();
            let responsible = responsible.remove(&college.id);
            CollegeRow {
                is_current: responsible.as_ref().is_some_and(|one| officers.contains(one)),
                college_id: college.id,
                name: college.name,
                responsible,
                officers,
            }
        })
        .collect();
    html(&ResponsiblePage {
        shell: home::shell(&app, &staff, HERE).await?,
        year: Some(details.year),
        years: queries::list(reader).await?.iter().map(|one| one.year).collect(),
        without: rows.iter().filter(|row| !row.is_current).count(),
        rows,
    })
}

#[derive(Deserialize)]
pub(in crate::class_year) struct Named {
    college_id: i64,
    /// Empty takes the name back.
    account_id: String,
}

pub(in crate::class_year) async fn name(
    State(app): State<App>,
    can: Can<policy::NameResponsible>,
    staff: Staff,
    Path(year): Path<i32>,
    Form(named): Form<Named>,
) -> Result<Response, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    let account_id = match named.account_id.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| AppError::NotFound)?),
    };
    match rules::name_responsible(&app.db, &can, year, named.college_id, account_id).await {
        Ok(()) if account_id.is_some() => home::flash(&staff, Flash::success("负责人已保存。")).await?,
        Ok(()) => home::flash(&staff, Flash::success("已撤销负责人。")).await?,
        Err(NameError::NotFound) => return Err(AppError::NotFound),
        Err(NameError::NotOfCollege) => {
            return Err(AppError::Conflict(
                "所选人员今天不是该院的院系教师或院系负责人，未保存。".into(),
            ));
        }
        Err(NameError::Db(error)) => return Err(error.into()),
    }
    Ok(redirect(&format!("/manage/class-years/{year}/responsible")))
}
