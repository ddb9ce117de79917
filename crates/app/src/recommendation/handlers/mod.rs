//! The pages: [`student`] writes, [`queue`], [`review`], [`statistics`] and [`templates`] are the 院's, [`sections`] the centre's,
//! [`printing`] sends the papers, [`reminding`] letters to whoever has not submitted, [`check`] is everybody's.

pub(super) mod check;
pub(super) mod printing;
pub(super) mod queue;
pub(super) mod reminding;
pub(super) mod review;
pub(super) mod sections;
pub(super) mod statistics;
pub(super) mod student;
pub(super) mod templates;

use std::collections::HashMap;

use qihang_db::entity::recommendation_version;
use qihang_db::{Scope, Validity, VersionState};
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{Code, Text};
use super::queries::versions;
use crate::web::instant_text;

/// A version in the history of a form.
pub(super) struct VersionRow {
    pub number: i32,
    pub state: VersionState,
    pub validity: Option<Validity>,
    pub submitted: String,
    pub decided: Option<String>,
    /// Who decided, for officers; a student is told no name.
    pub by: Option<String>,
    pub opinion: Option<String>,
    /// Heading and reason.
    pub objections: Vec<(String, String)>,
    pub ended: Option<String>,
    pub ended_reason: Option<String>,
}

impl VersionRow {
    fn badge(&self) -> &'static str {
        match (self.state, self.validity) {
            (VersionState::Submitted, _) => "info",
            (VersionState::Returned, _) => "warning",
            (VersionState::Approved, Some(Validity::Valid)) => "success",
            (VersionState::Approved, Some(Validity::Revoked)) => "danger",
            (VersionState::Approved | VersionState::Recalled, _) => "muted",
        }
    }

    fn word(&self) -> &'static str {
        match self.validity {
            Some(validity @ (Validity::Replaced | Validity::Revoked)) => validity.label(),
            Some(Validity::Valid) | None => self.state.label(),
        }
    }
}

/// The approved version that counts, or counted last.
pub(super) struct PaperRow {
    pub validity: Validity,
    pub version: i32,
    pub form_no: String,
    /// In groups.
    pub code: String,
    pub approved: String,
    pub checks: i32,
    pub checked: Option<String>,
    /// Since when the record says something else.
    pub changed: Option<String>,
    pub ended: Option<String>,
    pub ended_reason: Option<String>,
}

impl PaperRow {
    fn is_valid(&self) -> bool {
        self.validity == Validity::Valid
    }
}

/// The version that counts, or else the last one that did.
pub(super) fn paper(versions: &[recommendation_version::Model], form_no: Option<&str>) -> Option<PaperRow> {
    let read = |version: &recommendation_version::Model| {
        Some(PaperRow {
            validity: Validity::from_code(version.validity.as_deref()?)?,
            version: version.number,
            form_no: form_no?.to_owned(),
            code: Code::of_column(version.check_code.as_deref()?)?.grouped(),
            approved: version.decided_at.map(instant_text).unwrap_or_default(),
            checks: version.checks,
            checked: version.checked_at.map(instant_text),
            changed: version.changed_at.map(instant_text),
            ended: version.ended_at.map(instant_text),
            ended_reason: version.ended_reason.clone(),
        })
    };
    let papers: Vec<PaperRow> = versions.iter().filter_map(read).collect();
    let valid = papers.iter().position(PaperRow::is_valid);
    let at = valid.or_else(|| papers.len().checked_sub(1))?;
    papers.into_iter().nth(at)
}

/// Whether the history names who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// It does: for officers.
    Said,
    /// It does not: for students.
    Unsaid,
}

/// The history of a form, the newest version first; `texts` are those of its versions, for their headings.
pub(super) async fn history(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    all: &[recommendation_version::Model],
    names: Names,
) -> Result<Vec<VersionRow>, DbErr> {
    let texts = versions::texts(connection, scope, all.iter().map(|version| version.id)).await?;
    let deciders = match names {
        Names::Said => {
            versions::names_of(connection, all.iter().filter_map(|version| version.decided_by)).await?
        }
        Names::Unsaid => HashMap::new(),
    };
    let mut rows = Vec::new();
    for version in all.iter().rev() {
        let Some(state) = VersionState::from_code(&version.state) else {
            continue;
        };
        let objections = if state == VersionState::Returned {
            let found = versions::objections(connection, scope, version.id).await?;
            let of_version = texts.get(&version.id).map_or(&[][..], Vec::as_slice);
            named(of_version, &found)
        } else {
            Vec::new()
        };
        rows.push(VersionRow {
            number: version.number,
            state,
            validity: version.validity.as_deref().and_then(Validity::from_code),
            submitted: instant_text(version.submitted_at),
            decided: version.decided_at.map(instant_text),
            by: version.decided_by.and_then(|id| deciders.get(&id).cloned()),
            opinion: version.opinion.clone(),
            objections,
            ended: version.ended_at.map(instant_text),
            ended_reason: version.ended_reason.clone(),
        });
    }
    Ok(rows)
}

/// Objections with the headings of their sections, in order.
fn named(texts: &[Text], objections: &HashMap<String, String>) -> Vec<(String, String)> {
    texts
        .iter()
        .filter_map(|text| Some((text.heading.clone(), objections.get(&text.section)?.clone())))
        .collect()
}
