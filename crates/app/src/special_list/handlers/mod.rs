//! The pages of lists. A file a page.

pub(super) mod doctoral;
pub(super) mod lists;
pub(super) mod one;

use super::rules::{DoctoralError, ListError, UploadError};
use crate::auth::{Can, policy};
use crate::web::{AppError, Step};

const HERE: &str = "/manage/special-lists";

type MayManage = Can<policy::ManageLists>;

impl From<ListError> for AppError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Unknown => Self::NotFound,
            ListError::WrongState
            | ListError::NotOpen(_)
            | ListError::Outdated
            | ListError::NothingToDo
            | ListError::NotLatest => Self::Conflict(error.message()),
            ListError::Db(error) => error.into(),
        }
    }
}

impl From<UploadError> for AppError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::File(words) => Self::BadRequest(words),
            UploadError::NotOpen(_) => Self::Conflict(error.message()),
            UploadError::Keep(error) => Self::internal(error),
            UploadError::Io(error) => Self::internal(error),
            UploadError::Db(error) => error.into(),
        }
    }
}

impl From<DoctoralError> for AppError {
    fn from(error: DoctoralError) -> Self {
        match error {
            DoctoralError::NotOpen(_) | DoctoralError::NoList(_) | DoctoralError::NothingLeft => {
                Self::Conflict(error.message())
            }
            DoctoralError::Db(error) => error.into(),
        }
    }
}

fn address(id: i64) -> String {
    format!("{HERE}/{id}")
}

/// A step whose position is a number.
fn numbered(step: Step) -> Result<Step, AppError> {
    let is_number = |text: &String| text.parse::<i64>().is_ok();
    if [&step.after, &step.before].into_iter().flatten().all(is_number) {
        Ok(step)
    } else {
        Err(AppError::BadRequest("分页位置无法识别。".into()))
    }
}

/// What stands in the address of a step.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Position {
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

impl From<Position> for Step {
    fn from(position: Position) -> Self {
        Self {
            after: position.after,
            before: position.before,
            last: position.last,
        }
    }
}
