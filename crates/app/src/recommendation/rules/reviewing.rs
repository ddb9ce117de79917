//! Reviewing: opening, approving, returning with objections, revoking. Of two officers the second is told, and nothing of what
//! the first decided is overwritten: a decision names the version and the revision that were seen, and the form is locked while it
//! is made.

use std::collections::HashMap;

use qihang_db::entity::{photo, recommendation_version, student};
use qihang_db::{Action, AuditEvent, Change, Db, Lock, MessageKind, RecommendationState, Reopened, Validity};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::{facts_of, subject, unprintable};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::message::rules::{NewMessage, send};
use crate::press::PrintError;
use crate::recommendation::OWN_PATH;
use crate::recommendation::model::facts::{confirmed, seen as digest_of};
use crate::recommendation::model::{Act, Code, Fact, form_no, template};
use crate::recommendation::queries::forms;
use crate::recommendation::queries::forms::Form;
use crate::recommendation::queries::queue::photos;
use crate::recommendation::queries::versions::{self, Approval, Decision};
use crate::school;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// No such form, or not for this officer.
    #[error("there is no such form")]
    NotFound,
    /// Somebody else was quicker: the form is not as it was seen.
    #[error("the form is not as it was seen")]
    Overtaken,
    /// The record, and so 基本信息, is not as it was seen.
    #[error("the record is not as it was seen")]
    RecordChanged,
    /// There is nothing valid to revoke.
    #[error("there is nothing valid to revoke")]
    NothingValid,
    /// What was typed is wrong, by section; that of the whole under an empty code.
    #[error("what was typed has mistakes")]
    Mistakes(HashMap<String, String>),
    /// The file store.
    #[error("the photo could not be kept: {0}")]
    Photo(String),
    /// The press, which has to say what it can print.
    #[error(transparent)]
    Press(#[from] PrintError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// What an officer saw and decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Number of the version.
    pub version: i32,
    /// Revision of the form.
    pub revision: i32,
}

impl Seen {
    /// Whether a form is still so.
    pub(super) fn is(self, form: &Form) -> bool {
        self.version == form.row.version && self.revision == form.row.revision
    }
}

/// Notes that an officer has opened what is under review: from now on the student cannot take it back. What the form was and who
/// opened it first stays; whoever is not the first changes nothing.
///
/// # Errors
///
/// When the database does not answer.
pub async fn open(db: &Db, can: &Can<policy::ReviewRecommendations>, form_id: i64) -> Result<(), DbErr> {
    let Some(account_id) = can.account_id() else {
        return Ok(());
    };
    // Reading decides nothing, so there is no event.
    let tx = db.begin_write().await?;
    let locked = forms::lock(&tx, can.scope(), &[form_id]).await?;
    if let Some((form, _)) = locked.first()
        && form.row.opened_at.is_none()
        && form.stage.after(Act::Open).is_ok()
    {
        forms::set_opened(&tx, form, account_id, db.clock().now()).await?;
    }
    tx.commit().await
}

/// The form as it is now, locked, if it is still as it was seen and this can be done with it.
async fn lock_seen(
    change: &Change,
    can: &Can<policy::ReviewRecommendations>,
    form_id: i64,
    seen: Seen,
) -> Result<(Form, student::Model), ReviewError> {
    let (form, student) = forms::lock(change.tx(), can.scope(), &[form_id])
        .await?
        .pop()
        .ok_or(ReviewError::NotFound)?;
    if seen.is(&form) {
        Ok((form, student))
    } else {
        Err(ReviewError::Overtaken)
    }
}

async fn newest(
    connection: &impl ConnectionTrait,
    can: &Can<policy::ReviewRecommendations>,
    form: &Form,
) -> Result<recommendation_version::Model, ReviewError> {
    versions::newest(connection, can.scope(), [form])
        .await?
        .remove(&form.row.id)
        .ok_or(ReviewError::Overtaken)
}

/// Keeps a copy of the photo for the print: what was approved does not change when the student uploads another.
pub(super) async fn keep_photo(
    app: &App,
    form_id: i64,
    photo: &photo::Model,
) -> Result<Option<String>, ReviewError> {
    use crate::files::FileError;
    let failed = |error: FileError| ReviewError::Photo(error.to_string());
    match app.files.get(&photo.file_key).await {
        Ok(content) => {
            let key = format!("recommendation/{form_id}/{}", photo.digest);
            app.files.put(&key, content).await.map_err(failed)?;
            Ok(Some(key))
        }
        // Replaced a moment ago, or the folder of files was not restored with the database: approved without.
        Err(FileError::NotFound) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// What is approved, before it has a number.
pub(super) struct Approving<'a> {
    /// The form, locked.
    pub form: &'a Form,
    /// Its student.
    pub student: &'a student::Model,
    /// The version.
    pub version: &'a recommendation_version::Model,
    /// 院系推荐意见.
    pub opinion: &'a str,
    /// What it says of the record.
    pub facts: &'a [Fact],
    /// The photo that is printed.
    pub photo_key: Option<&'a str>,
}

/// Approves a locked form: number, code, version, message. Answers the number.
pub(super) async fn approve_in(change: &Change, approving: Approving<'_>) -> Result<String, DbErr> {
    let Approving { form, student, .. } = approving;
    let next = form
        .stage
        .after(Act::Approve)
        .map_err(|refused| DbErr::Custom(refused.to_string()))?;
    let tx = change.tx();
    let number = match &form.row.form_no {
        Some(_) => None,
        None => Some(number_for(tx, form, student).await?),
    };
    let decision = Decision {
        account_id: change.actor().account_id,
        at: change.now(),
    };
    let approval = Approval {
        opinion: approving.opinion,
        facts: approving.facts,
        confirmed: &confirmed(student),
        code: &Code::draw(),
        photo_key: approving.photo_key,
    };
    versions::approve(tx, approving.version, decision, approval).await?;
    let form = forms::advance(tx, form, next, change.now(), |row| {
        if let Some((college_id, number, text)) = number {
            row.number_college_id = Some(college_id);
            row.number = Some(number);
            row.form_no = Some(text);
        }
    })
    .await?;
    let form_no = form.row.form_no.unwrap_or_default();
    let message = NewMessage {
        student_id: student.id,
        kind: MessageKind::Recommendation,
        title: "推荐表已通过".into(),
        body: format!(
            "你的毕业生就业推荐表（第 {} 版）已经通过审核，编号 {form_no}。",
            form.row.version
        ),
        href: Some(OWN_PATH.into()),
    };
    send(change, message).await?;
    Ok(form_no)
}

/// The next number of the 院 that answers for the student.
async fn number_for(
    tx: &impl ConnectionTrait,
    form: &Form,
    student: &student::Model,
) -> Result<(i64, i32, String), DbErr> {
    let year = ClassYear::new(form.row.class_year)
        .ok_or_else(|| DbErr::Custom(format!("form {} is of no class year", form.row.id)))?;
    let colleges = school::queries::colleges(tx).await?;
    let college = colleges
        .iter()
        .find(|college| college.id == student.college_id)
        .ok_or_else(|| DbErr::RecordNotFound("the 院 of a student".into()))?;
    let number = forms::next_number(tx, form.row.class_year, college.id).await?;
    Ok((college.id, number, form_no(year, &college.code, number)))
}

/// Approves a version. `record` is the digest of 基本信息 as it was seen. Answers the number of the form.
///
/// # Errors
///
/// [`ReviewError`]; then nothing was written.
pub async fn approve(
    app: &App,
    can: &Can<policy::ReviewRecommendations>,
    form_id: i64,
    (seen, record): (Seen, &str),
    opinion: &str,
) -> Result<String, ReviewError> {
    let opinion = template::words(opinion, "院系推荐意见")
        .map_err(|mistake| ReviewError::Mistakes(HashMap::from([(String::new(), mistake)])))?;
    if let Some(missing) = unprintable(app.printing.press().await?, [opinion.as_str()]) {
        let mistake = format!("{missing}无法打印，请改写");
        return Err(ReviewError::Mistakes(HashMap::from([(String::new(), mistake)])));
    }
    let (_, student) = forms::find(app.db.reader(), can.scope(), form_id)
        .await?
        .ok_or(ReviewError::NotFound)?;
    // Files are copied before anything is locked.
    let photo_key = match photos(app.db.reader(), can.scope(), [student.id])
        .await?
        .get(&student.id)
    {
        Some(photo) => keep_photo(app, form_id, photo).await?,
        None => None,
    };
    let change = app.db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    let (form, student) = lock_seen(&change, can, form_id, seen).await?;
    form.stage
        .after(Act::Approve)
        .map_err(|_| ReviewError::Overtaken)?;
    let version = newest(change.tx(), can, &form).await?;
    let facts = facts_of(change.tx(), &student).await?;
    if digest_of(&facts) != record {
        return Err(ReviewError::RecordChanged);
    }
    let approving = Approving {
        form: &form,
        student: &student,
        version: &version,
        opinion: &opinion,
        facts: &facts,
        photo_key: photo_key.as_deref(),
    };
    let form_no = approve_in(&change, approving).await?;
    let event = AuditEvent::new(Action::RecommendationApproved, subject(form_id))
        .before(json!({"state": RecommendationState::Submitted.code()}))
        .after(json!({"version": seen.version, "form_no": form_no}));
    change.commit(event).await?;
    Ok(form_no)
}

/// Returns a version with objections, by section.
///
/// # Errors
///
/// [`ReviewError`]; then nothing was written.
pub async fn return_form(
    db: &Db,
    can: &Can<policy::ReviewRecommendations>,
    form_id: i64,
    seen: Seen,
    (reopened, objections): (Reopened, &[(String, String)]),
) -> Result<(), ReviewError> {
    let change = db.change(can.actor()).await?;
    let (form, student) = lock_seen(&change, can, form_id, seen).await?;
    let next = form
        .stage
        .after(Act::Return(reopened))
        .map_err(|_| ReviewError::Overtaken)?;
    let version = newest(change.tx(), can, &form).await?;
    let texts = versions::texts(change.tx(), can.scope(), [version.id])
        .await?
        .remove(&version.id)
        .unwrap_or_default();
    let mut mistakes = HashMap::new();
    let mut kept = Vec::new();
    for text in &texts {
        let said = objections.iter().find(|(section, _)| *section == text.section);
        let Some((section, reason)) = said.filter(|(_, reason)| !reason.trim().is_empty()) else {
            continue;
        };
        match template::words(reason, "退回原因") {
            Ok(reason) => kept.push((section.clone(), reason)),
            Err(mistake) => {
                mistakes.insert(section.clone(), mistake);
            }
        }
    }
    if kept.is_empty() && mistakes.is_empty() {
        mistakes.insert(String::new(), "请在至少一项旁写明退回原因".into());
    }
    if !mistakes.is_empty() {
        return Err(ReviewError::Mistakes(mistakes));
    }
    let decision = Decision {
        account_id: can.account_id(),
        at: change.now(),
    };
    versions::return_version(change.tx(), &version, decision, (reopened, &kept)).await?;
    forms::advance(change.tx(), &form, next, change.now(), |row| {
        row.returned_version = Some(version.number);
    })
    .await?;
    let headings: Vec<&str> = texts
        .iter()
        .filter(|text| kept.iter().any(|(section, _)| *section == text.section))
        .map(|text| text.heading.as_str())
        .collect();
    let message = NewMessage {
        student_id: student.id,
        kind: MessageKind::Recommendation,
        title: "推荐表被退回，请修改".into(),
        body: format!("审核意见涉及：{}。请按意见修改后重新提交。", headings.join("、")),
        href: Some(OWN_PATH.into()),
    };
    send(&change, message).await?;
    let sections: Vec<&str> = kept.iter().map(|(section, _)| section.as_str()).collect();
    let event = AuditEvent::new(Action::RecommendationReturned, subject(form_id))
        .before(json!({"state": RecommendationState::Submitted.code()}))
        .after(json!({"version": seen.version, "sections": sections, "reopened": reopened.code()}));
    Ok(change.commit(event).await?)
}

/// Revokes the valid version of a form: whoever checks it is told so, and the student has to submit anew. A student cannot be taken
/// off the roster before (R9).
///
/// # Errors
///
/// [`ReviewError`]; then nothing was written.
pub async fn revoke(
    db: &Db,
    can: &Can<policy::ReviewRecommendations>,
    form_id: i64,
    seen: Seen,
    reason: &str,
) -> Result<(), ReviewError> {
    let reason = template::words(reason, "撤销原因")
        .map_err(|mistake| ReviewError::Mistakes(HashMap::from([(String::new(), mistake)])))?;
    let change = db.change(can.actor()).await?;
    let (form, student) = lock_seen(&change, can, form_id, seen).await?;
    let ended = versions::end_valid(
        change.tx(),
        &[form_id],
        (Validity::Revoked, Some(&reason)),
        change.now(),
    )
    .await?;
    if ended == 0 {
        return Err(ReviewError::NothingValid);
    }
    forms::raise_revision(change.tx(), &form).await?;
    let message = NewMessage {
        student_id: student.id,
        kind: MessageKind::Recommendation,
        title: "推荐表已被撤销".into(),
        body: format!("已通过的推荐表不再有效。原因：{reason}"),
        href: Some(OWN_PATH.into()),
    };
    send(&change, message).await?;
    let event = AuditEvent::new(Action::RecommendationRevoked, subject(form_id))
        .before(json!({"validity": Validity::Valid.code()}))
        .after(json!({"validity": Validity::Revoked.code(), "reason": reason}));
    Ok(change.commit(event).await?)
}
