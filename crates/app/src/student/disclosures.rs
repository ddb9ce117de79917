//! 谁看过我的信息 (R21b).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::queries::{LookKey, LookKind, looks};
use crate::app::App;
use crate::auth::Student;
use crate::home;
use crate::web::{AppError, Query, StudentShell, html, instant_text};

const HERE: &str = "/student/disclosures";

/// Looks on a page.
const PAGE_SIZE: usize = 20;

/// A look on the page.
struct Line {
    kind: LookKind,
    who: String,
    purpose: String,
    at: String,
}

#[derive(Template)]
#[template(path = "student/disclosures.html")]
struct DisclosuresPage {
    shell: StudentShell,
    lines: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

pub(super) async fn index(
    State(app): State<App>,
    student: Student,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let key = asked
        .after
        .as_deref()
        .map(|text| LookKey::from_address(text).ok_or_else(|| AppError::BadRequest("页码无法识别。".into())))
        .transpose()?;
    let mut found = looks(app.db.reader(), student.id(), key, PAGE_SIZE as u64 + 1).await?;
    let has_more = found.len() > PAGE_SIZE;
    found.truncate(PAGE_SIZE);
    let next = found
        .last()
        .filter(|_| has_more)
        .map(|look| format!("{HERE}?after={}", look.key().to_address()));
    html(&DisclosuresPage {
        shell: home::student_shell(&app, &student).await?,
        lines: found
            .into_iter()
            .map(|look| Line {
                kind: look.kind,
                who: look.who,
                purpose: look.purpose,
                at: instant_text(look.at),
            })
            .collect(),
        first: key.map(|_| HERE.to_owned()),
        next,
    })
}
