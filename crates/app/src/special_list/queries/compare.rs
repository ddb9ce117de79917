//! A doctoral list in force beside the roster, for the students of a scope.

use qihang_db::entity::{college, major, roster_entry, special_list_row, student};
use qihang_db::{DegreeLevel, EntryState, ListOutcome, Scope, has_entry, is_named};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
};

use super::rows::{names_somebody, roster_years};
use crate::class_year::model::ClassYear;
use crate::web::Step;

pub(super) fn is_doctor() -> Expr {
    Expr::col((student::Entity, student::Column::DegreeLevel)).eq(DegreeLevel::Doctor.code())
}

/// On the roster of this class year.
pub(super) fn is_added(year: ClassYear) -> Expr {
    let state = Expr::col((roster_entry::Entity, roster_entry::Column::State));
    has_entry(
        Condition::all()
            .add(Expr::col((roster_entry::Entity, roster_entry::Column::ClassYear)).eq(year.year()))
            .add(state.is_in([EntryState::Open.code(), EntryState::Closed.code()])),
    )
}

/// On the open roster of any class year: nobody is on two.
fn is_on_open_roster() -> Expr {
    let state = Expr::col((roster_entry::Entity, roster_entry::Column::State));
    has_entry(Condition::all().add(state.eq(EntryState::Open.code())))
}

/// Rows of a list about students of the scope.
pub(super) fn named(scope: &Scope, list_id: i64) -> Select<special_list_row::Entity> {
    scope
        .select::<special_list_row::Entity>()
        .filter(names_somebody(list_id))
}

/// Doctoral students on the roster whom the list does not name.
pub(super) fn not_named(scope: &Scope, list_id: i64, year: ClassYear) -> Select<roster_entry::Entity> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .filter(is_doctor())
        .filter(is_named(names_somebody(list_id)).not())
}

/// Rows of a list whose 学号 nobody has.
pub(super) fn not_known(scope: &Scope, list_id: i64) -> Select<special_list_row::Entity> {
    scope.unknown_list_rows().filter(names_somebody(list_id))
}

/// How list and roster stand to one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Doctoral students on the list.
    pub listed: u64,
    /// Of these, not on the roster.
    pub missing: u64,
    /// Doctoral students on the roster and not on the list.
    pub unlisted: u64,
    /// Other students on the list who are not on the roster.
    pub others_missing: u64,
    /// 学号 that nobody has.
    pub unknown: u64,
}

impl Numbers {
    /// Doctoral students on list and roster.
    pub fn added(&self) -> u64 {
        self.listed.saturating_sub(self.missing)
    }
}

/// The numbers of a scope.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn numbers(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    year: ClassYear,
) -> Result<Numbers, DbErr> {
    let doctors = named(scope, list_id).filter(is_doctor());
    Ok(Numbers {
        listed: doctors.count(connection).await?,
        missing: doctoral_missing(connection, scope, list_id, year).await?,
        unlisted: not_named(scope, list_id, year).count(connection).await?,
        others_missing: named(scope, list_id)
            .filter(is_doctor().not())
            .filter(is_added(year).not())
            .count(connection)
            .await?,
        unknown: not_known(scope, list_id).count(connection).await?,
    })
}

/// How many doctoral students of a scope are listed and not on the roster.
///
/// # Errors
///
/// When the database does not answer.
pub async fn doctoral_missing(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    year: ClassYear,
) -> Result<u64, DbErr> {
    let doctors = named(scope, list_id).filter(is_doctor());
    doctors.filter(is_added(year).not()).count(connection).await
}

/// The doctoral students of a scope who are listed, not on the roster, and expected in the class year with nothing at odds.
pub async fn addable(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    year: ClassYear,
) -> Result<Vec<i64>, DbErr> {
    named(scope, list_id)
        .filter(is_doctor())
        .filter(is_added(year).not())
        .filter(is_on_open_roster().not())
        .filter(student::Column::ExpectedYear.eq(year.year()))
        .filter(special_list_row::Column::Outcome.ne(ListOutcome::NameDiffers.code()))
        .order_by_asc(student::Column::StudentNo)
        .select_only()
        .column(student::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// A student on the list who is not on the roster.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Listed {
    /// Student row.
    pub id: i64,
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// 学院.
    pub school: String,
    /// 专业.
    pub major: String,
    /// 学历: code, or as found.
    pub degree_level: String,
    /// Expected class year.
    pub expected_year: Option<i32>,
    /// Code of `Expectation`.
    pub expectation: String,
    /// Code of [`ListOutcome`].
    pub outcome: String,
    /// What the list says of the row.
    pub reason: String,
    /// The class year whose open roster holds the student.
    pub roster_year: Option<i32>,
}

/// Which of those who are listed and not on the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degree {
    /// Doctoral students.
    Doctors,
    /// All others.
    Others,
}

/// A page of those who are listed and not on the roster, by 学号, one longer than the page where there are more.
pub async fn listed(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (list_id, year): (i64, ClassYear),
    degree: Degree,
    step: &Step,
    page_size: u64,
) -> Result<Vec<Listed>, DbErr> {
    let which = match degree {
        Degree::Doctors => is_doctor(),
        Degree::Others => is_doctor().not(),
    };
    let query = named(scope, list_id)
        .filter(which)
        .filter(is_added(year).not())
        .join(JoinType::InnerJoin, student::Relation::School.def())
        .join(JoinType::InnerJoin, student::Relation::Major.def())
        .select_only()
        .columns([
            student::Column::Id,
            student::Column::StudentNo,
            student::Column::Name,
            student::Column::DegreeLevel,
            student::Column::ExpectedYear,
            student::Column::Expectation,
        ])
        .columns([
            special_list_row::Column::Outcome,
            special_list_row::Column::Reason,
        ])
        .column_as(college::Column::Name, "school")
        .column_as(major::Column::Name, "major")
        .column_as(Expr::value(None::<i32>), "roster_year");
    let mut rows: Vec<Listed> = by_number(query, step, page_size)
        .into_model()
        .all(connection)
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let years = roster_years(connection, scope, year, &ids).await?;
    for row in &mut rows {
        row.roster_year = years.get(&row.id).copied();
    }
    Ok(rows)
}

/// A page by 学号 of the student.
fn by_number<E: EntityTrait>(query: Select<E>, step: &Step, page_size: u64) -> Select<E> {
    let mut query = query.limit(page_size + 1);
    if let Some(after) = &step.after {
        query = query.filter(student::Column::StudentNo.gt(after));
    }
    if let Some(before) = &step.before {
        query = query.filter(student::Column::StudentNo.lt(before));
    }
    if step.is_backwards() {
        query.order_by_desc(student::Column::StudentNo)
    } else {
        query.order_by_asc(student::Column::StudentNo)
    }
}

/// A doctoral student on the roster whom the list does not name.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Unlisted {
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// 学院.
    pub school: String,
    /// 专业.
    pub major: String,
    /// 学籍状态: code, or as found.
    pub study_status: String,
    /// The class year whose list names the student, where another one does.
    pub nominal_year: Option<i32>,
}

/// A page of those, by 学号.
pub async fn unlisted(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    (list_id, year): (i64, ClassYear),
    step: &Step,
    page_size: u64,
) -> Result<Vec<Unlisted>, DbErr> {
    let query = not_named(scope, list_id, year)
        .join(JoinType::InnerJoin, student::Relation::School.def())
        .join(JoinType::InnerJoin, student::Relation::Major.def())
        .select_only()
        .columns([
            student::Column::StudentNo,
            student::Column::Name,
            student::Column::StudyStatus,
            student::Column::NominalYear,
        ])
        .column_as(college::Column::Name, "school")
        .column_as(major::Column::Name, "major");
    by_number(query, step, page_size)
        .into_model()
        .all(connection)
        .await
}

/// A row whose 学号 nobody has.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Unknown {
    /// 学号 as found.
    pub student_no: String,
    /// 姓名 as found.
    pub name: String,
    /// 学院 as found.
    pub college_found: String,
    /// Row in the file.
    pub line: i32,
}

/// A page of those, by 学号.
pub async fn unknown(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    list_id: i64,
    step: &Step,
    page_size: u64,
) -> Result<Vec<Unknown>, DbErr> {
    let mut query = not_known(scope, list_id).limit(page_size + 1);
    if let Some(after) = &step.after {
        query = query.filter(special_list_row::Column::StudentNo.gt(after));
    }
    if let Some(before) = &step.before {
        query = query.filter(special_list_row::Column::StudentNo.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(special_list_row::Column::StudentNo)
    } else {
        query.order_by_asc(special_list_row::Column::StudentNo)
    };
    query
        .select_only()
        .columns([
            special_list_row::Column::StudentNo,
            special_list_row::Column::Name,
            special_list_row::Column::CollegeFound,
            special_list_row::Column::Line,
        ])
        .into_model()
        .all(connection)
        .await
}
