//! What class years and 院 have set.

use qihang_db::entity::{recommendation_section, recommendation_template};
use qihang_db::records;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::recommendation::model::Section;
use crate::recommendation::model::section::defaults;
use crate::recommendation::model::template::Kind;

/// The sections of a class year, in order.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn sections(connection: &impl ConnectionTrait, class_year: i32) -> Result<Vec<Section>, DbErr> {
    let rows = records::<recommendation_section::Entity>()
        .filter(recommendation_section::Column::ClassYear.eq(class_year))
        .order_by_asc(recommendation_section::Column::Position)
        .all(connection)
        .await?;
    if rows.is_empty() {
        return Ok(defaults());
    }
    let section = |row: recommendation_section::Model| Section {
        code: row.code,
        heading: row.heading,
        hint: row.hint,
        most: usize::try_from(row.most_chars).unwrap_or_default(),
        is_required: row.required,
    };
    Ok(rows.into_iter().map(section).collect())
}

/// Replaces the sections of a class year.
pub(in crate::recommendation) async fn replace_sections(
    tx: &impl ConnectionTrait,
    class_year: i32,
    sections: &[Section],
) -> Result<(), DbErr> {
    recommendation_section::Entity::delete_many()
        .filter(recommendation_section::Column::ClassYear.eq(class_year))
        .exec(tx)
        .await?;
    let rows = (1..)
        .zip(sections)
        .map(|(position, section)| recommendation_section::ActiveModel {
            class_year: Set(class_year),
            code: Set(section.code.clone()),
            position: Set(position),
            heading: Set(section.heading.clone()),
            hint: Set(section.hint.clone()),
            most_chars: Set(i32::try_from(section.most).unwrap_or(i32::MAX)),
            required: Set(section.is_required),
        });
    recommendation_section::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The sentences of a 院, or those that come with the system.
pub async fn templates(
    connection: &impl ConnectionTrait,
    college_id: i64,
    kind: Kind,
) -> Result<Vec<String>, DbErr> {
    let rows = records::<recommendation_template::Entity>()
        .filter(recommendation_template::Column::CollegeId.eq(college_id))
        .filter(recommendation_template::Column::Kind.eq(kind.code()))
        .order_by_asc(recommendation_template::Column::Position)
        .all(connection)
        .await?;
    if rows.is_empty() {
        return Ok(kind.defaults().iter().map(|&text| text.to_owned()).collect());
    }
    Ok(rows.into_iter().map(|row| row.body).collect())
}

/// Replaces the sentences of a 院; none brings back those that come with the system.
pub(in crate::recommendation) async fn replace_templates(
    tx: &impl ConnectionTrait,
    college_id: i64,
    kind: Kind,
    sentences: &[String],
) -> Result<(), DbErr> {
    recommendation_template::Entity::delete_many()
        .filter(recommendation_template::Column::CollegeId.eq(college_id))
        .filter(recommendation_template::Column::Kind.eq(kind.code()))
        .exec(tx)
        .await?;
    if sentences.is_empty() {
        return Ok(());
    }
    let rows = (1..)
        .zip(sentences)
        .map(|(position, body)| recommendation_template::ActiveModel {
            college_id: Set(college_id),
            kind: Set(kind.code().to_owned()),
            position: Set(position),
            body: Set(body.clone()),
        });
    recommendation_template::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
