//! The pages of 数据交换: upload, preview, write, undo, refused rows. A file a page.

mod acts;
mod batch;
mod list;
mod refusals;

pub(super) use acts::{cancel, commit, map_headings, read_again, undo};
pub(super) use batch::{answer, show};
pub(super) use list::{create, index, template};
pub(super) use refusals::{refusals, settle};

use super::rules::RunError;
use crate::auth::{Can, policy};
use crate::web::{AppError, Step};

const HERE: &str = "/manage/imports";

type MayImport = Can<policy::ManageExchange>;

impl From<RunError> for AppError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Unknown => Self::NotFound,
            RunError::WrongState => Self::Conflict("该批次的状态已变化，可能已被处理过。".into()),
            RunError::Cancel(error) => error.into(),
            RunError::Io(error) => Self::internal(error),
            RunError::Db(error) => error.into(),
        }
    }
}

/// A step whose position is an id.
fn checked(step: Step) -> Result<Step, AppError> {
    let positions = [&step.after, &step.before];
    if positions
        .into_iter()
        .flatten()
        .all(|text| text.parse::<i64>().is_ok())
    {
        Ok(step)
    } else {
        Err(AppError::BadRequest("分页位置无法识别。".into()))
    }
}

fn address(batch_id: i64) -> String {
    format!("{HERE}/{batch_id}")
}

/// The address of a step of a list.
fn at(path: &str, step: &Step) -> String {
    let query = serde_html_form::to_string(step).unwrap_or_default();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
