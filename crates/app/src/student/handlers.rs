//! The student's home.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::auth::Student;
use crate::home;
use crate::web::{AppError, StudentShell, html};

#[derive(Template)]
#[template(path = "student/home.html")]
struct HomePage {
    shell: StudentShell,
}

pub(super) async fn home(State(app): State<App>, student: Student) -> Result<Response, AppError> {
    html(&HomePage {
        shell: home::student_shell(&app, &student).await?,
    })
}
