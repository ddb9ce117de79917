//! The list on screen, the file, the interface for programs.

use std::io::{self, Seek};

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use qihang_db::{Clock, OwnField};
use qihang_sheet::{TableWriter, write};
use serde::{Deserialize, Serialize};
use tokio_util::io::ReaderStream;

use super::model::{Filter, Line, Mended, Which};
use super::queries;
use super::rules::{self, Order, Way};
use crate::app::App;
use crate::auth::{Can, ExchangeClient, Staff, policy};
use crate::home;
use crate::portal::model::Standing;
use crate::roster::export::model::Format;
use crate::roster::list::columns::local_minute;
use crate::web::{AppError, PageLinks, Query, Shell, Step, content_disposition, html};

/// Where it is.
pub(super) const PATH: &str = "/manage/portal-changes";

/// The search, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Search {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    state: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    field: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    since: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<u8>,
    /// Which file is wanted; not part of a list.
    #[serde(default, skip_serializing)]
    format: String,
}

/// A word of the address that is not understood is never read as “all”.
fn unknown(what: &str) -> AppError {
    AppError::BadRequest(format!("查询条件“{what}”无法识别。"))
}

impl Search {
    fn filter(&self) -> Result<Filter, AppError> {
        Ok(Filter {
            which: Which::from_code(&self.state).ok_or_else(|| unknown("状态"))?,
            field: match self.field.as_str() {
                "" => None,
                code => Some(OwnField::from_code(code).ok_or_else(|| unknown("字段"))?),
            },
            since: match self.since.trim() {
                "" => None,
                day => Some(
                    beginning_of(day)
                        .ok_or_else(|| AppError::BadRequest("日期应形如 2026-09-15。".into()))?,
                ),
            },
        })
    }

    fn step(&self) -> Step {
        Step {
            after: self.after.map(|id| id.to_string()),
            before: self.before.map(|id| id.to_string()),
            last: self.last,
        }
    }

    fn query(&self, step: &Step) -> String {
        let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        let there = Self {
            after: id(&step.after),
            before: id(&step.before),
            last: step.last,
            ..self.clone()
        };
        serde_html_form::to_string(&there).unwrap_or_default()
    }
}

/// The first instant of a day in Asia/Shanghai.
pub(crate) fn beginning_of(day: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    use chrono::Datelike;
    let day: NaiveDate = day.parse().ok()?;
    (1950..=2200)
        .contains(&day.year())
        .then(|| Clock::end_of(day - chrono::Days::new(1)))
}

struct Row {
    student_no: String,
    name: String,
    field: &'static str,
    old: String,
    new: String,
    at: String,
    standing: Standing,
}

impl Row {
    fn of(mended: &Mended) -> Option<Self> {
        let line = Line::of(mended)?;
        let text = |name: String, code: String| match (name.is_empty(), name == code) {
            (true, _) => "（空）".to_owned(),
            (_, true) => name,
            (_, false) => format!("{name}（{code}）"),
        };
        Some(Self {
            student_no: line.student_no,
            name: mended.name.clone(),
            field: OwnField::from_code(line.field)?.label(),
            old: text(line.old_name, line.old_code),
            new: text(line.new_name, line.new_code),
            at: local_minute(mended.own.set_at),
            standing: Standing::of(&mended.own),
        })
    }
}

#[derive(Template)]
#[template(path = "portal/changes.html")]
struct IndexPage {
    shell: Shell,
    filter: Filter,
    search: Search,
    total: u64,
    rows: Vec<Row>,
    links: PageLinks,
    export_query: String,
}

impl IndexPage {
    fn total_text(&self) -> String {
        format!("共 {} 项，由新到旧", self.total)
    }
}

pub(super) async fn index(
    State(app): State<App>,
    can: Can<policy::ManageExchange>,
    staff: Staff,
    Query(search): Query<Search>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let (filter, step) = (search.filter()?, search.step());
    let position = (search.after, search.before);
    let mut mended = queries::page(reader, can.scope(), filter, &step, position).await?;
    let links = PageLinks::cut(
        &mut mended,
        queries::PAGE_SIZE,
        &step,
        |mended| mended.own.id.to_string(),
        |step| format!("{PATH}?{}", search.query(step)),
    );
    html(&IndexPage {
        shell: home::shell(&app, &staff, PATH).await?,
        total: queries::count(reader, can.scope(), filter).await?,
        rows: mended.iter().filter_map(Row::of).collect(),
        links,
        export_query: search.query(&Step::default()),
        filter,
        search,
    })
}

pub(super) async fn export(
    State(app): State<App>,
    can: Can<policy::ManageExchange>,
    Query(search): Query<Search>,
) -> Result<Response, AppError> {
    let (format, way) = match Format::from_code(&search.format) {
        Some(Format::Xlsx) => (Format::Xlsx, Way::Xlsx),
        Some(Format::Csv) => (Format::Csv, Way::Csv),
        Some(Format::Dbf) | None => return Err(unknown("格式")),
    };
    let order = Order {
        filter: search.filter()?,
        after: 0,
        limit: None,
        way,
    };
    let mended = rules::hand_on(&app.db, can.actor(), can.scope(), order).await?;
    let file = tokio::task::spawn_blocking(move || file(&mended, format))
        .await
        .map_err(AppError::internal)?
        .map_err(AppError::internal)?;
    let name = format!(
        "门户修改_{}.{}",
        app.db.clock().today().format("%Y%m%d"),
        format.code()
    );
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name)),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok((headers, body).into_response())
}

/// The columns of the file: heading and width.
const COLUMNS: [(&str, f64); 9] = [
    ("学号", 14.0),
    ("姓名", 12.0),
    ("字段", 12.0),
    ("原值代码", 10.0),
    ("原值", 28.0),
    ("新值代码", 10.0),
    ("新值", 28.0),
    ("修改时间", 18.0),
    ("状态", 10.0),
];

fn file(
    mended: &[Mended],
    format: Format,
) -> Result<std::fs::File, Box<dyn std::error::Error + Send + Sync>> {
    let mut file = tempfile::tempfile()?;
    let columns = COLUMNS.map(|(heading, width)| write::Column::new(heading, width));
    let copy = file.try_clone()?;
    let mut writer: Box<dyn TableWriter> = match format {
        Format::Xlsx => write::xlsx(copy, "门户修改", &columns, &[])?,
        Format::Csv | Format::Dbf => write::csv(copy, &columns)?,
    };
    for mended in mended {
        let Some(line) = Line::of(mended) else { continue };
        let field = OwnField::from_code(line.field).map_or("", OwnField::label);
        let at = local_minute(mended.own.set_at);
        writer.row(&[
            &line.student_no,
            &mended.name,
            field,
            &line.old_code,
            &line.old_name,
            &line.new_code,
            &line.new_name,
            &at,
            Standing::of(&mended.own).label(),
        ])?;
    }
    writer.finish()?;
    file.seek(io::SeekFrom::Start(0))?;
    Ok(file)
}

/// What a program asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    after: i64,
    #[serde(default)]
    limit: Option<u64>,
}

/// Changes that a program is given at once at the most.
const AT_ONCE: u64 = 1_000;

/// Answers a program.
#[derive(Serialize)]
struct Feed {
    changes: Vec<Line>,
    /// What to ask for next as `after`; `null` when there is nothing more.
    next: Option<i64>,
}

pub(super) async fn feed(
    State(app): State<App>,
    client: ExchangeClient,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let limit = asked.limit.unwrap_or(AT_ONCE);
    if limit == 0 || limit > AT_ONCE {
        return Err(AppError::BadRequest(format!("limit 应为 1 到 {AT_ONCE}。")));
    }
    let search = Search {
        state: asked.state,
        field: asked.field,
        since: asked.since,
        ..Search::default()
    };
    let order = Order {
        filter: search.filter()?,
        after: asked.after,
        limit: Some(limit),
        way: Way::Api,
    };
    let mended = rules::hand_on(&app.db, client.actor(), client.scope(), order).await?;
    let is_full = u64::try_from(mended.len()).is_ok_and(|count| count == limit);
    let feed = Feed {
        next: mended.last().filter(|_| is_full).map(|mended| mended.own.id),
        changes: rules::lines(&mended),
    };
    let body = serde_json::to_string(&feed).map_err(AppError::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
