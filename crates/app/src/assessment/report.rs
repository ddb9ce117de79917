//! The figures of the 院 side by side: as frozen at the due days, and as of a moment. What page, workbook and PDF show.

use std::collections::BTreeSet;

use qihang_db::entity::college;
use qihang_db::{AssessmentPart, CollegeKind, Scope};
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{Figures, Moment};
use super::rules::{self, Freeze};
use crate::class_year::model::Details;
use crate::school;

/// A 院, or all together.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// 院系代码; empty for all together.
    pub(super) code: String,
    /// 院系名称.
    pub(super) name: String,
    /// 书院 or 学院.
    pub(super) kind: &'static str,
    /// As frozen when the roster was due.
    pub(super) roster: Option<Figures>,
    /// As frozen when activation was due.
    pub(super) activation: Option<Figures>,
    /// As of the moment.
    pub(super) then: Figures,
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// The class year with its dates.
    pub(super) details: Details,
    /// As of when `then` is.
    pub(super) moment: Moment,
    /// What stands frozen by the present dates.
    pub(super) roster: Option<Freeze>,
    /// Likewise.
    pub(super) activation: Option<Freeze>,
    /// What was frozen at dates that were moved since.
    pub(super) former: Vec<Freeze>,
    /// Every 院 of the scope, in order of code.
    pub(super) lines: Vec<Line>,
    /// All together, for whoever sees all.
    pub(super) total: Option<Line>,
}

/// The figures of a freezing, for one 院 or for all.
fn frozen(freeze: Option<&Freeze>, college_id: Option<i64>) -> Option<Figures> {
    let frozen = &freeze?.frozen;
    Some(match college_id {
        None => frozen.total,
        Some(id) => frozen
            .rows
            .iter()
            .find(|row| row.college_id == id)
            .map(|row| row.figures)
            .unwrap_or_default(),
    })
}

impl Report {
    /// The figures of a class year as of a moment, for the 院 of the scope.
    pub(super) async fn read(
        connection: &impl ConnectionTrait,
        scope: &Scope,
        details: Details,
        moment: Moment,
    ) -> Result<Self, DbErr> {
        let counted = rules::figures_at(connection, scope, &details, moment).await?;
        let (mut roster, mut activation, mut former) = (None, None, Vec::new());
        for freeze in rules::freezes(connection, details.year).await? {
            match freeze.part {
                AssessmentPart::Roster if freeze.due == details.roster_due => roster = Some(freeze),
                AssessmentPart::Activation if freeze.due == details.activation_due => {
                    activation = Some(freeze);
                }
                AssessmentPart::Roster | AssessmentPart::Activation => former.push(freeze),
            }
        }
        let line = |id: Option<i64>, code: String, name: String, kind, then| Line {
            code,
            name,
            kind,
            roster: frozen(roster.as_ref(), id),
            activation: frozen(activation.as_ref(), id),
            then,
        };
        let colleges = school::queries::colleges_in(connection, scope).await?;
        let lines = colleges.into_iter().map(|college: college::Model| {
            let kind = CollegeKind::from_code(&college.kind).map_or("", CollegeKind::label);
            let then = counted.colleges.get(&college.id).copied().unwrap_or_default();
            line(Some(college.id), college.code, college.name, kind, then)
        });
        let lines: Vec<Line> = lines.collect();
        let total =
            (*scope == Scope::Everyone).then(|| line(None, String::new(), "全校".into(), "", counted.total));
        let known: BTreeSet<&str> = lines.iter().map(|line| line.code.as_str()).collect();
        for freeze in &mut former {
            freeze.frozen.rows.retain(|row| known.contains(row.code.as_str()));
        }
        Ok(Self {
            details,
            moment,
            roster,
            activation,
            former,
            lines,
            total,
        })
    }

    /// Whether what is counted anew is what was frozen; `None` where the moment is not the end of that due day.
    pub(super) fn holds(&self, freeze: &Freeze) -> Option<bool> {
        let of = |line: &Line| match freeze.part {
            AssessmentPart::Roster => line.roster,
            AssessmentPart::Activation => line.activation,
        };
        (self.moment == Moment::end_of(freeze.due)).then(|| {
            self.all()
                .all(|line| of(line).is_some_and(|frozen| frozen == line.then.part(freeze.part)))
        })
    }

    /// What stands frozen by the present dates.
    pub(super) fn frozen(&self) -> impl Iterator<Item = &Freeze> {
        self.roster.iter().chain(&self.activation)
    }

    /// The 院, and all together last.
    pub(super) fn all(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().chain(&self.total)
    }
}
