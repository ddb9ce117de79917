//! Handing changes to the data exchange: recorded before they leave.

use qihang_db::{Action, Actor, AuditEvent, Db, Scope};
use sea_orm::DbErr;
use serde_json::json;

use super::model::{Filter, Line, Mended};
use super::queries;

/// In what way changes leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An Excel workbook.
    Xlsx,
    /// A CSV file.
    Csv,
    /// JSON on the command line.
    Json,
    /// The interface for programs.
    Api,
}

impl Way {
    /// The code in the audit log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Api => "api",
        }
    }
}

/// Which changes are handed on.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Which.
    pub filter: Filter,
    /// After this row id.
    pub after: i64,
    /// At most so many.
    pub limit: Option<u64>,
    /// In what way.
    pub way: Way,
}

/// Reads changes in their order and records who takes them; nothing may leave before.
///
/// # Errors
///
/// When the database does not answer.
pub async fn hand_on(db: &Db, actor: &Actor, scope: &Scope, order: Order) -> Result<Vec<Mended>, DbErr> {
    let Order {
        filter,
        after,
        limit,
        way,
    } = order;
    let mended = queries::in_order(db.reader(), scope, filter, after, limit).await?;
    let change = db.change(actor).await?;
    let event = AuditEvent::new(Action::OwnValuesExported, "own_value").after(json!({
        "format": way.code(),
        "state": filter.which.code(),
        "fields": filter.field.map(qihang_db::OwnField::label),
        "since": filter.since.map(|instant| instant.to_rfc3339()),
        "after": after,
        "rows": mended.len(),
    }));
    change.commit(event).await?;
    Ok(mended)
}

/// The changes as they are handed to programs.
pub fn lines(mended: &[Mended]) -> Vec<Line> {
    mended.iter().filter_map(Line::of).collect()
}
