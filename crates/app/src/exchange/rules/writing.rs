//! Writing a previewed import beside the request.

use std::ops::ControlFlow;
use std::sync::Arc;

use sea_orm::DbErr;

use super::commit::{ImportError, Order, Previewed, write};
use super::file::read_file;
use super::reading::completeness;
use super::runs::{MayImport, RunError, blocking, file_of, load, step};
use crate::app::App;
use crate::exchange::model::{BatchState, Dataset};
use crate::exchange::queries;

/// Begins to write a previewed import. Of two who press at once one begins it.
///
/// # Errors
///
/// [`RunError::WrongState`] when it is not waiting for that.
pub(crate) async fn commit(app: &App, can: &MayImport, batch_id: i64, order: Order) -> Result<(), RunError> {
    let (batch, dataset, _) = load(&app.db, batch_id).await?;
    if !step(
        &app.db,
        batch_id,
        BatchState::Previewed,
        BatchState::Committing,
        "",
    )
    .await?
    {
        return Err(RunError::WrongState);
    }
    let order = Order {
        completeness: completeness(&batch),
        ..order
    };
    let (app, can) = (app.clone(), can.clone());
    tokio::spawn(async move {
        let stopped = match carry_out(&app, &can, batch_id, dataset, &order).await {
            Ok(stopped) => stopped,
            Err(error) => {
                tracing::error!(batch.id = batch_id, %error, "An import could not be written.");
                Some("写入时系统出现问题，没有写入任何数据，请重试或联系管理员。".to_owned())
            }
        };
        if let Some(message) = stopped
            && let Err(error) = step(
                &app.db,
                batch_id,
                BatchState::Committing,
                BatchState::Previewed,
                &message,
            )
            .await
        {
            tracing::error!(batch.id = batch_id, %error, "The failure of an import could not be noted.");
        }
    });
    Ok(())
}

/// Writes an import; what stopped it otherwise, for the person.
async fn carry_out(
    app: &App,
    can: &MayImport,
    batch_id: i64,
    dataset: Dataset,
    order: &Order,
) -> Result<Option<String>, DbErr> {
    let mappings = queries::mappings(app.db.reader(), dataset).await?;
    let path = file_of(app, batch_id);
    let file =
        match blocking(move || read_file(&path, dataset, &mappings, |_| ControlFlow::Continue(()))).await? {
            Ok(file) => Arc::new(file),
            Err(error) => return Ok(Some(error.message())),
        };
    let previewed = Previewed {
        batch_id,
        rows: queries::plan_rows(app.db.reader(), batch_id).await?,
    };
    match write(&app.db, can, file, "", order, Some(previewed)).await {
        Ok(_) => Ok(None),
        Err(ImportError::NotAllGood(plan)) => Ok(Some(format!(
            "有 {} 行被拒收，按“全部成功才写入”没有写入任何数据。",
            plan.counts().refused
        ))),
        Err(ImportError::TooMuchChange(_)) => Ok(Some(
            "修改和消失的学生超过安全比例，没有写入。核对无误后请勾选确认，再执行导入。".into(),
        )),
        Err(ImportError::Outdated(plan)) => {
            let tx = app.db.begin_write().await?;
            if queries::find_batch(&tx, batch_id)
                .await?
                .is_some_and(|batch| batch.state == BatchState::Committing.code())
            {
                queries::replace_rows(&tx, batch_id, &plan.rows).await?;
                queries::set_counts(&tx, batch_id, &plan.counts()).await?;
            }
            tx.commit().await?;
            Ok(Some(
                "数据在预览之后发生了变化，没有写入。下面是最新的预览，请重新核对。".into(),
            ))
        }
        Err(ImportError::Db(error)) => Err(error),
    }
}
