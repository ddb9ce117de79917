//! The student's messages.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::MessageKind;
use qihang_db::entity::message;

use super::{queries, rules};
use crate::app::App;
use crate::auth::Student;
use crate::home;
use crate::web::{AppError, PageLinks, Path, Query, Step, StudentShell, html, instant_text, redirect};

const HERE: &str = "/student/messages";

/// A message in the list.
struct Line {
    id: i64,
    kind: &'static str,
    title: String,
    at: String,
    is_unread: bool,
}

#[derive(Template)]
#[template(path = "message/index.html")]
struct IndexPage {
    shell: StudentShell,
    lines: Vec<Line>,
    unread: u64,
    links: PageLinks,
}

#[derive(Template)]
#[template(path = "message/show.html")]
struct ShowPage {
    shell: StudentShell,
    kind: &'static str,
    title: String,
    at: String,
    paragraphs: Vec<String>,
    href: Option<String>,
}

fn kind(message: &message::Model) -> &'static str {
    MessageKind::from_code(&message.kind).map_or("", MessageKind::label)
}

pub(super) async fn index(
    State(app): State<App>,
    student: Student,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let (reader, scope) = (app.db.reader(), student.scope());
    let key = step
        .after
        .as_deref()
        .or(step.before.as_deref())
        .map(|text| {
            text.parse()
                .map_err(|_| AppError::BadRequest("页码无法识别。".into()))
        })
        .transpose()?;
    let mut found = queries::page(reader, &scope, &step, key).await?;
    let links = PageLinks::cut(
        &mut found,
        queries::PAGE_SIZE,
        &step,
        |message| message.id.to_string(),
        |step| match serde_html_form::to_string(step) {
            Ok(query) if !query.is_empty() => format!("{HERE}?{query}"),
            Ok(_) | Err(_) => HERE.to_owned(),
        },
    );
    html(&IndexPage {
        shell: home::student_shell(&app, &student).await?,
        unread: queries::count_unread(reader, &scope).await?,
        lines: found
            .into_iter()
            .map(|message| Line {
                id: message.id,
                kind: kind(&message),
                at: instant_text(message.sent_at),
                is_unread: message.read_at.is_none(),
                title: message.title,
            })
            .collect(),
        links,
    })
}

pub(super) async fn show(
    State(app): State<App>,
    student: Student,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let message = rules::open(&app.db, &student.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    html(&ShowPage {
        shell: home::student_shell(&app, &student).await?,
        kind: kind(&message),
        at: instant_text(message.sent_at),
        paragraphs: message.body.lines().map(str::to_owned).collect(),
        title: message.title,
        href: message.href,
    })
}

/// 全部标为已读.
pub(super) async fn read_all(State(app): State<App>, student: Student) -> Result<Response, AppError> {
    rules::open_all(&app.db, &student.scope()).await?;
    Ok(redirect(HERE))
}
