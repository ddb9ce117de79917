//! Contacts in the database.

use chrono::NaiveDate;
use qihang_db::entity::{account, assignment, class_year_officer, college, contact_point, student};
use qihang_db::{StudentType, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    JoinType, QueryFilter, QueryOrder, QuerySelect,
};

use super::model::{Contact, nearest, sign_in_help};
use crate::class_year::model::ClassYear;
use crate::roster::model::effective_type;
use crate::school;
use crate::web::Door;

/// All contacts, in the order in which they are shown. There are a dozen, so that one statement serves every purpose.
///
/// # Errors
///
/// When the database does not answer.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<contact_point::Model>, DbErr> {
    records::<contact_point::Entity>()
        .order_by_asc(contact_point::Column::Id)
        .all(connection)
        .await
}

/// Whom somebody asks who cannot sign in at this door.
pub async fn for_sign_in(
    connection: &impl ConnectionTrait,
    door: Door,
) -> Result<Vec<contact_point::Model>, DbErr> {
    Ok(sign_in_help(&all(connection).await?, door))
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<contact_point::Model>, DbErr> {
    records::<contact_point::Entity>()
        .filter(contact_point::Column::Id.eq(id))
        .one(connection)
        .await
}

fn columns(contact: &Contact) -> contact_point::ActiveModel {
    contact_point::ActiveModel {
        purpose: Set(contact.purpose.code().to_owned()),
        campus: Set(contact.campus.clone()),
        student_type: Set(contact.student_type.map(|one| one.code().to_owned())),
        name: Set(contact.name.clone()),
        telephone: Set(contact.telephone.clone()),
        email: Set(contact.email.clone()),
        room: Set(contact.room.clone()),
        hours: Set(contact.hours.clone()),
        ..Default::default()
    }
}

pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    contact: &Contact,
) -> Result<contact_point::Model, DbErr> {
    columns(contact).insert(tx).await
}

pub(super) async fn update(
    tx: &impl ConnectionTrait,
    id: i64,
    contact: &Contact,
) -> Result<contact_point::Model, DbErr> {
    let row = contact_point::ActiveModel {
        id: Set(id),
        ..columns(contact)
    };
    row.update(tx).await
}

pub(super) async fn remove(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    contact_point::Entity::delete_many()
        .filter(contact_point::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The officer of a 院 who answers for a class year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerContact {
    /// 姓名.
    pub name: String,
    /// Telephone; may be empty.
    pub telephone: String,
    /// E-mail; may be empty.
    pub email: String,
}

/// Whom a student asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contacts {
    /// The 院 that answers for the student.
    pub college: String,
    /// Its responsible officer (专人负责), where one is named who still works there.
    pub officer: Option<OfficerContact>,
    /// The centre's contacts that are nearest to the student's 校区 and type.
    pub centre: Vec<contact_point::Model>,
}

/// Whom a student asks: the officer of the own 院 first, then the centre. Three statements.
///
/// # Errors
///
/// When the database does not answer.
pub async fn contacts_for(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    today: NaiveDate,
) -> Result<Contacts, DbErr> {
    let colleges = school::queries::colleges(connection).await?;
    let of = |id: i64| colleges.iter().find(|college| college.id == id);
    // A 书院 has no 校区 of its own in the exchange; then the 学院 says where the student is.
    let campus = [
        Some(student.college_id),
        Some(student.school_id),
        student.second_college_id,
    ]
    .into_iter()
    .flatten()
    .filter_map(of)
    .find_map(|college: &college::Model| college.campus.clone());
    let kind: StudentType = effective_type(&student.student_type, &student.degree_level);
    let contacts = all(connection).await?;
    Ok(Contacts {
        college: of(student.college_id).map_or_else(String::new, |college| college.name.clone()),
        officer: officer(connection, student, today).await?,
        centre: nearest(contacts, campus.as_deref(), Some(kind)),
    })
}

/// Who answers for the student's class year in the own 院, or for the class year of today where nobody does.
async fn officer(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    today: NaiveDate,
) -> Result<Option<OfficerContact>, DbErr> {
    let current = ClassYear::of_day(today).year();
    let years = [student.expected_year.unwrap_or(current), current];
    let still_there = Condition::all()
        .add(assignment::Column::CollegeId.eq(student.college_id))
        .add(assignment::Column::StartsOn.lte(today))
        .add(
            Condition::any()
                .add(assignment::Column::EndsOn.is_null())
                .add(assignment::Column::EndsOn.gte(today)),
        );
    let found: Vec<(i32, String, String, String)> = records::<class_year_officer::Entity>()
        .join(
            JoinType::InnerJoin,
            class_year_officer::Entity::belongs_to(account::Entity)
                .from(class_year_officer::Column::AccountId)
                .to(account::Column::Id)
                .into(),
        )
        .join(
            JoinType::InnerJoin,
            class_year_officer::Entity::belongs_to(assignment::Entity)
                .from(class_year_officer::Column::AccountId)
                .to(assignment::Column::AccountId)
                .into(),
        )
        .select_only()
        .column(class_year_officer::Column::ClassYear)
        .column(account::Column::Name)
        .column(account::Column::Mobile)
        .column(account::Column::Email)
        .filter(class_year_officer::Column::CollegeId.eq(student.college_id))
        .filter(class_year_officer::Column::ClassYear.is_in(years))
        .filter(account::Column::DisabledAt.is_null())
        .filter(still_there)
        .into_tuple()
        .all(connection)
        .await?;
    let of_year = |year: i32| found.iter().find(|(of, ..)| *of == year);
    Ok(years
        .into_iter()
        .find_map(of_year)
        .map(|(_, name, mobile, email)| OfficerContact {
            name: name.clone(),
            telephone: mobile.clone(),
            email: email.clone(),
        }))
}
