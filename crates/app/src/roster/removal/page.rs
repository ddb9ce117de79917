//! What the pages of removing and moving show.

use askama::Template;

use super::model::{Named, Outcome};
use crate::web::Shell;

/// 移出生源库: who, and why.
#[derive(Template)]
#[template(path = "roster/removal/remove.html")]
pub(super) struct RemovePage {
    pub(super) shell: Shell,
    pub(super) year: i32,
    pub(super) students: Vec<(i64, Named)>,
    pub(super) reason: String,
    pub(super) mistake: Option<String>,
    pub(super) back: String,
    pub(super) back_href: String,
}

/// 调整届别: who, where to, and why.
#[derive(Template)]
#[template(path = "roster/removal/move.html")]
pub(super) struct MovePage {
    pub(super) shell: Shell,
    pub(super) year: i32,
    pub(super) students: Vec<(i64, Named)>,
    /// Open class years but this one, and whether it is chosen.
    pub(super) targets: Vec<(i32, bool)>,
    pub(super) target_mistake: Option<String>,
    pub(super) reason: String,
    pub(super) mistake: Option<String>,
    pub(super) back: String,
    pub(super) back_href: String,
}

/// What came of it, where not everything could be done.
#[derive(Template)]
#[template(path = "roster/removal/outcome.html")]
pub(super) struct OutcomePage {
    pub(super) shell: Shell,
    pub(super) title: &'static str,
    pub(super) verb: String,
    pub(super) outcome: Outcome,
    pub(super) back_href: String,
}
