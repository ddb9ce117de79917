//! What a file would do, worked out from the records as one transaction or connection sees them.

use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr};

use super::file::ImportFile;
use crate::exchange::model::{Catalogue, Completeness, Plan, Records, plan};
use crate::exchange::queries;

/// What a file would do, with what it was compared to.
#[derive(Debug)]
pub(crate) struct Survey {
    /// What it would do.
    pub(crate) plan: Plan,
    /// 院 and 专业 at that moment.
    pub(crate) catalogue: Catalogue,
    /// The records at that moment.
    pub(crate) records: Records,
}

/// Compares a file with the records.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn survey(
    connection: &impl ConnectionTrait,
    file: Arc<ImportFile>,
    completeness: Completeness,
    today: NaiveDate,
) -> Result<Survey, DbErr> {
    let catalogue = queries::catalogue(connection).await?;
    let records = queries::existing(connection, file.dataset, &catalogue, today).await?;
    let comparing = tokio::task::spawn_blocking(move || {
        let plan = plan(
            file.dataset,
            &file.rows,
            file.columns.present(),
            completeness,
            &catalogue,
            &records,
        );
        Survey {
            plan,
            catalogue,
            records,
        }
    });
    comparing
        .await
        .map_err(|error| DbErr::Custom(format!("comparing the file failed: {error}")))
}
