//! What was submitted and decided.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{
    account, recommendation_objection, recommendation_text, recommendation_version, student,
};
use qihang_db::{Reopened, Scope, Validity, VersionState, records};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::BATCH;
use super::forms::Form;
use crate::activation::model::Confirmed;
use crate::recommendation::model::{Code, Fact, Text, facts};

/// All versions of a form, the oldest first.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn of_form(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    form_id: i64,
) -> Result<Vec<recommendation_version::Model>, DbErr> {
    scope
        .select::<recommendation_version::Entity>()
        .filter(recommendation_version::Column::FormId.eq(form_id))
        .order_by_asc(recommendation_version::Column::Number)
        .all(connection)
        .await
}

/// The newest versions of these forms, by form.
pub async fn newest(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    forms: impl IntoIterator<Item = &Form>,
) -> Result<HashMap<i64, recommendation_version::Model>, DbErr> {
    let numbers: HashMap<i64, i32> = forms
        .into_iter()
        .map(|form| (form.row.id, form.row.version))
        .collect();
    let found = scope
        .select::<recommendation_version::Entity>()
        .filter(recommendation_version::Column::FormId.is_in(numbers.keys().copied()))
        .all(connection)
        .await?;
    Ok(found
        .into_iter()
        .filter(|version| numbers.get(&version.form_id) == Some(&version.number))
        .map(|version| (version.form_id, version))
        .collect())
}

/// The version that counts, by form, of these students; for pages that only want to know whether there is one.
pub async fn valid_of_form(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    form_id: i64,
) -> Result<Option<recommendation_version::Model>, DbErr> {
    scope
        .select::<recommendation_version::Entity>()
        .filter(recommendation_version::Column::FormId.eq(form_id))
        .filter(recommendation_version::Column::Validity.eq(Validity::Valid.code()))
        .one(connection)
        .await
}

/// The sections of versions, in order, by version.
pub async fn texts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    version_ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Vec<Text>>, DbErr> {
    use recommendation_text::Column;
    let found = scope
        .select::<recommendation_text::Entity>()
        .filter(Column::VersionId.is_in(version_ids))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Section)
        .all(connection)
        .await?;
    let mut texts = HashMap::<i64, Vec<Text>>::new();
    for row in found {
        texts.entry(row.version_id).or_default().push(Text {
            section: row.section,
            heading: row.heading,
            body: row.body,
            most: usize::try_from(row.most_chars).unwrap_or_default(),
        });
    }
    Ok(texts)
}

/// What was objected to in a version, by section.
pub async fn objections(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    version_id: i64,
) -> Result<HashMap<String, String>, DbErr> {
    let found = scope
        .select::<recommendation_objection::Entity>()
        .filter(recommendation_objection::Column::VersionId.eq(version_id))
        .all(connection)
        .await?;
    Ok(found.into_iter().map(|row| (row.section, row.reason)).collect())
}

/// The names of those who decided, by account.
pub async fn names_of(
    connection: &impl ConnectionTrait,
    account_ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, DbErr> {
    let found: Vec<(i64, String)> = records::<account::Entity>()
        .filter(account::Column::Id.is_in(account_ids))
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(found.into_iter().collect())
}

/// Writes what was submitted as the next version of a locked form.
pub(in crate::recommendation) async fn insert(
    tx: &impl ConnectionTrait,
    form: &Form,
    (facts, confirmed): (&[Fact], &Confirmed),
    texts: &[Text],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let version = recommendation_version::ActiveModel {
        id: NotSet,
        form_id: Set(form.row.id),
        student_id: Set(form.row.student_id),
        number: Set(form.row.version + 1),
        state: Set(VersionState::Submitted.code().to_owned()),
        submitted_at: Set(now),
        facts: Set(facts::to_column(facts)),
        confirmed: Set(confirmed.to_column()),
        decided_at: Set(None),
        decided_by: Set(None),
        reopened: Set(None),
        opinion: Set(None),
        photo_key: Set(None),
        check_code: Set(None),
        check_digest: Set(None),
        validity: Set(None),
        ended_at: Set(None),
        ended_reason: Set(None),
        changed_at: Set(None),
        checks: Set(0),
        checked_at: Set(None),
        printed_at: Set(None),
    };
    let version = version.insert(tx).await?;
    let rows = (0..)
        .zip(texts)
        .map(|(position, text)| recommendation_text::ActiveModel {
            version_id: Set(version.id),
            section: Set(text.section.clone()),
            student_id: Set(form.row.student_id),
            position: Set(position),
            heading: Set(text.heading.clone()),
            body: Set(text.body.clone()),
            most_chars: Set(i32::try_from(text.most).unwrap_or(i32::MAX)),
        });
    recommendation_text::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Notes that a version was taken back.
pub(in crate::recommendation) async fn recall(tx: &impl ConnectionTrait, form: &Form) -> Result<(), DbErr> {
    use recommendation_version::Column;
    recommendation_version::Entity::update_many()
        .col_expr(Column::State, Expr::value(VersionState::Recalled.code()))
        .filter(Column::FormId.eq(form.row.id))
        .filter(Column::State.eq(VersionState::Submitted.code()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Who decided, and when.
#[derive(Clone, Copy, Debug)]
pub(in crate::recommendation) struct Decision {
    /// The account; `None` from the command line.
    pub account_id: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Writes that a version was returned, and why.
pub(in crate::recommendation) async fn return_version(
    tx: &impl ConnectionTrait,
    version: &recommendation_version::Model,
    decision: Decision,
    (reopened, objections): (Reopened, &[(String, String)]),
) -> Result<(), DbErr> {
    use recommendation_version::Column;
    recommendation_version::Entity::update_many()
        .col_expr(Column::State, Expr::value(VersionState::Returned.code()))
        .col_expr(Column::DecidedAt, Expr::value(decision.at))
        .col_expr(Column::DecidedBy, Expr::value(decision.account_id))
        .col_expr(Column::Reopened, Expr::value(reopened.code()))
        .filter(Column::Id.eq(version.id))
        .exec(tx)
        .await?;
    let rows = objections
        .iter()
        .map(|(section, reason)| recommendation_objection::ActiveModel {
            version_id: Set(version.id),
            section: Set(section.clone()),
            student_id: Set(version.student_id),
            reason: Set(reason.clone()),
        });
    recommendation_objection::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What is approved.
#[derive(Clone, Debug)]
pub(in crate::recommendation) struct Approval<'a> {
    /// 院系推荐意见.
    pub opinion: &'a str,
    /// What it says of the record.
    pub facts: &'a [Fact],
    /// The values of the key fields.
    pub confirmed: &'a Confirmed,
    /// The code for the public check.
    pub code: &'a Code,
    /// The photo that is printed.
    pub photo_key: Option<&'a str>,
}

/// Writes that a version was approved; what was valid before is replaced by it.
pub(in crate::recommendation) async fn approve(
    tx: &impl ConnectionTrait,
    version: &recommendation_version::Model,
    decision: Decision,
    approval: Approval<'_>,
) -> Result<(), DbErr> {
    use recommendation_version::Column;
    end_valid(tx, &[version.form_id], (Validity::Replaced, None), decision.at).await?;
    recommendation_version::Entity::update_many()
        .col_expr(Column::State, Expr::value(VersionState::Approved.code()))
        .col_expr(Column::DecidedAt, Expr::value(decision.at))
        .col_expr(Column::DecidedBy, Expr::value(decision.account_id))
        .col_expr(Column::Opinion, Expr::value(approval.opinion))
        .col_expr(Column::Facts, Expr::value(facts::to_column(approval.facts)))
        .col_expr(Column::Confirmed, Expr::value(approval.confirmed.to_column()))
        .col_expr(Column::PhotoKey, Expr::value(approval.photo_key))
        .col_expr(Column::CheckCode, Expr::value(approval.code.as_str()))
        .col_expr(Column::CheckDigest, Expr::value(approval.code.digest()))
        .col_expr(Column::Validity, Expr::value(Validity::Valid.code()))
        .filter(Column::Id.eq(version.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends what is valid of these forms. Answers how many versions that were.
pub(in crate::recommendation) async fn end_valid(
    tx: &impl ConnectionTrait,
    form_ids: &[i64],
    (validity, reason): (Validity, Option<&str>),
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use recommendation_version::Column;
    let mut ended = 0;
    for ids in form_ids.chunks(BATCH) {
        ended += recommendation_version::Entity::update_many()
            .col_expr(Column::Validity, Expr::value(validity.code()))
            .col_expr(Column::EndedAt, Expr::value(now))
            .col_expr(Column::EndedReason, Expr::value(reason))
            .filter(Column::FormId.is_in(ids.iter().copied()))
            .filter(Column::Validity.eq(Validity::Valid.code()))
            .exec(tx)
            .await?
            .rows_affected;
    }
    Ok(ended)
}

/// Whose valid versions are looked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::recommendation) enum Whose<'a> {
    /// These students'.
    Students(&'a [i64]),
    /// Those of records that were written at this instant.
    WrittenAt(DateTime<Utc>),
    /// Everybody's.
    Everyone,
}

/// Valid versions with the records that they are about, from the one after `after` on, by row id; no more than a batch.
pub(in crate::recommendation) async fn valid(
    connection: &impl ConnectionTrait,
    whose: Whose<'_>,
    after: i64,
) -> Result<Vec<(recommendation_version::Model, student::Model)>, DbErr> {
    use recommendation_version::Column;
    let mut rows = Scope::Everyone
        .select::<recommendation_version::Entity>()
        .filter(Column::Validity.eq(Validity::Valid.code()))
        .filter(Column::Id.gt(after));
    match whose {
        Whose::Students(ids) => rows = rows.filter(Column::StudentId.is_in(ids.iter().copied())),
        Whose::WrittenAt(at) => rows = rows.filter(student::Column::UpdatedAt.eq(at)),
        Whose::Everyone => {}
    }
    let found = rows
        .order_by_asc(Column::Id)
        .limit(BATCH as u64)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|(version, student)| Some((version, student?)))
        .collect())
}

/// Notes since when the record is not what these versions say; `None` where it is again.
pub(in crate::recommendation) async fn mark_changed(
    tx: &impl ConnectionTrait,
    version_ids: &[i64],
    at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    use recommendation_version::Column;
    for ids in version_ids.chunks(BATCH) {
        recommendation_version::Entity::update_many()
            .col_expr(Column::ChangedAt, Expr::value(at))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The roster entries among these whose form has a valid version.
pub async fn entries_with_valid(
    connection: &impl ConnectionTrait,
    entry_ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    use qihang_db::entity::recommendation_form;
    use sea_orm::{JoinType, RelationTrait};
    let mut found = Vec::new();
    for ids in entry_ids.chunks(BATCH) {
        let some: Vec<i64> = Scope::Everyone
            .select::<recommendation_version::Entity>()
            .join(JoinType::InnerJoin, recommendation_version::Relation::Form.def())
            .filter(recommendation_version::Column::Validity.eq(Validity::Valid.code()))
            .filter(recommendation_form::Column::EntryId.is_in(ids.iter().copied()))
            .select_only()
            .column(recommendation_form::Column::EntryId)
            .into_tuple()
            .all(connection)
            .await?;
        found.extend(some);
    }
    Ok(found)
}
