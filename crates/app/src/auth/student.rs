//! A student who is signed in.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use qihang_db::entity::student;
use qihang_db::{Actor, Scope};
use tower_sessions::Session;

use super::rules;
use crate::app::App;
use crate::web::{AppError, Door, client_address};

/// Proof that a student is signed in, and which. The only way to get one is to extract it from a request; what it opens is
/// the own record, by [`Student::scope`].
#[derive(Clone, Debug)]
pub struct Student {
    record: student::Model,
    session: Session,
    address: String,
}

impl Student {
    /// Row id.
    pub fn id(&self) -> i64 {
        self.record.id
    }

    /// The own record, as it was when the request came.
    pub fn record(&self) -> &student::Model {
        &self.record
    }

    /// The own record and nothing else.
    pub fn scope(&self) -> Scope {
        Scope::Student(self.record.id)
    }

    /// For the audit log.
    pub fn actor(&self) -> Actor {
        Actor::student(self.record.id, Some(self.address.clone()))
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl<S> FromRequestParts<S> for Student
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        // An extractor may ask for the student beside the handler; the second asking is answered from the first.
        if let Some(student) = parts.extensions.get::<Self>() {
            return Ok(student.clone());
        }
        let app = App::from_ref(state);
        let session = parts
            .extensions
            .get::<Session>()
            .cloned()
            .ok_or_else(|| AppError::internal("the session layer is missing"))?;
        let record = rules::signed_in_student(&app, &session)
            .await?
            .ok_or(AppError::SignInNeeded(Door::Student))?;
        let student = Self {
            record,
            session,
            address: client_address(parts, &app.config),
        };
        parts.extensions.insert(student.clone());
        Ok(student)
    }
}
