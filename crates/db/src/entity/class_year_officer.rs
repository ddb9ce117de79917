//! The responsible officer (专人负责) of a 院 for a class year.

use sea_orm::entity::prelude::*;

/// The responsible officer (专人负责) of a 院 for a class year.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "class_year_officer")]
pub struct Model {
    /// Class year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub class_year: i32,
    /// College id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub college_id: i64,
    /// Account id.
    pub account_id: i64,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
