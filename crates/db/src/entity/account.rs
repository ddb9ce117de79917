//! Who may sign in with a password of this system.

use sea_orm::entity::prelude::*;

/// Who may sign in with a password of this system.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 工号 or login name, lower case.
    #[sea_orm(unique)]
    pub login: String,
    /// Name.
    pub name: String,
    /// argon2id PHC string; `None` until one is set.
    pub password_hash: Option<String>,
    /// Must change password.
    pub must_change_password: bool,
    /// Mobile.
    pub mobile: String,
    /// Email.
    pub email: String,
    /// Disabled at.
    pub disabled_at: Option<DateTimeUtc>,
    /// Wrong passwords since the last good one.
    pub failed_attempts: i32,
    /// Locked until.
    pub locked_until: Option<DateTimeUtc>,
    /// Sessions of an older epoch are void: raised by 退出所有登录 and by a new password.
    pub session_epoch: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
