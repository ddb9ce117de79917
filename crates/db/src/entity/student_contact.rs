//! How a student can be reached, as the student said.

use sea_orm::entity::prelude::*;

/// How a student can be reached, as the student said.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "student_contact")]
pub struct Model {
    /// Student id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: i64,
    /// 手机.
    pub mobile: String,
    /// 邮箱.
    pub email: String,
    /// QQ; empty when none was given.
    pub qq: String,
    /// 通讯地址.
    pub address: String,
    /// 邮政编码.
    pub postcode: String,
    /// 家庭电话.
    pub home_phone: String,
    /// When it was changed last.
    pub updated_at: DateTimeUtc,
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
}

impl Related<super::student::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Student.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
