//! What is in the way, as a condition on rows: the rule of the student's form
//! ([`faults`](crate::activation::model::faults)) said once more for the database, so that a list can be narrowed by it.

use qihang_db::CorrectionState;
use qihang_db::entity::{correction, finding, roster_entry, student};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait, Select};

use super::Rows;
use crate::activation::fields::Field;
use crate::activation::model::is_judged_by_findings;
use crate::findings::model::{Kind, Severity};

/// An open fault of one of these fields that blocks: not one that the student has reported as 信息有误, where there is a
/// value at all.
pub(super) fn faults(rows: Rows<'_>, fields: &[Field]) -> Select<finding::Entity> {
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
    let harmless = Kind::ALL
        .iter()
        .filter(|kind| kind.severity() == Severity::Fault && !kind.blocks_activation())
        .map(|kind| kind.code());
    rows.scope
        .select::<finding::Entity>()
        .filter(finding::Column::ClassYear.eq(rows.year.year()))
        .filter(finding::Column::Severity.eq(Severity::Fault.code()))
        .filter(finding::Column::Kind.is_not_in(harmless))
        .filter(finding::Column::SettledAt.is_null())
        .filter(of_fields)
}

/// One of these fields is missing or wrong.
pub(super) fn blocked(rows: Rows<'_>, fields: &[Field]) -> Condition {
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
