//! The findings as pages show them: rows, counts, how far each 院 is.

use std::collections::HashMap;

use qihang_db::entity::{finding, major, student};
use qihang_db::{Scope, records};
use qihang_standards::codes::needs_unit;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::accounts;
use crate::findings::model::{Counts, Group, Kind};
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
    /// Whether the student is 定向 or 委培.
    pub is_directed: bool,
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
    let accounts = accounts::names(connection, settlers).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(finding, student)| {
            let student = student?;
            Some(ListedRow {
                settled_by: finding.settled_by.and_then(|id| accounts.get(&id).cloned()),
                college: colleges.get(&student.college_id).cloned().unwrap_or_default(),
                major: majors.get(&student.major_id).cloned().unwrap_or_default(),
                is_directed: needs_unit(&student.training_mode),
                student_no: student.student_no,
                name: student.name,
                finding,
            })
        })
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
    Ok(Counts::sum(&group_counts(connection, scope, &filter).await?))
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
