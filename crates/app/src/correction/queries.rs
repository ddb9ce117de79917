//! Everything here that speaks to the database.

use std::collections::BTreeSet;

use qihang_db::entity::correction;
use qihang_db::{CorrectionState, Scope};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};

use crate::activation::fields::Field;

/// The fields of one student that are under 信息有误 (更正中).
///
/// # Errors
///
/// When the database does not answer.
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
