//! Approving many at once: only what nobody has to look at. One change for all who can be approved, with one audit event; of each
//! of the others it is said why not.

use std::collections::HashMap;

use qihang_db::{Action, AuditEvent, Lock};
use sea_orm::DbErr;
use serde_json::json;

use super::reviewing::{Approving, ReviewError, Seen, approve_in, keep_photo};
use super::{facts_of, unprintable};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::press::PrintError;
use crate::recommendation::model::facts::from_column;
use crate::recommendation::model::warning::{Photo, Record, warnings};
use crate::recommendation::model::{Act, template};
use crate::recommendation::queries::queue::photos;
use crate::recommendation::queries::{forms, versions};

/// Forms that are approved at once, at the most: more than a page of the list shows.
pub const MOST_AT_ONCE: usize = 100;

/// A form that was ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Row id.
    pub form_id: i64,
    /// What was seen of it.
    pub seen: Seen,
}

/// Why nothing was approved.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Nobody is ticked.
    #[error("nobody is ticked")]
    NothingChosen,
    /// More than [`MOST_AT_ONCE`].
    #[error("too many are ticked")]
    TooMany,
    /// A form that is ticked does not exist, or not for this officer.
    #[error("a ticked form does not exist")]
    NotFound,
    /// The opinion is none.
    #[error("the opinion has a mistake")]
    Opinion(String),
    /// The file store.
    #[error("a photo could not be kept: {0}")]
    Photo(String),
    /// The press, which has to say what it can print.
    #[error(transparent)]
    Press(#[from] PrintError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// What became of those who were ticked: 姓名 and, of those who were not approved, why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Approved.
    pub approved: Vec<String>,
    /// Left as they are.
    pub left: Vec<(String, String)>,
}

/// Approves the ticked forms that have no warning, each with the opinion filled in from its record.
///
/// # Errors
///
/// [`BatchError`]; then nothing was written.
pub async fn approve_all(
    app: &App,
    can: &Can<policy::ReviewRecommendations>,
    picks: &[Pick],
    opinion: &str,
) -> Result<Outcome, BatchError> {
    if picks.is_empty() {
        return Err(BatchError::NothingChosen);
    }
    if picks.len() > MOST_AT_ONCE {
        return Err(BatchError::TooMany);
    }
    template::words(opinion, "院系推荐意见").map_err(BatchError::Opinion)?;
    if let Some(missing) = unprintable(app.printing.press().await?, [opinion]) {
        return Err(BatchError::Opinion(format!(
            "院系推荐意见中的{missing}无法打印，请改写"
        )));
    }
    let seen: HashMap<i64, Seen> = picks.iter().map(|pick| (pick.form_id, pick.seen)).collect();
    let ids: Vec<i64> = seen.keys().copied().collect();
    let kept = keep_photos(app, can, &ids).await?;
    let change = app.db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    let mut locked = forms::lock(change.tx(), can.scope(), &ids).await?;
    if locked.len() != ids.len() {
        return Err(BatchError::NotFound);
    }
    // The counters of the 院 are locked one after the other, by everybody in the same order.
    locked.sort_by_key(|(form, student)| (student.college_id, form.row.moved_at, form.row.id));
    let newest = versions::newest(change.tx(), can.scope(), locked.iter().map(|(form, _)| form)).await?;
    let mut texts = versions::texts(
        change.tx(),
        can.scope(),
        newest.values().map(|version| version.id),
    )
    .await?;
    let mut outcome = Outcome::default();
    let mut approved = Vec::new();
    for (form, student) in &locked {
        let is_seen = seen.get(&form.row.id).is_some_and(|seen| seen.is(form));
        let version = newest.get(&form.row.id);
        let (Some(version), Ok(_), true) = (version, form.stage.after(Act::Approve), is_seen) else {
            let why = "已由其他老师处理，或学生已撤回";
            outcome.left.push((student.name.clone(), why.into()));
            continue;
        };
        let photo_key = kept.get(&student.id).and_then(Option::as_deref);
        let facts = facts_of(change.tx(), student).await?;
        let photo = photo_key.map_or(Photo::Absent, |_| Photo::There);
        let record = if from_column(&version.facts) == facts {
            Record::Same
        } else {
            Record::Changed
        };
        let warnings = warnings(&texts.remove(&version.id).unwrap_or_default(), photo, record);
        if !warnings.is_empty() {
            let words: Vec<String> = warnings.iter().map(super::super::model::Warning::label).collect();
            outcome.left.push((student.name.clone(), words.join("、")));
            continue;
        }
        let filled = match template::words(&template::fill(opinion, &facts), "推荐意见") {
            Ok(filled) => filled,
            Err(mistake) => {
                outcome.left.push((student.name.clone(), mistake));
                continue;
            }
        };
        let approving = Approving {
            form,
            student,
            version,
            opinion: &filled,
            facts: &facts,
            photo_key,
        };
        let form_no = approve_in(&change, approving).await?;
        approved.push(json!({"form": form.row.id, "version": version.number, "form_no": form_no}));
        outcome.approved.push(student.name.clone());
    }
    if approved.is_empty() {
        change.abandon().await?;
        return Ok(outcome);
    }
    let event =
        AuditEvent::new(Action::RecommendationApproved, "recommendation").after(json!({"forms": approved}));
    change.commit(event).await?;
    Ok(outcome)
}

/// Copies of the photos, by student, before anything is locked.
async fn keep_photos(
    app: &App,
    can: &Can<policy::ReviewRecommendations>,
    form_ids: &[i64],
) -> Result<HashMap<i64, Option<String>>, BatchError> {
    let reader = app.db.reader();
    let forms = forms::find_all(reader, can.scope(), form_ids).await?;
    let photos = photos(reader, can.scope(), forms.iter().map(|(_, student)| student.id)).await?;
    let mut kept = HashMap::new();
    for (form, student) in &forms {
        if let Some(photo) = photos.get(&student.id) {
            let key = keep_photo(app, form.row.id, photo)
                .await
                .map_err(|error| match error {
                    ReviewError::Db(error) => BatchError::Db(error),
                    other => BatchError::Photo(other.to_string()),
                })?;
            kept.insert(student.id, key);
        }
    }
    Ok(kept)
}
