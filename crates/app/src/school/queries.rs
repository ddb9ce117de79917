//! 院, 专业 and duties as other features need them. Small tables: read whole.

use qihang_db::entity::{college, college_duty, major};
use qihang_db::{CollegeKind, Scope, StudentType, records};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};

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
    let rows = records::<college_duty::Entity>().all(connection).await?;
    if !rows.is_empty() {
        return Ok(Duties::new(rows.into_iter().filter_map(|row| {
            Some((row.college_id, StudentType::from_code(&row.student_type)?))
        })));
    }
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
