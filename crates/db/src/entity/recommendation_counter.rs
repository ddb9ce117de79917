//! The last number that a 院 has given to a recommendation form of a class year.

use sea_orm::entity::prelude::*;

/// The last number that a 院 has given to a recommendation form of a class year.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_counter")]
pub struct Model {
    /// Class year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub class_year: i32,
    /// The 院.
    #[sea_orm(primary_key, auto_increment = false)]
    pub college_id: i64,
    /// The last number given; the numbers before it are all taken.
    pub last_number: i32,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
