//! Saving what a student types, a section at a time: two windows that write the same section notice each other.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use qihang_db::entity::recommendation_draft;
use qihang_db::{Db, Reopened, Scope};
use sea_orm::{ConnectionTrait, DbErr};

use crate::activation::gate::{Entry, Passed, step};
use crate::recommendation::model::section::{LONGEST_DRAFT, plain};
use crate::recommendation::model::{Act, Refused, Section, Stage};
use crate::recommendation::queries::forms::Form;
use crate::recommendation::queries::{drafts, forms, settings, versions};

/// A section as a page sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Code of the section.
    pub section: String,
    /// The revision that the page was shown; 0 for what was never written.
    pub revision: i32,
    /// What stands in the field.
    pub body: String,
    /// What the same page sent last without hearing an answer: it may have arrived.
    pub sent: Option<String>,
}

/// What a section is after it was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its revision.
    pub revision: i32,
    /// When it was saved; `None` where there is nothing to keep.
    pub at: Option<DateTime<Utc>>,
}

/// Why a section was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The class year has no such section.
    #[error("there is no such section")]
    UnknownSection,
    /// More text than is kept.
    #[error("too long to be kept")]
    TooLong,
    /// Somebody has written it since: another window of the student.
    #[error("the section was written meanwhile")]
    Conflict {
        /// What stands there now.
        body: String,
        /// Its revision.
        revision: i32,
    },
    /// It was not objected to, so it is not open.
    #[error("the section was not objected to")]
    Closed,
    /// The form is not in the student's hands.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl SaveError {
    /// For the student.
    pub fn message(&self) -> String {
        match self {
            Self::UnknownSection => "本届推荐表没有此栏目，没有保存。".into(),
            Self::TooLong => format!("内容过长（超过 {LONGEST_DRAFT} 字），没有保存。"),
            Self::Conflict { .. } => "此项刚在另一窗口保存过，没有覆盖。".into(),
            Self::Closed => "此项没有审核意见，退回期间不能修改。".into(),
            Self::Refused(refused) => refused.message().into(),
            Self::Db(_) => "系统出现问题，没有保存。".into(),
        }
    }
}

/// A form as it is worked on: its sections, what is written, and what may be.
#[derive(Clone, Debug)]
pub(in crate::recommendation) struct Desk {
    /// The sections of the class year.
    pub sections: Vec<Section>,
    /// What is written, by section.
    pub drafts: HashMap<String, recommendation_draft::Model>,
    /// What was objected to, by section; none where nothing was returned.
    pub objections: HashMap<String, String>,
    /// Sections that may be written now.
    pub open: BTreeSet<String>,
}

impl Desk {
    /// What stands in a section.
    pub(in crate::recommendation) fn body(&self, section: &str) -> &str {
        self.drafts.get(section).map_or("", |draft| &draft.body)
    }
}

/// Puts together what is on the student's desk; `form` is `None` while there is none.
pub(in crate::recommendation) async fn desk(
    connection: &impl ConnectionTrait,
    class_year: i32,
    form: Option<&Form>,
) -> Result<Desk, DbErr> {
    let sections = settings::sections(connection, class_year).await?;
    let all = || sections.iter().map(|section| section.code.clone()).collect();
    let Some(form) = form else {
        return Ok(Desk {
            open: all(),
            sections,
            drafts: HashMap::new(),
            objections: HashMap::new(),
        });
    };
    let scope = Scope::Student(form.row.student_id);
    let drafts: HashMap<_, _> = drafts::of_form(connection, &scope, form.row.id)
        .await?
        .into_iter()
        .map(|draft| (draft.section.clone(), draft))
        .collect();
    let mut objections = HashMap::new();
    let mut returned = Vec::new();
    if let Some(number) = form.row.returned_version {
        let all = versions::of_form(connection, &scope, form.row.id).await?;
        if let Some(version) = all.iter().find(|version| version.number == number) {
            objections = versions::objections(connection, &scope, version.id).await?;
            returned = versions::texts(connection, &scope, [version.id])
                .await?
                .remove(&version.id)
                .unwrap_or_default();
        }
    }
    let open = match form.stage {
        Stage::NotBegun | Stage::Draft | Stage::Returned(Reopened::All) => all(),
        // What cannot be submitted as it was returned is open, too: the centre may have changed the sections since.
        Stage::Returned(Reopened::Objected) => sections
            .iter()
            .filter(|section| {
                let text = returned.iter().find(|text| text.section == section.code);
                objections.contains_key(&section.code)
                    || section.mistake(text.map_or("", |text| &text.body)).is_some()
            })
            .map(|section| section.code.clone())
            .collect(),
        Stage::Submitted { .. } | Stage::Approved => BTreeSet::new(),
    };
    Ok(Desk {
        sections,
        drafts,
        objections,
        open,
    })
}

/// Saves a section of a locked form.
pub(super) async fn save_in(
    tx: &impl ConnectionTrait,
    form: &Form,
    desk: &Desk,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<Saved, SaveError> {
    if !desk.sections.iter().any(|section| section.code == typed.section) {
        return Err(SaveError::UnknownSection);
    }
    let body = plain(&typed.body);
    if body.chars().count() > LONGEST_DRAFT {
        return Err(SaveError::TooLong);
    }
    let current = desk.drafts.get(&typed.section);
    // The same once more: an answer that was lost on its way, or a press that was made twice.
    if current.map_or("", |draft| &draft.body) == body {
        return Ok(Saved {
            revision: current.map_or(0, |draft| draft.revision),
            at: current.map(|draft| draft.saved_at),
        });
    }
    form.stage.after(Act::Write)?;
    if !desk.open.contains(&typed.section) {
        return Err(SaveError::Closed);
    }
    let has_arrived = |draft: &&recommendation_draft::Model| {
        typed
            .sent
            .as_deref()
            .is_some_and(|sent| plain(sent) == draft.body)
    };
    let revision = current
        .filter(has_arrived)
        .map_or(typed.revision, |draft| draft.revision);
    match drafts::save(tx, form, (&typed.section, revision), &body, now).await? {
        Some(revision) => Ok(Saved {
            revision,
            at: Some(now),
        }),
        None => Err(SaveError::Conflict {
            body: current.map_or_else(String::new, |draft| draft.body.clone()),
            revision: current.map_or(0, |draft| draft.revision),
        }),
    }
}

/// Saves a section as it is typed. That is no change of a record: a draft says nothing until it is submitted.
///
/// # Errors
///
/// [`SaveError`]; then nothing was written.
pub async fn save(db: &Db, passed: &Passed<step::Recommendation>, typed: &Typed) -> Result<Saved, SaveError> {
    let mut outcome = save_all(db, passed, std::slice::from_ref(typed)).await?;
    outcome
        .pop()
        .map_or(Err(SaveError::UnknownSection), |(_, saved)| saved)
}

/// Saves all sections of a page: what can be saved is, whatever becomes of the others. Answers what became of each.
///
/// # Errors
///
/// When the database does not answer; then nothing was written.
pub async fn save_all(
    db: &Db,
    passed: &Passed<step::Recommendation>,
    typed: &[Typed],
) -> Result<Vec<(String, Result<Saved, SaveError>)>, DbErr> {
    save_all_as(db, passed.student().id(), passed.entry(), typed).await
}

/// The rule itself. Only the student writes; the demo university, whose students nobody is, calls it for them.
pub(crate) async fn save_all_as(
    db: &Db,
    student_id: i64,
    entry: Entry,
    typed: &[Typed],
) -> Result<Vec<(String, Result<Saved, SaveError>)>, DbErr> {
    let now = db.clock().now();
    let tx = db.begin_write().await?;
    let form = forms::lock_of_entry(&tx, student_id, entry, now).await?;
    let outcome = save_each(&tx, &form, entry, typed, now).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Saves sections of a locked form, each for itself.
pub(super) async fn save_each(
    tx: &impl ConnectionTrait,
    form: &Form,
    entry: Entry,
    typed: &[Typed],
    now: DateTime<Utc>,
) -> Result<Vec<(String, Result<Saved, SaveError>)>, DbErr> {
    let desk = desk(tx, entry.class_year, Some(form)).await?;
    let mut outcome = Vec::new();
    for one in typed {
        let saved = match save_in(tx, form, &desk, one, now).await {
            Err(SaveError::Db(error)) => return Err(error),
            saved => saved,
        };
        outcome.push((one.section.clone(), saved));
    }
    Ok(outcome)
}
