//! 院, 专业 and duties as other features need them. Small tables: read whole.

use qihang_db::entity::{college, college_duty, major, student};
use qihang_db::{CollegeKind, Scope, StudentType, records};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    Iterable, QueryFilter, QueryOrder,
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

/// All students there are. For what concerns everybody: imports and changed duties.
///
/// # Errors
///
/// When the database does not answer.
pub async fn all_students(connection: &impl ConnectionTrait) -> Result<Vec<student::Model>, DbErr> {
    Scope::Everyone.select::<student::Entity>().all(connection).await
}

/// Rows in one statement: SQLite takes 32,766 values, and a student has 39.
const STUDENTS_AT_ONCE: usize = 800;

/// Writes student records by their 学号: new ones are added, of the others everything but the time of creation is
/// rewritten. The ids of the rows given do not matter.
///
/// # Errors
///
/// When the database does not answer.
pub async fn save_students(tx: &impl ConnectionTrait, rows: Vec<student::Model>) -> Result<(), DbErr> {
    use student::Column;
    let rewritten: Vec<Column> = Column::iter()
        .filter(|column| !matches!(column, Column::Id | Column::StudentNo | Column::CreatedAt))
        .collect();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(STUDENTS_AT_ONCE).map(|row| {
            let mut row = row.into_active_model().reset_all();
            row.id = NotSet;
            row
        });
        student::Entity::insert_many(chunk)
            .on_conflict(
                OnConflict::column(Column::StudentNo)
                    .update_columns(rewritten.iter().copied())
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
