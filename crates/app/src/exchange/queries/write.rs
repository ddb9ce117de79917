//! Writing records.

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{account, assignment, college, major};
use qihang_db::{Role, Scope, records};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::exchange::model::{Catalogue, Cells, Dataset, half_years};

/// Values in one `IN (…)`: well under what SQLite takes.
pub(crate) const KEYS_AT_ONCE: usize = 10_000;

/// A value by the name of its field.
fn at<'a>(dataset: Dataset, cells: &'a Cells, name: &str) -> &'a str {
    dataset.index_of(name).map_or("", |index| cells.get(index))
}

/// Writes a 院 by its code.
pub(crate) async fn save_unit(tx: &impl ConnectionTrait, cells: &Cells) -> Result<(), DbErr> {
    let at = |name| at(Dataset::Units, cells, name);
    let row = college::ActiveModel {
        code: Set(at("code").to_owned()),
        name: Set(at("name").to_owned()),
        kind: Set(at("kind").to_owned()),
        campus: Set(Some(at("campus").to_owned()).filter(|campus| !campus.is_empty())),
        ..Default::default()
    };
    let rewritten = [
        college::Column::Name,
        college::Column::Kind,
        college::Column::Campus,
    ];
    college::Entity::insert(row)
        .on_conflict(
            sea_orm::sea_query::OnConflict::column(college::Column::Code)
                .update_columns(rewritten)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes a 专业 by its code.
pub(crate) async fn save_major(
    tx: &impl ConnectionTrait,
    catalogue: &Catalogue,
    cells: &Cells,
) -> Result<(), DbErr> {
    let at = |name| at(Dataset::Majors, cells, name);
    let school = catalogue
        .college_by_code(at("college"))
        .ok_or_else(|| DbErr::RecordNotFound("the plan knew the college of the major".into()))?;
    let row = major::ActiveModel {
        code: Set(at("code").to_owned()),
        national_code: Set(at("national_code").to_owned()),
        name: Set(at("name").to_owned()),
        college_id: Set(school.id),
        degree_level: Set(at("degree_level").to_owned()),
        length_half_years: Set(half_years(at("length"))),
        ..Default::default()
    };
    let rewritten = [
        major::Column::NationalCode,
        major::Column::Name,
        major::Column::CollegeId,
        major::Column::DegreeLevel,
        major::Column::LengthHalfYears,
    ];
    major::Entity::insert(row)
        .on_conflict(
            sea_orm::sea_query::OnConflict::column(major::Column::Code)
                .update_columns(rewritten)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Makes sure of an account with its name and addresses, and of its role from today on. A new account has no password:
/// the administrator hands out a one-time one.
pub(crate) async fn save_officer(
    tx: &impl ConnectionTrait,
    catalogue: &Catalogue,
    cells: &Cells,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let at = |name| at(Dataset::Officers, cells, name);
    let known = find_account(tx, at("login")).await?;
    let account_id = match known {
        Some(known) => {
            let mut row: account::ActiveModel = known.into();
            row.set_if_not_equals(account::Column::Name, at("name").into());
            row.set_if_not_equals(account::Column::Mobile, at("mobile").into());
            row.set_if_not_equals(account::Column::Email, at("email").into());
            row.update(tx).await?.id
        }
        None => {
            new_account(at("login"), at("name"), at("mobile"), at("email"), now)
                .insert(tx)
                .await?
                .id
        }
    };
    let college_id = catalogue.college_by_code(at("unit")).map(|college| college.id);
    let of_college = match college_id {
        Some(id) => assignment::Column::CollegeId.eq(id),
        None => assignment::Column::CollegeId.is_null(),
    };
    let latest = records::<assignment::Entity>()
        .filter(assignment::Column::AccountId.eq(account_id))
        .filter(assignment::Column::Role.eq(at("role")))
        .filter(of_college)
        .order_by_desc(assignment::Column::StartsOn)
        .one(tx)
        .await?;
    match latest {
        Some(role) if role.ends_on.is_none_or(|end| end > today) => Ok(()),
        // Ended and given again on one day: the same row goes on.
        Some(role) if role.ends_on == Some(today) => set_end(tx, role.id, None).await,
        _ => {
            let row = assignment::ActiveModel {
                account_id: Set(account_id),
                role: Set(at("role").to_owned()),
                college_id: Set(college_id),
                starts_on: Set(today),
                ends_on: Set(None),
                ..Default::default()
            };
            row.insert(tx).await?;
            Ok(())
        }
    }
}

fn new_account(
    login: &str,
    name: &str,
    mobile: &str,
    email: &str,
    now: DateTime<Utc>,
) -> account::ActiveModel {
    account::ActiveModel {
        login: Set(login.to_owned()),
        name: Set(name.to_owned()),
        password_hash: Set(None),
        must_change_password: Set(true),
        mobile: Set(mobile.to_owned()),
        email: Set(email.to_owned()),
        disabled_at: Set(None),
        failed_attempts: Set(0),
        locked_until: Set(None),
        session_epoch: Set(0),
        created_at: Set(now),
        ..Default::default()
    }
}

/// The account with this login.
pub(crate) async fn find_account(
    tx: &impl ConnectionTrait,
    login: &str,
) -> Result<Option<account::Model>, DbErr> {
    records::<account::Entity>()
        .filter(account::Column::Login.eq(login))
        .one(tx)
        .await
}

/// Ends a role of an account with today.
pub(crate) async fn end_role(
    tx: &impl ConnectionTrait,
    catalogue: &Catalogue,
    cells: &Cells,
    today: NaiveDate,
) -> Result<(), DbErr> {
    let at = |name| at(Dataset::Officers, cells, name);
    let Some(account) = find_account(tx, at("login")).await? else {
        return Ok(());
    };
    let college_id = catalogue.college_by_code(at("unit")).map(|college| college.id);
    let roles = records::<assignment::Entity>()
        .filter(assignment::Column::AccountId.eq(account.id))
        .filter(assignment::Column::Role.eq(at("role")))
        .all(tx)
        .await?;
    for role in roles {
        let is_it = role.college_id == college_id && role.ends_on.is_none_or(|end| end > today);
        if is_it && Role::from_code(&role.role).is_some_and(Role::is_of_college) {
            // A role that has not begun yet ends on its first day: a row cannot end before it begins.
            set_end(tx, role.id, Some(today.max(role.starts_on))).await?;
        }
    }
    Ok(())
}

async fn set_end(tx: &impl ConnectionTrait, assignment_id: i64, day: Option<NaiveDate>) -> Result<(), DbErr> {
    assignment::Entity::update_many()
        .col_expr(assignment::Column::EndsOn, Expr::value(day))
        .filter(assignment::Column::Id.eq(assignment_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The row ids of these students.
pub(crate) async fn student_ids(tx: &impl ConnectionTrait, student_nos: &[&str]) -> Result<Vec<i64>, DbErr> {
    use qihang_db::entity::student;
    let mut ids = Vec::with_capacity(student_nos.len());
    for chunk in student_nos.chunks(KEYS_AT_ONCE) {
        let found: Vec<i64> = Scope::Everyone
            .select::<student::Entity>()
            .filter(student::Column::StudentNo.is_in(chunk.iter().copied()))
            .select_only()
            .column(student::Column::Id)
            .into_tuple()
            .all(tx)
            .await?;
        ids.extend(found);
    }
    Ok(ids)
}
