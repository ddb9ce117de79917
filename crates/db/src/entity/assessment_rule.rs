//! Which 培养方式 of masters count in the activation figures of a class year, from when on. Append only, by trigger.

use sea_orm::entity::prelude::*;

/// Which 培养方式 of masters count in the activation figures of a class year, from when on. Append only, by trigger.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment_rule")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Class year.
    pub class_year: i32,
    /// JSON list of codes, in order.
    pub training_modes: String,
    /// Account; `None` from the command line.
    pub set_by: Option<i64>,
    /// Set at; holds until the next row of the class year.
    pub set_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
