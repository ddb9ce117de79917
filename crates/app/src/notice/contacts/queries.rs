//! Contacts in the database.

use qihang_db::entity::{contact_point, student};
use qihang_db::records;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder,
};

use super::model::{Contact, nearest};
use crate::roster::model::effective_type;
use crate::school;

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

/// Whom a student asks at the centre: the contacts that are nearest to the student's 校区 and type. Whom the student asks in
/// the own 院 is said by [`crate::student`].
///
/// # Errors
///
/// When the database does not answer.
pub async fn contacts_for(
    connection: &impl ConnectionTrait,
    student: &student::Model,
) -> Result<Vec<contact_point::Model>, DbErr> {
    let colleges = school::queries::colleges(connection).await?;
    let campus_of = |id: i64| {
        let college = colleges.iter().find(|college| college.id == id)?;
        college.campus.clone()
    };
    // A 书院 has no 校区 of its own in the exchange; then the 学院 says where the student is.
    let own = [
        Some(student.college_id),
        Some(student.school_id),
        student.second_college_id,
    ];
    let campus = own.into_iter().flatten().find_map(campus_of);
    let kind = effective_type(&student.student_type, &student.degree_level);
    Ok(nearest(all(connection).await?, campus.as_deref(), Some(kind)))
}
