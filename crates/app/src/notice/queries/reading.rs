//! Notices as whoever they are for finds them: lists, pages, attachments, and that somebody has read one.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{college, notice, notice_attachment, notice_reader, notice_staff_reader, student};
use qihang_db::{Db, Scope, records};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::reader::Reader;
use crate::auth::Officer;
use crate::web::Step;

/// Notices on one page of the list.
pub(in crate::notice) const PAGE_SIZE: u64 = 20;

/// Pinned notices above the list; what an office pins beyond that is in nobody's sight anyway.
const PINNED_SHOWN: u64 = 10;

/// A notice in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// Row id; the page is `/notices/{id}`.
    pub id: i64,
    /// 标题.
    pub title: String,
    /// 置顶.
    pub pinned: bool,
    /// The day from which it can be read.
    pub day: NaiveDate,
    /// The 院 that wrote it; `None` is the centre.
    pub college: Option<String>,
    /// Whether the reader has not opened it yet; always false for whoever has not signed in.
    pub unread: bool,
}

type HeadlineColumns = (i64, String, bool, Option<NaiveDate>, Option<String>);

fn headlines(reader: Reader<'_>, today: NaiveDate) -> Select<notice::Entity> {
    records::<notice::Entity>()
        .join(
            JoinType::LeftJoin,
            notice::Entity::belongs_to(college::Entity)
                .from(notice::Column::CollegeId)
                .to(college::Column::Id)
                .into(),
        )
        .select_only()
        .columns([
            notice::Column::Id,
            notice::Column::Title,
            notice::Column::Pinned,
            notice::Column::PublishOn,
        ])
        .column(college::Column::Name)
        .filter(reader.may_read(today))
}

async fn read(
    connection: &impl ConnectionTrait,
    reader: Reader<'_>,
    found: Vec<HeadlineColumns>,
) -> Result<Vec<Headline>, DbErr> {
    let ids: Vec<i64> = found.iter().map(|row| row.0).collect();
    let seen = read_among(connection, reader, ids).await?;
    let headline = |(id, title, pinned, day, college): HeadlineColumns| Headline {
        unread: seen.as_ref().is_some_and(|seen| !seen.contains(&id)),
        id,
        title,
        pinned,
        day: day.unwrap_or_default(),
        college,
    };
    Ok(found.into_iter().map(headline).collect())
}

/// Which of these the reader has opened; `None` for whoever has not signed in.
async fn read_among(
    connection: &impl ConnectionTrait,
    reader: Reader<'_>,
    ids: Vec<i64>,
) -> Result<Option<HashSet<i64>>, DbErr> {
    if ids.is_empty() {
        return Ok(None);
    }
    let seen: Vec<i64> = match reader {
        Reader::Visitor => return Ok(None),
        Reader::Student(student) => {
            Scope::Student(student.id)
                .select::<notice_reader::Entity>()
                .select_only()
                .column(notice_reader::Column::NoticeId)
                .filter(notice_reader::Column::NoticeId.is_in(ids))
                .into_tuple()
                .all(connection)
                .await?
        }
        Reader::Staff(officer) => {
            records::<notice_staff_reader::Entity>()
                .select_only()
                .column(notice_staff_reader::Column::NoticeId)
                .filter(notice_staff_reader::Column::AccountId.eq(officer.account_id))
                .filter(notice_staff_reader::Column::NoticeId.is_in(ids))
                .into_tuple()
                .all(connection)
                .await?
        }
    };
    Ok(Some(seen.into_iter().collect()))
}

/// The newest notices for the reader, those that are pinned first.
async fn latest(
    connection: &impl ConnectionTrait,
    reader: Reader<'_>,
    today: NaiveDate,
    limit: u64,
) -> Result<Vec<Headline>, DbErr> {
    let found = headlines(reader, today)
        .order_by_desc(notice::Column::Pinned)
        .order_by_desc(notice::Column::PublishOn)
        .order_by_desc(notice::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?;
    read(connection, reader, found).await
}

/// The newest public notices, for the home page. One statement.
///
/// # Errors
///
/// When the database does not answer.
pub async fn public(
    connection: &impl ConnectionTrait,
    today: NaiveDate,
    limit: u64,
) -> Result<Vec<Headline>, DbErr> {
    latest(connection, Reader::Visitor, today, limit).await
}

/// The newest notices for a student, for the student's home. Two statements.
///
/// # Errors
///
/// When the database does not answer.
pub async fn for_student(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    today: NaiveDate,
    limit: u64,
) -> Result<Vec<Headline>, DbErr> {
    latest(connection, Reader::Student(student), today, limit).await
}

/// The newest notices for a member of the staff, for the home of the staff. Two statements.
///
/// # Errors
///
/// When the database does not answer.
pub async fn for_staff(
    connection: &impl ConnectionTrait,
    officer: &Officer,
    today: NaiveDate,
    limit: u64,
) -> Result<Vec<Headline>, DbErr> {
    latest(connection, Reader::Staff(officer), today, limit).await
}

/// A page of the list: what is pinned (on the first page only), and the others by day, read one longer than the page.
#[derive(Clone, Debug)]
pub(in crate::notice) struct Shelf {
    pub(in crate::notice) pinned: Vec<Headline>,
    pub(in crate::notice) others: Vec<Headline>,
}

/// The page of the list that begins at `step`; its keys are `day.id`.
pub(in crate::notice) async fn shelf(
    connection: &impl ConnectionTrait,
    reader: Reader<'_>,
    today: NaiveDate,
    step: &Step,
    bound: Option<(NaiveDate, i64)>,
) -> Result<Shelf, DbErr> {
    use notice::Column;
    let is_first = bound.is_none() && !step.is_backwards();
    let pinned = if is_first {
        headlines(reader, today)
            .filter(Column::Pinned.eq(true))
            .order_by_desc(Column::PublishOn)
            .order_by_desc(Column::Id)
            .limit(PINNED_SHOWN)
            .into_tuple()
            .all(connection)
            .await?
    } else {
        Vec::new()
    };
    let mut others = headlines(reader, today).filter(Column::Pinned.eq(false));
    if let Some((day, id)) = bound {
        let (further, same_day) = if step.is_backwards() {
            (Column::PublishOn.gt(day), Column::Id.gt(id))
        } else {
            (Column::PublishOn.lt(day), Column::Id.lt(id))
        };
        others = others.filter(
            Condition::any()
                .add(further)
                .add(Condition::all().add(Column::PublishOn.eq(day)).add(same_day)),
        );
    }
    let others = if step.is_backwards() {
        others.order_by_asc(Column::PublishOn).order_by_asc(Column::Id)
    } else {
        others.order_by_desc(Column::PublishOn).order_by_desc(Column::Id)
    };
    let others = others.limit(PAGE_SIZE + 1).into_tuple().all(connection).await?;
    Ok(Shelf {
        pinned: read(connection, reader, pinned).await?,
        others: read(connection, reader, others).await?,
    })
}

/// A notice that somebody may read, with what belongs to it.
#[derive(Clone, Debug)]
pub(in crate::notice) struct Readable {
    pub(in crate::notice) row: notice::Model,
    pub(in crate::notice) college: Option<String>,
    pub(in crate::notice) attachments: Vec<notice_attachment::Model>,
}

/// The notice, if the reader may read it today.
pub(in crate::notice) async fn find_readable(
    connection: &impl ConnectionTrait,
    reader: Reader<'_>,
    today: NaiveDate,
    id: i64,
) -> Result<Option<Readable>, DbErr> {
    let found = records::<notice::Entity>()
        .filter(notice::Column::Id.eq(id))
        .filter(reader.may_read(today))
        .one(connection)
        .await?;
    let Some(row) = found else { return Ok(None) };
    let college = match row.college_id {
        Some(college_id) => records::<college::Entity>()
            .filter(college::Column::Id.eq(college_id))
            .one(connection)
            .await?
            .map(|college| college.name),
        None => None,
    };
    Ok(Some(Readable {
        attachments: super::attachments(connection, id).await?,
        row,
        college,
    }))
}

/// The attachment, if the reader may read its notice today.
pub(in crate::notice) async fn readable_attachment(
    connection: &impl ConnectionTrait,
    reader: Reader<'_>,
    today: NaiveDate,
    notice_id: i64,
    attachment_id: i64,
) -> Result<Option<notice_attachment::Model>, DbErr> {
    let readable = records::<notice::Entity>()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::Id.eq(notice_id))
        .filter(reader.may_read(today))
        .into_query();
    records::<notice_attachment::Entity>()
        .filter(notice_attachment::Column::Id.eq(attachment_id))
        .filter(notice_attachment::Column::NoticeId.in_subquery(readable))
        .one(connection)
        .await
}

/// Keeps that the reader has opened the notice, the first time only. No change of a record, so without an event.
pub(in crate::notice) async fn record_reading(
    db: &Db,
    reader: Reader<'_>,
    notice_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    // Looked at first, so that only the first reading writes.
    let seen = read_among(db.reader(), reader, vec![notice_id]).await?;
    if seen.is_none_or(|seen| !seen.is_empty()) {
        return Ok(());
    }
    let tx = db.begin_write().await?;
    match reader {
        Reader::Visitor => {}
        Reader::Student(student) => {
            let row = notice_reader::ActiveModel {
                notice_id: Set(notice_id),
                student_id: Set(student.id),
                read_at: Set(now),
            };
            notice_reader::Entity::insert(row)
                .on_conflict(
                    OnConflict::columns([notice_reader::Column::NoticeId, notice_reader::Column::StudentId])
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(&tx)
                .await?;
        }
        Reader::Staff(officer) => {
            let row = notice_staff_reader::ActiveModel {
                notice_id: Set(notice_id),
                account_id: Set(officer.account_id),
                read_at: Set(now),
            };
            notice_staff_reader::Entity::insert(row)
                .on_conflict(
                    OnConflict::columns([
                        notice_staff_reader::Column::NoticeId,
                        notice_staff_reader::Column::AccountId,
                    ])
                    .do_nothing()
                    .to_owned(),
                )
                .exec_without_returning(&tx)
                .await?;
        }
    }
    tx.commit().await
}
