//! What each kind of job does. Every function has an arm for every kind.

use qihang_db::{AuditEvent, Change};
use sea_orm::DbErr;

use super::{Ended, Running, Stop, Work};
use crate::app::App;
use crate::exchange;
use crate::progress::reminders::delivery;
use crate::recommendation;
use crate::roster::export;

/// Carries a job out. The only way to an [`Ended`] is [`Running::end`].
pub(super) async fn run(running: Running, work: Work) -> Result<Ended, Stop> {
    match work {
        Work::ReadImport { batch_id } => exchange::rules::read(&running, batch_id).await,
        Work::CommitImport {
            batch_id,
            all_or_nothing,
            accept_large_change,
        } => {
            let answers = exchange::rules::Answers {
                all_or_nothing,
                accept_large_change,
            };
            exchange::rules::carry_out(&running, batch_id, answers).await
        }
        Work::MailReminder { reminder_id } => delivery::deliver(&running, reminder_id).await,
        Work::ExportRoster { order_id } => export::ordered::carry_out(&running, order_id).await,
        Work::PrintForms { order_id } => recommendation::ordered::carry_out(&running, order_id).await,
    }
}

/// What a job worked on is as if it had never been asked for. The event is what this means for that thing.
pub(super) async fn cancelled(change: &Change, work: &Work) -> Result<Option<AuditEvent>, DbErr> {
    match work {
        Work::ReadImport { batch_id } => exchange::rules::reading_cancelled(change, *batch_id)
            .await
            .map(Some),
        Work::CommitImport { batch_id, .. } => {
            exchange::rules::writing_stopped(change, *batch_id, "已取消执行，没有写入任何数据。").await?;
            Ok(None)
        }
        Work::MailReminder { reminder_id } => {
            delivery::withdraw(change, *reminder_id, "发送任务已取消").await?;
            Ok(None)
        }
        Work::ExportRoster { .. } | Work::PrintForms { .. } => Ok(None),
    }
}

/// After a cancellation is committed: what is kept outside the database.
pub(super) fn clean_up(app: &App, work: &Work) {
    match work {
        Work::ReadImport { batch_id } => exchange::rules::discard(app, *batch_id),
        Work::CommitImport { .. }
        | Work::MailReminder { .. }
        | Work::ExportRoster { .. }
        | Work::PrintForms { .. } => {}
    }
}

/// What a job worked on can be begun anew by its owner, who is told why.
pub(super) async fn given_up(change: &Change, work: &Work, message: &str) -> Result<(), DbErr> {
    match work {
        Work::ReadImport { batch_id } => exchange::rules::reading_stopped(change, *batch_id, message).await,
        Work::CommitImport { batch_id, .. } => {
            exchange::rules::writing_stopped(change, *batch_id, message).await?;
            Ok(())
        }
        // The letters wait, and are tried again; an export or a print has left nothing.
        Work::MailReminder { .. } | Work::ExportRoster { .. } | Work::PrintForms { .. } => Ok(()),
    }
}
