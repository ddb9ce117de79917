//! 后台导出: the same file as a job (R40). The rows are those of the moment when it is written; who ordered it, which
//! rows and columns, and what for were settled when it was ordered.

use std::io::Seek;

use qihang_db::Versions;
use sea_orm::DbErr;

use super::model::{ExportError, Format, Order, file_name};
use super::rules::Export;
use super::{queries, whose};
use crate::app::App;
use crate::auth::{Can, Officer, policy};
use crate::job::{self, Ended, Ending, Running, Stop, Work};
use crate::roster::disclosure::rules::Purpose;
use crate::roster::list::columns::{chosen, local_minute};
use crate::roster::list::question::Question;
use crate::web::AppError;

/// From so many rows on the list offers 后台导出: fewer are there before the page of a job would be.
pub const OFFERED_FROM: u64 = 2_000;

/// Orders an export; answers the job's id.
pub(super) async fn order(
    app: &App,
    can: &Can<policy::ExportRoster>,
    officer: &Officer,
    mut question: Question,
    purpose: Option<Purpose>,
) -> Result<i64, DbErr> {
    // What is the default today may be another class year when the job runs.
    question.params.class_year = question.year.year.to_string();
    let columns = question.columns(officer);
    let change = app.db.change(can.actor()).await?;
    let filter = question.params.to_query();
    let order_id =
        queries::insert_order(&change, officer.account_id, filter, &columns, purpose.as_ref()).await?;
    let job_id = job::rules::enqueue(&change, &Work::ExportRoster { order_id }).await?;
    change.keep_without_event().await?;
    Ok(job_id)
}

/// Writes what was ordered, with the permission and the scope that its owner has now.
pub(crate) async fn carry_out(running: &Running, order_id: i64) -> Result<Ended, Stop> {
    let app = running.app();
    let can = running.permission::<policy::ExportRoster>().await?;
    let ordered = queries::find_order(app.db.reader(), order_id).await?;
    let versions = Versions::read(app.db.reader()).await?;
    let question = match Question::understand(app, versions, ordered.params).await {
        Ok(question) => question,
        // What could be asked for then may be gone: a class year is over, a 专业 has another code.
        Err(AppError::BadRequest(message)) => {
            let change = running.last_change().await?;
            return running.end(change, Ending::refused(message)).await;
        }
        Err(error) => return Err(Stop::Broken(error.to_string())),
    };
    let whose = whose(can.scope(), &ordered.by, &question.school.colleges);
    let columns = chosen(question.view, Some(&ordered.columns));
    let order = Order::of(question, columns, ordered.purpose);
    let name = file_name(&order, &whose, app.db.clock().today());
    let export = Export::open(&app.db, can, order).await?;
    running.progress().stage("正在写入文件", export.row_count());
    let mut file = tempfile::tempfile()?;
    let notes = export.notes(&ordered.by, &local_minute(app.db.clock().now()));
    let reached = |rows| running.progress().reached(rows);
    let rows = export.write(file.try_clone()?, notes, reached).await?;
    file.rewind()?;
    let kept = running.keep(name, Format::Xlsx.media_type(), file).await?;
    let change = running.last_change().await?;
    let event = export.record_in(&change).await?;
    let ending = Ending::done(format!("共 {rows} 人，文件已生成，请下载。"));
    running.end(change, ending.file(kept).event(event)).await
}

impl From<ExportError> for Stop {
    fn from(error: ExportError) -> Self {
        Self::Broken(error.to_string())
    }
}
