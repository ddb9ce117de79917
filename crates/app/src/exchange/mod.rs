//! 数据交换 (R13, R13a, R14): files of 院系, 专业, 学生 and 工作人员 become records.
//!
//! Every import goes the same way, in the browser and on the command line. A file is read within bounds
//! ([`rules`]), its headings are recognised by the definition of the dataset ([`model`]), each row becomes a record or a
//! reason, and a pure comparison with the records says what would be added, changed, gone. Writing compares anew with the
//! school locked, and keeps each row that did something: these rows are the history of every record, and what an undo
//! goes by.

pub(crate) mod model;
pub(crate) mod queries;
pub(crate) mod rules;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::default()
}
