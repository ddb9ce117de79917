//! A sentence that the officers of a 院 use often; without any row of a kind those in the code hold.

use sea_orm::entity::prelude::*;

/// A sentence that the officers of a 院 use often; without any row of a kind those in the code hold.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recommendation_template")]
pub struct Model {
    /// The 院.
    #[sea_orm(primary_key, auto_increment = false)]
    pub college_id: i64,
    /// `opinion` (院系推荐意见) or `reason` (why a form is returned).
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// Its place in the list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The sentence, with fields in braces.
    pub body: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
