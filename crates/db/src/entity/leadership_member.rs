//! A member of the 就业工作领导小组 in one version of it.

use sea_orm::entity::prelude::*;

/// A member of the 就业工作领导小组 in one version of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leadership_member")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Version.
    pub report_id: i64,
    /// Place in the list, from 0.
    pub position: i32,
    /// 姓名.
    pub name: String,
    /// 职务.
    pub post: String,
    /// Code of [`crate::GroupRole`].
    pub role: String,
    /// 电话.
    pub telephone: String,
    /// 邮箱.
    pub email: String,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
