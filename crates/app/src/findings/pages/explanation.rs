//! 为什么不在名单里.

use super::{Choice, YearView, year_choices};
use crate::findings::explain::Explanation;
use crate::web::Shell;

/// 为什么不在名单里.
#[derive(askama::Template)]
#[template(path = "findings/explanation.html")]
pub(in crate::findings) struct ExplanationPage {
    shell: Shell,
    year: YearView,
    years: Vec<Choice>,
    student_no: String,
    answer: Option<Explanation>,
}

impl ExplanationPage {
    pub fn new(shell: Shell, year: YearView, student_no: String, answer: Option<Explanation>) -> Self {
        Self {
            years: year_choices(&year),
            shell,
            year,
            student_no,
            answer,
        }
    }

    /// The same words for a number that nobody has and for one of another 院.
    fn not_found(&self) -> String {
        format!(
            "没有找到学号为“{}”的学生，或该生不在您的管理范围内。",
            self.student_no
        )
    }
}
