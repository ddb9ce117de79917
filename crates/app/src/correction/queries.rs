//! Everything here that speaks to the database.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use qihang_db::entity::{account, correction, setting, student};
use qihang_db::{Change, CorrectionEnd, CorrectionState, Scope, records};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::filter::{CorrectionFilter, Shown};
use super::offices::Offices;
use crate::activation::fields::Field;
use crate::roster::candidates::queries::matches_words;
use crate::web::Step;

/// Under which key the centre's setting stands.
const OFFICES: &str = "correction_offices";

/// Ids in one statement: well under what SQLite takes.
const CHUNK: usize = 10_000;

/// A report with the student it is about.
pub type Reported = (correction::Model, student::Model);

/// Which office mends which field.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn offices(connection: &impl ConnectionTrait) -> Result<Offices, DbErr> {
    let found = records::<setting::Entity>()
        .filter(setting::Column::Key.eq(OFFICES))
        .one(connection)
        .await?;
    Ok(found.map_or_else(Offices::default, |row| Offices::from_setting(&row.value)))
}

/// Writes which office mends which field.
pub(super) async fn save_offices(tx: &impl ConnectionTrait, offices: &Offices) -> Result<(), DbErr> {
    let row = setting::ActiveModel {
        key: Set(OFFICES.to_owned()),
        value: Set(offices.to_setting().to_string()),
    };
    setting::Entity::insert(row)
        .on_conflict(
            OnConflict::column(setting::Column::Key)
                .update_column(setting::Column::Value)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The fields of one student that are under 信息有误 (更正中).
pub async fn open_fields(
    connection: &impl ConnectionTrait,
    student_id: i64,
) -> Result<BTreeSet<Field>, DbErr> {
    let codes: Vec<String> = Scope::Student(student_id)
        .select::<correction::Entity>()
        .filter(correction::Column::State.eq(CorrectionState::Open.code()))
        .select_only()
        .column(correction::Column::Field)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(codes.iter().filter_map(|code| Field::from_code(code)).collect())
}

/// What one student has reported about a field, the newest first.
pub async fn of_field(
    connection: &impl ConnectionTrait,
    student_id: i64,
    field: Field,
) -> Result<Vec<correction::Model>, DbErr> {
    Scope::Student(student_id)
        .select::<correction::Entity>()
        .filter(correction::Column::Field.eq(field.code()))
        .order_by_desc(correction::Column::Id)
        .all(connection)
        .await
}

/// A report inside the scope.
pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<Reported>, DbErr> {
    let found = scope
        .select::<correction::Entity>()
        .filter(correction::Column::Id.eq(id))
        .select_also(student::Entity)
        .one(connection)
        .await?;
    Ok(found.and_then(with_student))
}

fn with_student((report, student): (correction::Model, Option<student::Model>)) -> Option<Reported> {
    Some((report, student?))
}

/// Writes a new report; answers its id.
pub(super) async fn insert(change: &Change, report: correction::ActiveModel) -> Result<i64, DbErr> {
    Ok(report.insert(change.tx()).await?.id)
}

/// Ends open reports; answers how many still were.
pub(super) async fn end(
    tx: &impl ConnectionTrait,
    ids: &[i64],
    state: CorrectionState,
    now: DateTime<Utc>,
    also: &[(correction::Column, Expr)],
) -> Result<u64, DbErr> {
    let mut ended = 0;
    for chunk in ids.chunks(CHUNK) {
        let mut update = correction::Entity::update_many()
            .col_expr(correction::Column::State, Expr::value(state.code()))
            .col_expr(correction::Column::ClosedAt, Expr::value(now))
            .filter(correction::Column::Id.is_in(chunk.iter().copied()))
            .filter(correction::Column::State.eq(CorrectionState::Open.code()));
        for (column, value) in also {
            update = update.col_expr(*column, value.clone());
        }
        ended += update.exec(tx).await?.rows_affected;
    }
    Ok(ended)
}

/// All open reports with the record as it is now.
pub(super) async fn all_open(tx: &impl ConnectionTrait) -> Result<Vec<Reported>, DbErr> {
    let found = Scope::Everyone
        .select::<correction::Entity>()
        .filter(correction::Column::State.eq(CorrectionState::Open.code()))
        .order_by_asc(correction::Column::Id)
        .select_also(student::Entity)
        .all(tx)
        .await?;
    Ok(found.into_iter().filter_map(with_student).collect())
}

/// What an import has closed and what nobody has reported anew since.
pub(super) async fn closed_by(tx: &impl ConnectionTrait, batch_id: i64) -> Result<Vec<Reported>, DbErr> {
    let found = Scope::Everyone
        .select::<correction::Entity>()
        .filter(correction::Column::BatchId.eq(batch_id))
        .order_by_asc(correction::Column::Id)
        .select_also(student::Entity)
        .all(tx)
        .await?;
    let open: BTreeSet<(i64, String)> = all_open(tx)
        .await?
        .into_iter()
        .map(|(report, _)| (report.student_id, report.field))
        .collect();
    Ok(found
        .into_iter()
        .filter_map(with_student)
        .filter(|(report, _)| !open.contains(&(report.student_id, report.field.clone())))
        .collect())
}

/// Opens closed reports again.
pub(super) async fn reopen(tx: &impl ConnectionTrait, ids: &[i64]) -> Result<(), DbErr> {
    use correction::Column;
    for chunk in ids.chunks(CHUNK) {
        correction::Entity::update_many()
            .col_expr(Column::State, Expr::value(CorrectionState::Open.code()))
            .col_expr(Column::ClosedAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(Column::ClosedHow, Expr::value(None::<String>))
            .col_expr(Column::BatchId, Expr::value(None::<i64>))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// What the list shows.
fn found(scope: &Scope, filter: &CorrectionFilter, now: DateTime<Utc>) -> Select<correction::Entity> {
    use correction::Column;
    let condition = Condition::all()
        .add(match filter.shown {
            Shown::Open => Column::State.eq(CorrectionState::Open.code()),
            Shown::Closed => Column::State.eq(CorrectionState::Closed.code()),
        })
        .add_option(filter.office.map(|office| Column::Office.eq(office.code())))
        .add_option(filter.class_year.map(|year| Column::ClassYear.eq(year)))
        .add_option(filter.field.map(|field| Column::Field.eq(field.code())))
        .add_option(filter.college_id.map(|id| {
            Condition::any()
                .add(student::Column::CollegeId.eq(id))
                .add(student::Column::SecondCollegeId.eq(id))
        }))
        .add_option(
            filter
                .older_than
                .map(|age| Column::FiledAt.lt(now - chrono::TimeDelta::days(age.days()))),
        )
        .add_option(filter.words.as_deref().map(matches_words));
    scope.select::<correction::Entity>().filter(condition)
}

/// How many reports the list has.
pub(super) async fn count(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CorrectionFilter,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    found(scope, filter, now).count(connection).await
}

/// A page of the list, one more than fits, in reading order of `step`: what waits longest comes first, what was closed last
/// comes first.
pub(super) async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CorrectionFilter,
    now: DateTime<Utc>,
    (step, key): (&Step, Option<i64>),
    page_size: usize,
) -> Result<Vec<Reported>, DbErr> {
    use correction::Column;
    let rises = (filter.shown == Shown::Open) != step.is_backwards();
    let mut select = found(scope, filter, now);
    if let Some(key) = key {
        select = select.filter(if rises {
            Column::Id.gt(key)
        } else {
            Column::Id.lt(key)
        });
    }
    let select = if rises {
        select.order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::Id)
    };
    let rows = select
        .limit(page_size as u64 + 1)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(with_student).collect())
}

/// The whole list.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CorrectionFilter,
    now: DateTime<Utc>,
) -> Result<Vec<Reported>, DbErr> {
    let rows = found(scope, filter, now)
        .order_by_asc(correction::Column::Id)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(with_student).collect())
}

/// The name of whoever answered.
pub(super) async fn name_of(
    connection: &impl ConnectionTrait,
    account_id: Option<i64>,
) -> Result<Option<String>, DbErr> {
    let Some(id) = account_id else { return Ok(None) };
    let found = records::<account::Entity>()
        .filter(account::Column::Id.eq(id))
        .one(connection)
        .await?;
    Ok(found.map(|account| account.name))
}

/// The columns of a report that an import has closed.
pub(super) fn closed_by_import(how: CorrectionEnd, batch_id: i64) -> [(correction::Column, Expr); 2] {
    [
        (correction::Column::ClosedHow, Expr::value(how.code())),
        (correction::Column::BatchId, Expr::value(batch_id)),
    ]
}

/// The columns of a report that somebody has answered.
pub(super) fn answered(account_id: Option<i64>, answer: &str) -> [(correction::Column, Expr); 3] {
    [
        (
            correction::Column::ClosedHow,
            Expr::value(CorrectionEnd::Answered.code()),
        ),
        (correction::Column::ClosedBy, Expr::value(account_id)),
        (correction::Column::Answer, Expr::value(answer)),
    ]
}
