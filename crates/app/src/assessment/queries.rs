//! Everything here that speaks to the database: keeping the history, reading it at a moment, frozen figures, rules.

mod history;

pub(super) use history::{remember_omissions, remember_students, unremembered};

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{
    account, activation, assessment_freeze, assessment_rule, class_year, omission_span, roster_entry,
    student_span,
};
use qihang_db::{AssessmentPart, ClassYearState, How, Scope, records};
use sea_orm::sea_query::IntoCondition;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, JoinType,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};

use super::model::{Facts, Modes, Moment, Person, Stay};

/// What figures of a class year are counted from at a moment, for the 院 of the scope.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub(super) async fn facts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: i32,
    moment: Moment,
) -> Result<Facts, DbErr> {
    let mut people = people(
        past(scope, moment).filter(student_span::Column::ExpectedYear.eq(year)),
        year,
        connection,
    )
    .await?;
    let listed = entries(year)
        .filter(roster_entry::Column::AddedAt.lt(moment.bound()))
        .select_only()
        .column(roster_entry::Column::StudentId)
        .into_query();
    let others = past(scope, moment)
        .filter(student_span::Column::StudentId.in_subquery(listed))
        .filter(
            Condition::any()
                .add(student_span::Column::ExpectedYear.ne(year))
                .add(student_span::Column::ExpectedYear.is_null()),
        );
    people.extend(self::people(others, year, connection).await?);
    let omissions = records::<omission_span::Entity>()
        .filter(omission_span::Column::ClassYear.eq(year))
        .filter(lasted(
            omission_span::Column::Since,
            omission_span::Column::Until,
            moment,
        ))
        .select_only()
        .columns([omission_span::Column::StudentId, omission_span::Column::Settled])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(Facts {
        people,
        stays: stays(connection, year).await?,
        omissions,
    })
}

/// What held at the moment.
fn lasted(since: impl ColumnTrait, until: impl ColumnTrait, moment: Moment) -> Condition {
    since.lt(moment.bound()).into_condition().add(
        Condition::any()
            .add(until.is_null())
            .add(until.gte(moment.bound())),
    )
}

fn past(scope: &Scope, moment: Moment) -> Select<student_span::Entity> {
    scope.select_past().filter(lasted(
        student_span::Column::Since,
        student_span::Column::Until,
        moment,
    ))
}

async fn people(
    spans: Select<student_span::Entity>,
    year: i32,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Person>, DbErr> {
    let rows = spans.all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|row| Person {
            student_id: row.student_id,
            college_id: row.college_id,
            second_college_id: row.second_college_id,
            student_type: row.student_type,
            degree_level: row.degree_level,
            training_mode: row.training_mode,
            study_status: row.study_status,
            is_expected: row.expected_year == Some(year),
        })
        .collect())
}

/// Entries of whichever 院: which of them answered at what time is said by the spans.
fn entries(year: i32) -> Select<roster_entry::Entity> {
    Scope::Everyone
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::ClassYear.eq(year))
}

async fn stays(connection: &impl ConnectionTrait, year: i32) -> Result<Vec<Stay>, DbErr> {
    type Row = (
        i64,
        String,
        DateTime<Utc>,
        Option<DateTime<Utc>>,
        Option<DateTime<Utc>>,
    );
    let rows: Vec<Row> = entries(year)
        .join(JoinType::LeftJoin, activation::Relation::Entry.def().rev())
        .select_only()
        .columns([
            roster_entry::Column::StudentId,
            roster_entry::Column::How,
            roster_entry::Column::AddedAt,
            roster_entry::Column::EndedAt,
        ])
        .column(activation::Column::ActivatedAt)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(student_id, how, added_at, ended_at, activated_at)| Stay {
            student_id,
            how: How::from_code(&how).unwrap_or(How::Officer),
            added_at,
            ended_at,
            activated_at,
        })
        .collect())
}

/// Which masters counted at a moment.
pub(super) async fn modes(
    connection: &impl ConnectionTrait,
    year: i32,
    moment: Moment,
) -> Result<Modes, DbErr> {
    let row = records::<assessment_rule::Entity>()
        .filter(assessment_rule::Column::ClassYear.eq(year))
        .filter(assessment_rule::Column::SetAt.lt(moment.bound()))
        .order_by_desc(assessment_rule::Column::SetAt)
        .order_by_desc(assessment_rule::Column::Id)
        .one(connection)
        .await?;
    Ok(row.map_or_else(Modes::default, |row| Modes::from_column(&row.training_modes)))
}

/// Who set which masters count, the newest first: when, by whom, which.
pub(super) async fn rule_history(
    connection: &impl ConnectionTrait,
    year: i32,
) -> Result<Vec<(DateTime<Utc>, String, Modes)>, DbErr> {
    let rows = records::<assessment_rule::Entity>()
        .filter(assessment_rule::Column::ClassYear.eq(year))
        .order_by_desc(assessment_rule::Column::Id)
        .all(connection)
        .await?;
    let names: Vec<(i64, String)> = records::<account::Entity>()
        .filter(account::Column::Id.is_in(rows.iter().filter_map(|row| row.set_by)))
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = names.iter().find(|(id, _)| Some(*id) == row.set_by);
            (
                row.set_at,
                name.map_or_else(|| "系统".to_owned(), |(_, name)| name.clone()),
                Modes::from_column(&row.training_modes),
            )
        })
        .collect())
}

/// Says which masters count from now on.
pub(super) async fn set_modes(
    tx: &impl ConnectionTrait,
    year: i32,
    modes: &Modes,
    by: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = assessment_rule::ActiveModel {
        class_year: Set(year),
        training_modes: Set(modes.to_column()),
        set_by: Set(by),
        set_at: Set(now),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// What was frozen of a class year, in order of part and day.
pub(super) async fn freezes(
    connection: &impl ConnectionTrait,
    year: Option<i32>,
) -> Result<Vec<assessment_freeze::Model>, DbErr> {
    let mut rows = records::<assessment_freeze::Entity>();
    if let Some(year) = year {
        rows = rows.filter(assessment_freeze::Column::ClassYear.eq(year));
    }
    rows.order_by_asc(assessment_freeze::Column::ClassYear)
        .order_by_desc(assessment_freeze::Column::Part)
        .order_by_asc(assessment_freeze::Column::Due)
        .all(connection)
        .await
}

/// Keeps frozen figures; the constraint refuses a second freezing of one day.
pub(super) async fn insert_freeze(
    tx: &impl ConnectionTrait,
    (year, part, due): (i32, AssessmentPart, NaiveDate),
    figures: String,
    digest: String,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = assessment_freeze::ActiveModel {
        class_year: Set(year),
        part: Set(part.code().to_owned()),
        due: Set(due),
        frozen_at: Set(now),
        figures: Set(figures),
        digest: Set(digest),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// Parts of open class years with their due days that are not frozen yet, whatever day it is.
pub(super) async fn unfrozen(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(i32, AssessmentPart, NaiveDate)>, DbErr> {
    let years = records::<class_year::Entity>()
        .filter(class_year::Column::State.eq(ClassYearState::Open.code()))
        .order_by_asc(class_year::Column::Year)
        .all(connection)
        .await?;
    let mut due = Vec::new();
    for year in years {
        let frozen = freezes(connection, Some(year.year)).await?;
        for (part, day) in [
            (AssessmentPart::Roster, year.roster_due),
            (AssessmentPart::Activation, year.activation_due),
        ] {
            if !frozen.iter().any(|row| row.part == part.code() && row.due == day) {
                due.push((year.year, part, day));
            }
        }
    }
    Ok(due)
}
