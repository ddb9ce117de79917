//! The record of an export.

use qihang_db::entity::{account, export_order, export_record, export_subject};
use qihang_db::{Change, bulk, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter};

use super::model::Format;
use crate::roster::disclosure::rules::Purpose;
use crate::roster::list::columns::Column;
use crate::roster::list::filter::ListParams;
use crate::roster::list::queries::RowIds;

/// What is written of an export before it leaves (R21b): of the roster, and of every other list of students.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exported<'a> {
    /// 届.
    pub(crate) class_year: i32,
    /// Which list.
    pub(crate) view: &'a str,
    /// What kind of file.
    pub(crate) format: Format,
    /// Query string that names the rows.
    pub(crate) filter: &'a str,
    /// Given when identity numbers leave in full.
    pub(crate) purpose: Option<&'a Purpose>,
    /// How many rows there are.
    pub(crate) rows: usize,
}

/// Writes that an export leaves; answers its id.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(crate) async fn insert_record(change: &Change, exported: Exported<'_>) -> Result<i64, DbErr> {
    let record = export_record::ActiveModel {
        exported_at: Set(change.now()),
        account_id: Set(change.actor().account_id),
        class_year: Set(exported.class_year),
        view: Set(exported.view.to_owned()),
        format: Set(exported.format.code().to_owned()),
        filter: Set(exported.filter.to_owned()),
        purpose: Set(exported.purpose.map(|purpose| purpose.as_str().to_owned())),
        row_count: Set(i32::try_from(exported.rows).unwrap_or(i32::MAX)),
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

/// What somebody has ordered.
pub(super) struct Ordered {
    pub(super) params: ListParams,
    /// Codes of the columns.
    pub(super) columns: Vec<String>,
    pub(super) purpose: Option<Purpose>,
    /// The name of whoever ordered it.
    pub(super) by: String,
}

/// Keeps an order; answers its id.
pub(super) async fn insert_order(
    change: &Change,
    account_id: i64,
    filter: String,
    columns: &[Column],
    purpose: Option<&Purpose>,
) -> Result<i64, DbErr> {
    let codes: Vec<&str> = columns.iter().map(|column| column.code()).collect();
    let row = export_order::ActiveModel {
        account_id: Set(account_id),
        filter: Set(filter),
        columns: Set(serde_json::to_string(&codes).map_err(unreadable)?),
        purpose: Set(purpose.map(|purpose| purpose.as_str().to_owned())),
        ordered_at: Set(change.now()),
        ..Default::default()
    };
    Ok(row.insert(change.tx()).await?.id)
}

/// What was ordered under this id.
pub(super) async fn find_order(connection: &impl ConnectionTrait, order_id: i64) -> Result<Ordered, DbErr> {
    let missing = || DbErr::RecordNotFound(format!("export order {order_id}"));
    let row = records::<export_order::Entity>()
        .filter(export_order::Column::Id.eq(order_id))
        .one(connection)
        .await?
        .ok_or_else(missing)?;
    let owner = records::<account::Entity>()
        .filter(account::Column::Id.eq(row.account_id))
        .one(connection)
        .await?
        .ok_or_else(missing)?;
    Ok(Ordered {
        params: serde_html_form::from_str(&row.filter).map_err(unreadable)?,
        columns: serde_json::from_str(&row.columns).map_err(unreadable)?,
        purpose: row
            .purpose
            .map(|text| Purpose::parse(&text).map_err(unreadable))
            .transpose()?,
        by: owner.name,
    })
}

fn unreadable(error: impl std::fmt::Display) -> DbErr {
    DbErr::Type(format!("an export order cannot be read: {error}"))
}
