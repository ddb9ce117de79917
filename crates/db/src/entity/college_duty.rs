//! Which student types a 院 answers for.

use sea_orm::entity::prelude::*;

/// Which student types a 院 answers for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "college_duty")]
pub struct Model {
    /// College id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub college_id: i64,
    /// See [`crate::StudentType`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_type: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
