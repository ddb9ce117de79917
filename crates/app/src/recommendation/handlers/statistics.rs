//! How far the forms are, by 院: for the 院 and the centre.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::queue::understand;
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::recommendation::PATH;
use crate::recommendation::filter::{Params, State as Wanted};
use crate::recommendation::queries::figures::{self, Figures};
use crate::web::{AppError, Query, Shell, html, instant_text};

/// A 院.
struct Row {
    college: String,
    code: String,
    figures: Figures,
    days: i64,
    oldest: Option<String>,
}

#[derive(Template)]
#[template(path = "recommendation/statistics.html")]
struct StatisticsPage {
    shell: Shell,
    year: i32,
    params: Params,
    rows: Vec<Row>,
    total: Figures,
    days: i64,
}

impl StatisticsPage {
    /// The list behind a number.
    fn href(&self, college: &str, state: &str) -> String {
        let params = Params {
            college: college.to_owned(),
            state: state.to_owned(),
            class_year: self.params.class_year.clone(),
            ..Params::default()
        };
        let state = Wanted::from_code(state).unwrap_or_default();
        params.in_state(state).address(PATH)
    }
}

pub(in crate::recommendation) async fn show(
    State(app): State<App>,
    can: Can<policy::ViewRecommendations>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let asked = understand(&app, staff.versions, params).await?;
    let now = app.db.clock().now();
    let by_college = figures::by_college(app.db.reader(), can.scope(), asked.filter.year).await?;
    let total = figures::total(&by_college);
    let mut rows: Vec<Row> = asked
        .school
        .colleges
        .iter()
        .filter_map(|college| {
            let figures = *by_college.get(&college.id)?;
            Some(Row {
                college: college.name.clone(),
                code: college.code.clone(),
                days: figures.days_waiting(now),
                oldest: figures.oldest.map(instant_text),
                figures,
            })
        })
        .collect();
    // Unfinished work first, the oldest at the top; never by how many have a form (R24a).
    rows.sort_by_key(|row| (row.figures.oldest.is_none(), row.figures.oldest, row.code.clone()));
    html(&StatisticsPage {
        shell: home::shell(&app, &staff, PATH).await?,
        year: asked.filter.year.year(),
        days: total.days_waiting(now),
        params: asked.params,
        rows,
        total,
    })
}
