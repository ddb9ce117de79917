//! Who may read a notice, said once: `Reader::may_read`.

use chrono::NaiveDate;
use qihang_db::entity::{notice, notice_college, notice_role, roster_entry, student};
use qihang_db::{Audience, EntryState, Scope, records_query};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait};

use crate::auth::{Action, Officer};

/// Whoever wants to read.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// Somebody who has not signed in.
    Visitor,
    /// A student.
    Student(&'a student::Model),
    /// A member of the staff.
    Staff(&'a Officer),
}

impl Reader<'_> {
    /// What a notice must be for this reader to read it on `today`. The same for the list, the page and the attachments.
    pub(super) fn may_read(&self, today: NaiveDate) -> Condition {
        use notice::Column;
        let live = Condition::all()
            .add(Column::State.eq("published"))
            .add(Column::PublishOn.lte(today))
            .add(
                Condition::any()
                    .add(Column::EndsOn.is_null())
                    .add(Column::EndsOn.gte(today)),
            );
        let for_all = Column::Audience.eq(Audience::Public.code());
        let for_me = match self {
            Self::Visitor => Condition::any(),
            Self::Student(student) => Condition::any().add(for_student_condition(student)),
            Self::Staff(officer) => for_officer_condition(officer),
        };
        live.add(for_me.add(for_all))
    }
}

fn for_student_condition(student: &student::Model) -> Condition {
    use notice::Column;
    let listed_in = Scope::Student(student.id)
        .select::<roster_entry::Entity>()
        .select_only()
        .column(roster_entry::Column::ClassYear)
        .filter(roster_entry::Column::State.is_in([EntryState::Open.code(), EntryState::Closed.code()]))
        .into_query();
    let class_year = Condition::any()
        .add(Column::ClassYear.is_null())
        .add(Column::ClassYear.in_subquery(listed_in))
        .add_option(student.expected_year.map(|year| Column::ClassYear.eq(year)));
    let colleges = [Some(student.college_id), student.second_college_id];
    Condition::all()
        .add(Column::Audience.eq(Audience::Students.code()))
        .add(
            Condition::any()
                .add(Column::StudentType.is_null())
                .add(Column::StudentType.eq(student.student_type.as_str())),
        )
        .add(class_year)
        .add(reaches_college(colleges.into_iter().flatten()))
}

/// What reaches an officer, and what reaches the students of the own 院: they will ask about it.
fn for_officer_condition(officer: &Officer) -> Condition {
    use notice::Column;
    let mut assigned = Condition::any();
    for one in &officer.assigned {
        let role = Condition::any()
            .add(Expr::exists(of_notice_role()).not())
            .add(Expr::exists(
                of_notice_role()
                    .and_where(
                        Expr::col((notice_role::Entity, notice_role::Column::Role)).eq(one.role.code()),
                    )
                    .to_owned(),
            ));
        let college = reaches_college(one.college.iter().map(|(id, _)| *id));
        assigned = assigned.add(Condition::all().add(role).add(college));
    }
    let staff = Condition::all()
        .add(Column::Audience.eq(Audience::Staff.code()))
        .add(assigned);
    let students = Condition::all().add(Column::Audience.eq(Audience::Students.code()));
    let of_own_students = match officer.scope_for(Action::WriteNotices) {
        Some(Scope::Everyone) => Some(students),
        Some(Scope::Colleges(ids)) => Some(students.add(reaches_college(ids.into_iter()))),
        Some(Scope::Student(_)) | None => None,
    };
    Condition::any().add(staff).add_option(of_own_students)
}

fn of_notice_role() -> SelectStatement {
    records_query::<notice_role::Entity>()
        .expr(Expr::value(1))
        .and_where(
            Expr::col((notice_role::Entity, notice_role::Column::NoticeId))
                .equals((notice::Entity, notice::Column::Id)),
        )
        .to_owned()
}

fn of_notice_college() -> SelectStatement {
    records_query::<notice_college::Entity>()
        .expr(Expr::value(1))
        .and_where(
            Expr::col((notice_college::Entity, notice_college::Column::NoticeId))
                .equals((notice::Entity, notice::Column::Id)),
        )
        .to_owned()
}

/// A notice that is for every 院, or for one of these.
fn reaches_college(ids: impl Iterator<Item = i64>) -> Condition {
    let ids: Vec<i64> = ids.collect();
    let any = Condition::any().add(Expr::exists(of_notice_college()).not());
    if ids.is_empty() {
        return any;
    }
    any.add(Expr::exists(
        of_notice_college()
            .and_where(Expr::col((notice_college::Entity, notice_college::Column::CollegeId)).is_in(ids))
            .to_owned(),
    ))
}
