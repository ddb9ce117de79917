//! Notices for whom they are for. The same pages for everybody: who has signed in sees more of them.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use chrono::NaiveDate;

use super::{File, download};
use crate::app::App;
use crate::auth::{Staff, Student};
use crate::notice::markdown;
use crate::notice::queries::{self, Headline, PAGE_SIZE, Reader};
use crate::web::{AppError, PageLinks, Path, Query, Step, for_a_minute, html, html_with};

/// Whoever asks, signed in or not.
#[expect(clippy::large_enum_variant, reason = "one a request, and never kept")]
pub(in crate::notice) enum Caller {
    Visitor,
    Student(Student),
    Staff(Staff),
}

impl Caller {
    fn reader(&self) -> Reader<'_> {
        match self {
            Self::Visitor => Reader::Visitor,
            Self::Student(student) => Reader::Student(student.record()),
            Self::Staff(staff) => Reader::Staff(&staff.officer),
        }
    }

    /// The own first page: word and address.
    const fn home(&self) -> (&'static str, &'static str) {
        match self {
            Self::Visitor => ("登录", "/"),
            Self::Student(_) => ("我的首页", "/student"),
            Self::Staff(_) => ("返回管理系统", "/manage"),
        }
    }

    /// What everybody sees may be kept for a minute; what somebody sees may not.
    fn answer(&self, response: Response) -> Response {
        match self {
            Self::Visitor => for_a_minute(response),
            Self::Student(_) | Self::Staff(_) => response,
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        match Student::from_request_parts(parts, app).await {
            Ok(student) => return Ok(Self::Student(student)),
            Err(AppError::SignInNeeded(_)) => {}
            Err(error) => return Err(error),
        }
        match Staff::from_request_parts(parts, app).await {
            // With a one-time password nothing but the own account is open yet.
            Ok(staff) if staff.officer.must_change_password => Ok(Self::Visitor),
            Ok(staff) => Ok(Self::Staff(staff)),
            Err(AppError::SignInNeeded(_)) => Ok(Self::Visitor),
            Err(error) => Err(error),
        }
    }
}

#[derive(Template)]
#[template(path = "notice/index.html")]
struct IndexPage {
    home: (&'static str, &'static str),
    pinned: Vec<Headline>,
    others: Vec<Headline>,
    links: PageLinks,
    /// Whether the reader may be told only of what is public.
    is_visitor: bool,
}

/// `day.id` of the notice at which a page begins.
fn bound(step: &Step) -> Result<Option<(NaiveDate, i64)>, AppError> {
    let Some(key) = step.after.as_ref().or(step.before.as_ref()) else {
        return Ok(None);
    };
    let read = |key: &str| {
        let (day, id) = key.split_once('.')?;
        Some((day.parse().ok()?, id.parse().ok()?))
    };
    read(key).map(Some).ok_or(AppError::NotFound)
}

pub(in crate::notice) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let bound = bound(&step)?;
    let today = app.db.clock().today();
    let shelf = queries::shelf(app.db.reader(), caller.reader(), today, &step, bound).await?;
    let mut others = shelf.others;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let links = PageLinks::cut(
        &mut others,
        size,
        &step,
        |row| format!("{}.{}", row.day, row.id),
        |step| match serde_html_form::to_string(step) {
            Ok(query) if !query.is_empty() => format!("/notices?{query}"),
            _ => "/notices".to_owned(),
        },
    );
    let page = IndexPage {
        home: caller.home(),
        pinned: shelf.pinned,
        others,
        links,
        is_visitor: matches!(caller, Caller::Visitor),
    };
    Ok(caller.answer(html(&page)?))
}

#[derive(Template)]
#[template(path = "notice/show.html")]
struct ShowPage {
    home: (&'static str, &'static str),
    id: i64,
    title: String,
    from: String,
    day: NaiveDate,
    ends_on: Option<NaiveDate>,
    /// Sanitised.
    body: String,
    files: Vec<File>,
}

#[derive(Template)]
#[template(path = "notice/missing.html")]
struct MissingPage {
    id: i64,
}

pub(in crate::notice) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let today = app.db.clock().today();
    let Some(found) = queries::find_readable(app.db.reader(), caller.reader(), today, id).await? else {
        return missing(&caller, id);
    };
    queries::record_reading(&app.db, caller.reader(), id, app.db.clock().now()).await?;
    let page = ShowPage {
        home: caller.home(),
        id,
        body: markdown::render(&found.row.body),
        title: found.row.title,
        from: found.college.unwrap_or_else(|| "学生就业指导中心".to_owned()),
        day: found.row.publish_on.unwrap_or(today),
        ends_on: found.row.ends_on,
        files: found.attachments.into_iter().map(File::from).collect(),
    };
    Ok(caller.answer(html(&page)?))
}

/// Whoever has not signed in is told that signing in may help, of every number alike; whoever has, that there is none.
fn missing(caller: &Caller, id: i64) -> Result<Response, AppError> {
    match caller {
        Caller::Visitor => html_with(StatusCode::NOT_FOUND, &MissingPage { id }),
        Caller::Student(_) | Caller::Staff(_) => Err(AppError::NotFound),
    }
}

pub(in crate::notice) async fn attachment(
    State(app): State<App>,
    caller: Caller,
    Path((id, attachment_id)): Path<(i64, i64)>,
) -> Result<Response, AppError> {
    let today = app.db.clock().today();
    let reader = caller.reader();
    match queries::readable_attachment(app.db.reader(), reader, today, id, attachment_id).await? {
        Some(row) => download(&app, &row).await,
        None => missing(&caller, id),
    }
}
