//! The pages of jobs: 我的任务, one job, cancelling.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use qihang_db::entity::job_file;
use serde::{Deserialize, Serialize};

use super::pages::{IndexPage, JobRow, PAGE_SIZE, ShowPage};
use super::queries::{self, Stored};
use super::{files, rules};
use crate::app::App;
use crate::auth::{Action, Staff};
use crate::home;
use crate::web::{
    AppError, Flash, PageLinks, Path, Query, Step, content_disposition, html, is_fragment, redirect,
};

const HERE: &str = "/manage/jobs";

/// What of the list is looked at.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Look {
    /// `1`: everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<u8>,
    // Not flattened: behind a flattened field the parser no longer knows that `last` is a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<u8>,
}

impl Look {
    fn step(&self) -> Result<Step, AppError> {
        let positions = [&self.after, &self.before];
        if positions
            .into_iter()
            .flatten()
            .any(|text| text.parse::<i64>().is_err())
        {
            return Err(AppError::BadRequest("分页位置无法识别。".into()));
        }
        Ok(Step {
            after: self.after.clone(),
            before: self.before.clone(),
            last: self.last,
        })
    }

    /// The address of another page of the same list.
    fn at(&self, step: &Step) -> String {
        let step = step.clone();
        let there = Self {
            all: self.all,
            after: step.after,
            before: step.before,
            last: step.last,
        };
        match serde_html_form::to_string(&there) {
            Ok(query) if !query.is_empty() => format!("{HERE}?{query}"),
            _ => HERE.to_owned(),
        }
    }
}

pub(super) async fn index(
    State(app): State<App>,
    staff: Staff,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let officer = settled(&staff)?;
    let may_see_all = officer.may(Action::OverseeJobs);
    let account_id = match look.all {
        None => Some(officer.account_id),
        Some(1) if may_see_all => None,
        Some(1) => return Err(AppError::Forbidden),
        Some(_) => return Err(AppError::BadRequest("没有这种任务列表。".into())),
    };
    let step = look.step()?;
    let reader = app.db.reader();
    let mut rows: Vec<JobRow> = queries::list(reader, account_id, &step, PAGE_SIZE)
        .await?
        .into_iter()
        .map(|listed| JobRow::new(&app, listed, |stored| may_see(&staff, stored)))
        .collect();
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let links = PageLinks::cut(
        &mut rows,
        size,
        &step,
        |row| row.id.to_string(),
        |step| look.at(step),
    );
    // Whoever looks at the list has been told, and the frame need not say it again.
    rules::seen(&app.db, officer.account_id, None).await?;
    let page = IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        rows,
        total: format!("共 {} 个任务", queries::count(reader, account_id).await?),
        links,
        is_all: look.all.is_some(),
        may_see_all,
        here: look.at(&step),
    };
    if is_fragment(&headers) {
        html(&page.as_list())
    } else {
        html(&page)
    }
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(job_id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let officer = settled(&staff)?;
    let stored = rules::find(&app, &staff, job_id).await?.stored;
    rules::seen(&app.db, officer.account_id, Some(&stored.row.subject)).await?;
    let by = queries::owner_name(app.db.reader(), &stored).await?;
    let shell = home::shell(&app, &staff, HERE).await?;
    let page = may_see(&staff, &stored).then(|| stored.work.page()).flatten();
    let file = own_file(&app, &staff, &stored).await?;
    let page = ShowPage::new(&app, shell, &stored, by, (page, file));
    if is_fragment(&headers) {
        html(&page.as_work())
    } else {
        html(&page)
    }
}

/// The file that a job has left. It is its owner's alone, as long as they may do what the job did; whoever oversees jobs
/// sees that there is one.
async fn own_file(app: &App, staff: &Staff, stored: &Stored) -> Result<Option<job_file::Model>, AppError> {
    let is_own = stored.row.account_id == Some(staff.officer.account_id);
    if !is_own || !may_see(staff, stored) {
        return Ok(None);
    }
    let now = app.db.clock().now();
    Ok(files::find(app.db.reader(), stored.row.id, now).await?)
}

pub(super) async fn file(
    State(app): State<App>,
    staff: Staff,
    Path(job_id): Path<i64>,
) -> Result<Response, AppError> {
    settled(&staff)?;
    let stored = rules::find(&app, &staff, job_id).await?.stored;
    let file = own_file(&app, &staff, &stored).await?;
    let file = file.ok_or(AppError::NotFound)?;
    let content = app
        .files
        .stream(&file.file_key)
        .await
        .map_err(AppError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CONTENT_LENGTH, file.size_bytes.to_string()),
        (header::CONTENT_DISPOSITION, content_disposition(&file.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, Body::from_stream(content)).into_response())
}

pub(super) async fn cancel(
    State(app): State<App>,
    staff: Staff,
    Path(job_id): Path<i64>,
) -> Result<Response, AppError> {
    let officer = settled(&staff)?;
    let visible = rules::find(&app, &staff, job_id).await?;
    let change = app.db.change(&officer.actor()).await?;
    let cancelled = rules::cancel(&app, change, visible.stored.row.id).await?;
    home::flash(&staff, Flash::success(cancelled.message())).await?;
    Ok(redirect(&format!("{HERE}/{job_id}")))
}

/// Whoever has to change the password first does nothing else.
fn settled(staff: &Staff) -> Result<&crate::auth::Officer, AppError> {
    if staff.officer.must_change_password {
        return Err(AppError::PasswordChangeNeeded);
    }
    Ok(&staff.officer)
}

fn may_see(staff: &Staff, stored: &Stored) -> bool {
    staff.officer.may(stored.work.needs())
}
