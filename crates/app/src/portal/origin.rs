//! Picking the 生源所在地 (R16): by search, or step by step. Works without script: results are radio buttons, and each
//! select has a button that brings what lies below.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::OwnField;
use qihang_standards::division::Division;
use qihang_standards::{division, place_search};
use serde::Deserialize;

use super::model::{refusal, shown};
use super::profile::{self, ensure_built_in, saved};
use super::queries;
use super::rules::{self, MendError};
use super::steps::{Choice, Steps};
use crate::app::{App, MISTAKES};
use crate::auth::Student;
use crate::class_year::model::OriginDepth;
use crate::home;
use crate::web::{AppError, Form, Query, StudentShell, html_with, redirect};

/// Where it is.
pub(super) const PATH: &str = "/portal/profile/origin";

/// Places that a search shows.
const SHOWN: usize = 20;
/// Characters of a search at the most.
const LONGEST_QUERY: usize = 40;

/// The address, or the form.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    county: String,
    /// Set by the form of the steps, where the province may be empty.
    #[serde(default)]
    steps: String,
    /// A place out of the results; counts before the steps.
    #[serde(default)]
    code: String,
}

/// One place that the search found.
struct Match {
    name: String,
    /// The code today, to be posted; none where the place is not enough by itself.
    code: Option<&'static str>,
    /// What the place is called today, where the name is an old one.
    now: Option<String>,
    /// The steps that lead on, where the place is not enough.
    next: Option<String>,
}

impl Match {
    /// What a row of the table offers: itself, its heirs, or the step below it.
    fn of(row: &'static Division, depth: OriginDepth) -> Vec<Self> {
        let offer = |code: &'static str, now: Option<String>| {
            let is_enough = refusal(OwnField::Origin, code, depth).is_none();
            Self {
                name: row.full_name(),
                code: is_enough.then_some(code),
                now,
                next: (!is_enough).then(|| step_href(code)),
            }
        };
        if row.is_current() {
            return vec![offer(row.code, None)];
        }
        division::heirs(row)
            .into_iter()
            .map(|heir| offer(heir.code, Some(heir.name)))
            .collect()
    }
}

/// The page with the steps to a place.
fn step_href(code: &str) -> String {
    let place = division::current(code);
    match place.and_then(|place| division::parent(place.code)) {
        Some(above) => format!("{PATH}?province={}&city={code}#steps", above.code),
        None => format!("{PATH}?province={code}#steps"),
    }
}

/// What a search found.
struct Matches {
    places: Vec<Match>,
    total: usize,
}

impl Matches {
    fn find(query: &str, depth: OriginDepth) -> Option<Self> {
        let query: String = query.trim().chars().take(LONGEST_QUERY).collect();
        if query.is_empty() {
            return None;
        }
        let found = place_search::search(&query, SHOWN);
        Some(Self {
            places: found
                .places
                .into_iter()
                .flat_map(|row| Match::of(row, depth))
                .collect(),
            total: found.total,
        })
    }

    /// For the eyes and for screen readers.
    fn summary(&self) -> String {
        if self.total > SHOWN {
            format!(
                "找到 {} 个，显示最接近的 {SHOWN} 个；再输入几个字可缩小范围。",
                self.total
            )
        } else {
            format!("找到 {} 个。", self.total)
        }
    }

    fn any_to_choose(&self) -> bool {
        self.places.iter().any(|place| place.code.is_some())
    }
}

#[derive(Template)]
#[template(path = "portal/origin.html")]
struct OriginPage {
    shell: StudentShell,
    /// What is saved now, in words.
    saved: String,
    depth: OriginDepth,
    query: String,
    matches: Option<Matches>,
    provinces: Vec<Choice>,
    cities: Vec<Choice>,
    counties: Vec<Choice>,
    county_is_optional: bool,
    /// Where the steps lead, and what is missing there.
    place: Option<String>,
    missing: Option<String>,
    mistake: Option<String>,
}

async fn page(
    app: &App,
    student: &Student,
    asked: &Asked,
    mistake: Option<String>,
) -> Result<OriginPage, AppError> {
    let record = student.record();
    let depth = queries::depth(app.db.reader(), record).await?;
    let is_stepping = !asked.province.is_empty() || !asked.steps.is_empty();
    let steps = if is_stepping {
        steps_of(asked)?
    } else {
        Steps::to(&record.origin)
    };
    let place = steps.place();
    Ok(OriginPage {
        shell: home::student_shell(app, student).await?,
        saved: shown(OwnField::Origin, &record.origin),
        depth,
        query: asked.q.clone(),
        matches: Matches::find(&asked.q, depth),
        provinces: steps.provinces(),
        cities: steps.cities(),
        counties: steps.counties(),
        county_is_optional: depth == OriginDepth::City,
        place: place.map(Division::full_name),
        missing: place.and_then(|place| refusal(OwnField::Origin, place.code, depth)),
        mistake,
    })
}

fn steps_of(asked: &Asked) -> Result<Steps, AppError> {
    Steps::read(&asked.province, &asked.city, &asked.county)
        .ok_or_else(|| AppError::BadRequest("所选地区不在现行行政区划中。".into()))
}

pub(super) async fn show(
    State(app): State<App>,
    student: Student,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    ensure_built_in(&app)?;
    let closed = rules::closed_fields(app.db.reader(), student.record()).await?;
    if let Some((field, reason)) = closed.into_iter().find(|(field, _)| *field == OwnField::Origin) {
        return Err(MendError::Closed(field, reason).into());
    }
    html_with(StatusCode::OK, &page(&app, &student, &asked, None).await?)
}

pub(super) async fn save(
    State(app): State<App>,
    student: Student,
    Form(asked): Form<Asked>,
) -> Result<Response, AppError> {
    ensure_built_in(&app)?;
    let code = if asked.code.is_empty() {
        steps_of(&asked)?.place().map(|place| place.code.to_owned())
    } else {
        Some(asked.code.clone())
    };
    let Some(code) = code else {
        let mistake = Some("请先选择一个地区。".to_owned());
        return html_with(MISTAKES, &page(&app, &student, &asked, mistake).await?);
    };
    match rules::mend(&app.db, &student, &[(OwnField::Origin, code)]).await {
        Ok(changed) => {
            home::leave_flash(student.session(), saved(&changed)).await?;
            Ok(redirect(profile::PATH))
        }
        Err(MendError::Unfit(mistakes)) => {
            let wrong = mistakes
                .into_iter()
                .map(|(_, wrong)| wrong)
                .next()
                .unwrap_or_default();
            let mistake = Some(format!("还不能保存：{wrong}。"));
            html_with(MISTAKES, &page(&app, &student, &asked, mistake).await?)
        }
        Err(error) => Err(error.into()),
    }
}
