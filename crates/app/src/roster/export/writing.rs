//! Rows out of the database, on their way into a file: read in the async world, written on a blocking thread, with a short
//! queue between them, so that neither runs ahead of the other.

use std::borrow::Cow;
use std::fs::File;
use std::pin::pin;

use futures::{Stream, StreamExt};
use qihang_sheet::{TableWriter, write};
use sea_orm::DbErr;
use tokio::sync::mpsc::{Receiver, channel};

use super::model::{ExportError, Format, Offence, Unfit};
use crate::roster::list::columns::{Column, Identity, Listed, Names};

/// What is written, besides the rows.
pub(super) struct Table {
    pub(super) sheet_name: String,
    pub(super) columns: Vec<Column>,
    pub(super) format: Format,
    pub(super) identity: Identity,
    pub(super) names: Names,
    pub(super) notes: Vec<(String, String)>,
}

/// Chunks of rows that may wait.
const QUEUE: usize = 2;

/// Writes all rows; answers how many.
pub(super) async fn write(
    table: Table,
    file: File,
    rows: impl Stream<Item = Result<Vec<Listed>, DbErr>> + Send,
) -> Result<usize, ExportError> {
    let (sender, receiver) = channel::<Vec<Listed>>(QUEUE);
    let writing = tokio::task::spawn_blocking(move || write_all(&table, file, receiver));
    let mut rows = pin!(rows);
    let mut read = Ok(());
    while let Some(some) = rows.next().await {
        let rows = match some {
            Ok(rows) => rows,
            Err(error) => {
                read = Err(error);
                break;
            }
        };
        if sender.send(rows).await.is_err() {
            // Nobody takes it: the writer has given up, and says why below.
            break;
        }
    }
    drop(sender);
    let written = writing.await?;
    // A file cut short by the database would look whole: the reader's word counts before the writer's.
    read?;
    written
}

fn write_all(table: &Table, file: File, mut receiver: Receiver<Vec<Listed>>) -> Result<usize, ExportError> {
    let columns: Vec<_> = table.columns.iter().map(|column| column.for_file()).collect();
    let mut writer = match table.format {
        Format::Xlsx => write::xlsx(file, &table.sheet_name, &columns, &table.notes)?,
        Format::Csv => write::csv(file, &columns)?,
        Format::Dbf => write::dbf(file, &columns)?,
    };
    let mut offences = Vec::new();
    while let Some(rows) = receiver.blocking_recv() {
        for row in &rows {
            write_row(table, &columns, writer.as_mut(), row, &mut offences)?;
        }
    }
    if offences.is_empty() {
        Ok(writer.finish()?)
    } else {
        Err(ExportError::Unfit(offences))
    }
}

fn write_row(
    table: &Table,
    columns: &[qihang_sheet::Column],
    writer: &mut dyn TableWriter,
    row: &Listed,
    offences: &mut Vec<Offence>,
) -> Result<(), ExportError> {
    let cells: Vec<Cow<'_, str>> = table
        .columns
        .iter()
        .map(|column| column.value(row, &table.names, table.identity))
        .collect();
    if table.format == Format::Dbf {
        offences.extend(unfit(table, columns, &cells, row));
        // One cell that does not fit means no file; the rows after it are only looked at.
        if !offences.is_empty() {
            return Ok(());
        }
    }
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    Ok(writer.row(&cells)?)
}

/// What of a row DBF cannot hold.
fn unfit<'a>(
    table: &'a Table,
    columns: &'a [qihang_sheet::Column],
    cells: &'a [Cow<'_, str>],
    row: &'a Listed,
) -> impl Iterator<Item = Offence> + 'a {
    let headings = table.columns.iter().map(|column| column.heading());
    headings
        .zip(columns)
        .zip(cells)
        .filter_map(|((heading, column), cell)| {
            let limit = usize::from(column.dbf.as_ref()?.length);
            let why = match write::gbk_length(cell) {
                Err(character) => Unfit::NotInGbk(character),
                Ok(length) if length > limit => Unfit::TooLong { length, limit },
                Ok(_) => return None,
            };
            Some(Offence {
                student_no: row.student.student_no.clone(),
                column: heading,
                why,
            })
        })
}
