//! Notices as whoever they are for finds them. One condition decides who may read: [`Reader::may_read`].

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{
    college, notice, notice_attachment, notice_college, notice_reader, notice_role, notice_staff_reader,
    roster_entry, student,
};
use qihang_db::{Audience, Db, EntryState, Scope, records, records_query};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::auth::{Action, Officer};
use crate::web::Step;

/// Notices on one page of the list.
pub(in crate::notice) const PAGE_SIZE: u64 = 20;

/// Pinned notices above the list; what an office pins beyond that is in nobody's sight anyway.
const PINNED_SHOWN: u64 = 10;

/// Whoever wants to read.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// Somebody who has not signed in.
    Visitor,
    /// A student.
    Student(&'a student::Model),
    /// A member of the staff.
    Staff(&'a Officer),
}

impl Reader<'_> {
    /// What a notice must be for this reader to read it on `today`. The same for the list, the page and the attachments.
    fn may_read(&self, today: NaiveDate) -> Condition {
        use notice::Column;
        let live = Condition::all()
            .add(Column::State.eq("published"))
            .add(Column::PublishOn.lte(today))
            .add(
                Condition::any()
                    .add(Column::EndsOn.is_null())
                    .add(Column::EndsOn.gte(today)),
            );
        let for_all = Column::Audience.eq(Audience::Public.code());
        let for_me = match self {
            Self::Visitor => Condition::any(),
            Self::Student(student) => Condition::any().add(for_student_condition(student)),
            Self::Staff(officer) => for_officer_condition(officer),
        };
        live.add(for_me.add(for_all))
    }
}

fn for_student_condition(student: &student::Model) -> Condition {
    use notice::Column;
    let listed_in = Scope::Student(student.id)
        .select::<roster_entry::Entity>()
        .select_only()
        .column(roster_entry::Column::ClassYear)
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .into_query();
    let class_year = Condition::any()
        .add(Column::ClassYear.is_null())
        .add(Column::ClassYear.in_subquery(listed_in))
        .add_option(student.expected_year.map(|year| Column::ClassYear.eq(year)));
    let colleges = [Some(student.college_id), student.second_college_id];
    Condition::all()
        .add(Column::Audience.eq(Audience::Students.code()))
        .add(
            Condition::any()
                .add(Column::StudentType.is_null())
                .add(Column::StudentType.eq(student.student_type.as_str())),
        )
        .add(class_year)
        .add(reaches_college(colleges.into_iter().flatten()))
}

/// What reaches an officer, and what reaches the students of the own 院: they will ask about it.
fn for_officer_condition(officer: &Officer) -> Condition {
    use notice::Column;
    let mut assigned = Condition::any();
    for one in &officer.assigned {
        let role = Condition::any()
            .add(Expr::exists(of_notice_role()).not())
            .add(Expr::exists(
                of_notice_role()
                    .and_where(
                        Expr::col((notice_role::Entity, notice_role::Column::Role)).eq(one.role.code()),
                    )
                    .to_owned(),
            ));
        let college = reaches_college(one.college.iter().map(|(id, _)| *id));
        assigned = assigned.add(Condition::all().add(role).add(college));
    }
    let staff = Condition::all()
        .add(Column::Audience.eq(Audience::Staff.code()))
        .add(assigned);
    let students = Condition::all().add(Column::Audience.eq(Audience::Students.code()));
    let of_own_students = match officer.scope_for(Action::WriteNotices) {
        Some(Scope::Everyone) => Some(students),
        Some(Scope::Colleges(ids)) => Some(students.add(reaches_college(ids.into_iter()))),
        Some(Scope::Student(_)) | None => None,
    };
    Condition::any().add(staff).add_option(of_own_students)
}

fn of_notice_role() -> sea_orm::sea_query::SelectStatement {
    records_query::<notice_role::Entity>()
        .expr(Expr::value(1))
        .and_where(
            Expr::col((notice_role::Entity, notice_role::Column::NoticeId))
                .equals((notice::Entity, notice::Column::Id)),
        )
        .to_owned()
}

fn of_notice_college() -> sea_orm::sea_query::SelectStatement {
    records_query::<notice_college::Entity>()
        .expr(Expr::value(1))
        .and_where(
            Expr::col((notice_college::Entity, notice_college::Column::NoticeId))
                .equals((notice::Entity, notice::Column::Id)),
        )
        .to_owned()
}

/// A notice that is for every 院, or for one of these.
fn reaches_college(ids: impl Iterator<Item = i64>) -> Condition {
    let ids: Vec<i64> = ids.collect();
    let any = Condition::any().add(Expr::exists(of_notice_college()).not());
    if ids.is_empty() {
        return any;
    }
    any.add(Expr::exists(
        of_notice_college()
            .and_where(Expr::col((notice_college::Entity, notice_college::Column::CollegeId)).is_in(ids))
            .to_owned(),
    ))
}

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
