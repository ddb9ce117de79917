//! What the dashboards are counted from: few statements, each over what an index finds.

use chrono::{DateTime, Utc};
use qihang_db::entity::{activation, correction, finding, roster_entry, student};
use qihang_db::{CorrectionState, Scope};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, JoinType, PaginatorTrait, QueryFilter, QuerySelect, RelationTrait,
};

use super::model::{Pile, Stay};
use crate::findings::model::Kind;

/// The 院 that answer for somebody: the first, and perhaps a second.
pub(crate) type Owners = (i64, Option<i64>);

/// Every stay on the roster of a class year, of whoever the scope answers for now.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(super) async fn stays(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<Vec<Stay>, DbErr> {
    type Row = (i64, DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let rows: Vec<Row> = scope
        .select::<roster_entry::Entity>()
        .join(JoinType::LeftJoin, activation::Relation::Entry.def().rev())
        .filter(roster_entry::Column::ClassYear.eq(year))
        .select_only()
        .column(student::Column::CollegeId)
        .columns([roster_entry::Column::AddedAt, roster_entry::Column::EndedAt])
        .column(activation::Column::ActivatedAt)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(college_id, added_at, ended_at, activated_at)| Stay {
            college_id,
            added_at,
            ended_at,
            activated_at,
        })
        .collect())
}

/// How many are expected in a class year.
pub(super) async fn expected(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<u64, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(student::Column::ExpectedYear.eq(year))
        .count(connection)
        .await
}

/// Open findings by 院 and kind.
pub(crate) async fn findings(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<Vec<(Owners, Kind, Pile)>, DbErr> {
    type Row = (i64, Option<i64>, String, i64, Option<DateTime<Utc>>);
    let rows: Vec<Row> = scope
        .select::<finding::Entity>()
        .select_only()
        .columns([student::Column::CollegeId, student::Column::SecondCollegeId])
        .column(finding::Column::Kind)
        .column_as(finding::Column::Id.count(), "found")
        .column_as(finding::Column::FoundAt.min(), "oldest")
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::SettledAt.is_null())
        .group_by(student::Column::CollegeId)
        .group_by(student::Column::SecondCollegeId)
        .group_by(finding::Column::Kind)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(college_id, second, kind, count, oldest)| {
            Some(((college_id, second), Kind::from_code(&kind)?, pile(count, oldest)))
        })
        .collect())
}

/// Open reports of 信息有误 by 院.
pub(crate) async fn corrections(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<Vec<(Owners, Pile)>, DbErr> {
    type Row = (i64, Option<i64>, i64, Option<DateTime<Utc>>);
    let rows: Vec<Row> = scope
        .select::<correction::Entity>()
        .select_only()
        .columns([student::Column::CollegeId, student::Column::SecondCollegeId])
        .column_as(correction::Column::Id.count(), "open")
        .column_as(correction::Column::FiledAt.min(), "oldest")
        .filter(correction::Column::State.eq(CorrectionState::Open.code()))
        .filter(correction::Column::ClassYear.eq(year))
        .group_by(student::Column::CollegeId)
        .group_by(student::Column::SecondCollegeId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(college_id, second, count, oldest)| ((college_id, second), pile(count, oldest)))
        .collect())
}

fn pile(count: i64, oldest: Option<DateTime<Utc>>) -> Pile {
    Pile {
        count: u64::try_from(count).unwrap_or_default(),
        oldest,
    }
}
