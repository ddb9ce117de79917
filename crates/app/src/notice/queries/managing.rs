//! Notices as their authors find them: the centre all of them, an officer those of the own 院.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{notice, notice_attachment, notice_college, notice_role};
use qihang_db::{Audience, Role, Scope, StudentType, records};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::class_year::model::ClassYear;
use crate::notice::model::{Content, Readership, State};
use crate::web::Step;

fn managed(scope: &Scope) -> Select<notice::Entity> {
    let own = match scope {
        Scope::Everyone => Condition::all(),
        Scope::Colleges(ids) if !ids.is_empty() => {
            Condition::all().add(notice::Column::CollegeId.is_in(ids.iter().copied()))
        }
        Scope::Colleges(_) | Scope::Student(_) => Condition::all().add(notice::Column::Id.is_null()),
    };
    records::<notice::Entity>().filter(own)
}

/// A notice with whom it is for.
#[derive(Clone, Debug)]
pub(in crate::notice) struct Managed {
    pub(in crate::notice) row: notice::Model,
    pub(in crate::notice) state: State,
    pub(in crate::notice) readership: Readership,
}

impl Managed {
    /// What the author wrote.
    pub(in crate::notice) fn content(&self) -> Content {
        Content {
            title: self.row.title.clone(),
            body: self.row.body.clone(),
            readership: self.readership.clone(),
            pinned: self.row.pinned,
            publish_on: self.row.publish_on,
            ends_on: self.row.ends_on,
        }
    }
}

async fn with_readership(
    connection: &impl ConnectionTrait,
    row: Option<notice::Model>,
) -> Result<Option<Managed>, DbErr> {
    match row {
        Some(row) => Ok(Some(Managed {
            state: State::of(&row)?,
            readership: readership(connection, &row).await?,
            row,
        })),
        None => Ok(None),
    }
}

/// The notice, where it is the author's.
pub(in crate::notice) async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<Managed>, DbErr> {
    let row = managed(scope)
        .filter(notice::Column::Id.eq(id))
        .one(connection)
        .await?;
    with_readership(connection, row).await
}

/// As [`find`], and kept from others until the change ends.
pub(in crate::notice) async fn lock(
    tx: &impl ConnectionTrait,
    scope: &Scope,
    id: i64,
) -> Result<Option<Managed>, DbErr> {
    let row = managed(scope)
        .filter(notice::Column::Id.eq(id))
        .lock_exclusive()
        .one(tx)
        .await?;
    with_readership(tx, row).await
}

/// Whom a notice is for.
async fn readership(connection: &impl ConnectionTrait, row: &notice::Model) -> Result<Readership, DbErr> {
    let unreadable = || DbErr::Custom(format!("the audience of notice {} cannot be read", row.id));
    let audience = Audience::from_code(&row.audience).ok_or_else(unreadable)?;
    if audience == Audience::Public {
        return Ok(Readership::Public);
    }
    let colleges: Vec<i64> = records::<notice_college::Entity>()
        .select_only()
        .column(notice_college::Column::CollegeId)
        .filter(notice_college::Column::NoticeId.eq(row.id))
        .into_tuple()
        .all(connection)
        .await?;
    let colleges: BTreeSet<i64> = colleges.into_iter().collect();
    if audience == Audience::Students {
        return Ok(Readership::Students {
            colleges,
            student_type: row.student_type.as_deref().and_then(StudentType::from_code),
            class_year: row.class_year.and_then(ClassYear::new),
        });
    }
    let roles: Vec<String> = records::<notice_role::Entity>()
        .select_only()
        .column(notice_role::Column::Role)
        .filter(notice_role::Column::NoticeId.eq(row.id))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(Readership::Staff {
        colleges,
        roles: roles
            .iter()
            .map(|code| Role::from_code(code).ok_or_else(unreadable))
            .collect::<Result<_, _>>()?,
    })
}

/// How many notices the author has.
pub(in crate::notice) async fn count(connection: &impl ConnectionTrait, scope: &Scope) -> Result<u64, DbErr> {
    managed(scope).count(connection).await
}

/// A page of the author's notices, the newest first, read one longer than the page.
pub(in crate::notice) async fn list(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    step: &Step,
    bound: Option<i64>,
    size: u64,
) -> Result<Vec<notice::Model>, DbErr> {
    use notice::Column;
    let rows = managed(scope).limit(size + 1);
    let rows = match (bound, step.is_backwards()) {
        (Some(id), true) => rows.filter(Column::Id.gt(id)),
        (Some(id), false) => rows.filter(Column::Id.lt(id)),
        (None, _) => rows,
    };
    let rows = if step.is_backwards() {
        rows.order_by_asc(Column::Id)
    } else {
        rows.order_by_desc(Column::Id)
    };
    rows.all(connection).await
}

fn columns(content: &Content, now: DateTime<Utc>) -> notice::ActiveModel {
    let readership = &content.readership;
    notice::ActiveModel {
        title: Set(content.title.clone()),
        body: Set(content.body.clone()),
        audience: Set(readership.audience().code().to_owned()),
        student_type: Set(readership.student_type().map(|one| one.code().to_owned())),
        class_year: Set(readership.class_year().map(ClassYear::year)),
        pinned: Set(content.pinned),
        publish_on: Set(content.publish_on),
        ends_on: Set(content.ends_on),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Writes a new draft; answers its id.
pub(in crate::notice) async fn insert(
    tx: &impl ConnectionTrait,
    college_id: Option<i64>,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = notice::ActiveModel {
        college_id: Set(college_id),
        state: Set(State::Draft.code().to_owned()),
        published_at: Set(None),
        withdrawn_at: Set(None),
        created_at: Set(now),
        ..columns(content, now)
    };
    let id = row.insert(tx).await?.id;
    set_readership(tx, id, &content.readership).await?;
    Ok(id)
}

/// Rewrites what the author wrote.
pub(in crate::notice) async fn update(
    tx: &impl ConnectionTrait,
    id: i64,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = notice::ActiveModel {
        id: Set(id),
        ..columns(content, now)
    };
    row.update(tx).await?;
    set_readership(tx, id, &content.readership).await
}

async fn set_readership(tx: &impl ConnectionTrait, id: i64, readership: &Readership) -> Result<(), DbErr> {
    notice_college::Entity::delete_many()
        .filter(notice_college::Column::NoticeId.eq(id))
        .exec(tx)
        .await?;
    notice_role::Entity::delete_many()
        .filter(notice_role::Column::NoticeId.eq(id))
        .exec(tx)
        .await?;
    let colleges: Vec<_> = readership
        .colleges()
        .map(|college_id| notice_college::ActiveModel {
            notice_id: Set(id),
            college_id: Set(college_id),
        })
        .collect();
    if !colleges.is_empty() {
        notice_college::Entity::insert_many(colleges)
            .exec_without_returning(tx)
            .await?;
    }
    let roles: Vec<_> = readership
        .roles()
        .map(|role| notice_role::ActiveModel {
            notice_id: Set(id),
            role: Set(role.code().to_owned()),
        })
        .collect();
    if !roles.is_empty() {
        notice_role::Entity::insert_many(roles)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes where a notice stands, and its first day.
pub(in crate::notice) async fn set_state(
    tx: &impl ConnectionTrait,
    id: i64,
    state: State,
    publish_on: Option<NaiveDate>,
) -> Result<(), DbErr> {
    notice::ActiveModel {
        id: Set(id),
        state: Set(state.code().to_owned()),
        published_at: Set(state.published_at()),
        withdrawn_at: Set(state.withdrawn_at()),
        publish_on: Set(publish_on),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

/// Takes a draft away with everything that belongs to it.
pub(in crate::notice) async fn discard(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    notice::Entity::delete_many()
        .filter(notice::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The files of a notice in the order in which they were added.
pub(in crate::notice) async fn attachments(
    connection: &impl ConnectionTrait,
    notice_id: i64,
) -> Result<Vec<notice_attachment::Model>, DbErr> {
    records::<notice_attachment::Entity>()
        .filter(notice_attachment::Column::NoticeId.eq(notice_id))
        .order_by_asc(notice_attachment::Column::Id)
        .all(connection)
        .await
}

/// A file of the author's notice.
pub(in crate::notice) async fn attachment(
    connection: &impl ConnectionTrait,
    notice_id: i64,
    attachment_id: i64,
) -> Result<Option<notice_attachment::Model>, DbErr> {
    records::<notice_attachment::Entity>()
        .filter(notice_attachment::Column::NoticeId.eq(notice_id))
        .filter(notice_attachment::Column::Id.eq(attachment_id))
        .one(connection)
        .await
}

/// Adds a file; answers its id.
pub(in crate::notice) async fn insert_attachment(
    tx: &impl ConnectionTrait,
    notice_id: i64,
    name: &str,
    bytes: usize,
    key: &str,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let row = notice_attachment::ActiveModel {
        notice_id: Set(notice_id),
        name: Set(name.to_owned()),
        bytes: Set(i64::try_from(bytes).unwrap_or(i64::MAX)),
        file_key: Set(key.to_owned()),
        added_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// Takes a file away.
pub(in crate::notice) async fn remove_attachment(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    notice_attachment::Entity::delete_many()
        .filter(notice_attachment::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
