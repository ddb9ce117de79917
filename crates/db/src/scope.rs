//! A query over students cannot be written without the scope it is allowed to see.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, RelationTrait, Select};

use crate::entity::{
    account, account_preference, activation, activation_draft, assessment_freeze, assessment_rule,
    assignment, audit_event, audit_seal, check_attempt, class_year, class_year_field, class_year_officer,
    college, college_duty, contact_point, correction, data_version, directed_unit, disclosure, export_order,
    export_record, export_subject, finding, heading_mapping, import_batch, import_row, job, job_file,
    leadership_member, leadership_reminder, leadership_report, major, message, notice, notice_attachment,
    notice_college, notice_reader, notice_role, notice_staff_reader, omission_span, own_value, photo,
    recommendation_counter, recommendation_draft, recommendation_form, recommendation_objection,
    recommendation_print, recommendation_section, recommendation_template, recommendation_text,
    recommendation_version, reminder, reminder_question, roster_entry, roster_selection, setting,
    sign_in_attempt, sign_off, special_list, special_list_reminder, special_list_row, sso_ticket, student,
    student_contact, student_span, student_view,
};

/// The students somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every student: the centre, the command line, the exchange.
    Everyone,
    /// The students that these 院 answer for; an officer of no 院 sees nobody.
    Colleges(BTreeSet<i64>),
    /// One student, by row id: what a student sees is the own record and nothing else.
    Student(i64),
}

impl Scope {
    /// The scope of one 院.
    pub fn of_college(college_id: i64) -> Self {
        Self::Colleges(BTreeSet::from([college_id]))
    }

    /// Starts a query that can only return rows about students inside this scope.
    ///
    /// Tables about students are joined to [`student`], so that its columns can be filtered and sorted by.
    #[expect(
        clippy::disallowed_methods,
        reason = "the scope is what makes this select lawful"
    )]
    pub fn select<E: StudentData>(&self) -> Select<E> {
        E::reach_student(E::find()).filter(self.condition())
    }

    /// Starts a query over what students were counted by at other times: those for whom a 院 of this scope answered then.
    #[expect(
        clippy::disallowed_methods,
        reason = "the scope of that time is what makes this select lawful"
    )]
    pub fn select_past(&self) -> Select<student_span::Entity> {
        let inside = match self {
            Self::Everyone => Condition::all(),
            Self::Colleges(ids) if ids.is_empty() => Condition::all().add(student_span::Column::Id.is_null()),
            Self::Colleges(ids) => Condition::any()
                .add(student_span::Column::CollegeId.is_in(ids.iter().copied()))
                .add(student_span::Column::SecondCollegeId.is_in(ids.iter().copied())),
            Self::Student(id) => Condition::all().add(student_span::Column::StudentId.eq(*id)),
        };
        student_span::Entity::find().filter(inside)
    }

    /// What a row of [`student`] must meet to be inside, for statements that are not a [`Select`].
    pub fn condition(&self) -> Condition {
        match self {
            Self::Everyone => Condition::all(),
            // `IN ()` is not SQL everywhere; no college means no rows.
            Self::Colleges(ids) if ids.is_empty() => Condition::all().add(student::Column::Id.is_null()),
            Self::Colleges(ids) => Condition::any()
                .add(student::Column::CollegeId.is_in(ids.iter().copied()))
                .add(student::Column::SecondCollegeId.is_in(ids.iter().copied())),
            Self::Student(id) => Condition::all().add(student::Column::Id.eq(*id)),
        }
    }

    /// Starts a query over the rows of lists, whether or not they name a student who is known here: only for whoever sees
    /// everybody, nothing otherwise.
    #[expect(
        clippy::disallowed_methods,
        reason = "the scope is what makes this select lawful"
    )]
    pub fn list_rows(&self) -> Select<special_list_row::Entity> {
        let rows = special_list_row::Entity::find();
        match self {
            Self::Everyone => rows,
            Self::Colleges(_) | Self::Student(_) => rows.filter(special_list_row::Column::Id.is_null()),
        }
    }

    /// Starts a query over the rows of lists whose 学号 nobody here has: those that name a 院 of this scope.
    #[expect(
        clippy::disallowed_methods,
        reason = "the scope is what makes this select lawful"
    )]
    pub fn unknown_list_rows(&self) -> Select<special_list_row::Entity> {
        let known = Query::select()
            .expr(Expr::value(1))
            .from(student::Entity)
            .and_where(
                Expr::col((student::Entity, student::Column::StudentNo))
                    .equals((special_list_row::Entity, special_list_row::Column::StudentNo)),
            )
            .to_owned();
        let inside = match self {
            Self::Everyone => Condition::all(),
            Self::Colleges(ids) if !ids.is_empty() => {
                Condition::all().add(special_list_row::Column::CollegeId.is_in(ids.iter().copied()))
            }
            Self::Colleges(_) | Self::Student(_) => {
                Condition::all().add(special_list_row::Column::Id.is_null())
            }
        };
        special_list_row::Entity::find()
            .filter(inside)
            .filter(Expr::exists(known).not())
    }

    /// This scope cut down to one 院; `None` when the 院 lies outside it.
    pub fn narrow(&self, college_id: i64) -> Option<Self> {
        self.covers(college_id).then(|| Self::of_college(college_id))
    }

    /// Whether the 院 lies inside.
    pub fn covers(&self, college_id: i64) -> bool {
        match self {
            Self::Everyone => true,
            Self::Colleges(ids) => ids.contains(&college_id),
            Self::Student(_) => false,
        }
    }

    /// The only 院 of the scope, where there is exactly one.
    pub fn only_college(&self) -> Option<i64> {
        match self {
            Self::Colleges(ids) if ids.len() == 1 => ids.first().copied(),
            _ => None,
        }
    }
}

/// Tables whose rows are about a student.
pub trait StudentData: EntityTrait {
    /// Joins the query to [`student`] where the table is another.
    fn reach_student(select: Select<Self>) -> Select<Self>;
}

impl StudentData for student::Entity {
    fn reach_student(select: Select<Self>) -> Select<Self> {
        select
    }
}

macro_rules! about_a_student {
    ($($table:ident),+) => {$(
        impl StudentData for $table::Entity {
            fn reach_student(select: Select<Self>) -> Select<Self> {
                select.join(sea_orm::JoinType::InnerJoin, $table::Relation::Student.def())
            }
        }
    )+};
}
about_a_student!(
    roster_entry,
    finding,
    disclosure,
    directed_unit,
    export_subject,
    message,
    student_view,
    activation,
    student_contact,
    activation_draft,
    correction,
    notice_reader,
    own_value,
    photo,
    recommendation_draft,
    recommendation_form,
    recommendation_objection,
    recommendation_text,
    recommendation_version,
    special_list_row
);

/// Tables that say nothing about a single student and are read without a scope.
pub trait Unscoped: EntityTrait {}

macro_rules! unscoped {
    ($($table:ident),+ $(,)?) => {$(impl Unscoped for $table::Entity {})+};
}
unscoped!(
    account,
    account_preference,
    assessment_freeze,
    assessment_rule,
    assignment,
    audit_event,
    audit_seal,
    check_attempt,
    class_year,
    class_year_field,
    class_year_officer,
    college,
    college_duty,
    contact_point,
    data_version,
    export_order,
    export_record,
    heading_mapping,
    import_batch,
    import_row,
    job,
    job_file,
    leadership_member,
    leadership_reminder,
    leadership_report,
    major,
    notice,
    notice_attachment,
    notice_college,
    notice_role,
    notice_staff_reader,
    // Says that somebody was missing, not of which 院: that is in `student_span`, by which it is counted.
    omission_span,
    recommendation_counter,
    recommendation_print,
    recommendation_section,
    recommendation_template,
    reminder,
    reminder_question,
    roster_selection,
    setting,
    sign_in_attempt,
    sign_off,
    special_list,
    special_list_reminder,
    sso_ticket,
);
impl Unscoped for crate::entity::session::Entity {}

/// Starts a query over a table that is not about students.
#[expect(
    clippy::disallowed_methods,
    reason = "the trait says that the table holds no student"
)]
pub fn records<E: Unscoped>() -> Select<E> {
    E::find()
}

/// Whether the student of the surrounding query has a roster entry that meets `entry`. For filters; it selects nobody.
#[expect(
    clippy::disallowed_methods,
    reason = "correlated: it only asks about a student already inside the scope"
)]
pub fn has_entry(entry: Condition) -> Expr {
    let entries = Query::select()
        .expr(Expr::value(1))
        .from(roster_entry::Entity)
        .cond_where(
            Condition::all()
                .add(
                    Expr::col((roster_entry::Entity, roster_entry::Column::StudentId))
                        .equals((student::Entity, student::Column::Id)),
                )
                .add(entry),
        )
        .to_owned();
    Expr::exists(entries)
}

/// Whether a list names the student of the surrounding query, by a row that meets `row`. For filters; it selects nobody.
#[expect(
    clippy::disallowed_methods,
    reason = "correlated: it only asks about a student already inside the scope"
)]
pub fn is_named(row: Condition) -> Expr {
    let rows = Query::select()
        .expr(Expr::value(1))
        .from(special_list_row::Entity)
        .cond_where(
            Condition::all()
                .add(
                    Expr::col((special_list_row::Entity, special_list_row::Column::StudentNo))
                        .equals((student::Entity, student::Column::StudentNo)),
                )
                .add(row),
        )
        .to_owned();
    Expr::exists(rows)
}

/// Whether the roster entry of the surrounding query has an activation that meets `activation`. For filters; it selects
/// nobody.
#[expect(
    clippy::disallowed_methods,
    reason = "correlated: it only asks about a student already inside the scope"
)]
pub fn has_activation(activation: Condition) -> Expr {
    let activations = Query::select()
        .expr(Expr::value(1))
        .from(activation::Entity)
        .cond_where(
            Condition::all()
                .add(
                    Expr::col((activation::Entity, activation::Column::EntryId))
                        .equals((roster_entry::Entity, roster_entry::Column::Id)),
                )
                .add(activation),
        )
        .to_owned();
    Expr::exists(activations)
}

/// Starts a free `SELECT` over a table that is not about students.
#[expect(
    clippy::disallowed_methods,
    reason = "the trait says that the table holds no student"
)]
pub fn records_query<E: Unscoped + Default>() -> SelectStatement {
    Query::select().from(E::default()).to_owned()
}
