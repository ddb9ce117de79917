//! What class years and 院 set.

use qihang_db::{Action, AuditEvent, ClassYearState, Db};
use sea_orm::DbErr;
use serde_json::json;

use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::class_year::queries as class_years;
use crate::recommendation::model::Section;
use crate::recommendation::model::template::Kind;
use crate::recommendation::queries::settings;

/// Why nothing was set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// There is no such class year, or no such 院 for this officer.
    #[error("there is no such thing")]
    Unknown,
    /// The class year is closed.
    #[error("the class year is closed")]
    Closed,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Sets the sections of a class year. What was submitted stays as it was; what is being written goes on with the new sections, and
/// the text of one that was taken away comes back with it. Answers whether anything changed.
///
/// # Errors
///
/// [`SetError`]; then nothing was written.
pub async fn set_sections(
    db: &Db,
    can: &Can<policy::ManageClassYears>,
    year: ClassYear,
    sections: &[Section],
) -> Result<bool, SetError> {
    let change = db.change(can.actor()).await?;
    let details = class_years::find(change.tx(), year)
        .await?
        .ok_or(SetError::Unknown)?;
    if details.state == ClassYearState::Closed {
        return Err(SetError::Closed);
    }
    let before = settings::sections(change.tx(), year.year()).await?;
    if before == sections {
        change.abandon().await?;
        return Ok(false);
    }
    settings::replace_sections(change.tx(), year.year(), sections).await?;
    let words = |sections: &[Section]| {
        let said = sections.iter().map(|section| {
            json!({"code": section.code, "heading": section.heading, "most": section.most, "required": section.is_required})
        });
        said.collect::<Vec<_>>()
    };
    let event = AuditEvent::new(
        Action::RecommendationSectionsSet,
        format!("class-year/{year}/recommendation"),
    )
    .before(json!(words(&before)))
    .after(json!(words(sections)));
    change.commit(event).await?;
    Ok(true)
}

/// Sets the sentences of a 院; none brings back those that come with the system. Answers whether anything changed.
///
/// # Errors
///
/// [`SetError`]; then nothing was written.
pub async fn set_templates(
    db: &Db,
    can: &Can<policy::ReviewRecommendations>,
    college_id: i64,
    (kind, sentences): (Kind, &[String]),
) -> Result<bool, SetError> {
    if !can.scope().covers(college_id) {
        return Err(SetError::Unknown);
    }
    let change = db.change(can.actor()).await?;
    let before = settings::templates(change.tx(), college_id, kind).await?;
    if before == sentences {
        change.abandon().await?;
        return Ok(false);
    }
    settings::replace_templates(change.tx(), college_id, kind, sentences).await?;
    let event = AuditEvent::new(
        Action::RecommendationTemplatesSet,
        format!("college/{college_id}/recommendation/{}", kind.code()),
    )
    .before(json!(before))
    .after(json!(sentences));
    change.commit(event).await?;
    Ok(true)
}
