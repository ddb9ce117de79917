//! Who of the invented students is worth being tried as.

use qihang_db::entity::{finding, roster_entry, student};
use qihang_db::{EntryState, Scope, has_entry};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::class_year::model::ClassYear;

/// Whether the student is to be on the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// On it.
    Yes,
    /// Expected, and not on it yet.
    No,
}

/// The first student of the scope who is expected in the class year and has no fault, on the roster or not.
///
/// # Errors
///
/// When the database does not answer.
pub async fn student_to_try(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    year: ClassYear,
    listed: Listed,
) -> Result<Option<student::Model>, DbErr> {
    let open = has_entry(
        Condition::all()
            .add(Expr::col((roster_entry::Entity, roster_entry::Column::State)).eq(EntryState::Open.code())),
    );
    let at_fault = scope
        .select::<finding::Entity>()
        .filter(finding::Column::Severity.eq("fault"))
        .filter(finding::Column::Kind.ne("omission"))
        .select_only()
        .column(finding::Column::StudentId)
        .into_query();
    scope
        .select::<student::Entity>()
        .filter(student::Column::ExpectedYear.eq(year.year()))
        .filter(student::Column::Id.in_subquery(at_fault).not())
        .filter(if listed == Listed::Yes { open } else { open.not() })
        .order_by_asc(student::Column::StudentNo)
        .one(connection)
        .await
}
