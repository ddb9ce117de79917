//! The rows of a list as its pages show them, for whoever sees everybody.

use std::collections::HashMap;

use qihang_db::entity::special_list_row;
use qihang_db::{ListDifference, ListOutcome, Scope};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::rows::names_somebody;
use crate::web::Step;

/// How many rows a list has of each outcome, and of each difference.
#[derive(Clone, Debug, Default)]
pub struct RowCounts {
    /// Outcomes that occur, in the order of their definition.
    pub outcomes: Vec<(ListOutcome, u64)>,
    /// Differences that occur, in the order of their definition.
    pub differences: Vec<(ListDifference, u64)>,
}

impl RowCounts {
    /// Rows of this outcome.
    pub fn of(&self, outcome: ListOutcome) -> u64 {
        let found = self.outcomes.iter().find(|(one, _)| *one == outcome);
        found.map_or(0, |(_, count)| *count)
    }

    /// Rows with this difference.
    pub fn different(&self, difference: ListDifference) -> u64 {
        let found = self.differences.iter().find(|(one, _)| *one == difference);
        found.map_or(0, |(_, count)| *count)
    }

    /// All rows.
    pub fn total(&self) -> u64 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }
}

/// Counts the rows of a list.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn counts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
) -> Result<RowCounts, DbErr> {
    type Group = (String, Option<String>, i64);
    let rows: Vec<Group> = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .select_only()
        .columns([
            special_list_row::Column::Outcome,
            special_list_row::Column::Difference,
        ])
        .column_as(special_list_row::Column::Id.count(), "number")
        .group_by(special_list_row::Column::Outcome)
        .group_by(special_list_row::Column::Difference)
        .into_tuple()
        .all(connection)
        .await?;
    let sum = |holds: &dyn Fn(&Group) -> bool| {
        let sum: i64 = rows.iter().filter(|row| holds(row)).map(|row| row.2).sum();
        u64::try_from(sum).unwrap_or_default()
    };
    let outcomes = ListOutcome::ALL
        .iter()
        .map(|one| (*one, sum(&|row| row.0 == one.code())));
    let differences = ListDifference::ALL
        .iter()
        .map(|one| (*one, sum(&|row| row.1.as_deref() == Some(one.code()))));
    Ok(RowCounts {
        outcomes: outcomes.filter(|(_, count)| *count > 0).collect(),
        differences: differences.filter(|(_, count)| *count > 0).collect(),
    })
}

/// A page of the rows of a list that meet `which`, by line, one longer than the page where there are more.
pub async fn page(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    which: Condition,
    step: &Step,
    page_size: u64,
) -> Result<Vec<special_list_row::Model>, DbErr> {
    let position = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i32>().ok());
    let mut query = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .filter(which)
        .limit(page_size + 1);
    if let Some(after) = position(&step.after) {
        query = query.filter(special_list_row::Column::Line.gt(after));
    }
    if let Some(before) = position(&step.before) {
        query = query.filter(special_list_row::Column::Line.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(special_list_row::Column::Line)
    } else {
        query.order_by_asc(special_list_row::Column::Line)
    };
    query.all(connection).await
}

/// Somebody whom the version before names and this one does not.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Went {
    /// 学号.
    pub student_no: String,
    /// 姓名, as the version before has it.
    pub name: String,
    /// 学院, as the version before has it.
    pub college_found: String,
}

fn gone(scope: &Scope, base_id: i64, list_id: i64) -> Select<special_list_row::Entity> {
    let here = scope
        .list_rows()
        .filter(names_somebody(list_id))
        .select_only()
        .column(special_list_row::Column::StudentNo)
        .into_query();
    scope
        .list_rows()
        .filter(names_somebody(base_id))
        .filter(special_list_row::Column::StudentNo.not_in_subquery(here))
}

/// Whom the version before names and this one does not: in order of 学号, from `after` on, one more than `limit` where there
/// are more.
pub async fn went(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (base_id, list_id): (i64, i64),
    step: &Step,
    page_size: u64,
) -> Result<Vec<Went>, DbErr> {
    let mut query = gone(scope, base_id, list_id).limit(page_size + 1);
    if let Some(after) = &step.after {
        query = query.filter(special_list_row::Column::StudentNo.gt(after));
    }
    if let Some(before) = &step.before {
        query = query.filter(special_list_row::Column::StudentNo.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(special_list_row::Column::StudentNo)
    } else {
        query.order_by_asc(special_list_row::Column::StudentNo)
    };
    query
        .select_only()
        .columns([
            special_list_row::Column::StudentNo,
            special_list_row::Column::Name,
            special_list_row::Column::CollegeFound,
        ])
        .into_model()
        .all(connection)
        .await
}

/// How many the version before names and this one does not.
pub async fn went_count(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (base_id, list_id): (i64, i64),
) -> Result<u64, DbErr> {
    gone(scope, base_id, list_id).count(connection).await
}

/// What is to be said of each row, by line: for the person's own file.
pub async fn reasons(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
) -> Result<HashMap<u32, String>, DbErr> {
    let rows: Vec<(i32, String, String)> = scope
        .list_rows()
        .filter(special_list_row::Column::ListId.eq(list_id))
        .select_only()
        .columns([
            special_list_row::Column::Line,
            special_list_row::Column::Outcome,
            special_list_row::Column::Reason,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(line, outcome, reason)| {
            let label = ListOutcome::from_code(&outcome)?.label();
            let words = if reason.is_empty() {
                label.to_owned()
            } else {
                format!("{label}：{reason}")
            };
            Some((u32::try_from(line).ok()?, words))
        })
        .collect())
}
