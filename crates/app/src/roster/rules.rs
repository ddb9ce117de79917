//! Adding students to a class year's roster (R2 to R4): who may be added is asked again in the moment of adding, everyone is
//! added in one statement's transaction, and one audit event names the search and the students.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use qihang_db::entity::{roster_entry, roster_selection, student};
use qihang_db::{
    Action, AuditEvent, Change, ClassYearState, Db, EntryState, How, Lock, Scope, StudentType, StudyStatus,
    records,
};
use sea_orm::sea_query::{Expr, OnConflict, Query, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QuerySelect, QueryTrait,
};
use serde_json::json;

use super::candidates::queries::{self, CHUNK, Candidate};
use super::search::{Membership, Search, ShowAdded};
use super::selection::Selection;
use crate::auth::policy::Permission;
use crate::auth::{Can, policy};
use crate::class_year::{self, model::ClassYear};
use crate::findings::rules::{Touched, refresh};

/// Why nobody was added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Nobody is selected.
    #[error("nobody is selected")]
    NothingChosen,
    /// The class year is not open.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// The question is unknown, too old, somebody else's, or has been answered.
    #[error("there is no such question")]
    NoSuchQuestion,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Why a student who was selected was not added after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// On this class year's roster by now.
    AlreadyAdded,
    /// On the roster of another open class year.
    OnOtherRoster(i32),
    /// 延长学制: the centre adds them by list (R6), by this day where the class year has one.
    Extended(Option<NaiveDate>),
    /// The record has changed, so that the search does not find the student any more.
    NoLongerFound,
}

impl WhyNot {
    /// For the person.
    pub fn message(self) -> String {
        match self {
            Self::AlreadyAdded => "已在本届生源库中（可能刚由其他老师添加）".into(),
            Self::OnOtherRoster(year) => format!("已在 {year} 届生源库中，如需调整届别请联系就业中心"),
            Self::Extended(Some(due)) => format!(
                "延长学制学生由就业中心按教务处名单统一添加，{} 前完成，无须院系处理",
                due.format("%Y年%-m月%-d日")
            ),
            Self::Extended(None) => {
                "延长学制学生由就业中心在最后一批派遣之后按教务处名单统一添加，无须院系处理".into()
            }
            Self::NoLongerFound => "学生数据刚有变化，已不符合查询条件，请重新查询核对".into(),
        }
    }
}

/// Why a row cannot be selected, or `None` when it can: the same conditions as the query's, for one row.
/// `extended_due` is the class year's last day for extended students.
pub fn why_not(
    candidate: &Candidate,
    year: ClassYear,
    scope: &Scope,
    extended_due: Option<NaiveDate>,
) -> Option<WhyNot> {
    let extended_undergraduate = candidate.study_status == StudyStatus::Extended.code()
        && candidate.student_type == StudentType::Undergraduate.code();
    match candidate.roster_year {
        Some(of) if of == year.year() => Some(WhyNot::AlreadyAdded),
        Some(of) => Some(WhyNot::OnOtherRoster(of)),
        None if extended_undergraduate && *scope != Scope::Everyone => Some(WhyNot::Extended(extended_due)),
        None => None,
    }
}

/// What became of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Row ids of the students who are on the roster now.
    pub added: Vec<i64>,
    /// Those who were selected and are not, with the reason of each.
    pub left_out: Vec<(Candidate, WhyNot)>,
}

/// A question waits this long for its answer.
const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(24);

/// Keeps whom the officer is about to add, so that what is confirmed is what was seen. Answers the question's id and how
/// many students it holds.
///
/// # Errors
///
/// [`AddError::NothingChosen`] when the selection holds nobody, [`AddError::NotOpen`] when the class year is not open.
pub async fn ask(
    db: &Db,
    can: &Can<policy::ConfirmRoster>,
    year: ClassYear,
    search: (&Search, String),
    selection: &Selection,
) -> Result<(i64, usize), AddError> {
    let (search, address) = search;
    let ids = queries::selected_ids(db.reader(), can.scope(), search, year, selection).await?;
    if ids.is_empty() {
        return Err(AddError::NothingChosen);
    }
    // A question is no change of a record, so it has no audit event; its answer has.
    let tx = db.begin_write().await?;
    ensure_open(&tx, year).await?;
    let now = db.clock().now();
    roster_selection::Entity::delete_many()
        .filter(roster_selection::Column::CreatedAt.lt(now - ANSWER_WITHIN))
        .exec(&tx)
        .await?;
    let row = roster_selection::ActiveModel {
        account_id: Set(can.account_id().ok_or(AddError::NoSuchQuestion)?),
        class_year: Set(year.year()),
        search: Set(address),
        students: Set(json!(ids).to_string()),
        created_at: Set(now),
        ..Default::default()
    };
    let row = row.insert(&tx).await?;
    tx.commit().await?;
    Ok((row.id, ids.len()))
}

/// A question as it was asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id.
    pub id: i64,
    /// Class year to add to.
    pub year: ClassYear,
    /// Search and selection, as the query string of the page.
    pub address: String,
    /// Row ids of the students.
    pub students: Vec<i64>,
}

/// The question with this id, if it is the officer's own and not too old.
///
/// # Errors
///
/// [`AddError::NoSuchQuestion`] otherwise.
pub async fn question(
    connection: &impl ConnectionTrait,
    can: &Can<policy::ConfirmRoster>,
    id: i64,
    now: DateTime<Utc>,
) -> Result<Question, AddError> {
    let row = records::<roster_selection::Entity>()
        .filter(roster_selection::Column::Id.eq(id))
        .filter(roster_selection::Column::AccountId.eq(can.account_id()))
        .filter(roster_selection::Column::CreatedAt.gte(now - ANSWER_WITHIN))
        .one(connection)
        .await?
        .ok_or(AddError::NoSuchQuestion)?;
    let students = serde_json::from_str(&row.students).map_err(|_| AddError::NoSuchQuestion)?;
    let year = ClassYear::new(row.class_year).ok_or(AddError::NoSuchQuestion)?;
    Ok(Question {
        id,
        year,
        address: row.search,
        students,
    })
}

/// Answers a question with yes: adds the students who can be added as things stand now, tells of the others why not.
///
/// # Errors
///
/// [`AddError`]; then nobody was added.
pub async fn confirm(
    db: &Db,
    can: &Can<policy::ConfirmRoster>,
    question: &Question,
    search: &Search,
) -> Result<Added, AddError> {
    let change = db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    // Taking the question away first makes the second of two answers wait, and then find none.
    let taken = roster_selection::Entity::delete_by_id(question.id)
        .exec(change.tx())
        .await?;
    if taken.rows_affected == 0 {
        return Err(AddError::NoSuchQuestion);
    }
    ensure_open(change.tx(), question.year).await?;
    let mut added = Vec::with_capacity(question.students.len());
    for some in question.students.chunks(CHUNK) {
        added.extend(insert(&change, can, question.year, How::Officer, search, some).await?);
    }
    let left_out = left_out(&change, can.scope(), question, &added).await?;
    finish(change, question.year, &question.address, &added, left_out.len()).await?;
    renew_statistics(db, added.len()).await;
    Ok(Added { added, left_out })
}

/// `roster confirm --expected`: everyone in the duty of one 院 who is expected in the class year and can be added.
///
/// # Errors
///
/// [`AddError::NotOpen`] when the class year is not open.
pub async fn add_expected(
    db: &Db,
    can: &Can<policy::ConfirmRoster>,
    year: ClassYear,
) -> Result<Vec<i64>, AddError> {
    let search = everybody(Membership::Ready);
    let change = db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    ensure_open(change.tx(), year).await?;
    let everyone = Selection::AllExcept(std::collections::BTreeSet::new());
    let ids = queries::selected_ids(change.tx(), can.scope(), &search, year, &everyone).await?;
    let mut added = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        added.extend(insert(&change, can, year, How::Command, &search, some).await?);
    }
    if added.is_empty() {
        change.abandon().await?;
    } else {
        finish(change, year, "expected=ready", &added, 0).await?;
    }
    renew_statistics(db, added.len()).await;
    Ok(added)
}

/// Finds everybody of this membership.
const fn everybody(membership: Membership) -> Search {
    Search {
        student_type: None,
        degree: None,
        admission_year: None,
        school_id: None,
        residence_id: None,
        major_id: None,
        length_half_years: None,
        class_name: None,
        words: None,
        membership,
        show_added: ShowAdded::No,
    }
}

/// Puts students whom a list names on the roster, as part of a change that the list's own rule commits; answers who is on
/// it now. Who cannot be added is left out, as in 名单确认.
///
/// # Errors
///
/// When the database does not answer.
pub(crate) async fn put<A: Permission>(
    change: &Change,
    can: &Can<A>,
    year: ClassYear,
    how: How,
    ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    let search = everybody(Membership::Any);
    let mut added = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        added.extend(insert(change, can, year, how, &search, some).await?);
    }
    Ok(added)
}

/// Confirms students whom a list names; `source` says in the log which. The change holds the lock of rosters.
///
/// # Errors
///
/// [`AddError`]; then nobody was added.
pub(crate) async fn add_named(
    db: &Db,
    change: Change,
    can: &Can<policy::ConfirmRoster>,
    (year, how): (ClassYear, How),
    source: &str,
    ids: &[i64],
) -> Result<Vec<i64>, AddError> {
    ensure_open(change.tx(), year).await?;
    let added = put(&change, can, year, how, ids).await?;
    if added.is_empty() {
        return Err(AddError::NothingChosen);
    }
    finish(change, year, source, &added, ids.len() - added.len()).await?;
    renew_statistics(db, added.len()).await;
    Ok(added)
}

/// Adding to a class year that is planned or closed is refused (R3).
async fn ensure_open(tx: &impl ConnectionTrait, year: ClassYear) -> Result<(), AddError> {
    match class_year::queries::find(tx, year)
        .await?
        .map(|found| found.state)
    {
        Some(ClassYearState::Open) => Ok(()),
        Some(ClassYearState::Planned | ClassYearState::Closed) | None => Err(AddError::NotOpen(year)),
    }
}

/// Puts those of `ids` on the roster whom the search still finds and who can be added, in one statement; answers who they
/// are. Whoever another officer adds at the same moment is added once, by constraint.
async fn insert<A: Permission>(
    change: &Change,
    can: &Can<A>,
    year: ClassYear,
    how: How,
    search: &Search,
    ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    let values: [(roster_entry::Column, SimpleExpr); 5] = [
        (roster_entry::Column::ClassYear, Expr::value(year.year())),
        (roster_entry::Column::State, Expr::value(EntryState::Open.code())),
        (roster_entry::Column::How, Expr::value(how.code())),
        (roster_entry::Column::AddedBy, Expr::value(can.account_id())),
        (roster_entry::Column::AddedAt, Expr::value(change.now())),
    ];
    let mut columns = vec![roster_entry::Column::StudentId];
    let mut students = queries::still_addable(can.scope(), search, year, ids)
        .select_only()
        .column(student::Column::Id);
    for (column, value) in values {
        columns.push(column);
        students = students.expr(value);
    }
    let mut insert = Query::insert();
    insert
        .into_table(roster_entry::Entity)
        .columns(columns)
        .select_from(students.into_query())
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .returning_col(roster_entry::Column::StudentId);
    let rows = change.tx().query_all(&insert).await?;
    rows.iter().map(|row| row.try_get("", "student_id")).collect()
}

async fn left_out(
    change: &Change,
    scope: &Scope,
    question: &Question,
    added: &[i64],
) -> Result<Vec<(Candidate, WhyNot)>, DbErr> {
    let added: std::collections::HashSet<i64> = added.iter().copied().collect();
    let missing: Vec<i64> = question
        .students
        .iter()
        .copied()
        .filter(|id| !added.contains(id))
        .collect();
    let rows = queries::by_ids(change.tx(), scope, question.year, &missing).await?;
    let extended_due = class_year::queries::find(change.tx(), question.year)
        .await?
        .and_then(|details| details.extended_due);
    Ok(rows
        .into_iter()
        .map(|row| {
            let why = why_not(&row, question.year, scope, extended_due).unwrap_or(WhyNot::NoLongerFound);
            (row, why)
        })
        .collect())
}

async fn finish(
    change: Change,
    year: ClassYear,
    search: &str,
    added: &[i64],
    left_out: usize,
) -> Result<(), DbErr> {
    refresh(&change, Touched::Students(added)).await?;
    let event = AuditEvent::new(Action::RosterAdded, format!("roster/{year}"))
        .after(json!({"search": search, "added": added.len(), "left_out": left_out, "students": added}));
    change.commit(event).await
}

/// From so many students added at once, the planner's statistics are renewed.
const MANY: usize = 200;

/// PostgreSQL plans by statistics from before a large addition until it gets round to renewing them: measured, one count
/// took 850 ms instead of 11. The addition stands, whatever becomes of this.
pub(crate) async fn renew_statistics(db: &Db, added: usize) {
    if added >= MANY
        && let Err(error) = db.analyze::<roster_entry::Entity>().await
    {
        tracing::warn!(%error, "The planner's statistics could not be renewed; the database does it later.");
    }
}
