//! 管理范围: which 院 answers for which students.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::{CollegeKind, StudentType};
use serde::Deserialize;

use super::duties::{self, DutyError, Effect, Wanted};
use super::queries;
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::roster::model::Duties;
use crate::web::{AppError, Flash, Form, Shell, html, html_with, redirect};

const HERE: &str = "/manage/duties";

/// The boxes as they were ticked.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct DutyForm {
    /// Row ids of the 院 that answer for 本科生.
    #[serde(default)]
    undergraduate: Vec<i64>,
    /// Row ids of the 院 that answer for 研究生.
    #[serde(default)]
    graduate: Vec<i64>,
    /// Back to the default, whatever is ticked.
    #[serde(default)]
    default: Option<String>,
}

impl DutyForm {
    fn wanted(&self) -> Wanted {
        if self.default.is_some() {
            return Wanted::Default;
        }
        let with = |ids: &[i64], student_type| {
            ids.iter()
                .map(move |id| (*id, student_type))
                .collect::<BTreeSet<_>>()
        };
        let mut rows = with(&self.undergraduate, StudentType::Undergraduate);
        rows.extend(with(&self.graduate, StudentType::Graduate));
        Wanted::Set(rows)
    }
}

struct CollegeRow {
    id: i64,
    name: String,
    kind: &'static str,
    undergraduate: bool,
    graduate: bool,
}

#[derive(Template)]
#[template(path = "school/duties.html")]
struct DutiesPage {
    shell: Shell,
    rows: Vec<CollegeRow>,
    /// Whether somebody set them; otherwise the default holds.
    is_set: bool,
    mistake: Option<&'static str>,
}

async fn page(
    app: &App,
    staff: &Staff,
    ticked: Option<&DutyForm>,
    mistake: Option<&'static str>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let set = queries::duties_set(reader).await?;
    let is_set = set.is_some();
    let duties = match (ticked, set) {
        (Some(form), _) => match form.wanted() {
            Wanted::Set(rows) => Duties::new(rows),
            Wanted::Default => queries::default_duties(reader).await?,
        },
        (None, Some(duties)) => duties,
        (None, None) => queries::default_duties(reader).await?,
    };
    let row = |college: qihang_db::entity::college::Model| CollegeRow {
        undergraduate: duties.covers(college.id, StudentType::Undergraduate),
        graduate: duties.covers(college.id, StudentType::Graduate),
        kind: CollegeKind::from_code(&college.kind).map_or("", CollegeKind::label),
        id: college.id,
        name: college.name,
    };
    let page = DutiesPage {
        shell: home::shell(app, staff, HERE).await?,
        rows: queries::colleges(reader).await?.into_iter().map(row).collect(),
        is_set,
        mistake,
    };
    let status = if mistake.is_some() {
        MISTAKES
    } else {
        StatusCode::OK
    };
    html_with(status, &page)
}

pub(super) async fn show(
    State(app): State<App>,
    _can: Can<policy::ManageDuties>,
    staff: Staff,
) -> Result<Response, AppError> {
    page(&app, &staff, None, None).await
}

/// A 院 whose number of students changes.
struct EffectRow {
    name: String,
    before: u64,
    after: u64,
}

#[derive(Template)]
#[template(path = "school/preview.html")]
struct PreviewPage {
    shell: Shell,
    form: DutyForm,
    students: u64,
    rows: Vec<EffectRow>,
}

/// Shows what the change would do, and asks.
pub(super) async fn preview(
    State(app): State<App>,
    can: Can<policy::ManageDuties>,
    staff: Staff,
    Form(form): Form<DutyForm>,
) -> Result<Response, AppError> {
    let effect = match duties::preview(&app.db, &can, &form.wanted()).await {
        Ok(effect) => effect,
        Err(error) => return refused(&app, &staff, &form, error).await,
    };
    let colleges = queries::colleges(app.db.reader()).await?;
    let rows = colleges.into_iter().filter_map(|college| {
        let (before, after) = effect.by_college.get(&college.id).copied().unwrap_or_default();
        (before != after).then_some(EffectRow {
            name: college.name,
            before,
            after,
        })
    });
    html(&PreviewPage {
        rows: rows.collect(),
        shell: home::shell(&app, &staff, HERE).await?,
        form,
        students: effect.students,
    })
}

pub(super) async fn save(
    State(app): State<App>,
    can: Can<policy::ManageDuties>,
    staff: Staff,
    Form(form): Form<DutyForm>,
) -> Result<Response, AppError> {
    match duties::set_duties(&app.db, &can, &form.wanted()).await {
        Ok(Effect { students, .. }) => {
            let text = format!("管理范围已保存，{students} 名学生的管理院系已相应调整。");
            home::flash(&staff, Flash::success(text)).await?;
            Ok(redirect(HERE))
        }
        Err(error) => refused(&app, &staff, &form, error).await,
    }
}

async fn refused(app: &App, staff: &Staff, form: &DutyForm, error: DutyError) -> Result<Response, AppError> {
    match error {
        DutyError::Nothing => {
            let text = "至少要有一个院负责一类学生。如需恢复默认，请用“恢复默认”。";
            page(app, staff, Some(form), Some(text)).await
        }
        DutyError::UnknownCollege => Err(AppError::NotFound),
        DutyError::Db(error) => Err(error.into()),
    }
}
