//! The findings as pages show them: rows, counts, how far each 院 is.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use qihang_db::entity::{account, college, finding, major, sign_off, student};
use qihang_db::{Scope, records};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::findings::model::{Group, Kind, Severity};
use crate::school;
use crate::web::Step;

/// Open ones, or settled ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::findings) enum StateFilter {
    #[default]
    Open,
    Settled,
}

/// Which findings a page shows.
#[derive(Clone, Debug)]
pub(in crate::findings) struct Filter {
    pub year: i32,
    pub group: Group,
    pub kind: Option<Kind>,
    pub state: StateFilter,
    /// Beginning of a 学号, a name, its pinyin or its initials.
    pub text: Option<String>,
}

impl Filter {
    /// All findings of the filter, whatever their kind.
    fn select(&self, scope: &Scope) -> Select<finding::Entity> {
        let mut rows = scope
            .select::<finding::Entity>()
            .filter(finding::Column::ClassYear.eq(self.year))
            .filter(match self.state {
                StateFilter::Open => finding::Column::SettledAt.is_null(),
                StateFilter::Settled => finding::Column::SettledAt.is_not_null(),
            });
        if let Some(text) = &self.text {
            let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let begins = || LikeExpr::new(format!("{escaped}%")).escape('\\');
            let folded = escaped.to_lowercase();
            let folded_begins = || LikeExpr::new(format!("{folded}%")).escape('\\');
            rows = rows.filter(
                Condition::any()
                    .add(student::Column::StudentNo.like(begins()))
                    .add(student::Column::Name.like(begins()))
                    .add(student::Column::Pinyin.like(folded_begins()))
                    .add(student::Column::Initials.like(folded_begins())),
            );
        }
        rows
    }
}

/// A row of the list.
#[derive(Clone, Debug)]
pub(in crate::findings) struct ListedRow {
    pub finding: finding::Model,
    pub student_no: String,
    pub name: String,
    pub college: String,
    pub major: String,
    /// Who settled it.
    pub settled_by: Option<String>,
}

impl ListedRow {
    /// Where it stands in the list: 学号, then row.
    pub fn key(&self) -> String {
        format!("{}.{}", self.student_no, self.finding.id)
    }
}

/// The key of a row, as [`ListedRow::key`] writes it; `None` when it is none.
fn read_key(text: &str) -> Option<(String, i64)> {
    let (student_no, id) = text.rsplit_once('.')?;
    Some((student_no.to_owned(), id.parse().ok()?))
}

/// A page of findings in order of 学号, one row longer than the page; reversed when the step goes backwards. `None` when
/// the step is not one of this list.
pub(in crate::findings) async fn list(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    step: &Step,
    page_size: u64,
) -> Result<Option<Vec<ListedRow>>, DbErr> {
    let mut rows = filter.select(scope);
    rows = match filter.kind {
        Some(kind) => rows.filter(finding::Column::Kind.eq(kind.code())),
        None => rows.filter(finding::Column::Kind.is_in(filter.group.kinds().map(Kind::code))),
    };
    let columns = Expr::tuple([
        Expr::col((student::Entity, student::Column::StudentNo)),
        Expr::col((finding::Entity, finding::Column::Id)),
    ]);
    if let Some(key) = step.after.as_deref().or(step.before.as_deref()) {
        let Some((student_no, id)) = read_key(key) else {
            return Ok(None);
        };
        let position = Expr::tuple([Expr::value(student_no), Expr::value(id)]);
        rows = rows.filter(if step.is_backwards() {
            columns.lt(position)
        } else {
            columns.gt(position)
        });
    }
    let order = if step.is_backwards() {
        sea_orm::Order::Desc
    } else {
        sea_orm::Order::Asc
    };
    let rows = rows
        .order_by(student::Column::StudentNo, order.clone())
        .order_by(finding::Column::Id, order)
        .limit(page_size + 1)
        .select_also(student::Entity)
        .all(connection)
        .await?;
    named(connection, rows).await.map(Some)
}

/// Adds the names that the rows refer to.
async fn named(
    connection: &impl ConnectionTrait,
    rows: Vec<(finding::Model, Option<student::Model>)>,
) -> Result<Vec<ListedRow>, DbErr> {
    let colleges: HashMap<i64, String> = school::queries::colleges(connection)
        .await?
        .into_iter()
        .map(|college| (college.id, college.name))
        .collect();
    let major_ids = rows
        .iter()
        .filter_map(|(_, student)| student.as_ref().map(|student| student.major_id));
    let majors: HashMap<i64, String> = records::<major::Entity>()
        .filter(major::Column::Id.is_in(major_ids))
        .all(connection)
        .await?
        .into_iter()
        .map(|major| (major.id, major.name))
        .collect();
    let settlers = rows.iter().filter_map(|(finding, _)| finding.settled_by);
    let accounts = account_names(connection, settlers).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(finding, student)| {
            let student = student?;
            Some(ListedRow {
                settled_by: finding.settled_by.and_then(|id| accounts.get(&id).cloned()),
                college: colleges.get(&student.college_id).cloned().unwrap_or_default(),
                major: majors.get(&student.major_id).cloned().unwrap_or_default(),
                student_no: student.student_no,
                name: student.name,
                finding,
            })
        })
        .collect())
}

/// The names of accounts by id.
pub(super) async fn account_names(
    connection: &impl ConnectionTrait,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, String>, DbErr> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(records::<account::Entity>()
        .filter(account::Column::Id.is_in(ids))
        .all(connection)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect())
}

/// Those of the findings that are in the scope and the class year.
pub(in crate::findings) async fn settlement_targets(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    ids: &[i64],
) -> Result<Vec<i64>, DbErr> {
    scope
        .select::<finding::Entity>()
        .select_only()
        .column(finding::Column::Id)
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(connection)
        .await
}

/// How many findings of each heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// 可能遗漏.
    pub omissions: u64,
    /// 可能误加.
    pub wrong_additions: u64,
    /// 数据问题.
    pub faults: u64,
    /// 提示.
    pub infos: u64,
}

impl Counts {
    /// How many are in a heap.
    pub fn of(&self, group: Group) -> u64 {
        match group {
            Group::Omissions => self.omissions,
            Group::WrongAdditions => self.wrong_additions,
            Group::Faults => self.faults,
            Group::Infos => self.infos,
        }
    }

    /// The first heap with anything in it: what a page opens on.
    pub fn first_group(&self) -> Group {
        let filled = Group::ALL.iter().copied().find(|group| self.of(*group) > 0);
        filled.unwrap_or(Group::Omissions)
    }

    /// How many somebody must act on: all but the infos.
    pub fn to_do(&self) -> u64 {
        self.omissions + self.wrong_additions + self.faults
    }

    fn add(&mut self, kind: &str, count: i64) {
        let count = u64::try_from(count).unwrap_or_default();
        match Kind::from_code(kind).map(Group::of) {
            Some(Group::Omissions) => self.omissions += count,
            Some(Group::WrongAdditions) => self.wrong_additions += count,
            Some(Group::Infos) => self.infos += count,
            // A kind that this version does not know any more still has to be looked at.
            Some(Group::Faults) | None => self.faults += count,
        }
    }
}

/// How many open findings a class year has in a scope.
///
/// # Errors
///
/// When the database does not answer.
pub async fn open_counts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<Counts, DbErr> {
    let filter = Filter {
        year,
        group: Group::Omissions,
        kind: None,
        state: StateFilter::Open,
        text: None,
    };
    let mut counts = Counts::default();
    for (kind, count) in group_counts(connection, scope, &filter).await? {
        counts.add(&kind, count);
    }
    Ok(counts)
}

/// How many findings of each kind the filter finds, whatever group and kind it names.
pub(in crate::findings) async fn group_counts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<(String, i64)>, DbErr> {
    filter
        .select(scope)
        .select_only()
        .column(finding::Column::Kind)
        .column_as(finding::Column::Id.count(), "found")
        .group_by(finding::Column::Kind)
        .into_tuple()
        .all(connection)
        .await
}

/// Sums counts by kind up to heaps.
pub(in crate::findings) fn sum(by_kind: &[(String, i64)]) -> Counts {
    let mut counts = Counts::default();
    for (kind, count) in by_kind {
        counts.add(kind, *count);
    }
    counts
}

/// How many open faults a 院 has: what stands in the way of 核对无遗漏.
pub(in crate::findings) async fn open_faults_of(
    connection: &impl ConnectionTrait,
    college_id: i64,
    year: i32,
) -> Result<u64, DbErr> {
    Scope::of_college(college_id)
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::Severity.eq(Severity::Fault.code()))
        .filter(finding::Column::SettledAt.is_null())
        .count(connection)
        .await
}

/// How far a 院 is.
#[derive(Clone, Debug)]
pub(in crate::findings) struct Sheet {
    pub college: college::Model,
    pub counts: Counts,
    /// When the oldest open fault was found.
    pub oldest: Option<DateTime<Utc>>,
    /// Who signed 核对无遗漏, and when.
    pub signed: Option<(String, DateTime<Utc>)>,
    /// When the last signature was ended by a later finding, while there is no new one.
    pub reopened_at: Option<DateTime<Utc>>,
}

/// How far each 院 of the scope is: most unfinished work first, then the oldest; who signed comes last.
pub(in crate::findings) async fn college_sheets(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
) -> Result<Vec<Sheet>, DbErr> {
    let colleges = school::queries::colleges_in(connection, scope).await?;
    let signatures = records::<sign_off::Entity>()
        .filter(sign_off::Column::ClassYear.eq(year))
        .order_by_asc(sign_off::Column::Id)
        .all(connection)
        .await?;
    let signers = account_names(connection, signatures.iter().map(|signed| signed.signed_by)).await?;
    let mut sheets: HashMap<i64, Sheet> = colleges
        .into_iter()
        .map(|college| {
            let last = signatures
                .iter()
                .rev()
                .find(|signed| signed.college_id == college.id);
            let sheet = Sheet {
                signed: last.filter(|signed| signed.reopened_at.is_none()).map(|signed| {
                    let name = signers.get(&signed.signed_by).cloned().unwrap_or_default();
                    (name, signed.signed_at)
                }),
                reopened_at: last.and_then(|signed| signed.reopened_at),
                counts: Counts::default(),
                oldest: None,
                college,
            };
            (sheet.college.id, sheet)
        })
        .collect();
    for owner in [student::Column::CollegeId, student::Column::SecondCollegeId] {
        for (college_id, kind, count, oldest) in by_college(connection, scope, year, owner).await? {
            let Some(sheet) = sheets.get_mut(&college_id) else {
                continue;
            };
            sheet.counts.add(&kind, count);
            if Kind::from_code(&kind).map(Kind::severity) != Some(Severity::Info) {
                sheet.oldest = Some(sheet.oldest.map_or(oldest, |known| Ord::min(known, oldest)));
            }
        }
    }
    let mut sheets: Vec<Sheet> = sheets.into_values().collect();
    sheets.sort_by(|one, other| {
        one.signed
            .is_some()
            .cmp(&other.signed.is_some())
            .then(other.counts.to_do().cmp(&one.counts.to_do()))
            .then(one.oldest.cmp(&other.oldest))
            .then(one.college.code.cmp(&other.college.code))
    });
    Ok(sheets)
}

async fn by_college(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    owner: student::Column,
) -> Result<Vec<(i64, String, i64, DateTime<Utc>)>, DbErr> {
    scope
        .select::<finding::Entity>()
        .select_only()
        .column(owner)
        .column(finding::Column::Kind)
        .column_as(finding::Column::Id.count(), "found")
        .column_as(finding::Column::FoundAt.min(), "oldest")
        .filter(finding::Column::ClassYear.eq(year))
        .filter(finding::Column::SettledAt.is_null())
        .filter(owner.is_not_null())
        .group_by(owner)
        .group_by(finding::Column::Kind)
        .into_tuple()
        .all(connection)
        .await
}
