//! 院, 专业 and duties as other features need them. Small tables: read whole.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use qihang_db::entity::{college, college_duty, major, student};
use qihang_db::{CollegeKind, Scope, StudentType, bulk, records};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, Iterable,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::roster::model::Duties;

/// All 院 in order of their code.
///
/// # Errors
///
/// When the database does not answer.
pub async fn colleges(connection: &impl ConnectionTrait) -> Result<Vec<college::Model>, DbErr> {
    records::<college::Entity>()
        .order_by_asc(college::Column::Code)
        .all(connection)
        .await
}

/// The 院 of a scope, in order of their code.
///
/// # Errors
///
/// When the database does not answer.
pub async fn colleges_in(
    connection: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<college::Model>, DbErr> {
    Ok(colleges(connection)
        .await?
        .into_iter()
        .filter(|college| scope.covers(college.id))
        .collect())
}

/// The 院 with this code.
///
/// # Errors
///
/// When the database does not answer.
pub async fn find_college(
    connection: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<college::Model>, DbErr> {
    records::<college::Entity>()
        .filter(college::Column::Code.eq(code))
        .one(connection)
        .await
}

/// All 专业 in order of their code.
///
/// # Errors
///
/// When the database does not answer.
pub async fn majors(connection: &impl ConnectionTrait) -> Result<Vec<major::Model>, DbErr> {
    records::<major::Entity>()
        .order_by_asc(major::Column::Code)
        .all(connection)
        .await
}

/// The duties: as the administrator set them, otherwise by default.
///
/// # Errors
///
/// When the database does not answer.
pub async fn duties(connection: &impl ConnectionTrait) -> Result<Duties, DbErr> {
    match duties_set(connection).await? {
        Some(duties) => Ok(duties),
        None => default_duties(connection).await,
    }
}

/// The duties as the administrator set them; `None` where the default holds.
///
/// # Errors
///
/// When the database does not answer.
pub async fn duties_set(connection: &impl ConnectionTrait) -> Result<Option<Duties>, DbErr> {
    let rows = records::<college_duty::Entity>().all(connection).await?;
    Ok((!rows.is_empty()).then(|| {
        Duties::new(
            rows.into_iter()
                .filter_map(|row| Some((row.college_id, StudentType::from_code(&row.student_type)?))),
        )
    }))
}

/// The duties that hold where nobody has set any.
///
/// # Errors
///
/// When the database does not answer.
pub async fn default_duties(connection: &impl ConnectionTrait) -> Result<Duties, DbErr> {
    let colleges = colleges(connection).await?;
    let any_residential = colleges
        .iter()
        .any(|college| college.kind == CollegeKind::Residential.code());
    Ok(Duties::new(
        colleges
            .iter()
            .filter_map(|college| Some((college.id, CollegeKind::from_code(&college.kind)?)))
            .flat_map(|(id, kind)| {
                Duties::default_for(kind, any_residential)
                    .iter()
                    .map(move |student_type| (id, *student_type))
            }),
    ))
}

/// All students there are. For what concerns everybody: imports and changed duties.
///
/// # Errors
///
/// When the database does not answer.
pub async fn all_students(connection: &impl ConnectionTrait) -> Result<Vec<student::Model>, DbErr> {
    Scope::Everyone.select::<student::Entity>().all(connection).await
}

/// Writes student records by their 学号: new ones are added, of the others everything but the time of creation is
/// rewritten. The ids of the rows given do not matter.
///
/// # Errors
///
/// When the database does not answer.
pub async fn save_students(tx: &impl ConnectionTrait, rows: Vec<student::Model>) -> Result<(), DbErr> {
    use student::Column;
    let rewritten =
        Column::iter().filter(|column| !matches!(column, Column::Id | Column::StudentNo | Column::CreatedAt));
    let rewrite = OnConflict::column(Column::StudentNo)
        .update_columns(rewritten)
        .to_owned();
    let rows = rows
        .into_iter()
        .map(|row| {
            let mut row = row.into_active_model().reset_all();
            row.id = NotSet;
            row
        })
        .collect();
    bulk::insert(tx, rows, Some(&rewrite)).await?;
    Ok(())
}

/// Replaces the duties; with none the default holds.
pub(super) async fn replace_duties(
    tx: &impl ConnectionTrait,
    duties: &BTreeSet<(i64, StudentType)>,
) -> Result<(), DbErr> {
    college_duty::Entity::delete_many().exec(tx).await?;
    if duties.is_empty() {
        return Ok(());
    }
    let rows = duties
        .iter()
        .map(|(college_id, student_type)| college_duty::ActiveModel {
            college_id: Set(*college_id),
            student_type: Set(student_type.code().to_owned()),
        });
    college_duty::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What decides which 院 answers for a student, and which does.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Placement {
    pub(super) id: i64,
    pub(super) student_type: String,
    pub(super) degree_level: String,
    pub(super) school_id: i64,
    pub(super) residence_id: Option<i64>,
    pub(super) college_id: i64,
    pub(super) second_college_id: Option<i64>,
}

/// Placements of the students that follow `after` by row id, up to `limit`.
pub(super) async fn placements(
    connection: &impl ConnectionTrait,
    after: i64,
    limit: u64,
) -> Result<Vec<Placement>, DbErr> {
    use student::Column;
    // The duties place every student anew, whoever changes them: the administrator, who may look at none, sees numbers only.
    Scope::Everyone
        .select::<student::Entity>()
        .select_only()
        .columns([
            Column::Id,
            Column::StudentType,
            Column::DegreeLevel,
            Column::SchoolId,
            Column::ResidenceId,
            Column::CollegeId,
            Column::SecondCollegeId,
        ])
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_model()
        .all(connection)
        .await
}

/// Students under one `IN`, well below what SQLite can bind.
const PLACED_AT_ONCE: usize = 5_000;

/// Gives these students to the 院 that answer for them.
pub(super) async fn place(
    tx: &impl ConnectionTrait,
    (college_id, second_college_id): (i64, Option<i64>),
    student_ids: &[i64],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for ids in student_ids.chunks(PLACED_AT_ONCE) {
        student::Entity::update_many()
            .col_expr(student::Column::CollegeId, Expr::value(college_id))
            .col_expr(student::Column::SecondCollegeId, Expr::value(second_college_id))
            .col_expr(student::Column::UpdatedAt, Expr::value(now))
            .filter(student::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}
