//! A message to one student, in the site and perhaps by mail.

use sea_orm::entity::prelude::*;

/// A message to one student, in the site and perhaps by mail.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Student id.
    pub student_id: i64,
    /// Code of [`crate::MessageKind`].
    pub kind: String,
    /// In one line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// A path of this site where the matter can be seen to.
    pub href: Option<String>,
    /// The sending that a reminder belongs to.
    pub reminder_id: Option<i64>,
    /// Account; `None` from the system itself.
    pub sent_by: Option<i64>,
    /// Sent at.
    pub sent_at: DateTimeUtc,
    /// The day of `sent_at` in Asia/Shanghai: a student is reminded once a day at the most, by constraint.
    pub sent_on: Date,
    /// Code of [`crate::MailState`].
    pub mail_state: String,
    /// The address that the mail goes to; `None` where there is no mail.
    pub mail_to: Option<String>,
    /// How often the mail was tried in vain.
    pub mail_tries: i32,
    /// When the mail is to be tried next; `None` once it is settled.
    pub mail_due_at: Option<DateTimeUtc>,
    /// The server's words, where it refused.
    pub mail_error: Option<String>,
    /// When the student opened the message.
    pub read_at: Option<DateTimeUtc>,
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
