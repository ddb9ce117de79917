//! All notices of an author, and writing one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::{Audience, Scope};

use super::form::{Choice, Mistakes, NoticeForm, Offer, Publisher, Then};
use super::{HERE, May};
use crate::app::{App, MISTAKES};
use crate::auth::Staff;
use crate::class_year;
use crate::home;
use crate::notice::markdown;
use crate::notice::model::{Standing, State as NoticeState};
use crate::notice::queries::{self, Managed, ReadCounts};
use crate::notice::rules::{self, NoticeError};
use crate::school;
use crate::web::{AppError, Flash, Form, PageLinks, Path, Query, Shell, Step, html, html_with, redirect};

/// Notices on one page.
const PAGE_SIZE: u64 = 25;

struct Row {
    id: i64,
    title: String,
    pinned: bool,
    standing: Standing,
    /// Who wrote it.
    from: String,
    audience: &'static str,
    days: String,
    read: ReadCounts,
    was_published: bool,
}

#[derive(Template)]
#[template(path = "notice/manage/index.html")]
struct IndexPage {
    shell: Shell,
    rows: Vec<Row>,
    total: String,
    links: PageLinks,
}

fn bound(step: &Step) -> Result<Option<i64>, AppError> {
    let key = step.after.as_ref().or(step.before.as_ref());
    key.map(|key| key.parse().map_err(|_| AppError::NotFound))
        .transpose()
}

pub(in crate::notice) async fn index(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let mut found = queries::list(reader, can.scope(), &step, bound(&step)?, PAGE_SIZE).await?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let links = PageLinks::cut(
        &mut found,
        size,
        &step,
        |row| row.id.to_string(),
        |step| match serde_html_form::to_string(step) {
            Ok(query) if !query.is_empty() => format!("{HERE}?{query}"),
            _ => HERE.to_owned(),
        },
    );
    let ids: Vec<i64> = found.iter().map(|row| row.id).collect();
    let read = queries::read_counts(reader, can.scope(), &ids).await?;
    let colleges = school::queries::colleges(reader).await?;
    let today = app.db.clock().today();
    let mut rows = Vec::new();
    for row in found {
        let state = NoticeState::of(&row)?;
        let from = colleges
            .iter()
            .find(|college| Some(college.id) == row.college_id)
            .map_or_else(|| "就业中心".to_owned(), |college| college.name.clone());
        rows.push(Row {
            id: row.id,
            standing: Standing::on(state, row.publish_on, row.ends_on, today),
            from,
            audience: Audience::from_code(&row.audience).map_or("", Audience::label),
            days: match (row.publish_on, row.ends_on) {
                (Some(first), Some(last)) => format!("{first} 至 {last}"),
                (Some(first), None) => first.to_string(),
                (None, Some(last)) => format!("至 {last}"),
                (None, None) => String::new(),
            },
            read: read.get(&row.id).copied().unwrap_or_default(),
            was_published: state.published_at().is_some(),
            title: row.title,
            pinned: row.pinned,
        });
    }
    html(&IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        rows,
        total: format!("共 {} 条", queries::count(reader, can.scope()).await?),
        links,
    })
}

struct Preview {
    title: String,
    /// Sanitised.
    body: String,
}

#[derive(Template)]
#[template(path = "notice/manage/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` for a new one.
    id: Option<i64>,
    form: NoticeForm,
    mistakes: Mistakes,
    preview: Option<Preview>,
    /// Whether the centre writes, and so for anybody.
    is_centre: bool,
    publishers: Vec<Choice>,
    audiences: Vec<Choice>,
    roles: Vec<Choice>,
    types: Vec<Choice>,
    years: Vec<Choice>,
    colleges: Vec<Choice>,
}

async fn offer(app: &App, can: &May, of: Option<&Managed>) -> Result<Offer, AppError> {
    let reader = app.db.reader();
    let named = |college: &qihang_db::entity::college::Model| (college.id, college.name.clone());
    let colleges = school::queries::colleges(reader).await?;
    let publisher = match (of.map(|notice| notice.row.college_id), can.scope()) {
        (Some(None), _) | (None, Scope::Everyone) => Publisher::Centre,
        (Some(Some(id)), _) => Publisher::Colleges(
            colleges
                .iter()
                .filter(|college| college.id == id)
                .map(named)
                .collect(),
        ),
        (None, scope) => Publisher::Colleges(
            colleges
                .iter()
                .filter(|college| scope.covers(college.id))
                .map(named)
                .collect(),
        ),
    };
    let years = class_year::queries::list(reader).await?;
    Ok(Offer {
        publisher,
        colleges: colleges.iter().map(named).collect(),
        years: years.iter().map(|details| details.year).collect(),
    })
}

struct Filled {
    id: Option<i64>,
    form: NoticeForm,
    mistakes: Mistakes,
    preview: Option<Preview>,
}

async fn page(
    app: &App,
    staff: &Staff,
    status: StatusCode,
    offer: &Offer,
    filled: Filled,
) -> Result<Response, AppError> {
    let form = filled.form;
    html_with(
        status,
        &FormPage {
            shell: home::shell(app, staff, HERE).await?,
            id: filled.id,
            mistakes: filled.mistakes,
            preview: filled.preview,
            is_centre: offer.publisher == Publisher::Centre,
            publishers: form.publishers(offer),
            audiences: form.audiences(),
            roles: form.roles(),
            types: form.types(),
            years: form.years(offer),
            colleges: form.colleges(offer),
            form,
        },
    )
}

pub(in crate::notice) async fn new(
    State(app): State<App>,
    can: May,
    staff: Staff,
) -> Result<Response, AppError> {
    let offer = offer(&app, &can, None).await?;
    let filled = Filled {
        id: None,
        form: NoticeForm {
            audience: Audience::Students.code().to_owned(),
            ..NoticeForm::default()
        },
        mistakes: Mistakes::default(),
        preview: None,
    };
    page(&app, &staff, StatusCode::OK, &offer, filled).await
}

pub(in crate::notice) async fn edit(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let found = queries::find(app.db.reader(), can.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let offer = offer(&app, &can, Some(&found)).await?;
    let filled = Filled {
        id: Some(id),
        form: NoticeForm::of(&found.content()),
        mistakes: Mistakes::default(),
        preview: None,
    };
    page(&app, &staff, StatusCode::OK, &offer, filled).await
}

pub(in crate::notice) async fn create(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Form(form): Form<NoticeForm>,
) -> Result<Response, AppError> {
    let offer = offer(&app, &can, None).await?;
    receive(&app, &can, &staff, &offer, None, form).await
}

pub(in crate::notice) async fn change(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
    Form(form): Form<NoticeForm>,
) -> Result<Response, AppError> {
    let found = queries::find(app.db.reader(), can.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let offer = offer(&app, &can, Some(&found)).await?;
    receive(&app, &can, &staff, &offer, Some(id), form).await
}

/// What was written: shown as it will look, kept, or given back with its mistakes.
async fn receive(
    app: &App,
    can: &May,
    staff: &Staff,
    offer: &Offer,
    id: Option<i64>,
    form: NoticeForm,
) -> Result<Response, AppError> {
    let (college_id, content) = match form.read(offer) {
        Ok(read) => read,
        Err(mistakes) => {
            let filled = Filled {
                id,
                form,
                mistakes: *mistakes,
                preview: None,
            };
            return page(app, staff, MISTAKES, offer, filled).await;
        }
    };
    if form.then == Then::Preview {
        let preview = Preview {
            body: markdown::render(&content.body),
            title: content.title,
        };
        let filled = Filled {
            id,
            form,
            mistakes: Mistakes::default(),
            preview: Some(preview),
        };
        return page(app, staff, StatusCode::OK, offer, filled).await;
    }
    let kept = match id {
        Some(id) => rules::change(&app.db, can, id, &content).await.map(|()| id),
        None => rules::create(&app.db, can, college_id, &content).await,
    };
    match kept {
        Ok(id) => {
            home::flash(staff, Flash::success("已保存。请核对下面的样子。")).await?;
            Ok(redirect(&format!("{HERE}/{id}")))
        }
        Err(NoticeError::EndsBefore) => {
            let mistakes = Mistakes {
                ends_on: Some("结束日期不能早于发布日期。".into()),
                ..Mistakes::default()
            };
            let filled = Filled {
                id,
                form,
                mistakes,
                preview: None,
            };
            page(app, staff, MISTAKES, offer, filled).await
        }
        Err(error) => Err(error.into()),
    }
}

impl From<NoticeError> for AppError {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::NotFound => Self::NotFound,
            NoticeError::NotNow(_) => Self::Conflict("通知的状态已经变化，未处理。".into()),
            NoticeError::EndsBefore => Self::Conflict("结束日期已过，未发布。请先修改结束日期。".into()),
            NoticeError::Db(error) => error.into(),
        }
    }
}
