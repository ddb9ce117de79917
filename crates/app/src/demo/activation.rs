//! Invented students who have activated their accounts.

use qihang_db::entity::student;
use qihang_db::{Actor, Db};
use sea_orm::DbErr;

use crate::activation::contact::Typed;
use crate::activation::gate::Entry;
use crate::activation::model::seen;
use crate::activation::rules::{ActivateError, Submission, activate_as};

/// Does what this student would: checks the form and presses 激活. One whose record has something to mend stays as it is. Answers
/// whether the account is open.
///
/// # Errors
///
/// When the database does not answer.
pub async fn activate(db: &Db, entry: Entry, student: &student::Model) -> Result<bool, DbErr> {
    let submission = Submission {
        entry_id: entry.entry_id,
        seen: seen(student),
        is_checked: true,
        typed: Typed {
            mobile: student.mobile.clone(),
            email: format!("{}@mail.example", student.student_no),
            qq: String::new(),
            address: "虚构省虚构市虚构路 1 号".into(),
            postcode: "000000".into(),
            home_phone: "0000-0000000".into(),
        },
    };
    match activate_as(db, &Actor::student(student.id, None), student, entry, &submission).await {
        Ok(()) => Ok(true),
        Err(ActivateError::Blocked { .. } | ActivateError::Stale) => Ok(false),
        Err(ActivateError::Db(error)) => Err(error),
    }
}
