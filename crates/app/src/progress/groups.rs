//! The figures by 院系, 专业, 班级 and 辅导员; each number opens the list behind it.

use axum::extract::State as Extracted;
use axum::response::Response;

use super::filter::{Block, By, ProgressParams, State};
use super::page::{Group, GroupsPage, Head, selects, views, with_name};
use super::queries::{self, Of};
use super::question::Asked;
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::web::{AppError, Query, html};

/// The address of the groups.
pub(super) const PATH: &str = "/manage/activation/groups";

pub(super) async fn index(
    Extracted(app): Extracted<App>,
    can: Can<policy::ViewActivation>,
    staff: Staff,
    Query(params): Query<ProgressParams>,
) -> Result<Response, AppError> {
    let (reader, scope, today) = (app.db.reader(), can.scope(), app.db.clock().today());
    let asked = Asked::understand(&app, staff.versions, params).await?;
    let by = asked.params.by()?;
    let rows = asked.rows(scope);
    let figures = queries::figures(reader, rows).await?;
    let found = queries::groups(reader, rows, by).await?;
    let numbers = found.iter().filter_map(|(of, _)| match of {
        Of::Text(number) if by == By::Counsellor => Some(number.as_str()),
        Of::Text(_) | Of::Id(_) => None,
    });
    let counsellors = queries::counsellor_names(reader, numbers).await?;
    let mut groups: Vec<Group> = found
        .into_iter()
        .map(|(of, figures)| {
            let (label, narrowed) = named(&asked, by, &of);
            let label = match by {
                By::Counsellor => with_name(&label, &counsellors),
                By::College | By::Major | By::Class => label,
            };
            Group {
                label,
                figures,
                hrefs: narrowed.map(|params| hrefs(&params)),
            }
        })
        .collect();
    // By unfinished work; those with the same in the order of their names.
    groups.sort_by_key(|group| std::cmp::Reverse(group.figures.pending()));
    html(&GroupsPage {
        shell: home::shell(&app, &staff, super::PATH).await?,
        head: Head::new(&asked, scope, figures, today),
        views: views(&asked.params, Some(by)),
        selects: selects(&asked, scope, false),
        reset: ProgressParams {
            by: by.code().into(),
            ..asked.params.reset()
        }
        .address(PATH),
        by,
        groups,
        params: asked.params,
    })
}

/// What a group is called, and the question for its students; none where there is nothing to ask by.
fn named(asked: &Asked, by: By, of: &Of) -> (String, Option<ProgressParams>) {
    let params = || ProgressParams {
        by: String::new(),
        ..asked.params.clone()
    };
    match (by, of) {
        (By::College, Of::Id(id)) => match asked.school.colleges.iter().find(|one| one.id == *id) {
            Some(one) => {
                let college = one.code.clone();
                (one.name.clone(), Some(ProgressParams { college, ..params() }))
            }
            None => (String::new(), None),
        },
        (By::Major, Of::Id(id)) => match asked.school.majors.iter().find(|one| one.id == *id) {
            Some(one) => {
                let major = one.code.clone();
                let name = format!("{}（{}）", one.name, one.code);
                (name, Some(ProgressParams { major, ..params() }))
            }
            None => (String::new(), None),
        },
        (By::Class, Of::Text(name)) if !name.is_empty() => {
            let class_name = name.clone();
            (
                name.clone(),
                Some(ProgressParams {
                    class_name,
                    ..params()
                }),
            )
        }
        (By::Counsellor, Of::Text(number)) if !number.is_empty() => {
            let counsellor = number.clone();
            (
                number.clone(),
                Some(ProgressParams {
                    counsellor,
                    ..params()
                }),
            )
        }
        (By::College | By::Major | By::Class | By::Counsellor, Of::Id(_) | Of::Text(_)) => {
            ("（未填写）".into(), None)
        }
    }
}

fn hrefs(params: &ProgressParams) -> [String; 5] {
    [
        params.in_state(State::All),
        params.in_state(State::Activated),
        params.in_state(State::Pending),
        params.blocked(State::Pending, Block::Some),
        params.in_state(State::Again),
    ]
    .map(|params| params.address(super::PATH))
}
