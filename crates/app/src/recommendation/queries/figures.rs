//! How many forms stand where, and how long the oldest has waited.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{recommendation_form, roster_entry, student};
use qihang_db::{EntryState, RecommendationState, Scope};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};

use super::forms::standing;
use super::printing;
use crate::activation::queries::activated;
use crate::class_year::model::ClassYear;

/// The figures of a 院, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Students who have activated, or have a form.
    pub students: u64,
    /// Being written.
    pub draft: u64,
    /// Under review.
    pub submitted: u64,
    /// Returned.
    pub returned: u64,
    /// Approved.
    pub approved: u64,
    /// With a version that counts and was printed.
    pub printed: u64,
    /// Since when the oldest is under review.
    pub oldest: Option<DateTime<Utc>>,
}

impl Figures {
    /// Activated, and no form yet.
    pub fn not_begun(&self) -> u64 {
        self.students
            .saturating_sub(self.draft + self.submitted + self.returned + self.approved)
    }

    /// Approved of a hundred students.
    pub fn percent(&self) -> u64 {
        (self.approved * 100).checked_div(self.students).unwrap_or(0)
    }

    /// Days that the oldest has waited.
    pub fn days_waiting(&self, now: DateTime<Utc>) -> i64 {
        self.oldest.map_or(0, |oldest| (now - oldest).num_days())
    }

    fn add(&mut self, other: &Self) {
        self.students += other.students;
        self.draft += other.draft;
        self.submitted += other.submitted;
        self.returned += other.returned;
        self.approved += other.approved;
        self.printed += other.printed;
        self.oldest = [self.oldest, other.oldest].into_iter().flatten().min();
    }
}

/// All of them together.
pub fn total(by_college: &BTreeMap<i64, Figures>) -> Figures {
    let mut total = Figures::default();
    for figures in by_college.values() {
        total.add(figures);
    }
    total
}

/// The figures by the 院 that answers for the students.
///
/// # Errors
///
/// When the database does not answer.
pub async fn by_college(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<BTreeMap<i64, Figures>, DbErr> {
    let mut figures = BTreeMap::<i64, Figures>::new();
    // Who may begin. An activation is for good, so that whoever has a form is among them.
    let students: Vec<(i64, i64)> = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .filter(activated())
        .select_only()
        .column(student::Column::CollegeId)
        .column_as(roster_entry::Column::Id.count(), "students")
        .group_by(student::Column::CollegeId)
        .into_tuple()
        .all(connection)
        .await?;
    for (college_id, count) in students {
        figures.entry(college_id).or_default().students = number(count);
    }
    let forms: Vec<(i64, String, i64, DateTime<Utc>)> = standing(scope)
        .filter(recommendation_form::Column::ClassYear.eq(year.year()))
        .select_only()
        .column(student::Column::CollegeId)
        .column(recommendation_form::Column::State)
        .column_as(recommendation_form::Column::Id.count(), "forms")
        .column_as(recommendation_form::Column::MovedAt.min(), "oldest")
        .group_by(student::Column::CollegeId)
        .group_by(recommendation_form::Column::State)
        .into_tuple()
        .all(connection)
        .await?;
    for (college_id, state, count, oldest) in forms {
        let of = figures.entry(college_id).or_default();
        match RecommendationState::from_code(&state) {
            Some(RecommendationState::Draft) => of.draft = number(count),
            Some(RecommendationState::Submitted) => {
                of.submitted = number(count);
                of.oldest = Some(oldest);
            }
            Some(RecommendationState::Returned) => of.returned = number(count),
            Some(RecommendationState::Approved) => of.approved = number(count),
            None => {}
        }
    }
    for (college_id, count) in printing::printed(connection, scope, year).await? {
        figures.entry(college_id).or_default().printed = number(count);
    }
    Ok(figures)
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
