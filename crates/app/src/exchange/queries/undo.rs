//! What stands in the way of taking an import back, and taking records away.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use qihang_db::entity::{
    account, assignment, audit_event, class_year_officer, college, correction, directed_unit, disclosure,
    export_subject, finding, import_batch, import_row, major, own_value, photo, roster_entry, sign_off,
    student,
};
use qihang_db::{Scope, StudentData, records};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use super::write::{KEYS_AT_ONCE, find_account, student_ids};
use crate::exchange::model::{BatchState, Dataset, Effect};

/// What was built on students that an import added: 学号 and why, each student once.
pub(crate) async fn built_on_students(
    tx: &impl ConnectionTrait,
    student_nos: &[&str],
) -> Result<Vec<(String, &'static str)>, DbErr> {
    let ids = student_ids(tx, student_nos).await?;
    let mut built = Vec::new();
    for chunk in ids.chunks(KEYS_AT_ONCE) {
        built.extend(with::<roster_entry::Entity>(tx, chunk, Condition::all(), "已进入过生源信息库").await?);
        built.extend(
            with::<disclosure::Entity>(tx, chunk, Condition::all(), "证件号已被查看并留有记录").await?,
        );
        built.extend(
            with::<export_subject::Entity>(tx, chunk, Condition::all(), "已在导出中提供过完整证件号").await?,
        );
        built.extend(with::<correction::Entity>(tx, chunk, Condition::all(), "本人已报告信息有误").await?);
        built.extend(with::<own_value::Entity>(tx, chunk, Condition::all(), "本人已在门户修改过信息").await?);
        built.extend(
            with::<directed_unit::Entity>(tx, chunk, Condition::all(), "已提出或填写过定向委培单位").await?,
        );
        built.extend(with::<photo::Entity>(tx, chunk, Condition::all(), "本人已上传照片").await?);
        let settled = Condition::all().add(finding::Column::SettledAt.is_not_null());
        built.extend(with::<finding::Entity>(tx, chunk, settled, "核查问题已有处理结论").await?);
    }
    let mut seen = BTreeSet::new();
    built.retain(|(student_no, _)| seen.insert(student_no.clone()));
    Ok(built)
}

/// The students among these that a table has rows about.
async fn with<E: StudentData>(
    tx: &impl ConnectionTrait,
    ids: &[i64],
    condition: Condition,
    why: &'static str,
) -> Result<Vec<(String, &'static str)>, DbErr> {
    let found: Vec<String> = Scope::Everyone
        .select::<E>()
        .filter(student::Column::Id.is_in(ids.iter().copied()))
        .filter(condition)
        .select_only()
        .column(student::Column::StudentNo)
        .distinct()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().map(|student_no| (student_no, why)).collect())
}

/// Of these records those that a later import, written and not taken back, has touched.
pub(crate) async fn touched_later(
    tx: &impl ConnectionTrait,
    batch_id: i64,
    dataset: Dataset,
    keys: &[&str],
) -> Result<Vec<String>, DbErr> {
    let later: Vec<i64> = records::<import_batch::Entity>()
        .filter(import_batch::Column::Id.ne(batch_id))
        .filter(import_batch::Column::Dataset.eq(dataset.code()))
        .filter(import_batch::Column::State.eq(BatchState::Committed.code()))
        .filter(import_batch::Column::Id.gt(batch_id))
        .select_only()
        .column(import_batch::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    if later.is_empty() {
        return Ok(Vec::new());
    }
    let effects = [Effect::Added, Effect::Changed, Effect::Vanished].map(Effect::code);
    let mut touched = Vec::new();
    for chunk in keys.chunks(KEYS_AT_ONCE) {
        let found: Vec<String> = records::<import_row::Entity>()
            .filter(import_row::Column::BatchId.is_in(later.iter().copied()))
            .filter(import_row::Column::Outcome.is_in(effects))
            .filter(import_row::Column::Key.is_in(chunk.iter().copied()))
            .select_only()
            .column(import_row::Column::Key)
            .distinct()
            .into_tuple()
            .all(tx)
            .await?;
        touched.extend(found);
    }
    Ok(touched)
}

/// Takes students away. Their findings go with them.
pub(crate) async fn delete_students(tx: &impl ConnectionTrait, student_nos: &[&str]) -> Result<(), DbErr> {
    for chunk in student_nos.chunks(KEYS_AT_ONCE) {
        student::Entity::delete_many()
            .filter(student::Column::StudentNo.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Why a 院 cannot be taken away; `None` when nothing hangs on it.
pub(crate) async fn hangs_on_unit(
    tx: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<&'static str>, DbErr> {
    let found = records::<college::Entity>()
        .filter(college::Column::Code.eq(code))
        .one(tx)
        .await?;
    let Some(id) = found.map(|college| college.id) else {
        return Ok(None);
    };
    let of_students = Condition::any()
        .add(student::Column::SchoolId.eq(id))
        .add(student::Column::ResidenceId.eq(id))
        .add(student::Column::CollegeId.eq(id))
        .add(student::Column::SecondCollegeId.eq(id));
    let students = Scope::Everyone
        .select::<student::Entity>()
        .filter(of_students)
        .count(tx)
        .await?;
    let majors = records::<major::Entity>()
        .filter(major::Column::CollegeId.eq(id))
        .count(tx)
        .await?;
    let roles = records::<assignment::Entity>()
        .filter(assignment::Column::CollegeId.eq(id))
        .count(tx)
        .await?;
    let signed = records::<sign_off::Entity>()
        .filter(sign_off::Column::CollegeId.eq(id))
        .count(tx)
        .await?;
    let named = records::<class_year_officer::Entity>()
        .filter(class_year_officer::Column::CollegeId.eq(id))
        .count(tx)
        .await?;
    Ok(match (students, majors, roles, signed + named) {
        (1.., ..) => Some("已有学生"),
        (_, 1.., ..) => Some("已有专业"),
        (_, _, 1.., _) => Some("已有工作人员"),
        (.., 1..) => Some("已有届别工作记录"),
        _ => None,
    })
}

/// Why a 专业 cannot be taken away; `None` when nothing hangs on it.
pub(crate) async fn hangs_on_major(
    tx: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<&'static str>, DbErr> {
    let found = records::<major::Entity>()
        .filter(major::Column::Code.eq(code))
        .one(tx)
        .await?;
    let Some(id) = found.map(|major| major.id) else {
        return Ok(None);
    };
    let students = Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::MajorId.eq(id))
        .count(tx)
        .await?;
    Ok((students > 0).then_some("已有学生"))
}

/// Why an account cannot be taken away; `None` when it has done nothing.
pub(crate) async fn hangs_on_account(
    tx: &impl ConnectionTrait,
    login: &str,
) -> Result<Option<&'static str>, DbErr> {
    let Some(account) = find_account(tx, login).await? else {
        return Ok(None);
    };
    let deeds = records::<audit_event::Entity>()
        .filter(audit_event::Column::AccountId.eq(account.id))
        .count(tx)
        .await?;
    let named = records::<class_year_officer::Entity>()
        .filter(class_year_officer::Column::AccountId.eq(account.id))
        .count(tx)
        .await?;
    Ok(match (deeds, named) {
        (1.., _) => Some("该账号已使用过"),
        (_, 1..) => Some("已被指定为届别负责人"),
        _ => None,
    })
}

/// Takes a 院 away.
pub(crate) async fn delete_unit(tx: &impl ConnectionTrait, code: &str) -> Result<(), DbErr> {
    college::Entity::delete_many()
        .filter(college::Column::Code.eq(code))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes a 专业 away.
pub(crate) async fn delete_major(tx: &impl ConnectionTrait, code: &str) -> Result<(), DbErr> {
    major::Entity::delete_many()
        .filter(major::Column::Code.eq(code))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the roles away that an import gave to an account, and the account where the import made it and nothing is left.
pub(crate) async fn delete_officer(
    tx: &impl ConnectionTrait,
    login: &str,
    role: &str,
    college_id: Option<i64>,
    written_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Some(account) = find_account(tx, login).await? else {
        return Ok(());
    };
    let of_college = match college_id {
        Some(id) => assignment::Column::CollegeId.eq(id),
        None => assignment::Column::CollegeId.is_null(),
    };
    assignment::Entity::delete_many()
        .filter(assignment::Column::AccountId.eq(account.id))
        .filter(assignment::Column::Role.eq(role))
        .filter(assignment::Column::StartsOn.eq(qihang_db::Clock::day_of(written_at)))
        .filter(of_college)
        .exec(tx)
        .await?;
    let left = records::<assignment::Entity>()
        .filter(assignment::Column::AccountId.eq(account.id))
        .count(tx)
        .await?;
    if left == 0 && account.created_at == written_at {
        account::Entity::delete_many()
            .filter(account::Column::Id.eq(account.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
