//! 成批打印: recommendation forms that somebody has asked a job to print (R28, R40).

use sea_orm::entity::prelude::*;

/// 成批打印: recommendation forms that somebody has asked a job to print (R28, R40).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_print")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who ordered it.
    pub account_id: i64,
    /// Query string that names class year and students.
    pub filter: String,
    /// When.
    pub ordered_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
