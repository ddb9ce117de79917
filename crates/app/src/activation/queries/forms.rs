//! What a form shows and keeps: contact data, drafts, fields under correction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use qihang_db::entity::{activation_draft, correction, student_contact};
use qihang_db::{CorrectionState, Scope};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::BATCH;
use crate::activation::contact::{Contact, Typed};
use crate::activation::fields::Field;

/// The contact data of a student; `None` before activation.
///
/// # Errors
///
/// When the database does not answer.
pub async fn contact(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_id: i64,
) -> Result<Option<student_contact::Model>, DbErr> {
    scope
        .select::<student_contact::Entity>()
        .filter(student_contact::Column::StudentId.eq(student_id))
        .one(connection)
        .await
}

/// The fields of these students under 信息有误.
pub(in crate::activation) async fn open_corrections(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_ids: &[i64],
) -> Result<HashMap<i64, BTreeSet<Field>>, DbErr> {
    let mut fields = HashMap::<i64, BTreeSet<Field>>::new();
    for ids in student_ids.chunks(BATCH) {
        let rows: Vec<(i64, String)> = scope
            .select::<correction::Entity>()
            .filter(correction::Column::StudentId.is_in(ids.iter().copied()))
            .filter(correction::Column::State.eq(CorrectionState::Open.code()))
            .select_only()
            .columns([correction::Column::StudentId, correction::Column::Field])
            .into_tuple()
            .all(connection)
            .await?;
        for (student_id, code) in rows {
            fields
                .entry(student_id)
                .or_default()
                .extend(Field::from_code(&code));
        }
    }
    Ok(fields)
}

/// What a student typed and has not sent yet, and when it was kept.
pub(in crate::activation) async fn draft(
    connection: &impl ConnectionTrait,
    student_id: i64,
) -> Result<Option<(Typed, DateTime<Utc>)>, DbErr> {
    let row = Scope::Student(student_id)
        .select::<activation_draft::Entity>()
        .one(connection)
        .await?;
    Ok(row.and_then(|row| Some((serde_json::from_str(&row.content).ok()?, row.saved_at))))
}

/// Keeps what a student typed.
pub(in crate::activation) async fn save_draft(
    tx: &impl ConnectionTrait,
    student_id: i64,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use activation_draft::Column;
    let content = serde_json::to_string(typed).map_err(|error| DbErr::Custom(error.to_string()))?;
    let row = activation_draft::ActiveModel {
        student_id: Set(student_id),
        content: Set(content),
        saved_at: Set(now),
    };
    activation_draft::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::StudentId)
                .update_columns([Column::Content, Column::SavedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Throws the draft away.
pub(in crate::activation) async fn delete_draft(
    tx: &impl ConnectionTrait,
    student_id: i64,
) -> Result<(), DbErr> {
    activation_draft::Entity::delete_many()
        .filter(activation_draft::Column::StudentId.eq(student_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes the contact data of a student.
pub(in crate::activation) async fn save_contact(
    tx: &impl ConnectionTrait,
    student_id: i64,
    contact: &Contact,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use student_contact::Column;
    let text = |field| Set(contact.get(field).to_owned());
    let row = student_contact::ActiveModel {
        student_id: Set(student_id),
        mobile: text(Field::Mobile),
        email: text(Field::Email),
        qq: text(Field::Qq),
        address: text(Field::Address),
        postcode: text(Field::Postcode),
        home_phone: text(Field::HomePhone),
        updated_at: Set(now),
    };
    student_contact::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::StudentId)
                .update_columns([
                    Column::Mobile,
                    Column::Email,
                    Column::Qq,
                    Column::Address,
                    Column::Postcode,
                    Column::HomePhone,
                    Column::UpdatedAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
