//! Where forms stand.

use chrono::{DateTime, Utc};
use qihang_db::entity::{recommendation_counter, recommendation_form, roster_entry, student};
use qihang_db::{EntryState, RecommendationState, Reopened, Scope};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityName,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryTrait, Select,
};

use super::BATCH;
use crate::activation::gate::Entry;
use crate::recommendation::model::{Before, Opened, Stage};

/// A form with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// As stored.
    pub row: recommendation_form::Model,
    /// Where it stands.
    pub stage: Stage,
}

impl Form {
    /// Reads a row.
    ///
    /// # Errors
    ///
    /// When its columns contradict one another, which constraints forbid.
    pub fn read(row: recommendation_form::Model) -> Result<Self, DbErr> {
        let opened = if row.opened_at.is_some() {
            Opened::Yes
        } else {
            Opened::No
        };
        let stage = RecommendationState::from_code(&row.state).and_then(|state| {
            let reopened = match &row.reopened {
                Some(code) => Some(Reopened::from_code(code)?),
                None => None,
            };
            Stage::read(state, reopened, opened)
        });
        let stage =
            stage.ok_or_else(|| DbErr::Custom(format!("recommendation form {} cannot be read", row.id)))?;
        Ok(Self { row, stage })
    }
}

/// The form of a roster entry; `None` while there is none.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn of_entry(
    connection: &impl ConnectionTrait,
    student_id: i64,
    entry: Entry,
) -> Result<Option<Form>, DbErr> {
    Scope::Student(student_id)
        .select::<recommendation_form::Entity>()
        .filter(recommendation_form::Column::EntryId.eq(entry.entry_id))
        .one(connection)
        .await?
        .map(Form::read)
        .transpose()
}

fn locked(mut select: Select<recommendation_form::Entity>) -> Select<recommendation_form::Entity> {
    QueryTrait::query(&mut select).lock_with_tables(LockType::Update, [recommendation_form::Entity]);
    select
}

/// The form of a roster entry, begun where there is none, and locked until the transaction ends.
pub(in crate::recommendation) async fn lock_of_entry(
    tx: &impl ConnectionTrait,
    student_id: i64,
    entry: Entry,
    now: DateTime<Utc>,
) -> Result<Form, DbErr> {
    let row = recommendation_form::ActiveModel {
        id: NotSet,
        entry_id: Set(entry.entry_id),
        student_id: Set(student_id),
        class_year: Set(entry.class_year),
        state: Set(RecommendationState::Draft.code().to_owned()),
        version: Set(0),
        returned_version: Set(None),
        reopened: Set(None),
        opened_at: Set(None),
        opened_by: Set(None),
        revision: Set(1),
        begun_at: Set(now),
        moved_at: Set(now),
        number_college_id: Set(None),
        number: Set(None),
        form_no: Set(None),
    };
    // Two sections saved at the same moment begin one form.
    recommendation_form::Entity::insert(row)
        .on_conflict(
            OnConflict::column(recommendation_form::Column::EntryId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let select = Scope::Student(student_id)
        .select::<recommendation_form::Entity>()
        .filter(recommendation_form::Column::EntryId.eq(entry.entry_id));
    let row = locked(select)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the form of a roster entry".into()))?;
    Form::read(row)
}

/// The form of a roster entry, where there is one, locked until the transaction ends.
pub(in crate::recommendation) async fn lock_begun(
    tx: &impl ConnectionTrait,
    student_id: i64,
    entry: Entry,
) -> Result<Option<Form>, DbErr> {
    let select = Scope::Student(student_id)
        .select::<recommendation_form::Entity>()
        .filter(recommendation_form::Column::EntryId.eq(entry.entry_id));
    locked(select).one(tx).await?.map(Form::read).transpose()
}

/// A form of the scope with its student.
pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    form_id: i64,
) -> Result<Option<(Form, student::Model)>, DbErr> {
    let found = standing(scope)
        .filter(recommendation_form::Column::Id.eq(form_id))
        .select_also(student::Entity)
        .one(connection)
        .await?;
    match found {
        Some((row, Some(student))) => Ok(Some((Form::read(row)?, student))),
        _ => Ok(None),
    }
}

/// Forms of students who are still on that roster.
pub(super) fn standing(scope: &Scope) -> Select<recommendation_form::Entity> {
    use sea_orm::{JoinType, QuerySelect, RelationTrait};
    scope
        .select::<recommendation_form::Entity>()
        .join(JoinType::InnerJoin, recommendation_form::Relation::Entry.def())
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
}

/// Forms of the scope with their students.
pub(in crate::recommendation) async fn find_all(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    form_ids: &[i64],
) -> Result<Vec<(Form, student::Model)>, DbErr> {
    let found = standing(scope)
        .filter(recommendation_form::Column::Id.is_in(form_ids.iter().copied()))
        .order_by_asc(recommendation_form::Column::Id)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    found
        .into_iter()
        .filter_map(|(row, student)| Some((row, student?)))
        .map(|(row, student)| Ok((Form::read(row)?, student)))
        .collect()
}

/// Forms of the scope with their students, both locked until the transaction ends; always in the order of their ids, so that two
/// who lock several never wait for one another in a circle.
///
/// What is answered is read after the lock was got: on PostgreSQL the statement that waited for it still sees the roster as it
/// was when it began to wait.
pub(in crate::recommendation) async fn lock(
    tx: &impl ConnectionTrait,
    scope: &Scope,
    form_ids: &[i64],
) -> Result<Vec<(Form, student::Model)>, DbErr> {
    let mut select = scope
        .select::<recommendation_form::Entity>()
        .filter(recommendation_form::Column::Id.is_in(form_ids.iter().copied()))
        .order_by_asc(recommendation_form::Column::Id);
    // The student's record stays as it is read, too; rows that only refer to it need not wait.
    QueryTrait::query(&mut select).lock_with_tables(
        LockType::NoKeyUpdate,
        [
            recommendation_form::Entity.table_name().to_owned(),
            student::Entity.table_name().to_owned(),
        ],
    );
    select.all(tx).await?;
    find_all(tx, scope, form_ids).await
}

/// The forms of roster entries, locked until the transaction ends.
pub(in crate::recommendation) async fn lock_of_entries(
    tx: &impl ConnectionTrait,
    entry_ids: &[i64],
) -> Result<Vec<Form>, DbErr> {
    let mut forms = Vec::new();
    for ids in entry_ids.chunks(BATCH) {
        let select = Scope::Everyone
            .select::<recommendation_form::Entity>()
            .filter(recommendation_form::Column::EntryId.is_in(ids.iter().copied()))
            .order_by_asc(recommendation_form::Column::Id);
        for row in locked(select).all(tx).await? {
            forms.push(Form::read(row)?);
        }
    }
    Ok(forms)
}

/// Moves a locked form on: its stage, what `also` changes, and its revision.
pub(in crate::recommendation) async fn advance(
    tx: &impl ConnectionTrait,
    form: &Form,
    to: Stage,
    now: DateTime<Utc>,
    also: impl FnOnce(&mut recommendation_form::Model),
) -> Result<Form, DbErr> {
    let mut row = form.row.clone();
    also(&mut row);
    let state = to
        .state()
        .ok_or_else(|| DbErr::Custom("a form that was begun cannot be without a state".into()))?;
    state.code().clone_into(&mut row.state);
    row.reopened = match to {
        Stage::Returned(reopened)
        | Stage::Submitted {
            before: Before::Returned(reopened),
            ..
        } => Some(reopened.code().to_owned()),
        Stage::NotBegun
        | Stage::Draft
        | Stage::Approved
        | Stage::Submitted {
            before: Before::Draft,
            ..
        } => None,
    };
    if row.reopened.is_none() {
        row.returned_version = None;
    }
    (row.opened_at, row.opened_by) = (None, None);
    row.moved_at = now;
    row.revision += 1;
    let row = row.into_active_model().reset_all().update(tx).await?;
    Form::read(row)
}

/// Raises the revision of a locked form whose stage stays.
pub(in crate::recommendation) async fn raise_revision(
    tx: &impl ConnectionTrait,
    form: &Form,
) -> Result<(), DbErr> {
    use recommendation_form::Column;
    recommendation_form::Entity::update_many()
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(form.row.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes who opened a locked form. That decides nothing, so its revision stays.
pub(in crate::recommendation) async fn set_opened(
    tx: &impl ConnectionTrait,
    form: &Form,
    account_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use recommendation_form::Column;
    recommendation_form::Entity::update_many()
        .col_expr(Column::OpenedAt, Expr::value(now))
        .col_expr(Column::OpenedBy, Expr::value(account_id))
        .filter(Column::Id.eq(form.row.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the next number of a 院 in a class year. Its row stays locked until the transaction ends: a number that is not used
/// after all was never given.
pub(in crate::recommendation) async fn next_number(
    tx: &impl ConnectionTrait,
    class_year: i32,
    college_id: i64,
) -> Result<i32, DbErr> {
    use recommendation_counter::Column;
    let row = recommendation_counter::ActiveModel {
        class_year: Set(class_year),
        college_id: Set(college_id),
        last_number: Set(1),
    };
    let raised = Expr::col((recommendation_counter::Entity, Column::LastNumber)).add(1);
    let row = recommendation_counter::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::ClassYear, Column::CollegeId])
                .value(Column::LastNumber, raised)
                .to_owned(),
        )
        .exec_with_returning(tx)
        .await?;
    Ok(row.last_number)
}
