//! What the pages of jobs show.

use askama::Template;
use qihang_db::entity::job_file;

use super::model::State;
use super::queries::{Listed, Stored};
use crate::app::App;
use crate::web::{PageLinks, Shell, instant_text, size_text};

/// Rows of the list.
pub(super) const PAGE_SIZE: u64 = 25;

/// How far a job is, on its own page and on that of what it works on.
#[derive(Clone, Debug)]
pub struct ProgressView {
    /// The job.
    pub job_id: i64,
    /// What is being done.
    pub stage: String,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 while unknown.
    pub total: u64,
    /// Whether somebody has asked it to stop.
    pub is_stopping: bool,
    /// Whether it can still be cancelled.
    pub may_cancel: bool,
}

impl ProgressView {
    pub(super) fn new(app: &App, stored: &Stored) -> Self {
        let row = &stored.row;
        // Whoever runs it here knows more than the database has been told.
        let (stage, done, total) = match app.jobs.reached(row.id) {
            Some(reached) => (reached.stage.to_owned(), reached.done, reached.total),
            None => (
                row.message.clone(),
                row.progress_done.unsigned_abs(),
                row.progress_total.unsigned_abs(),
            ),
        };
        let (stage, is_stopping, may_cancel) = match &stored.life.state {
            State::Queued => ("排队等候，马上开始".to_owned(), false, true),
            State::Running(lease) => {
                let open = !lease.is_finishing && !lease.cancel_requested;
                let stage = if stage.is_empty() {
                    "正在开始".to_owned()
                } else {
                    stage
                };
                (stage, lease.cancel_requested, open)
            }
            State::Done { .. } | State::Failed { .. } | State::Cancelled { .. } => (stage, false, false),
        };
        Self {
            job_id: row.id,
            stage,
            done,
            total,
            is_stopping,
            may_cancel,
        }
    }

    /// The steps in words; empty while nothing is known.
    pub fn steps(&self) -> String {
        match (self.done, self.total) {
            (0, 0) => String::new(),
            (done, 0) => format!("{done} 行"),
            (done, total) => format!("{done} / {total}（{}%）", done.min(total) * 100 / total),
        }
    }
}

/// A job in the list.
pub(super) struct JobRow {
    pub id: i64,
    pub label: &'static str,
    pub page: Option<String>,
    pub state: State,
    pub when: String,
    pub by: String,
    /// What came of it, or how far it is.
    pub told: String,
}

impl JobRow {
    pub fn new(app: &App, (stored, owner): Listed, may_see: impl Fn(&Stored) -> bool) -> Self {
        let told = if stored.life.is_open() {
            let view = ProgressView::new(app, &stored);
            format!("{} {}", view.stage, view.steps())
        } else {
            stored.row.message.clone()
        };
        Self {
            id: stored.row.id,
            label: stored.work.label(),
            page: may_see(&stored).then(|| {
                let own = || format!("/manage/jobs/{}", stored.row.id);
                stored.work.page().unwrap_or_else(own)
            }),
            when: instant_text(stored.row.created_at),
            by: owner.map_or_else(|| "系统".to_owned(), |account| account.name),
            told,
            state: stored.life.state,
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Queued | State::Running(_))
    }
}

/// 我的任务, or everybody's.
#[derive(Template)]
#[template(path = "job/index.html", blocks = ["list"])]
pub(super) struct IndexPage {
    pub shell: Shell,
    pub rows: Vec<JobRow>,
    pub total: String,
    pub links: PageLinks,
    /// Whether the jobs of all people are shown.
    pub is_all: bool,
    pub may_see_all: bool,
    /// This very page.
    pub here: String,
}

impl IndexPage {
    /// Whether anything on the page will change by itself.
    pub fn is_open(&self) -> bool {
        self.rows.iter().any(JobRow::is_open)
    }
}

/// One job.
#[derive(Template)]
#[template(path = "job/show.html", blocks = ["work"])]
pub(super) struct ShowPage {
    pub shell: Shell,
    pub id: i64,
    pub label: &'static str,
    pub state: State,
    pub by: String,
    pub created: String,
    pub started: Option<String>,
    pub finished: Option<String>,
    pub attempts: u32,
    pub message: String,
    pub figures: Vec<(String, u64)>,
    pub progress: ProgressView,
    /// Where the result is, for whoever may see it.
    pub page: Option<String>,
    /// The file that it has left, for its owner.
    pub file: Option<FileView>,
    /// It had left a file, which is kept no longer.
    pub is_file_gone: bool,
}

/// A file that a job has left.
pub(super) struct FileView {
    pub name: String,
    pub size: String,
    pub until: String,
}

impl From<job_file::Model> for FileView {
    fn from(row: job_file::Model) -> Self {
        Self {
            name: row.name,
            size: size_text(row.size_bytes.unsigned_abs()),
            until: instant_text(row.kept_until),
        }
    }
}

impl ShowPage {
    pub fn new(
        app: &App,
        shell: Shell,
        stored: &Stored,
        by: String,
        (page, file): (Option<String>, Option<job_file::Model>),
    ) -> Self {
        let row = &stored.row;
        let is_done = matches!(stored.life.state, State::Done { .. });
        Self {
            shell,
            id: row.id,
            label: stored.work.label(),
            state: stored.life.state.clone(),
            by,
            created: instant_text(row.created_at),
            started: row.started_at.map(instant_text),
            finished: row.finished_at.map(instant_text),
            attempts: stored.life.attempts,
            message: row.message.clone(),
            figures: serde_json::from_str(&row.result).unwrap_or_default(),
            progress: ProgressView::new(app, stored),
            page,
            is_file_gone: is_done && stored.work.page().is_none() && file.is_none(),
            file: file.map(FileView::from),
        }
    }

    /// Whether the page will change by itself.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Queued | State::Running(_))
    }
}
