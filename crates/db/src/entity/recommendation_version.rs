//! A version of a recommendation form as it was submitted, with what was decided on it.

use sea_orm::entity::prelude::*;

/// A version of a recommendation form as it was submitted, with what was decided on it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_version")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The form.
    pub form_id: i64,
    /// Student id.
    pub student_id: i64,
    /// 1, 2, 3 … of the form.
    pub number: i32,
    /// Code of [`crate::VersionState`].
    pub state: String,
    /// When it was submitted.
    pub submitted_at: DateTimeUtc,
    /// JSON: what it says of the record, as it is printed; until approval as of the submission.
    pub facts: String,
    /// JSON: code of each key field of the record, and a digest of its value then.
    pub confirmed: String,
    /// When it was approved or returned.
    pub decided_at: Option<DateTimeUtc>,
    /// By whom; `None` from the command line.
    pub decided_by: Option<i64>,
    /// What was opened again when it was returned: code of [`crate::Reopened`].
    pub reopened: Option<String>,
    /// 院系推荐意见.
    pub opinion: Option<String>,
    /// Where the file store has the photo that is printed.
    pub photo_key: Option<String>,
    /// The code for the public check, without groups. Printed on the form.
    pub check_code: Option<String>,
    /// SHA-256 of the code, hexadecimal.
    pub check_digest: Option<String>,
    /// Code of [`crate::Validity`]; `None` where it was never approved. At most one version of a form is valid, by constraint.
    pub validity: Option<String>,
    /// When it ceased to be valid.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was revoked.
    pub ended_reason: Option<String>,
    /// Since when a key field of the record is not what a valid version says.
    pub changed_at: Option<DateTimeUtc>,
    /// How often it was looked up by number and code.
    pub checks: i32,
    /// The last time.
    pub checked_at: Option<DateTimeUtc>,
    /// When it was printed last.
    pub printed_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// By `student_id`.
    #[sea_orm(
        belongs_to = "super::student::Entity",
        from = "Column::StudentId",
        to = "super::student::Column::Id"
    )]
    Student,
    /// By `form_id`.
    #[sea_orm(
        belongs_to = "super::recommendation_form::Entity",
        from = "Column::FormId",
        to = "super::recommendation_form::Column::Id"
    )]
    Form,
}

impl Related<super::student::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Student.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
