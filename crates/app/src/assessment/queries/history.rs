//! Keeping what was so. Spans are compared with the records in the database itself: a statement that ends what is not so any
//! more, and one that begins what is so now, whoever changed it.

use chrono::{DateTime, Utc};
use qihang_db::entity::{finding, omission_span, student, student_span};
use qihang_db::{Scope, records};
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait,
};

use crate::findings::model::Kind;

/// Values in one `IN (…)`, well below what SQLite can bind.
const CHUNK: usize = 5_000;

/// The columns that spans have from students, by the same names.
const KEPT: [(student_span::Column, student::Column); 7] = [
    (student_span::Column::CollegeId, student::Column::CollegeId),
    (
        student_span::Column::SecondCollegeId,
        student::Column::SecondCollegeId,
    ),
    (student_span::Column::StudentType, student::Column::StudentType),
    (student_span::Column::DegreeLevel, student::Column::DegreeLevel),
    (student_span::Column::TrainingMode, student::Column::TrainingMode),
    (student_span::Column::StudyStatus, student::Column::StudyStatus),
    (student_span::Column::ExpectedYear, student::Column::ExpectedYear),
];

/// Numbers may be absent; no 院 and no class year has the number nought.
fn comparable<C: ColumnTrait>(column: C, may_be_absent: bool) -> SimpleExpr {
    let column = column.into_expr();
    if may_be_absent {
        Func::coalesce([column, Expr::value(0)]).into()
    } else {
        column
    }
}

/// The student of the surrounding span, if the span says what the record says.
fn same_student() -> SelectStatement {
    let mut query = Scope::Everyone
        .select::<student::Entity>()
        .select_only()
        .expr(Expr::value(1))
        .into_query();
    query.and_where(
        Expr::col((student::Entity, student::Column::Id))
            .equals((student_span::Entity, student_span::Column::StudentId)),
    );
    for (span, record) in KEPT {
        let may_be_absent = matches!(
            record,
            student::Column::SecondCollegeId | student::Column::ExpectedYear
        );
        query.and_where(comparable(record, may_be_absent).eq(comparable(span, may_be_absent)));
    }
    query
}

/// The standing span of the surrounding student.
fn span_of_student() -> SelectStatement {
    let mut query = Scope::Everyone
        .select_past()
        .select_only()
        .expr(Expr::value(1))
        .filter(student_span::Column::Until.is_null())
        .into_query();
    query.and_where(
        Expr::col((student_span::Entity, student_span::Column::StudentId))
            .equals((student::Entity, student::Column::Id)),
    );
    query
}

/// In chunks, or everybody at once.
fn parts<'a>(only: Option<&'a [i64]>) -> Box<dyn Iterator<Item = Option<&'a [i64]>> + Send + 'a> {
    match only {
        None => Box::new(std::iter::once(None)),
        Some(ids) => Box::new(ids.chunks(CHUNK).map(Some)),
    }
}

/// Brings the spans of students to what their records say; of `only` these where it is given.
pub(in crate::assessment) async fn remember_students(
    tx: &impl ConnectionTrait,
    only: Option<&[i64]>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for ids in parts(only) {
        let mut ended = student_span::Entity::update_many()
            .col_expr(student_span::Column::Until, Expr::value(Some(now)))
            .filter(student_span::Column::Until.is_null())
            .filter(Expr::exists(same_student()).not());
        let mut begun = Scope::Everyone
            .select::<student::Entity>()
            .select_only()
            .column(student::Column::Id)
            .filter(Expr::exists(span_of_student()).not());
        for (_, record) in KEPT {
            begun = begun.column(record);
        }
        if let Some(ids) = ids {
            ended = ended.filter(student_span::Column::StudentId.is_in(ids.iter().copied()));
            begun = begun.filter(student::Column::Id.is_in(ids.iter().copied()));
        }
        ended.exec(tx).await?;
        let mut insert = Query::insert();
        insert
            .into_table(student_span::Entity)
            .columns(
                std::iter::once(student_span::Column::StudentId)
                    .chain(KEPT.map(|(span, _)| span))
                    .chain([student_span::Column::Since]),
            )
            .select_from(begun.expr(Expr::value(now)).into_query())
            .map_err(|error| DbErr::Custom(error.to_string()))?
            // Two rosters that change at once may both find that one is missing.
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// The omission of the surrounding span, if the span says what the finding says.
fn same_omission() -> SelectStatement {
    let mut query = omissions().select_only().expr(Expr::value(1)).into_query();
    for (column, span) in [
        (finding::Column::StudentId, omission_span::Column::StudentId),
        (finding::Column::ClassYear, omission_span::Column::ClassYear),
    ] {
        query.and_where(Expr::col((finding::Entity, column)).equals((omission_span::Entity, span)));
    }
    query.and_where(is_settled().eq(Expr::col((omission_span::Entity, omission_span::Column::Settled))));
    query
}

fn is_settled() -> SimpleExpr {
    let settled = Condition::all().add(finding::Column::SettledAt.is_not_null());
    Expr::case(settled, true).finally(false).into()
}

fn omissions() -> sea_orm::Select<finding::Entity> {
    Scope::Everyone
        .select::<finding::Entity>()
        .filter(finding::Column::Kind.eq(Kind::Omission.code()))
}

/// The standing span of the surrounding omission.
fn span_of_omission() -> SelectStatement {
    let mut query = records::<omission_span::Entity>()
        .select_only()
        .expr(Expr::value(1))
        .filter(omission_span::Column::Until.is_null())
        .into_query();
    for (column, span) in [
        (finding::Column::StudentId, omission_span::Column::StudentId),
        (finding::Column::ClassYear, omission_span::Column::ClassYear),
    ] {
        query.and_where(Expr::col((omission_span::Entity, span)).equals((finding::Entity, column)));
    }
    query
}

/// Brings the spans of omissions to what the findings say; of `only` these students where it is given.
pub(in crate::assessment) async fn remember_omissions(
    tx: &impl ConnectionTrait,
    only: Option<&[i64]>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for ids in parts(only) {
        let mut ended = omission_span::Entity::update_many()
            .col_expr(omission_span::Column::Until, Expr::value(Some(now)))
            .filter(omission_span::Column::Until.is_null())
            .filter(Expr::exists(same_omission()).not());
        let mut begun = omissions()
            .select_only()
            .columns([finding::Column::ClassYear, finding::Column::StudentId])
            .expr(is_settled())
            .expr(Expr::value(now))
            .filter(Expr::exists(span_of_omission()).not());
        if let Some(ids) = ids {
            ended = ended.filter(omission_span::Column::StudentId.is_in(ids.iter().copied()));
            begun = begun.filter(finding::Column::StudentId.is_in(ids.iter().copied()));
        }
        ended.exec(tx).await?;
        let mut insert = Query::insert();
        insert
            .into_table(omission_span::Entity)
            .columns([
                omission_span::Column::ClassYear,
                omission_span::Column::StudentId,
                omission_span::Column::Settled,
                omission_span::Column::Since,
            ])
            .select_from(begun.into_query())
            .map_err(|error| DbErr::Custom(error.to_string()))?
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// How many records and findings are not as the spans say; for `qihang verify`.
pub(in crate::assessment) async fn unremembered(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let students = Scope::Everyone
        .select_past()
        .filter(student_span::Column::Until.is_null())
        .filter(Expr::exists(same_student()).not())
        .count(connection)
        .await?;
    let unknown_students = Scope::Everyone
        .select::<student::Entity>()
        .filter(Expr::exists(span_of_student()).not())
        .count(connection)
        .await?;
    let omissions_ended = records::<omission_span::Entity>()
        .filter(omission_span::Column::Until.is_null())
        .filter(Expr::exists(same_omission()).not())
        .count(connection)
        .await?;
    let unknown_omissions = omissions()
        .filter(Expr::exists(span_of_omission()).not())
        .count(connection)
        .await?;
    Ok(students + unknown_students + omissions_ended + unknown_omissions)
}
