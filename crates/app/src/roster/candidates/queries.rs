//! Students who may be added to a roster.

use qihang_db::entity::{college, major, roster_entry, student};
use qihang_db::{EntryState, Scope, StudentType, StudyStatus, has_entry};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, RelationTrait, Select,
};

use crate::class_year::model::ClassYear;
use crate::roster::model::Expectation;
use crate::roster::search::{Membership, Search, ShowAdded};
use crate::roster::selection::Selection;
use crate::web::Step;

/// A student in the result of the search.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Candidate {
    /// Row id.
    pub id: i64,
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
    /// 类型, code or as found.
    pub student_type: String,
    /// 学历, code or as found.
    pub degree_level: String,
    /// 学院.
    pub school: String,
    /// 书院, as row id.
    pub residence_id: Option<i64>,
    /// 专业.
    pub major: String,
    /// 班级.
    pub class_name: String,
    /// 入学年份.
    pub admission_year: i32,
    /// 学制 in half years.
    pub length_half_years: Option<i32>,
    /// 学籍状态, code or as found.
    pub study_status: String,
    /// Expected class year.
    pub expected_year: Option<i32>,
    /// Code of [`Expectation`].
    pub expectation: String,
    /// The class year whose open roster holds the student, or this one where it holds them closed.
    pub roster_year: Option<i32>,
}

/// The numbers of the page's head (R2a).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// On the roster already.
    pub added: u64,
    /// 可直接添加.
    pub ready: u64,
    /// 需核实.
    pub doubtful: u64,
}

impl Summary {
    /// 应毕业.
    pub fn total(self) -> u64 {
        self.added + self.ready + self.doubtful
    }
}

fn entry_in(states: &[EntryState]) -> Condition {
    Condition::all().add(
        Expr::col((roster_entry::Entity, roster_entry::Column::State))
            .is_in(states.iter().map(|state| state.code())),
    )
}

/// On the roster of this class year.
fn is_added(year: ClassYear) -> Expr {
    let of_year = Expr::col((roster_entry::Entity, roster_entry::Column::ClassYear)).eq(year.year());
    has_entry(entry_in(&[EntryState::Open, EntryState::Closed]).add(of_year))
}

/// On the roster of any open class year: the constraint lets nobody in twice.
fn is_on_open_roster() -> Expr {
    has_entry(entry_in(&[EntryState::Open]))
}

/// Expected in this class year.
fn is_ready(year: ClassYear) -> Condition {
    Condition::all().add(student::Column::ExpectedYear.eq(year.year()))
}

/// Of this class year by the calendar, but status or length leave a doubt. Who has left for good (退学, 转学, 毕业) is in no
/// doubt.
fn is_doubtful(year: ClassYear) -> Condition {
    let doubts = [
        Expectation::Status(StudyStatus::Suspended),
        Expectation::Status(StudyStatus::Extended),
        Expectation::UnknownStatus,
        Expectation::Vanished,
        Expectation::NoLength,
    ];
    // Said so that the few with a doubt are looked up first: as one OR of two conditions SQLite reads the whole class.
    Condition::all()
        .add(student::Column::Expectation.is_in(doubts.map(Expectation::code)))
        .add(
            Condition::any()
                .add(student::Column::NominalYear.eq(year.year()))
                .add(student::Column::Expectation.eq(Expectation::NoLength.code())),
        )
}

/// What the search asks, as a condition on the student. 学号, 姓名, 拼音 and initials are compared from their beginning.
fn asks(search: &Search, year: ClassYear) -> Condition {
    let mut condition = Condition::all()
        .add_option(
            search
                .student_type
                .map(|value| student::Column::StudentType.eq(value.code())),
        )
        .add_option(
            search
                .degree
                .map(|value| student::Column::DegreeLevel.eq(value.code())),
        )
        .add_option(
            search
                .admission_year
                .map(|value| student::Column::AdmissionYear.eq(value)),
        )
        .add_option(search.school_id.map(|value| student::Column::SchoolId.eq(value)))
        .add_option(
            search
                .residence_id
                .map(|value| student::Column::ResidenceId.eq(value)),
        )
        .add_option(search.major_id.map(|value| student::Column::MajorId.eq(value)))
        .add_option(
            search
                .length_half_years
                .map(|value| student::Column::LengthHalfYears.eq(value)),
        )
        .add_option(
            search
                .class_name
                .as_ref()
                .map(|value| student::Column::ClassName.eq(value)),
        )
        .add_option(search.words.as_ref().map(|words| matches_words(words)));
    condition = match search.membership {
        Membership::Ready => condition.add(is_ready(year)),
        Membership::Doubtful => condition.add(is_doubtful(year)),
        Membership::Any => condition,
    };
    match search.show_added {
        ShowAdded::Yes => condition,
        ShowAdded::No => condition.add(is_added(year).not()),
    }
}

/// 姓名, 拼音, initials or 学号 beginning with these words. Said as a range, which an index on either engine can answer: text
/// stands in byte order.
pub fn matches_words(words: &str) -> Condition {
    let begins = |column: student::Column, text: &str| {
        // No assigned character is greater than the last one.
        Condition::all()
            .add(column.gte(text))
            .add(column.lt(format!("{text}\u{10ffff}")))
    };
    if words.is_ascii() {
        let lower = words.to_lowercase();
        Condition::any()
            .add(begins(student::Column::StudentNo, words))
            .add(begins(student::Column::StudentNo, &words.to_uppercase()))
            .add(begins(student::Column::Pinyin, &lower.replace(' ', "")))
            .add(begins(student::Column::Initials, &lower))
    } else {
        Condition::any().add(begins(student::Column::Name, words))
    }
}

/// Who among the found can be selected: on no open roster nor on this class year's, and no 延长学制 undergraduate for a 院
/// (R6: those come by the registrar's list).
fn can_be_added(scope: &Scope, year: ClassYear) -> Condition {
    let condition = Condition::all()
        .add(is_on_open_roster().not())
        .add(is_added(year).not());
    match scope {
        Scope::Everyone => condition,
        Scope::Colleges(_) | Scope::Student(_) => condition.add(is_extended_undergraduate().not()),
    }
}

fn found(scope: &Scope, search: &Search, year: ClassYear) -> Select<student::Entity> {
    scope.select::<student::Entity>().filter(asks(search, year))
}

/// How many of the found can be selected.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn count_selectable(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    search: &Search,
    year: ClassYear,
) -> Result<u64, DbErr> {
    found(scope, search, year)
        .filter(can_be_added(scope, year))
        .count(connection)
        .await
}

/// How many are selected: found, can be selected, and held by the selection. `selectable` is what
/// [`count_selectable`] answered; only the rows that are named one by one are looked at.
pub async fn count_selected(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    search: &Search,
    year: ClassYear,
    selection: &Selection,
    selectable: u64,
) -> Result<u64, DbErr> {
    let named = match selection.singles() {
        singles if singles.is_empty() => 0,
        singles => {
            let singles = Selection::Only(singles.clone());
            selected(scope, search, year, &singles).count(connection).await?
        }
    };
    Ok(match selection {
        Selection::AllExcept(_) => selectable.saturating_sub(named),
        Selection::Only(_) => named,
    })
}

fn selected(
    scope: &Scope,
    search: &Search,
    year: ClassYear,
    selection: &Selection,
) -> Select<student::Entity> {
    let singles = student::Column::Id.is_in(selection.singles().iter().copied());
    let held = match selection {
        Selection::AllExcept(except) if except.is_empty() => Condition::all(),
        Selection::AllExcept(_) => Condition::all().add(singles.not()),
        Selection::Only(chosen) if chosen.is_empty() => Condition::all().add(student::Column::Id.is_null()),
        Selection::Only(_) => Condition::all().add(singles),
    };
    found(scope, search, year)
        .filter(can_be_added(scope, year))
        .filter(held)
}

/// The row ids of the selected, in order of 学号.
pub async fn selected_ids(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    search: &Search,
    year: ClassYear,
    selection: &Selection,
) -> Result<Vec<i64>, DbErr> {
    ids_of(selected(scope, search, year, selection), connection).await
}

/// How many of these students are in doubt, by reason: for the question before adding.
pub async fn doubts_among(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    ids: &[i64],
) -> Result<Vec<(Expectation, Option<i32>, u64)>, DbErr> {
    let mut counts = std::collections::BTreeMap::<(String, Option<i32>), u64>::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(String, Option<i32>, i64)> = scope
            .select::<student::Entity>()
            .filter(student::Column::Id.is_in(some.iter().copied()))
            .filter(
                Condition::any()
                    .add(student::Column::ExpectedYear.is_null())
                    .add(student::Column::ExpectedYear.ne(year.year())),
            )
            .select_only()
            .column(student::Column::Expectation)
            .column(student::Column::ExpectedYear)
            .column_as(student::Column::Id.count(), "number")
            .group_by(student::Column::Expectation)
            .group_by(student::Column::ExpectedYear)
            .into_tuple()
            .all(connection)
            .await?;
        for (expectation, expected_year, number) in rows {
            *counts.entry((expectation, expected_year)).or_default() +=
                u64::try_from(number).unwrap_or_default();
        }
    }
    Ok(counts
        .into_iter()
        .filter_map(|((code, year), number)| Some((Expectation::from_code(&code)?, year, number)))
        .collect())
}

/// Ids in one `IN` list: below every engine's limit of parameters.
pub const CHUNK: usize = 5_000;

/// The row ids of the found, in order of 学号.
pub async fn found_ids(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    search: &Search,
    year: ClassYear,
) -> Result<Vec<i64>, DbErr> {
    ids_of(found(scope, search, year), connection).await
}

/// The row ids on a page of the found, one longer than the page when there are more: for a page whose key is no longer
/// among the found.
pub async fn page_ids(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    search: &Search,
    year: ClassYear,
    step: &Step,
    page_size: u64,
) -> Result<Vec<i64>, DbErr> {
    let found = found(scope, search, year)
        .filter(
            Condition::all()
                .add_option(step.after.as_ref().map(|key| student::Column::StudentNo.gt(key)))
                .add_option(step.before.as_ref().map(|key| student::Column::StudentNo.lt(key))),
        )
        .limit(page_size + 1);
    let found = if step.is_backwards() {
        found.order_by_desc(student::Column::StudentNo)
    } else {
        found.order_by_asc(student::Column::StudentNo)
    };
    found
        .select_only()
        .column(student::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// The row id of the student with this 学号, where the scope holds one.
pub async fn id_of(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_no: &str,
) -> Result<Option<i64>, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(student::Column::StudentNo.eq(student_no))
        .select_only()
        .column(student::Column::Id)
        .into_tuple()
        .one(connection)
        .await
}

/// Row ids in order of 学号.
async fn ids_of(
    students: Select<student::Entity>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<i64>, DbErr> {
    students
        .order_by_asc(student::Column::StudentNo)
        .select_only()
        .column(student::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// These students as the result shows them, whatever the search says now.
pub async fn by_ids(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    ids: &[i64],
) -> Result<Vec<Candidate>, DbErr> {
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        let found = scope
            .select::<student::Entity>()
            .filter(student::Column::Id.is_in(some.iter().copied()))
            .order_by_asc(student::Column::StudentNo);
        let some: Vec<Candidate> = candidates(found).into_model().all(connection).await?;
        rows.extend(with_roster_years(connection, scope, year, some).await?);
    }
    Ok(rows)
}

fn candidates(found: Select<student::Entity>) -> Select<student::Entity> {
    found
        .join(JoinType::InnerJoin, student::Relation::School.def())
        .join(JoinType::InnerJoin, student::Relation::Major.def())
        .select_only()
        .columns([
            student::Column::Id,
            student::Column::StudentNo,
            student::Column::Name,
            student::Column::StudentType,
            student::Column::DegreeLevel,
            student::Column::ResidenceId,
            student::Column::ClassName,
            student::Column::AdmissionYear,
            student::Column::LengthHalfYears,
            student::Column::StudyStatus,
            student::Column::ExpectedYear,
            student::Column::Expectation,
        ])
        .column_as(college::Column::Name, "school")
        .column_as(major::Column::Name, "major")
        .column_as(Expr::value(None::<i32>), "roster_year")
}

/// Fills in whose roster the students of a page are on: one query for the page, and only for the page.
async fn with_roster_years(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    mut rows: Vec<Candidate>,
) -> Result<Vec<Candidate>, DbErr> {
    let entries: Vec<(i64, i32)> = scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::StudentId.is_in(rows.iter().map(|row| row.id)))
        .filter(
            Condition::any()
                .add(roster_entry::Column::State.eq(EntryState::Open.code()))
                .add(
                    Condition::all()
                        .add(roster_entry::Column::State.eq(EntryState::Closed.code()))
                        .add(roster_entry::Column::ClassYear.eq(year.year())),
                ),
        )
        .select_only()
        .columns([roster_entry::Column::StudentId, roster_entry::Column::ClassYear])
        .into_tuple()
        .all(connection)
        .await?;
    for row in &mut rows {
        row.roster_year = entries
            .iter()
            .find(|(student_id, _)| *student_id == row.id)
            .map(|(_, year)| *year);
    }
    Ok(rows)
}

/// How many of the scope are on the roster of the class year.
pub async fn count_added(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<u64, DbErr> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .count(connection)
        .await
}

/// How many 可直接添加.
pub async fn count_ready(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<u64, DbErr> {
    count_addable(connection, scope, year, is_ready(year)).await
}

/// How many 需核实.
pub async fn count_doubtful(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<u64, DbErr> {
    count_addable(connection, scope, year, is_doubtful(year)).await
}

/// How many 延长学制 undergraduates are on no open roster.
pub async fn count_extended(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<u64, DbErr> {
    count_addable(connection, scope, year, is_extended_undergraduate()).await
}

/// R6: comes by the registrar's list.
fn is_extended_undergraduate() -> Condition {
    Condition::all()
        .add(student::Column::StudyStatus.eq(StudyStatus::Extended.code()))
        .add(student::Column::StudentType.eq(StudentType::Undergraduate.code()))
}

async fn count_addable(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    which: Condition,
) -> Result<u64, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(which)
        .filter(is_on_open_roster().not())
        .filter(is_added(year).not())
        .count(connection)
        .await
}

/// Of these students, the ones who can be added as things stand, by the same conditions as the search that found them.
pub(in crate::roster) fn still_addable(
    scope: &Scope,
    search: &Search,
    year: ClassYear,
    ids: &[i64],
) -> Select<student::Entity> {
    found(scope, search, year)
        .filter(can_be_added(scope, year))
        .filter(student::Column::Id.is_in(ids.iter().copied()))
}
