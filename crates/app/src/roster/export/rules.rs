//! An export from snapshot to file.

use std::fs::File;

use futures::TryStreamExt;
use qihang_db::{Action, AuditEvent, Change, Db};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::json;
use tokio::sync::OnceCell;

use super::model::{ExportError, Order};
use super::queries::Exported;
use super::{queries, writing};
use crate::auth::{Can, policy};
use crate::roster::disclosure::rules::Purpose;
use crate::roster::list::columns::{Column, Names};
use crate::roster::list::queries::{self as list, RowIds, Rows};

/// An export whose rows are settled: they are those of one moment, whatever is written meanwhile.
#[derive(Debug)]
pub struct Export {
    order: Order,
    can: Can<policy::ExportRoster>,
    /// The moment that all rows are read from.
    snapshot: DatabaseTransaction,
    names: Names,
    /// How many rows there are.
    row_count: usize,
    /// The rows, in order. Put into order only when they are needed: the head of the answer does not wait for that.
    ids: OnceCell<Vec<RowIds>>,
}

impl Export {
    /// Takes the snapshot.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn open(db: &Db, can: Can<policy::ExportRoster>, order: Order) -> Result<Self, DbErr> {
        let snapshot = db.begin_read().await?;
        let rows = Rows {
            scope: can.scope(),
            year: order.year,
            filter: &order.filter,
        };
        let names = list::names(&snapshot).await?;
        let row_count = list::count(&snapshot, rows).await?;
        Ok(Self {
            order,
            can,
            snapshot,
            names,
            row_count: usize::try_from(row_count).unwrap_or(usize::MAX),
            ids: OnceCell::new(),
        })
    }

    async fn ids(&self) -> Result<&[RowIds], DbErr> {
        let rows = Rows {
            scope: self.can.scope(),
            year: self.order.year,
            filter: &self.order.filter,
        };
        let ids = self
            .ids
            .get_or_try_init(|| list::ids(&self.snapshot, rows))
            .await?;
        Ok(ids)
    }

    /// How many rows it has.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// Records who exports what, and whose numbers leave in full, in one change. Nothing may leave before.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn record(&self, db: &Db) -> Result<(), DbErr> {
        let change = db.change(self.can.actor()).await?;
        let event = self.record_in(&change).await?;
        change.commit(event).await
    }

    /// The same inside a change that has more to write; answers its event.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn record_in(&self, change: &Change) -> Result<AuditEvent, DbErr> {
        let order = &self.order;
        let purpose = order.purpose.as_ref().filter(|_| order.discloses());
        let exported = Exported {
            class_year: order.year.year(),
            view: order.view.code(),
            format: order.format,
            filter: &order.address,
            purpose,
            rows: self.row_count,
        };
        let export_id = queries::insert_record(change, exported).await?;
        if order.discloses() {
            queries::insert_subjects(change, export_id, self.ids().await?).await?;
        }
        let columns: Vec<_> = order.columns.iter().map(|column| column.code()).collect();
        let purpose = purpose.map(Purpose::as_str);
        let event = AuditEvent::new(Action::RosterExported, format!("roster/{}", order.year));
        Ok(event.after(json!({
            "export": export_id, "view": order.view.code(), "format": order.format.code(), "filter": order.address,
            "columns": columns, "rows": self.row_count, "purpose": purpose,
        })))
    }

    /// Writes the rows into a file. `notes` go onto a sheet of their own where the format has one; `reached` is told how
    /// many rows have been read. Answers the number of rows.
    ///
    /// # Errors
    ///
    /// [`ExportError`]; then what the file holds is no table, and must not be handed on.
    pub async fn write(
        &self,
        file: File,
        notes: Vec<(String, String)>,
        reached: impl Fn(usize) + Send + Sync,
    ) -> Result<usize, ExportError> {
        let table = writing::Table {
            sheet_name: format!("{}届{}", self.order.year, self.order.view.file_label()),
            columns: self.order.columns.clone(),
            format: self.order.format,
            identity: self.order.identity(),
            names: self.names.clone(),
            notes,
        };
        let mut read = 0;
        let rows = list::in_chunks(&self.snapshot, self.can.scope(), self.ids().await?);
        let rows = rows.inspect_ok(|chunk| {
            read += chunk.len();
            reached(read);
        });
        writing::write(table, file, rows).await
    }

    /// What the sheet 说明 says about the file.
    pub fn notes(&self, who: &str, when: &str) -> Vec<(String, String)> {
        let order = &self.order;
        let identity = match &order.purpose {
            Some(purpose) if order.discloses() => format!("完整，用途：{}", purpose.as_str()),
            _ if order.columns.contains(&Column::DocumentNo) => "部分隐藏".to_owned(),
            _ => "未导出".to_owned(),
        };
        let filter = if order.address.is_empty() {
            "无"
        } else {
            &order.address
        };
        [
            ("届别", format!("{} 届", order.year)),
            ("视图", order.view.label().to_owned()),
            ("人数", self.row_count.to_string()),
            ("筛选条件", filter.to_owned()),
            ("证件号", identity),
            ("导出人", who.to_owned()),
            ("导出时间", when.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
