//! One notice of an author: how it looks, its files, publishing and withdrawing it.

use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{File, HERE, May, download};
use crate::app::{App, MISTAKES};
use crate::auth::Staff;
use crate::home;
use crate::notice::attachment::{self, BadFile};
use crate::notice::markdown;
use crate::notice::model::{Standing, State as NoticeState};
use crate::notice::queries::{self, ReadCounts};
use crate::notice::rules::{self, AttachError};
use crate::school;
use crate::web::{AppError, Flash, Path, Shell, html_with, instant_text, redirect};

#[derive(Template)]
#[template(path = "notice/manage/show.html")]
struct ShowPage {
    shell: Shell,
    id: i64,
    title: String,
    /// Sanitised.
    body: String,
    pinned: bool,
    state: NoticeState,
    standing: Standing,
    from: String,
    audience: String,
    publish_on: String,
    ends_on: String,
    files: Vec<File>,
    read: ReadCounts,
    attach_error: Option<String>,
}

impl ShowPage {
    /// When the state came about.
    fn since(&self) -> Option<String> {
        match self.state {
            NoticeState::Draft => None,
            NoticeState::Published { at } => Some(format!("发布于 {}", instant_text(at))),
            NoticeState::Withdrawn { at, .. } => Some(format!("撤回于 {}", instant_text(at))),
        }
    }
}

async fn page(
    app: &App,
    can: &May,
    staff: &Staff,
    id: i64,
    (status, attach_error): (StatusCode, Option<String>),
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let found = queries::find(reader, can.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let colleges = school::queries::colleges(reader).await?;
    let name = |id: i64| {
        let of = colleges.iter().find(|college| college.id == id);
        of.map_or_else(String::new, |college| college.name.clone())
    };
    let read = queries::read_counts(reader, can.scope(), &[id]).await?;
    let row = found.row;
    let page = ShowPage {
        shell: home::shell(app, staff, HERE).await?,
        id,
        body: markdown::render(&row.body),
        pinned: row.pinned,
        standing: Standing::on(found.state, row.publish_on, row.ends_on, app.db.clock().today()),
        state: found.state,
        from: row.college_id.map_or_else(|| "就业中心".to_owned(), name),
        audience: found.readership.label(name),
        publish_on: row
            .publish_on
            .map_or_else(|| "发布当天".to_owned(), |day| day.to_string()),
        ends_on: row
            .ends_on
            .map_or_else(|| "不限".to_owned(), |day| day.to_string()),
        files: queries::attachments(reader, id)
            .await?
            .into_iter()
            .map(File::from)
            .collect(),
        read: read.get(&id).copied().unwrap_or_default(),
        title: row.title,
        attach_error,
    };
    html_with(status, &page)
}

pub(in crate::notice) async fn show(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    page(&app, &can, &staff, id, (StatusCode::OK, None)).await
}

pub(in crate::notice) async fn publish(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    rules::publish(&app.db, &can, id).await?;
    home::flash(&staff, Flash::success("已发布。")).await?;
    Ok(redirect(&format!("{HERE}/{id}")))
}

pub(in crate::notice) async fn withdraw(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    rules::withdraw(&app.db, &can, id).await?;
    home::flash(&staff, Flash::success("已撤回，读者不再看到此通知。")).await?;
    Ok(redirect(&format!("{HERE}/{id}")))
}

pub(in crate::notice) async fn discard(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    rules::discard(&app, &can, id).await?;
    home::flash(&staff, Flash::success("草稿已删除。")).await?;
    Ok(redirect(HERE))
}

/// What came with the upload: the name and the content of the file.
async fn receive(mut multipart: Multipart) -> Result<Result<(String, Vec<u8>), BadFile>, AppError> {
    let too_large = |error: &MultipartError| error.status() == StatusCode::PAYLOAD_TOO_LARGE;
    loop {
        let field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(Err(BadFile::Missing)),
            Err(error) if too_large(&error) => return Ok(Err(BadFile::TooLarge)),
            Err(error) => return Err(error.into()),
        };
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        return match field.bytes().await {
            Ok(content) => Ok(Ok((name, content.to_vec()))),
            Err(error) if too_large(&error) => Ok(Err(BadFile::TooLarge)),
            Err(error) => Err(error.into()),
        };
    }
}

pub(in crate::notice) async fn attach(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
    multipart: Multipart,
) -> Result<Response, AppError> {
    let attached = match receive(multipart).await? {
        Ok((name, content)) => rules::attach(&app, &can, id, &name, content).await,
        Err(bad) => Err(bad.into()),
    };
    let message = match attached {
        Ok(()) => {
            home::flash(&staff, Flash::success("附件已添加。")).await?;
            return Ok(redirect(&format!("{HERE}/{id}")));
        }
        Err(AttachError::NotFound) => return Err(AppError::NotFound),
        Err(AttachError::Bad(bad)) => bad.message(),
        Err(AttachError::TooMany) => {
            format!("每条通知最多 {} 个附件，请先删除不需要的附件。", attachment::MOST)
        }
        Err(AttachError::SameName) => "已有同名附件，请改名后再上传，或先删除原来的附件。".into(),
        Err(AttachError::Files(error)) => return Err(AppError::internal(error)),
        Err(AttachError::Db(error)) => return Err(error.into()),
    };
    page(&app, &can, &staff, id, (MISTAKES, Some(message))).await
}

pub(in crate::notice) async fn detach(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path((id, attachment_id)): Path<(i64, i64)>,
) -> Result<Response, AppError> {
    match rules::detach(&app, &can, id, attachment_id).await {
        Ok(name) => {
            home::flash(&staff, Flash::success(format!("已删除附件“{name}”。"))).await?;
            Ok(redirect(&format!("{HERE}/{id}")))
        }
        Err(AttachError::NotFound) => Err(AppError::NotFound),
        Err(error) => Err(AppError::internal(error)),
    }
}

pub(in crate::notice) async fn attachment(
    State(app): State<App>,
    can: May,
    Path((id, attachment_id)): Path<(i64, i64)>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    if queries::find(reader, can.scope(), id).await?.is_none() {
        return Err(AppError::NotFound);
    }
    let row = queries::attachment(reader, id, attachment_id)
        .await?
        .ok_or(AppError::NotFound)?;
    download(&app, &row).await
}
