//! The page's handler: whose numbers, and counting them.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use qihang_db::Scope;
use qihang_db::entity::college;
use serde::Deserialize;

use super::model::{Pile, turning_points};
use super::page::{CollegeChoice, Counted, IndexPage, Lists, NonePage, View, ranking_chart};
use super::{PATH, queries};
use crate::app::App;
use crate::assessment;
use crate::auth::{Can, Staff, policy};
use crate::class_year::model::ClassYear;
use crate::home;
use crate::web::{AppError, Query, html};

/// The page's address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Params {
    /// 届; the one of today where none is named.
    class_year: String,
    /// 管理院系: its code; all of the scope where none is named.
    college: String,
}

async fn counted(
    app: &App,
    scope: &Scope,
    year: ClassYear,
    narrowed: Option<i64>,
) -> Result<Counted, AppError> {
    let read = app.db.begin_read().await?;
    let year = year.year();
    let mut counted = Counted {
        expected: queries::expected(&read, scope, year).await?,
        stays: queries::stays(&read, scope, year).await?,
        by_college: BTreeMap::new(),
        by_kind: BTreeMap::new(),
        corrections: Pile::default(),
    };
    // The list of 激活进度 knows the first 院 only.
    counted
        .stays
        .retain(|stay| narrowed.is_none_or(|id| stay.college_id == id));
    for ((first, second), kind, pile) in queries::findings(&read, scope, year).await? {
        counted.by_kind.entry(kind).or_default().add(pile);
        for id in [Some(first), second].into_iter().flatten() {
            counted.by_college.entry(id).or_default().add_findings(kind, pile);
        }
    }
    for ((first, second), pile) in queries::corrections(&read, scope, year).await? {
        counted.corrections.add(pile);
        for id in [Some(first), second].into_iter().flatten() {
            counted.by_college.entry(id).or_default().corrections.add(pile);
        }
    }
    read.rollback().await?;
    for stay in &counted.stays {
        if stay.ended_at.is_none() && stay.activated_at.is_none() {
            let work = counted.by_college.entry(stay.college_id).or_default();
            work.pending.add(Pile {
                count: 1,
                oldest: Some(stay.added_at),
            });
        }
    }
    Ok(counted)
}

pub(super) async fn index(
    State(app): State<App>,
    can: Can<policy::ViewFigures>,
    staff: Staff,
    Query(params): Query<Params>,
) -> Result<Response, AppError> {
    let shell = home::shell(&app, &staff, PATH).await?;
    let (years, Some(details)) = assessment::chosen(&app, &staff, &params.class_year).await? else {
        return html(&NonePage { shell });
    };
    let school = app.cache.school(&app.db, staff.versions).await?;
    let colleges: Vec<&college::Model> = school
        .colleges
        .iter()
        .filter(|college| can.scope().covers(college.id))
        .collect();
    let narrowed = match params.college.trim() {
        "" => None,
        code => Some(
            *colleges
                .iter()
                .find(|one| one.code == code)
                .ok_or(AppError::NotFound)?,
        ),
    };
    let scope = match narrowed {
        Some(college) => can.narrow(college.id)?.scope().clone(),
        None => can.scope().clone(),
    };
    let counted = counted(&app, &scope, details.year, narrowed.map(|college| college.id)).await?;
    let lists = Lists {
        year: details.year,
        college: narrowed.map(|college| college.code.clone()).unwrap_or_default(),
    };
    let shown = colleges.iter().filter(|college| scope.covers(college.id));
    let now = app.db.clock().now();
    let view = View {
        lists,
        details: &details,
        colleges: shown.copied().collect(),
        counted,
        now,
    };
    let page = IndexPage {
        shell,
        years,
        year: details.year,
        whose: match (narrowed, can.scope().only_college()) {
            (Some(college), _) => college.name.clone(),
            (None, Some(_)) => "本院".into(),
            (None, None) if *can.scope() == Scope::Everyone => "全校".into(),
            (None, None) => "所管各院".into(),
        },
        colleges: if colleges.len() > 1 {
            let choices = colleges.iter().map(|one| CollegeChoice {
                code: one.code.clone(),
                name: one.name.clone(),
                is_chosen: one.code == view.lists.college,
            });
            choices.collect()
        } else {
            Vec::new()
        },
        dues: view.dues(),
        tiles: view.tiles(),
        rows: Vec::new(),
        kinds: view.kinds(),
        days: turning_points(&view.days()),
        trend: view.trend(),
        ranking: String::new(),
        open: view.open(),
    };
    let rows = view.ranking();
    html(&IndexPage {
        ranking: ranking_chart(&rows),
        rows,
        ..page
    })
}
