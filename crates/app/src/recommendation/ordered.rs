//! 成批打印: a class as one file, made by a job (R28, R40). Which forms was settled when it was ordered; what of them counts, and
//! who may have them, is asked when it is made.

use std::io::{Seek, Write};

use qihang_db::{Action, AuditEvent, Versions};
use sea_orm::DbErr;
use serde_json::json;

use super::filter::{Params, State};
use super::handlers::queue::{Asked, understand};
use super::queries::printing;
use super::rules::{MOST_IN_ONE_FILE, PrintingError, class};
use crate::app::App;
use crate::auth::{Can, Officer, policy};
use crate::job::{self, Ended, Ending, Running, Stop, Work};
use crate::web::AppError;

/// Forms left out that are named; of more it is said how many.
const MOST_NAMED: usize = 8;

/// Orders a print; answers the job's id.
pub(super) async fn order(
    app: &App,
    can: &Can<policy::ViewRecommendations>,
    officer: &Officer,
    asked: &Asked,
) -> Result<i64, DbErr> {
    let params = Params {
        // What is the default today may be another class year when the job runs.
        class_year: asked.filter.year.to_string(),
        ..asked.params.in_state(State::Approved)
    };
    let change = app.db.change(can.actor()).await?;
    let order_id = printing::insert_order(&change, officer.account_id, params.to_query()).await?;
    let job_id = job::rules::enqueue(&change, &Work::PrintForms { order_id }).await?;
    change.keep_without_event().await?;
    Ok(job_id)
}

/// Prints what was ordered, with the permission and the scope that its owner has now.
pub(crate) async fn carry_out(running: &Running, order_id: i64) -> Result<Ended, Stop> {
    let app = running.app();
    let can = running.permission::<policy::ViewRecommendations>().await?;
    let params = printing::find_order(app.db.reader(), order_id).await?;
    let versions = Versions::read(app.db.reader()).await?;
    let asked = match understand(app, versions, params).await {
        Ok(asked) => asked,
        // What could be asked for then may be gone: a class year is over, a 专业 has another code.
        Err(AppError::BadRequest(message)) => return refused(running, message).await,
        Err(error) => return Err(Stop::Broken(error.to_string())),
    };
    let rows = printing::all(app.db.reader(), can.scope(), &asked.filter).await?;
    if rows.is_empty() {
        return refused(running, "没有现行有效的推荐表可以打印。").await;
    }
    if rows.len() as u64 > MOST_IN_ONE_FILE {
        return refused(running, too_many(rows.len() as u64)).await;
    }
    running.progress().stage("正在排版", rows.len());
    let printed = class(app, can.scope(), &rows).await?;
    let left = left_out(&printed.left);
    let Some(pdf) = printed.pdf else {
        return refused(running, left).await;
    };
    let count = printed.versions.len();
    let mut file = tempfile::tempfile()?;
    file.write_all(&pdf)?;
    file.rewind()?;
    let name = format!(
        "{}届推荐表_{count}份_{}.pdf",
        asked.filter.year,
        app.db.clock().today().format("%Y%m%d")
    );
    let kept = running.keep(name, "application/pdf", file).await?;
    let change = running.last_change().await?;
    printing::mark(change.tx(), &printed.versions, change.now()).await?;
    let forms: Vec<i64> = rows
        .iter()
        .filter(|(version, _)| printed.versions.contains(&version.id))
        .map(|(_, form)| form.id)
        .collect();
    let event =
        AuditEvent::new(Action::RecommendationPrinted, "recommendation").after(json!({"forms": forms}));
    let ending = Ending::done(format!("共 {count} 份，文件已生成，请下载。{left}"));
    running.end(change, ending.file(kept).event(event)).await
}

/// What is said where more are asked for than one file holds.
pub(super) fn too_many(count: u64) -> String {
    format!("共 {count} 份，一个文件最多 {MOST_IN_ONE_FILE} 份，请按专业或班级分批打印。")
}

fn left_out(left: &[String]) -> String {
    match left.len() {
        0 => String::new(),
        count => {
            let named = left[..count.min(MOST_NAMED)].join("；");
            let more = if count > MOST_NAMED { "等" } else { "" };
            format!("有 {count} 份没有打印：{named}{more}。")
        }
    }
}

async fn refused(running: &Running, message: impl Into<String>) -> Result<Ended, Stop> {
    let change = running.last_change().await?;
    running.end(change, Ending::refused(message)).await
}

impl From<PrintingError> for Stop {
    fn from(error: PrintingError) -> Self {
        Self::Broken(error.to_string())
    }
}
