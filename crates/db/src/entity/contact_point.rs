//! 联系方式: whom to ask at the centre, or about signing in.

use sea_orm::entity::prelude::*;

/// 联系方式: whom to ask at the centre, or about signing in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_point")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code of [`crate::ContactPurpose`].
    pub purpose: String,
    /// Only for this 校区; `None` for all.
    pub campus: Option<String>,
    /// Only for students of this type; `None` for all.
    pub student_type: Option<String>,
    /// Office or person.
    pub name: String,
    /// Telephone; this or the address for mail is there.
    pub telephone: String,
    /// E-mail.
    pub email: String,
    /// Room.
    pub room: String,
    /// Office hours.
    pub hours: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
