//! Who on the roster is how far, and what blocks them.

mod blocked;
mod figures;
mod selected;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use qihang_db::entity::{account, activation, message, roster_entry, student};
use qihang_db::{EntryState, MessageKind, Scope, records};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

pub use figures::{Figures, Of, blocking, figures, groups, summary};
pub use selected::{count_selectable, count_selected, selected_ids};
pub(super) use selected::{reminded_on, still_to_do};

use self::blocked::blocked;
use super::filter::{Block, Filter, State};
use crate::activation::fields::Field;
use crate::activation::queries::{activated, confirm_again, not_activated};
use crate::class_year::model::ClassYear;
use crate::roster::candidates::queries::matches_words;
use crate::web::Step;

/// Which rows: the class year, who may be seen, what is asked for, and which fields block when they are missing or wrong.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Who may be seen.
    pub scope: &'a Scope,
    /// The roster.
    pub year: ClassYear,
    /// What is asked for.
    pub filter: &'a Filter,
    /// The fields of the record that activation needs in this class year.
    pub needed: &'a [Field],
}

/// The roster as the question narrows it down, whatever the state of the students and whatever blocks them.
fn narrowed(rows: Rows<'_>) -> Select<roster_entry::Entity> {
    let filter = rows.filter;
    let select = rows
        .scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(rows.year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]));
    let condition = Condition::all()
        .add_option(
            filter
                .college_id
                .map(|value| student::Column::CollegeId.eq(value)),
        )
        .add_option(
            filter
                .student_type
                .map(|value| student::Column::StudentType.eq(value.code())),
        )
        .add_option(filter.school_id.map(|value| student::Column::SchoolId.eq(value)))
        .add_option(filter.major_id.map(|value| student::Column::MajorId.eq(value)))
        .add_option(
            filter
                .class_name
                .as_ref()
                .map(|value| student::Column::ClassName.eq(value)),
        )
        .add_option(
            filter
                .counsellor
                .as_ref()
                .map(|value| student::Column::Counsellor.eq(value)),
        )
        .add_option(filter.words.as_deref().map(matches_words));
    select.filter(condition)
}

fn found(rows: Rows<'_>) -> Select<roster_entry::Entity> {
    let in_state = match rows.filter.state {
        State::Pending => Some(not_activated()),
        State::Again => Some(confirm_again()),
        State::Activated => Some(activated()),
        State::All => None,
    };
    let blocked_by = match rows.filter.block {
        Some(Block::Some) => Some(blocked(rows, rows.needed)),
        Some(Block::None) => Some(blocked(rows, rows.needed).not()),
        Some(Block::Field(field)) => Some(blocked(rows, &[field])),
        None => None,
    };
    narrowed(rows).filter(Condition::all().add_option(in_state).add_option(blocked_by))
}

/// How many rows are asked for.
pub async fn count(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<u64, DbErr> {
    found(rows).count(connection).await
}

/// A page of rows in order of 学号, one longer than the page when there are more.
pub async fn page(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    step: &Step,
    size: u64,
) -> Result<Vec<(roster_entry::Model, student::Model)>, DbErr> {
    let mut query = found(rows).limit(size + 1);
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
    let listed = query.select_also(student::Entity).all(connection).await?;
    listed
        .into_iter()
        .map(|(entry, student)| {
            let student = student.ok_or_else(|| DbErr::RecordNotFound("student of a roster entry".into()))?;
            Ok((entry, student))
        })
        .collect()
}

/// The activations of these entries, by entry.
pub async fn activations(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    entry_ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, activation::Model>, DbErr> {
    let found = scope
        .select::<activation::Entity>()
        .filter(activation::Column::EntryId.is_in(entry_ids))
        .all(connection)
        .await?;
    Ok(found.into_iter().map(|row| (row.entry_id, row)).collect())
}

/// How often a student was reminded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// So often.
    pub times: i64,
    /// The last time on this day.
    pub last_on: NaiveDate,
}

/// How often these students were reminded, by student; who never was is not among them.
pub async fn reminded(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Reminded>, DbErr> {
    let found: Vec<(i64, i64, NaiveDate)> = scope
        .select::<message::Entity>()
        .filter(message::Column::Kind.eq(MessageKind::Reminder.code()))
        .filter(message::Column::StudentId.is_in(student_ids))
        .select_only()
        .column(message::Column::StudentId)
        .column_as(message::Column::Id.count(), "times")
        .column_as(message::Column::SentOn.max(), "last_on")
        .group_by(message::Column::StudentId)
        .into_tuple()
        .all(connection)
        .await?;
    let reminded = found
        .into_iter()
        .map(|(student_id, times, last_on)| (student_id, Reminded { times, last_on }));
    Ok(reminded.collect())
}

/// The names of 辅导员 who have an account, by the number that records name them by.
pub async fn counsellor_names<'a>(
    connection: &impl ConnectionTrait,
    numbers: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, DbErr> {
    let by_login: BTreeMap<String, &str> = numbers
        .into_iter()
        .map(|number| (number.to_lowercase(), number))
        .collect();
    let found: Vec<(String, String)> = records::<account::Entity>()
        .filter(account::Column::Login.is_in(by_login.keys()))
        .select_only()
        .columns([account::Column::Login, account::Column::Name])
        .into_tuple()
        .all(connection)
        .await?;
    let names = found
        .into_iter()
        .filter_map(|(login, name)| Some(((*by_login.get(&login)?).to_owned(), name)));
    Ok(names.collect())
}
