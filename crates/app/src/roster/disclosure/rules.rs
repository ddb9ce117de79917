//! Recording before showing.

use qihang_db::entity::{disclosure, student};
use qihang_db::{Action, AuditEvent, Db, Scope};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use serde_json::json;

use crate::auth::{Can, policy};

/// What an identity number is needed for, in the officer's words. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose(String);

/// Characters that a purpose may have.
pub const LONGEST_PURPOSE: usize = 100;

impl Purpose {
    /// Reads a purpose.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for the person.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            Err("请填写用途。".into())
        } else if text.chars().count() > LONGEST_PURPOSE {
            Err(format!("用途不超过 {LONGEST_PURPOSE} 字。"))
        } else if text.chars().any(char::is_control) {
            Err("用途中有无法识别的字符，请重新输入。".into())
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a number is not shown.
#[derive(Debug, thiserror::Error)]
pub enum DiscloseError {
    /// No such student, or not for this officer.
    #[error("there is no such student")]
    NotFound,
    /// The console has no account to record: `roster export --purpose` is its way.
    #[error("only an account can look at an identity number")]
    NoAccount,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A student inside the scope.
///
/// # Errors
///
/// When the database does not answer.
pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    student_id: i64,
) -> Result<Option<student::Model>, DbErr> {
    scope
        .select::<student::Entity>()
        .filter(student::Column::Id.eq(student_id))
        .one(connection)
        .await
}

/// Records who looks at whose number and what for; then, and only then, answers the student with the number.
///
/// # Errors
///
/// [`DiscloseError`]; then nothing is to be shown.
pub async fn disclose(
    db: &Db,
    can: &Can<policy::RevealIdentity>,
    student_id: i64,
    purpose: &Purpose,
) -> Result<student::Model, DiscloseError> {
    let account_id = can.account_id().ok_or(DiscloseError::NoAccount)?;
    let change = db.change(can.actor()).await?;
    let student = find(change.tx(), can.scope(), student_id)
        .await?
        .ok_or(DiscloseError::NotFound)?;
    disclosure::ActiveModel {
        shown_at: Set(change.now()),
        account_id: Set(account_id),
        student_id: Set(student.id),
        purpose: Set(purpose.as_str().to_owned()),
        ..Default::default()
    }
    .insert(change.tx())
    .await?;
    let event = AuditEvent::new(Action::IdentityShown, format!("student/{}", student.id))
        .after(json!({"purpose": purpose.as_str()}));
    change.commit(event).await?;
    Ok(student)
}
