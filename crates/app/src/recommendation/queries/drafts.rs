//! What students are writing.

use chrono::{DateTime, Utc};
use qihang_db::Scope;
use qihang_db::entity::recommendation_draft;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::forms::Form;

/// All sections of a form as they are being written.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn of_form(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    form_id: i64,
) -> Result<Vec<recommendation_draft::Model>, DbErr> {
    scope
        .select::<recommendation_draft::Entity>()
        .filter(recommendation_draft::Column::FormId.eq(form_id))
        .all(connection)
        .await
}

/// Saves a section that was read at `revision` (0: never written). Answers its new revision; `None` where somebody else has
/// written it since.
pub(in crate::recommendation) async fn save(
    tx: &impl ConnectionTrait,
    form: &Form,
    (section, revision): (&str, i32),
    body: &str,
    now: DateTime<Utc>,
) -> Result<Option<i32>, DbErr> {
    use recommendation_draft::Column;
    let written = if revision == 0 {
        let row = recommendation_draft::ActiveModel {
            form_id: Set(form.row.id),
            section: Set(section.to_owned()),
            student_id: Set(form.row.student_id),
            body: Set(body.to_owned()),
            revision: Set(1),
            saved_at: Set(now),
        };
        recommendation_draft::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([Column::FormId, Column::Section])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?
    } else {
        recommendation_draft::Entity::update_many()
            .col_expr(Column::Body, Expr::value(body))
            .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
            .col_expr(Column::SavedAt, Expr::value(now))
            .filter(Column::FormId.eq(form.row.id))
            .filter(Column::Section.eq(section))
            .filter(Column::Revision.eq(revision))
            .exec(tx)
            .await?
            .rows_affected
    };
    Ok((written == 1).then_some(revision + 1))
}
