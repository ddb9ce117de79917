//! The file that a job has left for its owner (R40). The content lies in the store of files.

use sea_orm::entity::prelude::*;

/// The file that a job has left for its owner (R40). The content lies in the store of files.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_file")]
pub struct Model {
    /// The job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: i64,
    /// Under which name it is saved.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Where the file store has it.
    pub file_key: String,
    /// Size of the file.
    pub size_bytes: i64,
    /// Until when it can be fetched; then it is thrown away.
    pub kept_until: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
