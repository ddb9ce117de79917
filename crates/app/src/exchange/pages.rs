//! What the pages of the exchange show.

use askama::Template;
use qihang_db::entity::{import_batch, import_row};
use sea_orm::DbErr;

use super::model::{BatchState, Catalogue, CellChange, Columns, Dataset, Effect, PRESENCE};
use super::queries::{ListedBatch, OpenRefusal, changes_of};
use crate::job::ProgressView;
use crate::web::{PageLinks, Shell, instant_text};

/// Rows of a list.
pub(super) const PAGE_SIZE: u64 = 25;

/// An import in the list.
pub(super) struct BatchRow {
    pub id: i64,
    pub label: &'static str,
    pub file_name: String,
    pub state: BatchState,
    pub when: String,
    pub by: String,
    pub added: i32,
    pub changed: i32,
    pub vanished: i32,
    pub refused: i32,
}

impl BatchRow {
    pub fn new((batch, by): ListedBatch) -> Option<Self> {
        Some(Self {
            id: batch.id,
            label: Dataset::from_code(&batch.dataset)?.label(),
            file_name: batch.file_name,
            state: BatchState::from_code(&batch.state)?,
            when: instant_text(batch.created_at),
            by: by.map_or_else(|| "命令行".to_owned(), |account| account.name),
            added: batch.rows_added,
            changed: batch.rows_changed,
            vanished: batch.rows_vanished,
            refused: batch.rows_refused,
        })
    }
}

/// 数据交换: uploading, and all imports.
#[derive(Template)]
#[template(path = "exchange/index.html")]
pub(super) struct IndexPage {
    pub shell: Shell,
    pub batches: Vec<BatchRow>,
    pub total: String,
    pub links: PageLinks,
    pub open_refusals: u64,
    /// The dataset that was chosen, when the form comes back.
    pub chosen: Option<Dataset>,
    pub complete: bool,
    pub error: Option<String>,
}

/// One value that becomes another.
pub(super) struct ShownChange {
    pub heading: &'static str,
    pub before: String,
    pub after: String,
}

/// A row of an import.
pub(super) struct ShownRow {
    pub number: String,
    pub key: String,
    pub name: String,
    pub changes: Vec<ShownChange>,
    pub reason: String,
}

impl ShownRow {
    pub fn new(
        dataset: Dataset,
        row: &import_row::Model,
        catalogue: &Catalogue,
        names: &[(String, String)],
    ) -> Result<Self, DbErr> {
        let name = names.iter().find(|(key, _)| *key == row.key);
        let changes = changes_of(row)?;
        Ok(Self {
            number: row
                .row_number
                .map_or_else(|| "—".to_owned(), |number| number.to_string()),
            key: if row.key.is_empty() {
                "（无）".into()
            } else {
                row.key.clone()
            },
            name: name.map_or_else(String::new, |(_, name)| name.clone()),
            changes: changes
                .iter()
                .map(|change| shown(dataset, change, catalogue))
                .collect(),
            reason: row.reason.clone(),
        })
    }
}

fn shown(dataset: Dataset, change: &CellChange, catalogue: &Catalogue) -> ShownChange {
    if change.field == PRESENCE {
        let word = |text: &str| {
            if text == "gone" {
                "已消失"
            } else {
                "在数据交换平台中"
            }
        };
        return ShownChange {
            heading: "去留",
            before: word(&change.before).into(),
            after: word(&change.after).into(),
        };
    }
    let field = dataset
        .index_of(&change.field)
        .map(|index| &dataset.fields()[index]);
    let text =
        |stored: &str| field.map_or_else(|| stored.to_owned(), |field| catalogue.shown(field.kind, stored));
    ShownChange {
        heading: field.map_or("", |field| field.heading),
        before: text(&change.before),
        after: text(&change.after),
    }
}

/// A tab: what rows do, how many, where.
pub(super) struct Tab {
    pub effect: Effect,
    pub count: String,
    pub href: String,
    pub is_here: bool,
}

/// A heading that has to be explained.
pub(super) struct OpenHeading {
    pub heading: String,
    pub id: String,
    pub chosen: String,
}

/// One import.
#[derive(Template)]
#[template(path = "exchange/show.html", blocks = ["work"])]
pub(super) struct ShowPage {
    pub shell: Shell,
    pub id: i64,
    pub dataset: Dataset,
    pub state: BatchState,
    pub file_name: String,
    pub when: String,
    pub by: String,
    pub message: String,
    pub is_complete: bool,
    /// How far the job is that reads or writes it.
    pub progress: Option<ProgressView>,
    pub counts: [(&'static str, &'static str, i32); 5],
    pub tabs: Vec<Tab>,
    pub rows: Vec<ShownRow>,
    pub total: String,
    pub links: PageLinks,
    pub headings: Vec<OpenHeading>,
    /// What stands in the way of an undo.
    pub problems: Vec<(String, String)>,
    pub error: Option<String>,
    /// More students would change than is usual.
    pub large_change: Option<String>,
    pub has_file: bool,
}

impl ShowPage {
    /// A page without rows.
    pub fn new(shell: Shell, batch: &import_batch::Model, by: String) -> Option<Self> {
        let dataset = Dataset::from_code(&batch.dataset)?;
        Some(Self {
            shell,
            id: batch.id,
            dataset,
            state: BatchState::from_code(&batch.state)?,
            file_name: batch.file_name.clone(),
            when: instant_text(batch.created_at),
            by,
            message: batch.message.clone(),
            is_complete: batch.complete,
            progress: None,
            counts: [
                ("新增", "", batch.rows_added),
                ("修改", "", batch.rows_changed),
                ("消失", "tile-warning", batch.rows_vanished),
                ("无变化", "", batch.rows_unchanged),
                ("拒收", "tile-warning", batch.rows_refused),
            ],
            tabs: Vec::new(),
            rows: Vec::new(),
            total: String::new(),
            links: PageLinks::default(),
            headings: Vec::new(),
            problems: Vec::new(),
            error: None,
            large_change: None,
            has_file: false,
        })
    }

    /// Whether there are rows to show.
    pub fn has_rows(&self) -> bool {
        matches!(
            self.state,
            BatchState::Previewed | BatchState::Committed | BatchState::Undone
        )
    }

    /// Whether anything would be, or was, done at all.
    pub fn does_something(&self) -> bool {
        self.counts.iter().take(3).any(|(_, _, count)| *count > 0)
    }

    /// The heading of what tells records apart.
    pub fn key_heading(&self) -> &'static str {
        self.dataset.fields()[0].heading
    }

    /// Asks about the headings that mean nothing, with what was chosen before.
    pub fn ask_about(&mut self, columns: &Columns, chosen: &[(String, String)]) {
        self.headings = columns
            .unknown
            .iter()
            .enumerate()
            .map(|(index, heading)| OpenHeading {
                heading: heading.clone(),
                id: format!("heading-{index}"),
                chosen: chosen
                    .iter()
                    .find(|(key, _)| *key == qihang_sheet::heading_key(heading))
                    .map_or_else(String::new, |(_, field)| field.clone()),
            })
            .collect();
    }
}

/// A refused row that waits.
pub(super) struct RefusalRow {
    pub id: i64,
    pub batch_id: i64,
    pub key: String,
    pub number: String,
    pub reason: String,
    pub what: String,
    pub when: String,
}

impl RefusalRow {
    pub fn new((row, batch): OpenRefusal) -> Self {
        let (what, when) = batch.map_or_else(Default::default, |batch| {
            let label = Dataset::from_code(&batch.dataset).map_or("", Dataset::label);
            (
                format!("{label} · {}", batch.file_name),
                instant_text(batch.created_at),
            )
        });
        Self {
            id: row.id,
            batch_id: row.batch_id,
            key: if row.key.is_empty() {
                "（无）".into()
            } else {
                row.key
            },
            number: row
                .row_number
                .map_or_else(|| "—".to_owned(), |number| number.to_string()),
            reason: row.reason,
            what,
            when,
        }
    }
}

/// 待处理的拒收记录.
#[derive(Template)]
#[template(path = "exchange/refusals.html")]
pub(super) struct RefusalsPage {
    pub shell: Shell,
    pub rows: Vec<RefusalRow>,
    pub total: String,
    pub links: PageLinks,
    pub error: Option<String>,
}
