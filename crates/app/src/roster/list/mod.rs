//! 学生用户管理 (R10): who is on a class year's roster, in two views, filtered, ordered, page by page. What a row and a column
//! are is said here once, for the screen and for [`export`](super::export).

pub mod columns;
pub mod filter;
pub mod key;
pub mod queries;
pub mod question;
pub mod view;

mod form;
mod handlers;
mod page;

pub(crate) use form::{Select, choice, coded, of_kind, select};

use crate::auth::Action;
use crate::preference;
use crate::web::{Access, Routes};

/// The address of the list.
pub const PATH: &str = "/manage/roster";

/// Routes.
pub fn routes() -> Routes {
    let view = Access::Can(Action::ViewRoster);
    Routes::default().get(PATH, view, handlers::list).post(
        "/manage/roster/columns",
        view,
        handlers::choose_columns,
    )
}

/// The list by these parameters, which narrow nothing.
fn unfiltered(params: &filter::ListParams) -> String {
    match params.to_query() {
        query if query.is_empty() => preference::unfiltered(PATH),
        query => back_to(&query),
    }
}

/// The address of the list with the query string that a form carried along. Only ever this page: a form cannot lead
/// elsewhere.
pub fn back_to(query: &str) -> String {
    if query.is_empty() || query.chars().any(char::is_control) {
        PATH.to_owned()
    } else {
        format!("{PATH}?{query}")
    }
}
