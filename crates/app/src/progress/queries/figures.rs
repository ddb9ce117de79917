//! How many are how far: in all, by group, by what blocks.

use qihang_db::Scope;
use qihang_db::entity::{activation, finding, roster_entry, student};
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, JoinType, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait, Select, TryGetable,
};

use super::blocked::{blocked, faults};
use super::{Rows, narrowed};
use crate::activation::fields::Field;
use crate::activation::queries::{field_rules, not_activated};
use crate::class_year::model::ClassYear;
use crate::progress::filter::{By, Filter};

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
        .add(activation::Column::EntryId.is_null())
        .add(blocked(rows, rows.needed));
    // Joined once: asked for every row and every figure, PostgreSQL takes ten times as long.
    select
        .join(JoinType::LeftJoin, activation::Relation::Entry.def().rev())
        .column_as(roster_entry::Column::Id.count(), "roster")
        .column_as(
            number_of(activation::Column::EntryId.is_not_null().into()),
            "activated",
        )
        .column_as(
            number_of(activation::Column::ChangedAt.is_not_null().into()),
            "again",
        )
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
