//! 通知公告.

use sea_orm::entity::prelude::*;

/// 通知公告. Whom it is for is narrowed further by `notice_college` and `notice_role`; none there means all.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The 院 that writes it, always for its own students; `None` for the centre.
    pub college_id: Option<i64>,
    /// 标题.
    pub title: String,
    /// 正文, in Markdown.
    pub body: String,
    /// Code of [`crate::Audience`].
    pub audience: String,
    /// Only for students of this type; `None` for all.
    pub student_type: Option<String>,
    /// Only for students of this class year; `None` for all.
    pub class_year: Option<i32>,
    /// 置顶.
    pub pinned: bool,
    /// `draft`, `published` or `withdrawn`.
    pub state: String,
    /// First day on which it can be read; of a draft the day meant, if one is.
    pub publish_on: Option<Date>,
    /// Last day on which it can be read; `None` for no end.
    pub ends_on: Option<Date>,
    /// When it was published last; `None` exactly for a draft.
    pub published_at: Option<DateTimeUtc>,
    /// When it was withdrawn; `Some` exactly while it is.
    pub withdrawn_at: Option<DateTimeUtc>,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When title, text, audience or dates were changed last.
    pub updated_at: DateTimeUtc,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
