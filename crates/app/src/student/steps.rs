//! A stage of the track: what can be done in it, or why not, who can change it, and where.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::home::{Home, blocks, home_of};
use super::model::{Progress, Stage, Told, told};
use crate::activation::gate::{Refusal, Standing, Step};
use crate::activation::model::Block;
use crate::app::App;
use crate::auth::Student;
use crate::home;
use crate::web::{AppError, Path, StudentShell, html};

/// A step with what the student is told about it.
struct Line {
    step: Step,
    told: Told,
}

#[derive(Template)]
#[template(path = "student/step.html")]
struct StepPage {
    shell: StudentShell,
    stage: Stage,
    progress: Progress,
    lines: Vec<Line>,
    /// What stands in the way of activation.
    blocks: Vec<Block>,
    home: Home,
}

impl StepPage {
    fn is_listed(&self) -> bool {
        self.home.standing.entry().is_some()
    }

    /// Why there is nothing to complete yet.
    fn not_listed(&self) -> Option<Refusal> {
        match &self.home.standing {
            Standing::NotListed => match told(&self.home.standing, Step::Activation) {
                Told::Refused(refusal) => Some(refusal),
                Told::Open(_) | Told::Waits => None,
            },
            _ => None,
        }
    }
}

pub(super) async fn show(
    State(app): State<App>,
    student: Student,
    Path(code): Path<String>,
) -> Result<Response, AppError> {
    let stage = Stage::from_code(&code).ok_or(AppError::NotFound)?;
    let home = home_of(&app, student.record()).await?;
    let progress = home
        .track
        .iter()
        .find(|line| line.stage == stage)
        .map_or(Progress::Later, |line| line.progress);
    html(&StepPage {
        shell: home::student_shell(&app, &student).await?,
        stage,
        progress,
        lines: stage
            .steps()
            .iter()
            .map(|step| Line {
                step: *step,
                told: told(&home.standing, *step),
            })
            .collect(),
        blocks: blocks(&app, student.record(), &home.standing).await?,
        home,
    })
}
