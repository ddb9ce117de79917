//! The list of the 院: forms in a state, those that have been in it longest first; and students who have not begun.

use chrono::{DateTime, Utc};
use qihang_db::entity::{photo, recommendation_form, roster_entry, student};
use qihang_db::{EntryState, RecommendationState, Scope};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::forms::{Form, standing};
use crate::activation::queries::activated;
use crate::class_year::model::ClassYear;
use crate::recommendation::filter::{Filter, State};
use crate::roster::candidates::queries::matches_words;
use crate::web::Step;

/// Where a form stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Since when it is in its state.
    pub moved_at: DateTime<Utc>,
    /// Row id.
    pub form_id: i64,
}

impl Place {
    /// Of a form.
    pub fn of(form: &Form) -> Self {
        Self {
            moved_at: form.row.moved_at,
            form_id: form.row.id,
        }
    }

    /// As it stands in an address.
    pub fn encode(self) -> String {
        format!("{}-{}", self.moved_at.timestamp_micros(), self.form_id)
    }

    /// The place in an address; `None` when it is none.
    pub fn decode(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('-')?;
        Some(Self {
            moved_at: DateTime::from_timestamp_micros(at.parse().ok()?)?,
            form_id: id.parse().ok()?,
        })
    }

    fn after(self) -> Condition {
        use recommendation_form::Column;
        Condition::any().add(Column::MovedAt.gt(self.moved_at)).add(
            Condition::all()
                .add(Column::MovedAt.eq(self.moved_at))
                .add(Column::Id.gt(self.form_id)),
        )
    }

    fn before(self) -> Condition {
        use recommendation_form::Column;
        Condition::any().add(Column::MovedAt.lt(self.moved_at)).add(
            Condition::all()
                .add(Column::MovedAt.eq(self.moved_at))
                .add(Column::Id.lt(self.form_id)),
        )
    }
}

pub(super) fn narrowed(filter: &Filter) -> Condition {
    Condition::all()
        .add_option(filter.college_id.map(|id| {
            Condition::any()
                .add(student::Column::CollegeId.eq(id))
                .add(student::Column::SecondCollegeId.eq(id))
        }))
        .add_option(filter.major_id.map(|id| student::Column::MajorId.eq(id)))
        .add_option(
            filter
                .class_name
                .as_ref()
                .map(|name| student::Column::ClassName.eq(name)),
        )
        .add_option(filter.words.as_deref().map(matches_words))
}

fn found(scope: &Scope, filter: &Filter) -> Select<recommendation_form::Entity> {
    let state = filter.state.in_column();
    standing(scope)
        .filter(recommendation_form::Column::ClassYear.eq(filter.year.year()))
        .filter(
            Condition::all()
                .add_option(state.map(|state| recommendation_form::Column::State.eq(state.code())))
                .add(narrowed(filter)),
        )
}

/// Students who could begin: activated, without a form.
fn waiting(scope: &Scope, filter: &Filter) -> Select<roster_entry::Entity> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(filter.year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .filter(activated())
        .filter(has_form(Condition::all()).not())
        .filter(narrowed(filter))
}

/// Entries of a roster whose students have activated and not yet submitted: no form, or one with them.
pub fn still_to_submit(scope: &Scope, year: ClassYear) -> Select<roster_entry::Entity> {
    let handed_in = [
        RecommendationState::Submitted.code(),
        RecommendationState::Approved.code(),
    ];
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.eq(EntryState::Open.code()))
        .filter(activated())
        .filter(
            has_form(Condition::all().add(
                Expr::col((recommendation_form::Entity, recommendation_form::Column::State)).is_in(handed_in),
            ))
            .not(),
        )
}

/// The students of the list, by row id.
pub async fn student_ids(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<i64>, DbErr> {
    if filter.state == State::NotBegun {
        let entries = waiting(scope, filter)
            .select_only()
            .column(roster_entry::Column::StudentId);
        entries.into_tuple().all(connection).await
    } else {
        let forms = found(scope, filter)
            .select_only()
            .column(recommendation_form::Column::StudentId);
        forms.into_tuple().all(connection).await
    }
}

/// Whether the roster entry of the surrounding query has a form like this. For filters; it selects nobody.
fn has_form(condition: Condition) -> Expr {
    #[expect(
        clippy::disallowed_methods,
        reason = "correlated: it only asks about an entry already inside the scope"
    )]
    let forms = Query::select()
        .expr(Expr::value(1))
        .from(recommendation_form::Entity)
        .and_where(
            Expr::col((recommendation_form::Entity, recommendation_form::Column::EntryId))
                .equals((roster_entry::Entity, roster_entry::Column::Id)),
        )
        .cond_where(condition)
        .to_owned();
    Expr::exists(forms)
}

/// How many rows the list has.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn count(connection: &impl ConnectionTrait, scope: &Scope, filter: &Filter) -> Result<u64, DbErr> {
    if filter.state == State::NotBegun {
        waiting(scope, filter).count(connection).await
    } else {
        found(scope, filter).count(connection).await
    }
}

/// A page of forms, one longer than the page where there are more, in reading order of `step`.
pub async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    (step, place): (&Step, Option<Place>),
    size: usize,
) -> Result<Vec<(Form, student::Model)>, DbErr> {
    let mut select = found(scope, filter);
    if let Some(place) = place {
        select = select.filter(if step.is_backwards() {
            place.before()
        } else {
            place.after()
        });
    }
    read(
        ordered(select, step.is_backwards()).limit(size as u64 + 1),
        connection,
    )
    .await
}

fn ordered(
    select: Select<recommendation_form::Entity>,
    is_backwards: bool,
) -> Select<recommendation_form::Entity> {
    use recommendation_form::Column;
    if is_backwards {
        select.order_by_desc(Column::MovedAt).order_by_desc(Column::Id)
    } else {
        select.order_by_asc(Column::MovedAt).order_by_asc(Column::Id)
    }
}

async fn read(
    select: Select<recommendation_form::Entity>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<(Form, student::Model)>, DbErr> {
    let rows = select.select_also(student::Entity).all(connection).await?;
    rows.into_iter()
        .filter_map(|(row, student)| Some((row, student?)))
        .map(|(row, student)| Ok((Form::read(row)?, student)))
        .collect()
}

/// The forms before and after a place in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// 上一个.
    pub previous: Option<i64>,
    /// 下一个.
    pub next: Option<i64>,
}

/// Who stands beside a place in the list, whether or not the form at it is still in the list.
pub async fn neighbours(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    place: Place,
) -> Result<Neighbours, DbErr> {
    if filter.state == State::NotBegun {
        return Ok(Neighbours::default());
    }
    let before = ordered(found(scope, filter).filter(place.before()), true).limit(1);
    let after = ordered(found(scope, filter).filter(place.after()), false).limit(1);
    let id = |rows: Vec<(Form, student::Model)>| rows.first().map(|(form, _)| form.row.id);
    Ok(Neighbours {
        previous: id(read(before, connection).await?),
        next: id(read(after, connection).await?),
    })
}

/// A page of students who have not begun, by 学号.
pub async fn not_begun(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    step: &Step,
    size: usize,
) -> Result<Vec<student::Model>, DbErr> {
    let mut query = waiting(scope, filter).limit(size as u64 + 1);
    if let Some(after) = &step.after {
        query = query.filter(student::Column::StudentNo.gt(after));
    }
    if let Some(before) = &step.before {
        query = query.filter(student::Column::StudentNo.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(student::Column::StudentNo)
    } else {
        query.order_by_asc(student::Column::StudentNo)
    };
    let rows = query.select_also(student::Entity).all(connection).await?;
    Ok(rows.into_iter().filter_map(|(_, student)| student).collect())
}

/// The photos of these students, by student.
pub async fn photos(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_ids: impl IntoIterator<Item = i64>,
) -> Result<std::collections::HashMap<i64, photo::Model>, DbErr> {
    let found = scope
        .select::<photo::Entity>()
        .filter(photo::Column::StudentId.is_in(student_ids))
        .all(connection)
        .await?;
    Ok(found.into_iter().map(|photo| (photo.student_id, photo)).collect())
}
