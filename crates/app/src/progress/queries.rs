//! Who on the roster is how far, and what blocks them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use qihang_db::entity::{account, activation, correction, finding, message, roster_entry, student};
use qihang_db::{CorrectionState, EntryState, MessageKind, Scope, records};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, TryGetable,
};

use super::filter::{Block, By, Filter, State};
use crate::activation::fields::Field;
use crate::activation::model::is_judged_by_findings;
use crate::activation::queries::{activated, confirm_again, field_rules, not_activated};
use crate::class_year::model::ClassYear;
use crate::findings::model::Severity;
use crate::roster::candidates::queries::matches_words;
use crate::roster::selection::Selection;
use crate::web::Step;

/// Which rows: the class year, who may be seen, what is asked for, and which fields block when they are missing or wrong.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Who may be seen.
    pub scope: &'a Scope,
    /// The roster.
    pub year: ClassYear,
    /// What is asked for.
    pub filter: &'a Filter,
    /// The fields of the record that activation needs in this class year.
    pub needed: &'a [Field],
}

/// Ids in one `IN` list: below every engine's limit of parameters.
const CHUNK: usize = 5_000;

/// The roster as the question narrows it down, whatever the state of the students and whatever blocks them.
fn narrowed(rows: Rows<'_>) -> Select<roster_entry::Entity> {
    let filter = rows.filter;
    let select = rows
        .scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(rows.year.year()))
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]));
    let condition = Condition::all()
        .add_option(
            filter
                .college_id
                .map(|value| student::Column::CollegeId.eq(value)),
        )
        .add_option(
            filter
                .student_type
                .map(|value| student::Column::StudentType.eq(value.code())),
        )
        .add_option(filter.school_id.map(|value| student::Column::SchoolId.eq(value)))
        .add_option(filter.major_id.map(|value| student::Column::MajorId.eq(value)))
        .add_option(
            filter
                .class_name
                .as_ref()
                .map(|value| student::Column::ClassName.eq(value)),
        )
        .add_option(
            filter
                .counsellor
                .as_ref()
                .map(|value| student::Column::Counsellor.eq(value)),
        )
        .add_option(filter.words.as_deref().map(matches_words));
    select.filter(condition)
}

fn found(rows: Rows<'_>) -> Select<roster_entry::Entity> {
    let in_state = match rows.filter.state {
        State::Pending => Some(not_activated()),
        State::Again => Some(confirm_again()),
        State::Activated => Some(activated()),
        State::All => None,
    };
    let blocked_by = match rows.filter.block {
        Some(Block::Some) => Some(blocked(rows, rows.needed)),
        Some(Block::None) => Some(blocked(rows, rows.needed).not()),
        Some(Block::Field(field)) => Some(blocked(rows, &[field])),
        None => None,
    };
    narrowed(rows).filter(Condition::all().add_option(in_state).add_option(blocked_by))
}

/// An open fault of one of these fields that blocks: not one that the student has reported as 信息有误, where there is a
/// value at all.
fn faults(rows: Rows<'_>, fields: &[Field]) -> Select<finding::Entity> {
    let reported = |field: Field| {
        let reported = rows
            .scope
            .select::<correction::Entity>()
            .filter(correction::Column::State.eq(CorrectionState::Open.code()))
            .filter(correction::Column::Field.eq(field.code()))
            .select_only()
            .column(correction::Column::StudentId)
            .into_query();
        Condition::all()
            .add(finding::Column::StudentId.in_subquery(reported))
            .add_option(text_column(field).map(|column| column.ne("")))
    };
    let of_fields = fields.iter().fold(Condition::any(), |condition, field| {
        condition.add(
            Condition::all()
                .add(finding::Column::Field.eq(field.heading()))
                .add(reported(*field).not()),
        )
    });
    rows.scope
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(rows.year.year()))
        .filter(finding::Column::Severity.eq(Severity::Fault.code()))
        .filter(finding::Column::SettledAt.is_null())
        .filter(of_fields)
}

/// One of these fields is missing or wrong: [`blocks`](crate::activation::model::blocks) as a condition on rows.
fn blocked(rows: Rows<'_>, fields: &[Field]) -> Condition {
    let faulty = faults(rows, fields)
        .select_only()
        .column(finding::Column::StudentId)
        .into_query();
    fields
        .iter()
        .filter(|field| !is_judged_by_findings(**field))
        .filter_map(|field| text_column(*field))
        .fold(
            Condition::any()
                .add(Expr::col((roster_entry::Entity, roster_entry::Column::StudentId)).in_subquery(faulty)),
            |condition, column| condition.add(column.eq("")),
        )
}

/// The column of a field, where it can be empty.
const fn text_column(field: Field) -> Option<student::Column> {
    Some(match field {
        Field::Name => student::Column::Name,
        Field::Sex => student::Column::Sex,
        Field::BirthDate => student::Column::BirthDate,
        Field::EthnicGroup => student::Column::EthnicGroup,
        Field::PoliticalStatus => student::Column::PoliticalStatus,
        Field::MaritalStatus => student::Column::MaritalStatus,
        Field::DocumentType => student::Column::DocumentType,
        Field::DocumentNo => student::Column::DocumentNo,
        Field::Origin => student::Column::Origin,
        Field::ExamNo => student::Column::ExamNo,
        Field::StudentType => student::Column::StudentType,
        Field::DegreeLevel => student::Column::DegreeLevel,
        Field::Residence => student::Column::ResidenceFound,
        Field::ClassName => student::Column::ClassName,
        Field::Length => student::Column::LengthFound,
        Field::TrainingMode => student::Column::TrainingMode,
        Field::DirectedUnit => student::Column::DirectedUnit,
        Field::StudyStatus => student::Column::StudyStatus,
        Field::Programme => student::Column::Programme,
        Field::Counsellor => student::Column::Counsellor,
        Field::StudentNo
        | Field::School
        | Field::Major
        | Field::AdmissionYear
        | Field::Mobile
        | Field::Email
        | Field::Qq
        | Field::Address
        | Field::Postcode
        | Field::HomePhone => return None,
    })
}

/// Who can be reminded: not activated, or to confirm again, on the roster of an open class year.
fn to_do() -> Condition {
    Condition::all()
        .add(roster_entry::Column::State.eq(EntryState::Open.code()))
        .add(Condition::any().add(not_activated()).add(confirm_again()))
}

/// How far the students are whom the question narrows down to, whatever their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// 在库.
    pub roster: u64,
    /// 已激活.
    pub activated: u64,
    /// Of these, 需重新确认.
    pub again: u64,
    /// 未激活, with something in the record that blocks.
    pub blocked: u64,
}

impl Figures {
    /// 未激活.
    pub const fn pending(self) -> u64 {
        self.roster - self.activated
    }

    /// 未激活 with nothing in the way.
    pub const fn ready(self) -> u64 {
        self.pending() - self.blocked
    }

    /// 激活率 in whole percent, rounded down: 100 means everybody.
    pub const fn percent(self) -> u64 {
        match self.roster {
            0 => 0,
            roster => self.activated * 100 / roster,
        }
    }
}

fn number_of(condition: Condition) -> SimpleExpr {
    Func::sum(Expr::case(condition, 1).finally(0)).into()
}

fn with_figures(select: Select<roster_entry::Entity>, rows: Rows<'_>) -> Select<roster_entry::Entity> {
    let blocked_now = Condition::all()
        .add(not_activated())
        .add(blocked(rows, rows.needed));
    select
        .column_as(roster_entry::Column::Id.count(), "roster")
        .column_as(number_of(Condition::all().add(activated())), "activated")
        .column_as(number_of(Condition::all().add(confirm_again())), "again")
        .column_as(number_of(blocked_now), "blocked")
}

type Counted = (i64, Option<i64>, Option<i64>, Option<i64>);

fn figures_of((roster, activated, again, blocked): Counted) -> Figures {
    let number = |value: i64| u64::try_from(value).unwrap_or_default();
    Figures {
        roster: number(roster),
        activated: number(activated.unwrap_or_default()),
        again: number(again.unwrap_or_default()),
        blocked: number(blocked.unwrap_or_default()),
    }
}

/// The figures of the page's head.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn figures(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<Figures, DbErr> {
    let counted: Option<Counted> = with_figures(narrowed(rows).select_only(), rows)
        .into_tuple()
        .one(connection)
        .await?;
    Ok(counted.map(figures_of).unwrap_or_default())
}

/// The figures of all students of the scope.
pub async fn summary(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
) -> Result<Figures, DbErr> {
    let rules = field_rules(connection, year.year()).await?;
    let needed: Vec<Field> = rules.key_fields().collect();
    let rows = Rows {
        scope,
        year,
        filter: &Filter::default(),
        needed: &needed,
    };
    figures(connection, rows).await
}

/// Of whom the students of a group are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A 院 or a 专业, by row id.
    Id(i64),
    /// A 班级 or a 辅导员.
    Text(String),
}

/// The figures of every group of students.
pub async fn groups(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    by: By,
) -> Result<Vec<(Of, Figures)>, DbErr> {
    match by {
        By::College => grouped(connection, rows, student::Column::CollegeId, Of::Id).await,
        By::Major => grouped(connection, rows, student::Column::MajorId, Of::Id).await,
        By::Class => grouped(connection, rows, student::Column::ClassName, Of::Text).await,
        By::Counsellor => grouped(connection, rows, student::Column::Counsellor, Of::Text).await,
    }
}

async fn grouped<K: TryGetable>(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    column: student::Column,
    of: impl Fn(K) -> Of,
) -> Result<Vec<(Of, Figures)>, DbErr> {
    type Row<K> = (K, i64, Option<i64>, Option<i64>, Option<i64>);
    let select = narrowed(rows).select_only().column(column);
    let found: Vec<Row<K>> = with_figures(select, rows)
        .group_by(column)
        .order_by_asc(column)
        .into_tuple()
        .all(connection)
        .await?;
    let groups = found.into_iter().map(|(key, roster, activated, again, blocked)| {
        (of(key), figures_of((roster, activated, again, blocked)))
    });
    Ok(groups.collect())
}

/// How many who have not activated each field blocks, the most first.
pub async fn blocking(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<Vec<(Field, u64)>, DbErr> {
    let pending = narrowed(rows)
        .filter(not_activated())
        .select_only()
        .column(roster_entry::Column::StudentId)
        .into_query();
    let found: Vec<(String, i64)> = faults(rows, rows.needed)
        .filter(finding::Column::StudentId.in_subquery(pending))
        .select_only()
        .column(finding::Column::Field)
        .expr_as(
            Func::count_distinct(Expr::col((finding::Entity, finding::Column::StudentId))),
            "students",
        )
        .group_by(finding::Column::Field)
        .into_tuple()
        .all(connection)
        .await?;
    let mut fields: Vec<(Field, u64)> = found
        .into_iter()
        .filter_map(|(heading, students)| {
            Some((
                Field::from_heading(&heading)?,
                u64::try_from(students).unwrap_or_default(),
            ))
        })
        .collect();
    fields.sort_by_key(|(field, students)| (std::cmp::Reverse(*students), *field));
    Ok(fields)
}

/// How many rows are asked for.
pub async fn count(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<u64, DbErr> {
    found(rows).count(connection).await
}

/// A page of rows in order of 学号, one longer than the page when there are more.
pub async fn page(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    step: &Step,
    size: u64,
) -> Result<Vec<(roster_entry::Model, student::Model)>, DbErr> {
    let mut query = found(rows).limit(size + 1);
    if let Some(after) = &step.after {
        query = query.filter(student::Column::StudentNo.gt(after));
    }
    if let Some(before) = &step.before {
        query = query.filter(student::Column::StudentNo.lt(before));
    }
    let query = if step.is_backwards() {
        query.order_by_desc(student::Column::StudentNo)
    } else {
        query.order_by_asc(student::Column::StudentNo)
    };
    let listed = query.select_also(student::Entity).all(connection).await?;
    listed
        .into_iter()
        .map(|(entry, student)| {
            let student = student.ok_or_else(|| DbErr::RecordNotFound("student of a roster entry".into()))?;
            Ok((entry, student))
        })
        .collect()
}

/// The activations of these entries, by entry.
pub async fn activations(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    entry_ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, activation::Model>, DbErr> {
    let found = scope
        .select::<activation::Entity>()
        .filter(activation::Column::EntryId.is_in(entry_ids))
        .all(connection)
        .await?;
    Ok(found.into_iter().map(|row| (row.entry_id, row)).collect())
}

/// How often a student was reminded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// So often.
    pub times: i64,
    /// The last time on this day.
    pub last_on: NaiveDate,
}

/// How often these students were reminded, by student; who never was is not among them.
pub async fn reminded(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Reminded>, DbErr> {
    let found: Vec<(i64, i64, NaiveDate)> = scope
        .select::<message::Entity>()
        .filter(message::Column::Kind.eq(MessageKind::Reminder.code()))
        .filter(message::Column::StudentId.is_in(student_ids))
        .select_only()
        .column(message::Column::StudentId)
        .column_as(message::Column::Id.count(), "times")
        .column_as(message::Column::SentOn.max(), "last_on")
        .group_by(message::Column::StudentId)
        .into_tuple()
        .all(connection)
        .await?;
    let reminded = found
        .into_iter()
        .map(|(student_id, times, last_on)| (student_id, Reminded { times, last_on }));
    Ok(reminded.collect())
}

/// The names of 辅导员 who have an account, by the number that records name them by.
pub async fn counsellor_names<'a>(
    connection: &impl ConnectionTrait,
    numbers: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, String>, DbErr> {
    let by_login: BTreeMap<String, &str> = numbers
        .into_iter()
        .map(|number| (number.to_lowercase(), number))
        .collect();
    let found: Vec<(String, String)> = records::<account::Entity>()
        .filter(account::Column::Login.is_in(by_login.keys()))
        .select_only()
        .columns([account::Column::Login, account::Column::Name])
        .into_tuple()
        .all(connection)
        .await?;
    let names = found
        .into_iter()
        .filter_map(|(login, name)| Some(((*by_login.get(&login)?).to_owned(), name)));
    Ok(names.collect())
}

/// How many of the found can be reminded.
pub async fn count_selectable(connection: &impl ConnectionTrait, rows: Rows<'_>) -> Result<u64, DbErr> {
    found(rows).filter(to_do()).count(connection).await
}

/// How many are selected. `selectable` is what [`count_selectable`] answered: most pages select all of them or nobody.
pub async fn count_selected(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    selection: &Selection,
    selectable: u64,
) -> Result<u64, DbErr> {
    match selection {
        Selection::AllExcept(except) if except.is_empty() => Ok(selectable),
        Selection::Only(chosen) if chosen.is_empty() => Ok(0),
        Selection::AllExcept(_) | Selection::Only(_) => selected(rows, selection).count(connection).await,
    }
}

fn selected(rows: Rows<'_>, selection: &Selection) -> Select<roster_entry::Entity> {
    let singles = student::Column::Id.is_in(selection.singles().iter().copied());
    let held = match selection {
        Selection::AllExcept(except) if except.is_empty() => Condition::all(),
        Selection::AllExcept(_) => Condition::all().add(singles.not()),
        Selection::Only(chosen) if chosen.is_empty() => Condition::all().add(student::Column::Id.is_null()),
        Selection::Only(_) => Condition::all().add(singles),
    };
    found(rows).filter(to_do()).filter(held)
}

/// The row ids of the selected students, in order of 学号.
pub async fn selected_ids(
    connection: &impl ConnectionTrait,
    rows: Rows<'_>,
    selection: &Selection,
) -> Result<Vec<i64>, DbErr> {
    selected(rows, selection)
        .order_by_asc(student::Column::StudentNo)
        .select_only()
        .column(student::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// Those of these students who are on the roster and still have something to do, with what `columns` adds to the query.
pub(super) fn still_to_do(scope: &Scope, year: ClassYear, ids: &[i64]) -> Select<roster_entry::Entity> {
    scope
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year.year()))
        .filter(to_do())
        .filter(student::Column::Id.is_in(ids.iter().copied()))
}

/// Whether a student still has something to do in this class year.
pub(super) async fn has_to_do(
    connection: &impl ConnectionTrait,
    year: i32,
    student_id: i64,
) -> Result<bool, DbErr> {
    let entries = Scope::Student(student_id)
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year))
        .filter(to_do())
        .count(connection)
        .await?;
    Ok(entries > 0)
}

/// Those of these students who were reminded on this day.
pub(super) async fn reminded_on(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[i64],
    day: NaiveDate,
) -> Result<BTreeSet<i64>, DbErr> {
    let mut reminded = BTreeSet::new();
    for some in ids.chunks(CHUNK) {
        let found: Vec<i64> = scope
            .select::<message::Entity>()
            .filter(message::Column::Kind.eq(MessageKind::Reminder.code()))
            .filter(message::Column::SentOn.eq(day))
            .filter(message::Column::StudentId.is_in(some.iter().copied()))
            .select_only()
            .column(message::Column::StudentId)
            .into_tuple()
            .all(connection)
            .await?;
        reminded.extend(found);
    }
    Ok(reminded)
}
