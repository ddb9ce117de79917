//! The record of an export.

use qihang_db::entity::{export_record, export_subject};
use qihang_db::{Change, bulk};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr};

use super::model::Order;
use crate::roster::list::queries::RowIds;

/// Writes that an export of so many rows leaves; answers its id.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(super) async fn insert_record(change: &Change, order: &Order, rows: usize) -> Result<i64, DbErr> {
    let record = export_record::ActiveModel {
        exported_at: Set(change.now()),
        account_id: Set(change.actor().account_id),
        class_year: Set(order.year.year()),
        view: Set(order.view.code().to_owned()),
        format: Set(order.format.code().to_owned()),
        filter: Set(order.address.clone()),
        purpose: Set(order
            .purpose
            .as_ref()
            .filter(|_| order.discloses())
            .map(|purpose| purpose.as_str().to_owned())),
        row_count: Set(i32::try_from(rows).unwrap_or(i32::MAX)),
        ..Default::default()
    };
    Ok(record.insert(change.tx()).await?.id)
}

/// Writes whose identity number the export holds in full.
pub(super) async fn insert_subjects(change: &Change, export_id: i64, rows: &[RowIds]) -> Result<(), DbErr> {
    let rows = rows.iter().map(|row| export_subject::ActiveModel {
        export_id: Set(export_id),
        student_id: Set(row.student_id),
    });
    bulk::insert(change.tx(), rows.collect(), None).await?;
    Ok(())
}
