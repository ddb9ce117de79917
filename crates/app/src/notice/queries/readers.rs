//! Who of the audience has read a notice, and who has not.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{account, assignment, notice_reader, notice_staff_reader, roster_entry, student};
use qihang_db::{EntryState, Scope, has_entry, records};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use crate::notice::model::Readership;
use crate::web::Step;

/// How many have read a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::notice) struct ReadCounts {
    pub(in crate::notice) students: i64,
    pub(in crate::notice) staff: i64,
}

/// How many have read each of these notices. Of students only those of the scope.
pub(in crate::notice) async fn read_counts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
) -> Result<HashMap<i64, ReadCounts>, DbErr> {
    let mut counts = HashMap::<i64, ReadCounts>::new();
    if ids.is_empty() {
        return Ok(counts);
    }
    let students: Vec<(i64, i64)> = scope
        .select::<notice_reader::Entity>()
        .select_only()
        .column(notice_reader::Column::NoticeId)
        .column_as(notice_reader::Column::StudentId.count(), "readers")
        .filter(notice_reader::Column::NoticeId.is_in(ids.iter().copied()))
        .group_by(notice_reader::Column::NoticeId)
        .into_tuple()
        .all(connection)
        .await?;
    for (id, readers) in students {
        counts.entry(id).or_default().students = readers;
    }
    let staff: Vec<(i64, i64)> = records::<notice_staff_reader::Entity>()
        .select_only()
        .column(notice_staff_reader::Column::NoticeId)
        .column_as(notice_staff_reader::Column::AccountId.count(), "readers")
        .filter(notice_staff_reader::Column::NoticeId.is_in(ids.iter().copied()))
        .group_by(notice_staff_reader::Column::NoticeId)
        .into_tuple()
        .all(connection)
        .await?;
    for (id, readers) in staff {
        counts.entry(id).or_default().staff = readers;
    }
    Ok(counts)
}

fn student_readers(scope: &Scope, notice_id: i64) -> SelectStatement {
    scope
        .select::<notice_reader::Entity>()
        .select_only()
        .column(notice_reader::Column::StudentId)
        .filter(notice_reader::Column::NoticeId.eq(notice_id))
        .into_query()
}

/// Students of the scope: those who have read the notice, or those of its audience who have not. Whoever the exchange no
/// longer has is not waited for.
fn students(
    scope: &Scope,
    notice_id: i64,
    readership: &Readership,
    has_read: HasRead,
) -> Select<student::Entity> {
    use student::Column;
    let readers = student_readers(scope, notice_id);
    let all = scope.select::<student::Entity>();
    if has_read == HasRead::Yes {
        return all.filter(Column::Id.in_subquery(readers));
    }
    let colleges: Vec<i64> = readership.colleges().collect();
    let college = if colleges.is_empty() {
        Condition::all()
    } else {
        Condition::any()
            .add(Column::CollegeId.is_in(colleges.iter().copied()))
            .add(Column::SecondCollegeId.is_in(colleges))
    };
    let class_year = readership.class_year().map(|year| {
        let entry = Condition::all()
            .add(
                Expr::col((roster_entry::Entity, roster_entry::Column::State))
                    .is_in([EntryState::Open.code(), EntryState::Closed.code()]),
            )
            .add(Expr::col((roster_entry::Entity, roster_entry::Column::ClassYear)).eq(year.year()));
        Condition::any()
            .add(Column::ExpectedYear.eq(year.year()))
            .add(has_entry(entry))
    });
    let student_type = readership
        .student_type()
        .map(|one| Column::StudentType.eq(one.code()));
    all.filter(Column::VanishedAt.is_null())
        .filter(college)
        .filter(Condition::all().add_option(class_year).add_option(student_type))
        .filter(Column::Id.not_in_subquery(readers))
}

/// Whether those are meant who have read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::notice) enum HasRead {
    Yes,
    No,
}

/// How many students have read the notice, and how many of its audience have not.
pub(in crate::notice) async fn student_totals(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    notice_id: i64,
    readership: &Readership,
) -> Result<(u64, u64), DbErr> {
    let count = |has_read| students(scope, notice_id, readership, has_read).count(connection);
    Ok((count(HasRead::Yes).await?, count(HasRead::No).await?))
}

/// A student in the list of readers.
#[derive(Clone, Debug, FromQueryResult)]
pub(in crate::notice) struct StudentRow {
    pub(in crate::notice) student_no: String,
    pub(in crate::notice) name: String,
    pub(in crate::notice) class_name: String,
    pub(in crate::notice) counsellor: String,
}

/// A page of students by 学号, read one longer than the page.
pub(in crate::notice) async fn student_rows(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    notice_id: i64,
    readership: &Readership,
    has_read: HasRead,
    (step, size): (&Step, u64),
) -> Result<Vec<StudentRow>, DbErr> {
    use student::Column;
    let rows = students(scope, notice_id, readership, has_read)
        .select_only()
        .columns([
            Column::StudentNo,
            Column::Name,
            Column::ClassName,
            Column::Counsellor,
        ])
        .limit(size + 1);
    let rows = match (&step.after, &step.before) {
        (Some(after), _) => rows.filter(Column::StudentNo.gt(after.as_str())),
        (None, Some(before)) => rows.filter(Column::StudentNo.lt(before.as_str())),
        (None, None) => rows,
    };
    let rows = if step.is_backwards() {
        rows.order_by_desc(Column::StudentNo)
    } else {
        rows.order_by_asc(Column::StudentNo)
    };
    rows.into_model().all(connection).await
}

/// A member of the staff in the list of readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::notice) struct StaffRow {
    pub(in crate::notice) login: String,
    pub(in crate::notice) name: String,
    /// `None` while it has not been read.
    pub(in crate::notice) read_at: Option<DateTime<Utc>>,
}

/// The staff a notice is for today, and everybody else of the staff who has read it, by 工号.
pub(in crate::notice) async fn staff_rows(
    connection: &impl ConnectionTrait,
    notice_id: i64,
    readership: &Readership,
    today: NaiveDate,
) -> Result<Vec<StaffRow>, DbErr> {
    let read: Vec<(i64, DateTime<Utc>)> = records::<notice_staff_reader::Entity>()
        .select_only()
        .column(notice_staff_reader::Column::AccountId)
        .column(notice_staff_reader::Column::ReadAt)
        .filter(notice_staff_reader::Column::NoticeId.eq(notice_id))
        .into_tuple()
        .all(connection)
        .await?;
    let read: HashMap<i64, DateTime<Utc>> = read.into_iter().collect();
    let mut meant = Condition::all().add(assignment::Column::StartsOn.lte(today)).add(
        Condition::any()
            .add(assignment::Column::EndsOn.is_null())
            .add(assignment::Column::EndsOn.gte(today)),
    );
    let roles: Vec<&str> = readership.roles().map(qihang_db::Role::code).collect();
    if !roles.is_empty() {
        meant = meant.add(assignment::Column::Role.is_in(roles));
    }
    let colleges: Vec<i64> = readership.colleges().collect();
    if !colleges.is_empty() {
        meant = meant.add(assignment::Column::CollegeId.is_in(colleges));
    }
    let meant = records::<assignment::Entity>()
        .select_only()
        .column(assignment::Column::AccountId)
        .filter(meant)
        .into_query();
    let is_meant = Condition::all()
        .add(account::Column::Id.in_subquery(meant))
        .add(account::Column::DisabledAt.is_null());
    let accounts: Vec<(i64, String, String)> = records::<account::Entity>()
        .select_only()
        .columns([account::Column::Id, account::Column::Login, account::Column::Name])
        .filter(
            Condition::any()
                .add(is_meant)
                .add(account::Column::Id.is_in(read.keys().copied())),
        )
        .order_by_asc(account::Column::Login)
        .into_tuple()
        .all(connection)
        .await?;
    let row = |(id, login, name): (i64, String, String)| StaffRow {
        login,
        name,
        read_at: read.get(&id).copied(),
    };
    Ok(accounts.into_iter().map(row).collect())
}
